"""Columns of a table of labels: by the names that people give them, or as told."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from .._utils.tables import check_single, list_columns

_UNITS = "months?|mths?|mos?|m|years?|yrs?|y"
_IDS = (
    *("id", "(image|case|film)id", "(image|film)?file(name)?"),
    *("(image|film)(name)?", "(image|film|file)?path"),
)
_AGES = (f"boneage(in)?({_UNITS})?", f"age(in)?({_UNITS})?", "months|years")
_TOLD_UNITS = {"years": "years?|yrs?$|agey$", "months": "months?|mths?$|mos?$|agem$"}
_SEXES = ("(is)?male", "(is)?female", "(patient)?sex", "(patient)?gender")


class LabelColumns(NamedTuple):
    """Names of the columns, None where there is none."""

    id: str
    age: str | None
    sex: str | None


def check_told(
    frames: Sequence[pd.DataFrame], names: Sequence[str], told: Mapping[str, str | None]
) -> None:
    """Refuse the name of a column that none of the tables has."""
    for kind, column in told.items():
        if column is None:
            continue
        tables = zip(frames, names, strict=True)
        if not any(_find(*table, (), column) for table in tables):
            raise ValueError(
                f"{' and '.join(names)}: no column {column!r} ({kind}); there are "
                f"{'; '.join(map(list_columns, frames))}"
            )


def find_columns(
    frame: pd.DataFrame, name: str, told: Mapping[str, str | None]
) -> LabelColumns:
    """Columns called as told, or by usual names, of which earlier ones win.

    A column of ids is looked for by usual names too if it is not called as told: in
    another table it is.
    """
    id_ = _find(frame, name, _IDS, told["id"]) or _find(frame, name, _IDS, None)
    age = _find(frame, name, _AGES, told["age"])
    sex = _find(frame, name, _SEXES, told["sex"])
    if id_ is None:
        raise ValueError(
            f"{name} has no column 'id', 'image id' or 'filename'; it has "
            f"{list_columns(frame)}. Say which with id=..."
        )
    if age is None and sex is None:
        raise ValueError(
            f"{name} has no column 'boneage', 'male' or 'sex'; it has "
            f"{list_columns(frame)}. Say which with age=... or sex=..."
        )
    return LabelColumns(id_, age, sex)


def told_unit(column: str) -> str | None:
    """Return the unit that the name of a column of ages tells."""
    for unit, words in _TOLD_UNITS.items():
        if re.search(words, squash(column)):
            return unit
    return None


def squash(column: object) -> str:
    """Name of a column without case, spaces and signs."""
    return re.sub(r"[\W_]", "", str(column)).casefold()


def _find(
    frame: pd.DataFrame, name: str, usual: tuple[str, ...], told: str | None
) -> str | None:
    if told is not None and told in frame:
        check_single(frame, told, name)
        return told
    for pattern in usual if told is None else (re.escape(squash(told)),):
        found = [c for c in frame.columns if re.fullmatch(pattern, squash(c))]
        if found:
            check_single(frame, found[0], name)
        if len(found) > 1:
            raise ValueError(
                f"{name} has the columns {found[0]!r} and {found[1]!r}; say which with "
                "id=..., age=... or sex=..."
            )
        if found:
            return found[0]
    return None
