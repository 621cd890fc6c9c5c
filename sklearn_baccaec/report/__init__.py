"""Pages to read and print, of many films or of one; they need jinja2 and matplotlib."""

from ._page import write_report
from ._sheet import write_sheet

__all__ = ["write_report", "write_sheet"]
