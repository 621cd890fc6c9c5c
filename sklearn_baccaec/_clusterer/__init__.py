"""The whole method, from films to named clusters."""

from ._bone_age_clusterer import BoneAgeClusterer

__all__ = ["BoneAgeClusterer"]
