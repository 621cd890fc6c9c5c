"""The paper's Table 1, clusters from young to old."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..plotting._film_selection import sort_by_age

_TITLES = {"F": "Girls", "M": "Boys"}
NOTHING = "\N{EN DASH}"
_WORDS = ("Cluster", "Name")  # columns that are not numbers


class Cell(NamedTuple):
    """What a cell says, and how strongly it is tinted, from 0 to 1, if at all."""

    text: str
    is_number: bool
    tint: float | None = None


class ClusterTable(NamedTuple):
    """One row per cluster, and one of all."""

    title: str
    header: list[Cell]
    rows: list[list[Cell]]
    totals: list[Cell]


def tabulate_clusters(model: Any) -> list[ClusterTable]:
    """Tables of all films that named the clusters and, if there are, of each sex."""
    maturity = _median_maturity(model)
    if not hasattr(model, "cluster_table_"):
        sizes = np.bincount(model.labels_ + 1, minlength=model.n_clusters_ + 1)[1:]
        table = pd.DataFrame({"films": sizes})
        if maturity is not None:
            table = table.loc[maturity.sort_values(kind="stable").index]
        return [_lay_out("Films by cluster", table, maturity)]
    table = model.cluster_table_
    order = sort_by_age(table.index.to_numpy(), table)
    tables = [_lay_out("All films", table.loc[order], maturity)]
    if hasattr(model, "cluster_table_by_sex_"):
        by_sex = model.cluster_table_by_sex_
        for sex, title in _TITLES.items():
            tables.append(_lay_out(title, by_sex.loc[sex].loc[order], None))
    return tables


def _median_maturity(model: Any) -> pd.Series | None:
    """Median maturity of the films in `fit` by cluster."""
    if not hasattr(model, "maturity_"):
        return None
    medians = pd.Series(model.maturity_).groupby(model.labels_).median()
    return medians.reindex(range(model.n_clusters_))


def _lay_out(
    title: str, table: pd.DataFrame, maturity: pd.Series | None
) -> ClusterTable:
    """Table with its columns in the order of the page, as text."""
    intervals = table.iloc[:, : table.columns.get_loc("films")]
    columns = {"Cluster": table.index.map(str)}
    if len(intervals.columns):
        columns["Name"] = table["interval"].fillna(NOTHING)
        columns |= {name: counts.map(str) for name, counts in intervals.items()}
        columns["Share"] = _write(table["accuracy"], "{:.0%}")
        columns["Median age"] = _write(table["median_age"], "{:.0f}")
    if maturity is not None:
        columns["Median maturity"] = _write(maturity.loc[table.index], "{:.2f}")
    columns["Films"] = table["films"].map(str)

    shares = intervals.div(intervals.sum(axis=1).clip(lower=1), axis=0)
    rows = [
        [
            Cell(text, name not in _WORDS, shares.get(name, {}).get(cluster))
            for name, text in zip(columns, texts, strict=True)
        ]
        for cluster, texts in zip(table.index, zip(*columns.values()), strict=True)
    ]
    sums = {
        "Cluster": "All",
        **intervals.sum().map(str),
        "Films": str(table["films"].sum()),
    }
    return ClusterTable(
        title,
        [Cell(name, name not in _WORDS) for name in columns],
        rows,
        [Cell(sums.get(name, ""), name not in _WORDS) for name in columns],
    )


def _write(numbers: pd.Series, how: str) -> pd.Series:
    return numbers.map(
        lambda number: NOTHING if pd.isna(number) else how.format(number)
    )
