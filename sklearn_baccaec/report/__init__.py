"""The report on a fitted model, one HTML page; it needs jinja2 and matplotlib."""

from ._page import write_report

__all__ = ["write_report"]
