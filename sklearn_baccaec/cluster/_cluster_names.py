"""Names of clusters: the age interval that dominates each, and the ages in it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from .._utils.validation import SEXES
from ..metrics._cluster_table import count_films, tabulate_clusters


@dataclass(frozen=True)
class ClusterNames:
    """What known ages say about clusters: of girls, of boys, and of all films.

    Sexes are 0 (female), 1 (male) and -1 (unknown), which finds the last row: films of
    unknown sex are named by all films. So are those of a sex that names their cluster
    nowhere.

    Attributes
    ----------
    counts : ndarray of shape (3, n_clusters, n_intervals), int
        Films of known age by cluster and interval.
    films : ndarray of shape (3, n_clusters), int
        All films of each cluster.
    spread : ndarray of shape (3, n_clusters, 3)
        Range of the middle 80% of the known ages in months, the median between its
        ends; NaN for none.
    edges : ndarray of shape (n_intervals + 1,)
        Edges of the intervals in months.
    by_sex : bool
        Whether sexes were known.
    """

    counts: np.ndarray
    films: np.ndarray
    spread: np.ndarray
    edges: np.ndarray
    by_sex: bool

    @classmethod
    def learn(
        cls,
        ages: np.ndarray,
        labels: np.ndarray,
        sexes: np.ndarray,
        n_clusters: int,
        edges: np.ndarray,
    ) -> Self:
        """Name clusters by ages in months, NaN where unknown or out of range."""
        chosen = (sexes == 0, sexes == 1, np.ones(len(labels), bool))
        found = [
            count_films(ages[own], labels[own], n_clusters, edges) for own in chosen
        ]
        counts, films, spread = map(np.stack, zip(*found, strict=True))
        return cls(counts, films, spread, edges, bool(counts[:2].any()))

    @property
    def known(self) -> bool:
        """Whether any cluster has a name."""
        return bool(self.counts.any())

    @property
    def table(self) -> pd.DataFrame:
        """What each cluster holds, the youngest first; see `metrics.cluster_table`."""
        return self._tabulate(-1).sort_values("median_age", kind="stable")

    @property
    def table_by_sex(self) -> pd.DataFrame:
        """The same for each sex."""
        order = self.table.index
        tables = {sex: self._tabulate(i).loc[order] for i, sex in enumerate(SEXES)}
        return pd.concat(tables, names=["sex"])

    def interval_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Interval index of every film; -1 without a cluster or a name."""
        named = self.counts.any(axis=2)
        found = np.where(named, self.counts.argmax(axis=2), -1)
        found = np.where(named, found, found[-1])
        return np.where(labels >= 0, found[sexes, labels], -1)

    def spread_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Range and median (n_samples, 3) of the ages in every film's cluster."""
        named = self.counts.sum(axis=2, keepdims=True) > 0
        found = np.where(named, self.spread, self.spread[-1])[sexes, labels]
        return np.where((labels >= 0)[:, None], found, np.nan)

    def bounds_of(self, labels: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Edges (n_samples, 2) of every film's interval in months, or NaN."""
        bounds = np.column_stack([self.edges[:-1], self.edges[1:]])
        return np.vstack([bounds, [np.nan, np.nan]])[self.interval_of(labels, sexes)]

    def _tabulate(self, sex: int) -> pd.DataFrame:
        return tabulate_clusters(
            self.counts[sex], self.films[sex], self.spread[sex], self.edges
        )
