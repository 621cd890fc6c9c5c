"""Choosing key regions and the number of clusters by cross-validation."""

from ._region_subset_search import RegionSubsetSearchCV

__all__ = ["RegionSubsetSearchCV"]
