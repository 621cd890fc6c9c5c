"""What commands start from: films, tables about them, and models."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.utils import Bunch


def load_films(
    args: argparse.Namespace, films: Sequence[Path], *tables: Path | None
) -> Bunch:
    """Films of a folder, or files, with ages and sexes of the tables that there are."""
    from ..datasets import load_radiographs

    given = [table for table in tables if table is not None]
    columns = ("id", "age", "sex")
    named = {name: getattr(args, f"{name}_column", None) for name in columns}
    return load_radiographs(
        films,
        given or None,
        unit=getattr(args, "unit", None),
        recursive=args.recursive,
        **named,
    )


def open_model(path: Path | None) -> Any:
    """Model of a file, or the one that comes with the package (None)."""
    if path is None:
        from .. import load_pretrained

        return load_pretrained()
    if not path.is_file():
        raise FileNotFoundError(f"there is no model {path}")
    from .. import load_model

    return load_model(path)
