"""The report on a fitted model, one HTML page; it needs jinja2 and matplotlib."""

from ._page import check_report_support, write_report

__all__ = ["check_report_support", "write_report"]
