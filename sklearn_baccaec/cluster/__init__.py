"""Clusterers of latents, and what gives clusters and films their ages."""

from ._age_regressor import AgeRegressor
from ._hybrid import HybridClusterer
from ._named_clusterer import NamedClusterer

__all__ = ["AgeRegressor", "HybridClusterer", "NamedClusterer"]
