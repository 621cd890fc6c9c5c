"""What commands print, as blocks of pages."""

from __future__ import annotations

from .tables import FOLDER


def assess() -> str:
    """What `baccaec assess` prints, for a page in reStructuredText."""
    return _literal("assess.txt")


def demo() -> str:
    """What `baccaec demo` prints, for a page in reStructuredText."""
    return _literal("demo.txt")


def assess_in_markdown() -> str:
    """What `baccaec assess` prints."""
    return f"```text\n{(FOLDER / 'assess.txt').read_text().strip()}\n```"


def _literal(name: str) -> str:
    lines = (FOLDER / name).read_text().strip().splitlines()
    return "\n".join(
        [".. code-block:: text", "", *(f"   {line}".rstrip() for line in lines)]
    )
