"""Files and tables: written whole or not at all, read with clear errors."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pandas as pd


@contextmanager
def open_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that appears in one go: an interrupt leaves no half."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)  # a full disk names no file
        raise
    finally:
        partial.unlink(missing_ok=True)


def read_table(
    table: str | os.PathLike[str] | pd.DataFrame,
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a csv, all cells as text, or take a DataFrame as it is.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a table, lacks one of the columns, or has one of them or of the
        optional ones twice.
    """
    if isinstance(table, pd.DataFrame):
        frame, name = table, "the table"
    elif not isinstance(table, (str, os.PathLike)):
        raise ValueError(f"{table!r} is neither a path nor a DataFrame")
    elif not Path(table).is_file():
        raise FileNotFoundError(f"there is no table {os.fspath(table)}")
    else:
        name = Path(table).name
        try:
            # Without index_col=False, rows longer than the header shift its columns.
            frame = pd.read_csv(
                table, dtype=str, skipinitialspace=True, index_col=False
            )
        except (ValueError, OSError) as error:  # parser, encoding and empty files
            raise ValueError(f"{name} is not a csv table: {error}") from error
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ValueError(
            f"{name} has no column {missing[0]!r}; it has "
            f"{', '.join(map(str, frame.columns))} and needs {', '.join(columns)}"
        )
    twice = [
        column
        for column in (*columns, *optional)
        if list(frame.columns).count(column) > 1 or f"{column}.1" in frame  # by pandas
    ]
    if twice:
        raise ValueError(f"{name} has the column {twice[0]!r} twice")
    return frame
