"""Names of clusters: the age interval that dominates each, and its median age."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from .metrics import age_interval_edges, cluster_table, interval_names


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
    edges : ndarray of shape (n_intervals + 1,)
        Edges of the intervals in months.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        intervals: np.ndarray,
        ages: np.ndarray,
        edges: np.ndarray,
    ) -> None:
        self.table = table
        self.intervals = intervals
        self.ages = ages
        self.edges = edges

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
        return cls(table, intervals, table["median_age"].to_numpy(float), edges)

    def interval_of(self, labels: np.ndarray) -> np.ndarray:
        """Interval index of every film; -1 without a cluster or a name."""
        return np.append(self.intervals, -1)[labels]

    def age_of(self, labels: np.ndarray) -> np.ndarray:
        """Age of every film in months; NaN without a cluster or a name."""
        return np.append(self.ages, np.nan)[labels]

    def bounds_of(self, labels: np.ndarray) -> np.ndarray:
        """Edges (n_samples, 2) of every film's interval in months, or NaN."""
        bounds = np.column_stack([self.edges[:-1], self.edges[1:]])
        return np.vstack([bounds, [np.nan, np.nan]])[self.interval_of(labels)]
