"""Ages by a regressor, and how far known ages lie from what it says."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import PredefinedSplit, cross_val_predict

MIN_KNOWN_AGES = 10  # that a regressor needs, one sex's own spread, one cluster's own
FOLDS = 5  # in which residuals are found


@dataclass(frozen=True)
class ClusterAges:
    """What a regressor says of ages, and its residuals in each cluster.

    Columns are latents and, in the last one, the sex: 0 (female), 1 (male), -1
    (unknown), which finds the last row of the spread.

    Attributes
    ----------
    regressor : regressor
        Fitted to all films of known age.
    spread : ndarray of shape (3, n_clusters, 2)
        Quartiles of the residuals in months, of girls, of boys, and of all films.
    """

    regressor: Any
    spread: np.ndarray

    @classmethod
    def learn(
        cls,
        regressor: Any,
        columns: np.ndarray,
        ages: np.ndarray,
        labels: np.ndarray,
        n_clusters: int,
    ) -> Self | None:
        """Learn from the films of known age; None if there are too few of them."""
        known = np.isfinite(ages) & (labels >= 0)
        if known.sum() < MIN_KNOWN_AGES:
            return None
        columns, ages, labels = columns[known], ages[known], labels[known]
        sexes, blind = columns[:, -1], columns.copy()
        blind[:, -1] = -1
        common = ages - _predict_held_out(regressor, blind, ages)
        by_sex = ages - _predict_held_out(regressor, columns, ages)
        spread = []
        for own in (sexes == 0, sexes == 1):
            few = own.sum() < MIN_KNOWN_AGES
            residuals, theirs = (common, labels) if few else (by_sex[own], labels[own])
            spread.append(_quartiles_by_cluster(residuals, theirs, n_clusters))
        spread.append(_quartiles_by_cluster(common, labels, n_clusters))
        return cls(clone(regressor).fit(columns, ages), np.stack(spread))

    def estimate(
        self, columns: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Age (n_samples,) and quartiles (n_samples, 2); NaN without a cluster."""
        ages = np.full(len(labels), np.nan)
        placed = labels >= 0
        if placed.any():
            ages[placed] = self.regressor.predict(columns[placed])
        sexes = columns[:, -1].astype(int)
        return ages, ages[:, None] + self.spread[sexes, labels]


def _predict_held_out(
    regressor: Any, columns: np.ndarray, ages: np.ndarray
) -> np.ndarray:
    """Age of each film by a regressor that has not seen it.

    Films take turns, so that each fold reaches from end to end of the first column.
    """
    turns = columns[:, 0].argsort(kind="stable").argsort() % FOLDS
    return cross_val_predict(clone(regressor), columns, ages, cv=PredefinedSplit(turns))


def _quartiles_by_cluster(
    residuals: np.ndarray, labels: np.ndarray, n_clusters: int
) -> np.ndarray:
    """Quartiles (n_clusters, 2); of all films where a cluster holds few."""
    members = [residuals[labels == cluster] for cluster in range(n_clusters)]
    return np.array(
        [
            np.quantile(own if len(own) >= MIN_KNOWN_AGES else residuals, [0.25, 0.75])
            for own in members
        ]
    )
