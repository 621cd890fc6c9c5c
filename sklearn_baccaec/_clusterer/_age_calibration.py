"""Ages read from the maturity axis, learned from films of known age."""

from __future__ import annotations

from typing import Self

import numpy as np
from scipy.stats import rankdata
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

MIN_KNOWN_AGES = 10  # that a curve needs, one sex's own curve, one cluster's own spread
FOLDS = 5


class AgeCalibration:
    """Isotonic regression of age on maturity, for all films and for each sex.

    Sexes are 0 (female), 1 (male) and -1 (unknown). Films of unknown sex are read by
    the curve of all films, and so are those of a sex of which few ages are known.

    How far ages lie from the curve is told by films that took no part in it: those of
    each fifth, along the axis, are predicted by a curve of the others.

    Parameters
    ----------
    curves : list of (maturity, age) of ndarray
        Corners of the curve of each sex and, last, of all films. Ages in months.
    spread : ndarray of shape (n_curves, n_clusters, 2)
        Quartiles of the distances of the known ages in each cluster from its curve.

    References
    ----------
    .. [1] Barlow et al., "Statistical Inference under Order Restrictions", 1972.
    .. [2] Barber et al., "Predictive inference with the jackknife+", 2021.
    """

    def __init__(
        self, curves: list[tuple[np.ndarray, np.ndarray]], spread: np.ndarray
    ) -> None:
        self.curves = curves
        self.spread = spread

    @classmethod
    def learn(
        cls,
        ages: np.ndarray,
        labels: np.ndarray,
        sexes: np.ndarray,
        maturity: np.ndarray,
        n_clusters: int,
    ) -> Self | None:
        """Learn from the films of known age; None if there are too few of them."""
        known = np.isfinite(ages) & (labels >= 0)
        if known.sum() < MIN_KNOWN_AGES:
            return None
        ages, labels, sexes, maturity = (
            values[known] for values in (ages, labels, sexes, maturity)
        )
        # Without ages in `fit`, the axis may lie the wrong way round.
        rising = bool(np.cov(rankdata(maturity), rankdata(ages))[0, 1] >= 0)
        curves, spread = [], []
        for own in (sexes == 0, sexes == 1, np.ones(len(ages), bool)):
            if own.sum() < MIN_KNOWN_AGES:
                own = np.ones(len(ages), bool)
            curve = IsotonicRegression(increasing=rising, out_of_bounds="clip")
            distances = ages[own] - cross_val_predict(
                curve, maturity[own], ages[own], cv=_folds_along(maturity[own])
            )
            curve.fit(maturity[own], ages[own])
            curves.append((curve.X_thresholds_, curve.y_thresholds_))
            spread.append(_quartiles_by_cluster(distances, labels[own], n_clusters))
        return cls(curves, np.array(spread))

    def estimate(
        self, maturity: np.ndarray, labels: np.ndarray, sexes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Age (n_samples,) and quartiles (n_samples, 2); NaN without a cluster."""
        ages = np.full(len(labels), np.nan)
        for sex, curve in zip((0, 1, -1), self.curves, strict=True):
            own = (sexes == sex) & (labels >= 0)
            ages[own] = np.interp(maturity[own], *curve)
        return ages, ages[:, None] + self.spread[sexes, labels]


def _folds_along(maturity: np.ndarray) -> PredefinedSplit:
    """Films in turn, so that each fold reaches from end to end of the axis."""
    return PredefinedSplit(maturity.argsort(kind="stable").argsort() % FOLDS)


def _quartiles_by_cluster(
    distances: np.ndarray, labels: np.ndarray, n_clusters: int
) -> np.ndarray:
    """Quartiles (n_clusters, 2); of all films where a cluster holds few."""
    members = [distances[labels == cluster] for cluster in range(n_clusters)]
    return np.array(
        [
            np.quantile(own if len(own) >= MIN_KNOWN_AGES else distances, [0.25, 0.75])
            for own in members
        ]
    )
