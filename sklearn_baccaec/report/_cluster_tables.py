"""The paper's Table 1, clusters from young to old."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
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


Row = Sequence[Cell]

ClusterTable = tuple[str, Row, Sequence[Row], Row]  # title, header, clusters, all


def tabulate_clusters(model: Any) -> list[ClusterTable]:
    """Tables of all films that named the clusters and, if there are, of each sex."""
    maturity = _median_maturity(model)
    if not hasattr(model, "cluster_table_"):
        if not len(model.labels_):  # no film was in `fit`
            return []
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
    if not hasattr(model, "maturity_") or not len(model.labels_):
        return None
    medians = pd.Series(model.maturity_).groupby(model.labels_).median()
    return medians.reindex(range(model.n_clusters_))


def _lay_out(
    title: str, table: pd.DataFrame, maturity: pd.Series | None
) -> ClusterTable:
    """Table with its columns in the order of the page, as text."""
    counts = table.iloc[:, : table.columns.get_loc("films")]
    columns = [_column("Cluster", table.index, "All")]
    if len(counts.columns):
        shares = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
        columns += [
            _column("Name", table["interval"].fillna(NOTHING)),
            *(_column(i, counts[i], counts[i].sum(), shares[i]) for i in counts),
            _column("Share", map("{:.0%}".format, table["accuracy"])),
            _column("Median age", map("{:.0f}".format, table["median_age"])),
        ]
    if maturity is not None:
        medians = map("{:.2f}".format, maturity[table.index])
        columns.append(_column("Median maturity", medians))
    columns.append(_column("Films", table["films"], table["films"].sum()))
    header, *rows, totals = zip(*columns, strict=True)
    return title, header, rows, totals


def _column(
    name: Any, values: Iterable[Any], total: Any = "", tints: Iterable[Any] = ()
) -> list[Cell]:
    """Cells of a column, from its header down to its total."""
    is_number = name not in _WORDS
    texts = [f"{value}" for value in (name, *values, total)]
    return [
        Cell(NOTHING if text.startswith("nan") else text, is_number, tint)
        for text, tint in zip_longest(texts, (None, *tints))
    ]
