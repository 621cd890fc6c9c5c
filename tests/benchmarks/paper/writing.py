"""Tables as csv and Markdown files, and one page of all of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def to_markdown(table: pd.DataFrame) -> str:
    """A table in Markdown, without its index."""
    lines = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write each table as ``<name>.csv`` and ``<name>.md``, and all to tables.md."""
    page = []
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
        text = to_markdown(table)
        (folder / f"{name}.md").write_text(text)
        page.append(f"## {name.replace('_', ' ').capitalize()}\n\n{text}")
    (folder / "tables.md").write_text("\n".join(page))
