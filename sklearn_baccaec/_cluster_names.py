"""Names of clusters: the age interval that dominates each, and its median age."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
import pandas as pd

from .metrics import (
    age_interval_edges,
    assign_age_intervals,
    check_ages,
    cluster_table,
    interval_names,
)


class ClusterNames:
    """What known ages say about clusters.

    Attributes
    ----------
    table : DataFrame of shape (n_clusters, ...)
        See :func:`sklearn_baccaec.metrics.cluster_table`.
    intervals : ndarray of shape (n_clusters,), int
        Index of the dominant interval; -1 for a cluster that no age names.
    ages : ndarray of shape (n_clusters,)
        Median age in months; NaN for a cluster that no age names.
    interval, age_range, edges
        The intervals that the names stand for, in months.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        intervals: np.ndarray,
        ages: np.ndarray,
        interval: float,
        age_range: tuple[float, float],
    ) -> None:
        self.table = table
        self.intervals = intervals
        self.ages = ages
        self.interval = interval
        self.age_range = age_range
        self.edges = age_interval_edges(interval, age_range)

    @classmethod
    def learn(
        cls,
        ages: np.ndarray,
        labels: np.ndarray,
        *,
        n_clusters: int,
        interval: float,
        age_range: tuple[float, float],
    ) -> Self:
        """Name clusters by the films whose age is known and within the range."""
        edges = age_interval_edges(interval, age_range)
        inside = np.where((ages >= edges[0]) & (ages <= edges[-1]), ages, np.nan)
        table = cluster_table(
            inside,
            labels,
            interval=interval,
            age_range=age_range,
            n_clusters=n_clusters,
        )
        names = interval_names(edges)
        intervals = np.array(
            [names.index(name) if name in names else -1 for name in table["interval"]]
        )
        median_ages = table["median_age"].to_numpy(float)
        return cls(table, intervals, median_ages, interval, age_range)

    @property
    def known(self) -> bool:
        """Whether any cluster has a name."""
        return bool((self.intervals >= 0).any())

    def true_intervals(self, ages: np.ndarray) -> np.ndarray:
        """Interval index of every age; -1 where it is unknown or out of range."""
        return assign_age_intervals(
            ages, interval=self.interval, age_range=self.age_range
        )

    def interval_of(self, labels: np.ndarray) -> np.ndarray:
        """Interval index of every film; -1 without a cluster or a name."""
        return np.append(self.intervals, -1)[labels]

    def title_of(self, labels: np.ndarray) -> np.ndarray:
        """Interval of every film in words, such as "24-72", or None."""
        return np.array([*interval_names(self.edges), None], dtype=object)[
            self.interval_of(labels)
        ]

    def age_of(self, labels: np.ndarray) -> np.ndarray:
        """Age of every film in months; NaN without a cluster or a name."""
        return np.append(self.ages, np.nan)[labels]

    def bounds_of(self, labels: np.ndarray) -> np.ndarray:
        """Edges (n_samples, 2) of every film's interval in months, or NaN."""
        bounds = np.column_stack([self.edges[:-1], self.edges[1:]])
        return np.vstack([bounds, [np.nan, np.nan]])[self.interval_of(labels)]


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
