"""The whole method in one estimator, from films to named clusters."""

from ._bone_age_clusterer import BoneAgeClusterer

__all__ = ["BoneAgeClusterer"]
