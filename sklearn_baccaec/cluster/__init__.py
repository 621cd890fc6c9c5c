"""Clusters of encoded films, their names and ages."""

from ._hybrid import HybridClusterer
from ._isotonic_age_regressor import IsotonicAgeRegressor
from ._named_clusterer import NamedClusterer

__all__ = ["HybridClusterer", "IsotonicAgeRegressor", "NamedClusterer"]
