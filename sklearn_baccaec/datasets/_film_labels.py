"""Ages and sexes of films from one or several tables, joined by id."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from .._utils.tables import Table, read_table, table_name
from .._utils.warning import name_some, warn_user
from ._film_ids import FilmIds
from ._label_columns import check_told
from ._label_table import LabelRow, read_labels

_TABLES = (str, os.PathLike, pd.DataFrame)
Labels: TypeAlias = Table | Iterable[Table] | None
# By film, or by the id where there is no such film, and by kind of label.
_Known: TypeAlias = dict[tuple[int | str, str], LabelRow]


def list_tables(labels: Labels) -> list[Table]:
    """Tables that labels are: none, one or several."""
    tables: Any = [] if labels is None else [labels]
    if isinstance(labels, Iterable) and not isinstance(labels, (*_TABLES, Mapping)):
        tables = list(labels)
    for table in tables:
        if not isinstance(table, _TABLES):
            raise ValueError(f"labels: {table!r} is neither a path nor a DataFrame")
    return tables


def join_labels(
    tables: Sequence[Table], films: FilmIds, unit: str | None, **columns: str | None
) -> list[dict[str, Any]]:
    """Say what all tables tell of each film, by kind: its "age", its "sex".

    A warning counts rows without a film and films without a row.
    """
    numbered = "the table" if len(tables) == 1 else "labels[{}]"
    names = [table_name(table, numbered.format(i)) for i, table in enumerate(tables)]
    frames = [
        read_table(table, name=name) for table, name in zip(tables, names, strict=True)
    ]
    check_told(frames, names, columns)
    known: _Known = {}
    told: list[str] = []
    with_row: set[int] = set()
    for frame, name in zip(frames, names, strict=True):
        rows = read_labels(frame, name, unit, columns)
        matches = [_match(row, films) for row in rows]
        with_row.update(film for film in matches if film is not None)
        for row, film in zip(rows, matches, strict=True):
            _add(row, str(row.id) if film is None else film, known)
        told += _count_strangers(rows, matches, name, films)
    without = [id_ for film, id_ in enumerate(films.ids) if film not in with_row]
    if without:
        of_all = f"{len(without):,} of {len(films.ids):,} films"
        told.append(f"no row for {of_all} {name_some(without)}")
    if told:
        warn_user("; ".join(told))
    return [
        {
            kind: known[film, kind].labels[kind]
            for kind in ("age", "sex")
            if (film, kind) in known
        }
        for film in range(len(films.ids))
    ]


def _match(row: LabelRow, films: FilmIds) -> int | None:
    try:
        return films.find(row.id)
    except ValueError as error:
        raise ValueError(f"{row.table}: {error}") from error


def _add(row: LabelRow, film: int | str, known: _Known) -> None:
    """Add what a row says of a film, which must be what others say."""
    for kind, label in row.labels.items():
        other = known.setdefault((film, kind), row)
        if other.labels[kind] == label:
            continue
        if other.table == row.table:
            start = f"{row.table} lists the id {str(row.id)!r} twice: "
        else:
            start = f"{other.table} and {row.table} disagree on film {str(row.id)!r}: "
        raise ValueError(f"{start}its {kind} is {other.labels[kind]} and {label}")


def _count_strangers(
    rows: Sequence[LabelRow], matches: Sequence[int | None], name: str, films: FilmIds
) -> list[str]:
    """Say how many rows match no film, and refuse a table that has no other rows."""
    if rows and all(film is None for film in matches):
        raise ValueError(
            f"{name} lists none of the {len(films.ids)} films: its ids are like "
            f"{str(rows[0].id)!r}, theirs like {films.ids[0]!r}"
        )
    strangers = [
        str(row.id)
        for row, film in zip(rows, matches, strict=True)
        if film is None and row.labels
    ]
    if not strangers:
        return []
    of_all = f"{len(strangers):,} of {len(rows):,} rows"
    return [f"no film for {of_all} of {name} {name_some(strangers)}"]
