"""Landmarks given outright, one set per film."""

import numpy as np
from sklearn.base import BaseEstimator


class Known(BaseEstimator):
    """Landmarker that returns what it was given."""

    def __init__(self, landmarks):
        self.landmarks = landmarks

    def predict(self, X):
        return self.landmarks


def known(points):
    """Landmarker that is certain of points (n_films, 19, 2)."""
    points = np.asarray(points, dtype=float)
    return Known(np.dstack([points, np.ones(points.shape[:2])]))
