"""Tables as people have them: csv of any delimiter and encoding, xlsx, DataFrames."""

import codecs
import csv
import io
import os
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from .archives import check_unpacked

Table: TypeAlias = str | os.PathLike[str] | pd.DataFrame

_LISTED = 12  # columns
_DELIMITERS = "\t;|,"  # where a header has as many of two, the comma is prose
_QUOTED = re.compile('"[^"]*"')
_SAID_TO_EXCEL = re.compile(r'"?sep=([^\r\n"])"?[\r\n]+', re.IGNORECASE)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_BYTE = re.compile("[\udc80-\udcff]")  # that is not UTF-8, as Python decodes it
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MISSING = frozenset(
    {
        *("-", "\u2013", "\u2014", ".", "?", "na", "n/a", "#n/a", "<na>"),
        *("nan", "nat", "none", "null", "unknown"),
    }
)


def read_table(
    table: Table, columns: Sequence[str] = (), *, name: str = "the table"
) -> pd.DataFrame:
    """Read a csv, all cells as text, or an xlsx, its first sheet, or take a DataFrame.

    Empty cells of files are None, rows without any other cell are left out, and the
    index says which row of the file a row is, the header being the first.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If it is an xlsx and openpyxl is not installed.
    ValueError
        If it is not a table, lacks one of the columns, or has one of them twice.
    """
    if isinstance(table, pd.DataFrame):
        named = table.index.name is not None and table.index.name not in table
        frame = table.reset_index() if named else table  # where pandas keeps ids
    elif not isinstance(table, (str, os.PathLike)):
        raise ValueError(f"{table!r} is neither a path nor a DataFrame")
    elif not Path(table).is_file():
        raise FileNotFoundError(f"there is no table {os.fspath(table)}")
    else:
        name = table_name(table)
        frame = _read_file(Path(table))
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ValueError(
            f"{name} has no column {missing[0]!r}; it has {list_columns(frame)} and "
            f"needs {', '.join(columns)}"
        )
    for column in columns:
        check_single(frame, column, name)
    return frame


def table_name(table: Table, name: str = "the table") -> str:
    """How messages call a table: its file's name, or as told where it has none."""
    return Path(table).name if isinstance(table, (str, os.PathLike)) else name


def list_columns(frame: pd.DataFrame) -> str:
    """Names of the columns, as messages list them."""
    names = list(map(str, frame.columns[:_LISTED]))
    more = len(frame.columns) - len(names)
    return ", ".join([*names, *([f"{more:,} more"] if more else [])]) or "none"


def check_single(frame: pd.DataFrame, column: str, name: str) -> None:
    """Refuse a table that has a column twice; pandas then calls one of them x.1."""
    if list(frame.columns).count(column) > 1 or f"{column}.1" in frame:
        raise ValueError(f"{name} has the column {column!r} twice")


def known_cells(column: pd.Series) -> pd.Series:
    """Cells of a column, text as plain text, None where they say nothing."""
    return pd.Series(list(map(_known, column)), index=column.index, dtype=object)


def _known(cell: Any) -> Any:
    if isinstance(cell, str):
        cell = plain_text(cell)
        return None if not cell or cell.lower() in _MISSING else cell
    return None if pd.api.types.is_scalar(cell) and pd.isna(cell) else cell


def plain_text(text: str) -> str:
    """Text without invisible characters, in one Unicode form, with single spaces.

    Bytes that were not UTF-8 are what Windows writes in the west.
    """
    if not text.isascii():
        text = _BYTE.sub(lambda byte: _decode_windows(byte[0]), text)
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _decode_windows(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _read_file(path: Path) -> pd.DataFrame:
    if zipfile.is_zipfile(path):
        return _to_frame(_read_xlsx(path), path.name)
    try:
        content = path.read_bytes()
        if content.startswith(_OLD_EXCEL):
            raise ValueError("save the old Excel file as xlsx or csv")
        rows = _split_csv(_decode(content))
    except (ValueError, OSError, csv.Error) as error:
        raise ValueError(f"{path.name} is not a csv table: {error}") from error
    return _to_frame(rows, path.name)


def _decode(content: bytes) -> str:
    """Text of a file; bytes that are not UTF-8 stay what they are, as in file names."""
    unmarked = "utf-8"
    if b"\0" in content[:2]:  # as in every English letter of UTF-16
        unmarked = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    marked = (name for mark, name in _ENCODINGS.items() if content.startswith(mark))
    encoding = next(marked, unmarked)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    text = content.decode(encoding, errors)
    if "\0" in text:
        raise ValueError("it holds NUL, as no text does")
    return text


def _split_csv(text: str) -> list[list[str]]:
    said = _SAID_TO_EXCEL.match(text)
    if said:
        text, delimiter = text[said.end() :], said[1]
    else:
        header = re.split("[\r\n]", _QUOTED.sub("", text).lstrip("\r\n"), maxsplit=1)[0]
        delimiter = max(_DELIMITERS, key=header.count)
    if "\n" in text:  # \r alone ends no row; pandas writes it without quotes
        text = _LONE_RETURN.sub("\0", text)
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        skipinitialspace=f'{delimiter} "' in text,
        strict=True,
    )
    return [[cell.replace("\0", "\r") for cell in row] for row in rows]


def _read_xlsx(path: Path) -> Iterable[Sequence[Any]]:
    """Rows of the first sheet."""
    try:
        import openpyxl
    except ImportError as error:
        raise ImportError(
            f"{path.name}: xlsx tables are read by openpyxl: pip install openpyxl, or "
            "save the table as csv"
        ) from error
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked(archive, path.stat().st_size)
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and other things not asked for
            book = openpyxl.load_workbook(file, data_only=True)
        return list(book.worksheets[0].values)
    except Exception as error:  # whatever another file in a zip makes of it
        raise ValueError(f"{path.name} is not an xlsx table: {error!r}") from error


def _to_frame(rows: Iterable[Sequence[Any]], name: str) -> pd.DataFrame:
    numbered = [(i, row) for i, row in enumerate(rows, 1) if any(map(_is_filled, row))]
    if not numbered:
        raise ValueError(f"{name} is not a csv table: it is empty")
    first = list(numbered.pop(0)[1])
    while not _is_filled(first[-1]):  # as spreadsheets pad rows
        first.pop()
    header = [plain_text(str(cell)) if _is_filled(cell) else "" for cell in first]
    cells = []
    for number, row in numbered:
        if any(str(cell).strip().isdecimal() for cell in row[len(header) :]):
            raise ValueError(
                f"{name}, row {number}: {len(row)} cells for {len(header)} columns; "
                "a number with a decimal comma needs quotes"
            )
        row = [None if cell == "" else cell for cell in row[: len(header)]]
        cells.append([*row, *[None] * (len(header) - len(row))])
    numbers = [number for number, _ in numbered]
    return pd.DataFrame(cells, index=numbers, columns=header, dtype=object)


def _is_filled(cell: Any) -> bool:
    return cell is not None and bool(str(cell).strip())
