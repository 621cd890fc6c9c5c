"""The command line: ``python -m sklearn_baccaec`` or ``baccaec``."""

from ._main import main
from ._parser import make_parser

__all__ = ["main", "make_parser"]
