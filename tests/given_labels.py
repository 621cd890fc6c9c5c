"""A clusterer whose clusters are what a test says."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin


class GivenLabels(ClusterMixin, BaseEstimator):
    """Cluster of a row: its first column."""

    def fit(self, X, y=None):
        self.labels_ = self.predict(X)
        return self

    def predict(self, X):
        return np.asarray(X)[:, 0].astype(int)


def rows_of(labels):
    """Rows of these clusters; one of NaN where a film is set aside, at -1."""
    labels = np.asarray(labels, dtype=float)
    return np.where(labels < 0, np.nan, labels)[:, None]
