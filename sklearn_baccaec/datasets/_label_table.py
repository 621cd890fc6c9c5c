"""Ids, ages and sexes of one table, as hospitals and spreadsheets write them."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._utils.tables import known_cells
from .._utils.validation import SEX_WORDS, SEXES, check_ages, read_flag
from ._label_columns import find_columns, squash, told_unit

MONTHS = {"months": 1, "years": 12}
_MOST_YEARS = 20  # of a child, whose months are more unless all are babies
_MOST_MONTHS = 1200  # of anybody
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.IGNORECASE)
_FLAGGED = {"F": "(is)?(female|girl)s?", "M": "(is)?(male|boy)s?"}  # by squashed names
_NO_SEX = ("o", "other", "u")  # DICOM's codes
_OWN_COLUMNS = ("path", "pixel_spacing", "laterality")  # of load_radiographs' frame


class LabelRow(NamedTuple):
    """What a row of a table says of a film, None where it says nothing."""

    id: Any  # its cell: a number has no leading zeros to match, but text has
    age: float | None  # months
    sex: str | None
    table: str

    @property
    def labels(self) -> dict[str, Any]:
        """What is known."""
        said = {"age": self.age, "sex": self.sex}
        return {kind: label for kind, label in said.items() if label is not None}


def read_labels(
    frame: pd.DataFrame, name: str, unit: str | None, columns: Mapping[str, str | None]
) -> list[LabelRow]:
    """Rows that have an id; ``columns`` are the names of id, age and sex, as told."""
    id_, age, sex = find_columns(frame, name, columns)
    cells = [
        [None] * len(frame) if column is None else known_cells(frame[column])
        for column in (age, sex)
    ]
    rows = list(zip(frame.index, frame[id_], *cells, strict=True))
    for place, cell, *labels in rows:
        if _is_blank(cell) and labels != [None, None]:
            raise ValueError(f"{name} has a row without an id (row {place})")
    rows = [row for row in rows if not _is_blank(row[1])]
    ids = [cell for _, cell, *_ in rows]
    if age == "boneage" and all(column in frame for column in _OWN_COLUMNS):
        unit = "months"
    ages = _to_months([row[2] for row in rows], ids, str(age), name, unit)
    sexes = _to_sexes([row[3] for row in rows], ids, str(sex), name)
    return [LabelRow(*row, name) for row in zip(ids, ages, sexes, strict=True)]


def _is_blank(cell: Any) -> bool:
    return (pd.api.types.is_scalar(cell) and pd.isna(cell)) or not str(cell).strip()


def _to_months(
    cells: Sequence[Any], ids: Sequence[Any], column: str, table: str, unit: str | None
) -> list[float | None]:
    numbers = [
        cell.replace(",", ".")
        if isinstance(cell, str) and _DECIMAL_COMMA.fullmatch(cell)
        else cell
        for cell in cells
    ]
    try:
        ages = check_ages(numbers, names=[f"film {id_!r}" for id_ in ids])
    except ValueError as error:
        raise ValueError(f"{table}, column {column}: {error}") from error
    known = np.isfinite(ages)
    said = told_unit(column)
    if unit is None and known.any() and said != "months":
        if said == "years":
            reason = "its name says years"
        elif ages[known].max() <= _MOST_YEARS:
            reason = f"no age is above {_MOST_YEARS}"
        else:
            reason = None
        if reason:
            raise ValueError(
                f"{table}, column {column}: {reason}; say unit='years' or unit='months'"
            )
    months = ages * MONTHS[unit or "months"]
    impossible = np.flatnonzero(months > _MOST_MONTHS)
    if len(impossible):
        i = impossible[0]
        raise ValueError(
            f"{table}, column {column}: film {ids[i]!r} is {months[i]:g} months old"
        )
    return [None if math.isnan(age) else age for age in months.tolist()]


def _to_sexes(
    cells: Sequence[Any], ids: Sequence[Any], column: str, table: str
) -> list[str | None]:
    name = squash(column)
    matched = (sex for sex, words in _FLAGGED.items() if re.fullmatch(words, name))
    flagged = next(matched, None)
    sexes: list[str | None] = []
    for id_, cell in zip(ids, cells, strict=True):
        text, flag = str(cell).lower(), read_flag(cell)
        if cell is None or text in _NO_SEX:
            sexes.append(None)
        elif text in SEX_WORDS:
            sexes.append(SEXES[SEX_WORDS[text]])
        elif flag is None:
            raise ValueError(
                f"{table}, column {column}: film {id_!r} is {cell!r}, neither male nor "
                "female"
            )
        elif flagged is None:
            raise ValueError(
                f"{table}, column {column}: {cell!r} does not say which sex it is; "
                "call the column male (1 is male) or female (1 is female)"
            )
        else:
            sexes.append(SEXES[SEXES.index(flagged) ^ (not flag)])
    return sexes
