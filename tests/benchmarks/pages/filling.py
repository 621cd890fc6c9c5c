"""Blocks of pages that are written from tables.

Whatever stands between "from results: NAME" and "end of results" on a page is what the
function NAME returns.
"""

from __future__ import annotations

import re
from pathlib import Path

from . import examples, methods, months

ROOT = Path(__file__).parents[3]
_DOCS = (
    "index.rst",
    "quick_start.rst",
    "results.md",
    "model_card.md",
    "performance.md",
)
PAGES = [ROOT / "README.md", *(ROOT / "docs" / name for name in _DOCS)]
BLOCK = re.compile(
    r"^(?P<start>(?:<!--|\.\.) from results: (?P<name>\w+)(?: -->)?)$"
    r".*?"
    r"^(?P<end>(?:<!--|\.\.) end of results(?: -->)?)$",
    re.MULTILINE | re.DOTALL,
)


def fill(page: str) -> str:
    """The page with what the tables say today."""
    return BLOCK.sub(_write, page)


def _write(found: re.Match[str]) -> str:
    for module in (months, methods, examples):
        if hasattr(module, found["name"]):
            told = getattr(module, found["name"])()
            gap = (
                "" if "<!--" in found["start"] else "\n"
            )  # that reStructuredText needs
            return f"{found['start']}\n{gap}{told.strip()}\n\n{found['end']}"
    raise ValueError(f"no function {found['name']} tells a block of that name")
