"""The table of all films: what is said of each, from young to old."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ._reported_films import ReportedFilms


class Column(NamedTuple):
    """A column of the table."""

    title: str
    cells: list[str]
    is_number: bool = True


class FilmTable(NamedTuple):
    """Its columns, without their cells, and its rows."""

    columns: list[Column]
    rows: list[tuple[str, ...]]
    by: str  # title of the column by which it is sorted


def list_films(films: ReportedFilms) -> FilmTable:
    """Tell all that is known of every film; films set aside come last."""
    table, found = films.table, films.found
    columns = [Column("Film", [*table["film"]], False)]
    if films.sexes_given:
        columns.append(Column("Sex", [*map(_tell, films.sexes)], False))
    if films.age_source is not None:
        bounds = [*zip(table["age"], table["age_low"], table["age_high"], strict=True)]
        columns += [
            Column("Age", [_tell_age(age, high) for age, _, high in bounds]),
            Column("80% range", [_tell_range(*ends) for _, *ends in bounds]),
            Column("Interval", [*map(_tell, table["interval"])]),
        ]
    if not films.by_axis:
        labels = found.labels
        columns.append(Column("Cluster", [str(i) if i >= 0 else "" for i in labels]))
    if found.maturity is not None:
        columns.append(Column("Maturity", _format(found.maturity, "{:.2f}")))
    columns.append(Column("Confidence", _format(table["confidence"], "{:.2f}")))
    if films.ages_given:
        columns.append(Column("Known age", _format(films.ages, "{:.0f}")))
        if films.age_source is not None:
            columns.append(Column("Error", [*map(tell_difference, films.errors)]))
            if found.seen.any():
                kinds = np.where(found.seen, "in-sample", "held-out")
                columns.append(Column("Kind", kinds.tolist(), False))
    columns.append(Column("Reason", [*map(_tell, table["reason"])], False))

    by, keys = "Cluster", found.labels.astype(float)
    if films.age_source is not None:
        by, keys = "Age", table["age"].to_numpy(float)
    elif found.maturity is not None:
        by, keys = "Maturity", found.maturity
    order = np.lexsort([np.where(np.isnan(keys), np.inf, keys), films.set_aside])
    rows = [*zip(*(column.cells for column in columns), strict=True)]
    return FilmTable(columns, [rows[i] for i in order], by)


def tell_difference(months: float) -> str:
    """Months with their sign; nothing where they are not known."""
    if np.isnan(months):
        return ""
    rounded = round(months)
    return f"{rounded:+d}".replace("-", "\N{MINUS SIGN}") if rounded else "0"


def _tell_age(age: float, high: float) -> str:
    if np.isnan(age):
        return ""
    return f"\N{GREATER-THAN OR EQUAL TO} {age:.0f}" if np.isinf(high) else f"{age:.0f}"


def _tell_range(low: float, high: float) -> str:
    if np.isnan(low):
        return ""
    return f"{low:.0f} or more" if np.isinf(high) else f"{low:.0f}\N{EN DASH}{high:.0f}"


def _tell(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _format(values: Iterable[float], form: str) -> list[str]:
    return ["" if np.isnan(value) else form.format(value) for value in values]
