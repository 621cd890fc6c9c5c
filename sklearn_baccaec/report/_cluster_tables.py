"""The paper's Table 1, clusters from young to old."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..metrics._intervals import interval_names
from ..plotting._film_selection import sort_by_age

_TITLES = {"F": "Girls", "M": "Boys"}
NOTHING = "\N{EN DASH}"


class Row(NamedTuple):
    """One cluster: films by interval, with their shares, and its name."""

    cluster: int
    films: int
    counts: list[tuple[int, float]]
    interval: str
    share: str
    median_age: str
    maturity: str


class ClusterTable(NamedTuple):
    """Films by cluster and interval; no intervals if the clusters have no names."""

    title: str
    intervals: list[str]
    rows: list[Row]
    totals: list[int]
    n_films: int
    with_maturity: bool


def tabulate_clusters(model: Any) -> list[ClusterTable]:
    """Tables of all films that named the clusters and, if there are, of each sex."""
    maturity = _median_maturity(model)
    if not hasattr(model, "cluster_table_"):
        films = np.bincount(model.labels_ + 1, minlength=model.n_clusters_ + 1)[1:]
        order = np.arange(len(films))
        if maturity is not None:
            order = maturity.sort_values(kind="stable").index.to_numpy()
        table = pd.DataFrame({"films": films, "interval": None})
        return [_tabulate("Films by cluster", table, [], order, maturity)]
    intervals = interval_names(model._names.edges)
    tables = {"All films": model.cluster_table_}
    for sex, table in model._names.tables_by_sex.items():
        tables[_TITLES[sex]] = table
    order = sort_by_age(model.cluster_table_.index.to_numpy(), model.cluster_table_)
    return [
        _tabulate(title, table, intervals, order, None if number else maturity)
        for number, (title, table) in enumerate(tables.items())
    ]


def _median_maturity(model: Any) -> pd.Series | None:
    """Median maturity of the films in `fit` by cluster."""
    if not hasattr(model, "maturity_"):
        return None
    medians = pd.Series(model.maturity_).groupby(model.labels_).median()
    return medians.reindex(range(model.n_clusters_))


def _tabulate(
    title: str,
    table: pd.DataFrame,
    intervals: list[str],
    order: np.ndarray,
    maturity: pd.Series | None,
) -> ClusterTable:
    rows = []
    for cluster in order:
        entry = table.loc[cluster]
        counts = [int(entry[name]) for name in intervals]
        named = pd.notna(entry["interval"])
        rows.append(
            Row(
                cluster=int(cluster),
                films=int(entry["films"]),
                counts=[(count, count / max(sum(counts), 1)) for count in counts],
                interval=str(entry["interval"]) if named else NOTHING,
                share=f"{entry['accuracy']:.0%}" if named else NOTHING,
                median_age=f"{entry['median_age']:.0f}" if named else NOTHING,
                maturity=_write(None if maturity is None else maturity[cluster]),
            )
        )
    return ClusterTable(
        title=title,
        intervals=intervals,
        rows=rows,
        totals=[int(table[name].sum()) for name in intervals],
        n_films=int(table["films"].sum()),
        with_maturity=maturity is not None,
    )


def _write(number: float | None) -> str:
    return NOTHING if number is None or np.isnan(number) else f"{number:.2f}"
