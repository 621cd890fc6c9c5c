"""Names of clusters: the age interval that dominates each, and the ages in it."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
import pandas as pd

from .._utils.validation import SEXES, check_ages
from ..metrics import age_interval_edges, assign_age_intervals, cluster_table
from ..metrics._intervals import interval_names

_QUARTILES = ["lower_quartile", "upper_quartile"]


class ClusterNames:
    """What known ages say about clusters, for all films and for each sex.

    Sexes are 0 (female), 1 (male) and -1 (unknown). Films of unknown sex are named by
    all films, and so are those of a sex that names their cluster nowhere.

    Attributes
    ----------
    table : DataFrame of shape (n_clusters, ...)
        See :func:`sklearn_baccaec.metrics.cluster_table`.
    tables_by_sex : dict of str to DataFrame
        The same for films of each sex; empty if no sex is known.
    interval, age_range, edges
        The intervals that the names stand for, in months.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        tables_by_sex: dict[str, pd.DataFrame],
        interval: float,
        age_range: tuple[float, float],
    ) -> None:
        self.table = table
        self.tables_by_sex = tables_by_sex
        self.interval = interval
        self.age_range = age_range
        self.edges = age_interval_edges(interval, age_range)
        # Rows are sexes, and the last one is common: -1 finds it. The last column is
        # for films without a cluster.
        tables = [tables_by_sex.get(sex, table) for sex in SEXES] + [table]
        self._intervals = np.full((len(tables), len(table) + 1), -1)
        self._ages = np.full(self._intervals.shape, np.nan)
        self._quartiles = np.full((*self._intervals.shape, 2), np.nan)
        names = interval_names(self.edges)
        for row, own in enumerate(tables):
            named = own.where(own["interval"].notna(), table)
            self._intervals[row, :-1] = [
                names.index(name) if name in names else -1 for name in named["interval"]
            ]
            self._ages[row, :-1] = named["median_age"].to_numpy(float)
            self._quartiles[row, :-1] = named[_QUARTILES].to_numpy(float)

    @classmethod
    def learn(
        cls,
        ages: np.ndarray,
        labels: np.ndarray,
        sexes: np.ndarray,
        *,
        n_clusters: int,
        interval: float,
        age_range: tuple[float, float],
    ) -> Self:
        """Name clusters by the films whose age is known and within the range."""
        inside = within_range(ages, interval, age_range)

        def tabulate(chosen: np.ndarray) -> pd.DataFrame:
            return cluster_table(
                inside[chosen],
                labels[chosen],
                interval=interval,
                age_range=age_range,
                n_clusters=n_clusters,
            )

        everyone = np.ones(len(labels), bool)
        by_sex = {
            name: tabulate(sexes == code)
            for code, name in enumerate(SEXES)
            if (np.isfinite(inside) & (sexes >= 0)).any()
        }
        return cls(tabulate(everyone), by_sex, interval, age_range)

    @property
    def known(self) -> bool:
        """Whether any cluster has a name."""
        return bool((self._intervals[-1] >= 0).any())

    @property
    def counts(self) -> np.ndarray:
        """Known films (n_clusters, n_intervals) by cluster and interval."""
        return self.table[interval_names(self.edges)].to_numpy()

    def true_intervals(self, ages: np.ndarray) -> np.ndarray:
        """Interval index of every age; -1 where it is unknown or out of range."""
        return assign_age_intervals(
            ages, interval=self.interval, age_range=self.age_range
        )

    def interval_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Interval index of every film; -1 without a cluster or a name."""
        return self._intervals[sexes, labels]

    def title_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Interval of every film in words, such as "24-72", or None."""
        return np.array([*interval_names(self.edges), None], dtype=object)[
            self.interval_of(labels, sexes)
        ]

    def age_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Median age of every film's cluster; NaN without a cluster or a name."""
        return self._ages[sexes, labels]

    def quartiles_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Quartiles (n_samples, 2) of the ages in every film's cluster, or NaN."""
        return self._quartiles[sexes, labels]

    def bounds_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Edges (n_samples, 2) of every film's interval in months, or NaN."""
        bounds = np.column_stack([self.edges[:-1], self.edges[1:]])
        return np.vstack([bounds, [np.nan, np.nan]])[self.interval_of(labels, sexes)]


def within_range(
    ages: np.ndarray, interval: float, age_range: tuple[float, float]
) -> np.ndarray:
    """Ages that are in an interval; NaN for others, which name nothing."""
    edges = age_interval_edges(interval, age_range)
    return np.where((ages >= edges[0]) & (ages <= edges[-1]), ages, np.nan)


def check_known_ages(
    y: Any, n_films: int, age_range: tuple[float, float], *, stacklevel: int = 3
) -> np.ndarray:
    """Ages in months, of which at least one is known and in the range."""
    if y is None:
        raise ValueError("y is None; expected one bone age in months per film")
    ages = check_ages(y, n_films)
    known = np.isfinite(ages)
    if not known.any():
        raise ValueError(
            f"y holds no known age: all {n_films} are NaN. Leave y out to cluster "
            "films without names"
        )
    low, high = age_range
    outside = int(np.sum((ages[known] < low) | (ages[known] > high)))
    if outside == known.sum():
        raise ValueError(
            f"no age in y is within age_range={age_range} months (lowest "
            f"{ages[known].min():g}, highest {ages[known].max():g})"
        )
    if outside:
        warnings.warn(
            f"{outside} of {known.sum()} ages are outside "
            f"age_range={age_range} months and left out",
            UserWarning,
            stacklevel=stacklevel,
        )
    return ages
