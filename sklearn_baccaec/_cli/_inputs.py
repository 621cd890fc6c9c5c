"""What commands start from: films, tables about them, and models."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
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


def find_known(ages: np.ndarray, table: Path) -> np.ndarray:
    """Which films (n_samples,) have an age in a table that is there to tell some."""
    known = np.isfinite(ages)
    if not known.any():
        raise ValueError(f"{table.name} tells the age of no film: fill in some")
    return known


def find_sexes(args: argparse.Namespace, data: Bunch) -> np.ndarray:
    """Sex of every film, by a table or the option for all."""
    if args.sex is None:
        return data.sex
    for id_, sex in zip(data.ids, data.sex, strict=True):
        if sex not in (None, args.sex):
            raise ValueError(f"--sex {args.sex}: a table says that film {id_} is {sex}")
    return np.full(len(data.ids), args.sex, dtype=object)


def name_films(data: Bunch) -> list[str]:
    """Names of films in tables: with folders where several are called alike."""
    names = [Path(path).name for path in data.data]
    if len(set(names)) == len(names):
        return names
    suffixes = [Path(path).suffix for path in data.data]
    return [f"{id_}{suffix}" for id_, suffix in zip(data.ids, suffixes, strict=True)]


def open_model(path: Path | None) -> Any:
    """Model of a file, or the one that comes with the package (None)."""
    if path is None:
        from .. import load_pretrained

        return load_pretrained()
    if not path.is_file():
        raise FileNotFoundError(f"there is no model {path}")
    from .. import load_model

    return load_model(path)
