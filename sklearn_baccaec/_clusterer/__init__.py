"""The whole method, from films to named clusters."""

from ._bone_age_clusterer import BoneAgeClusterer
from ._tables import tabulate_films

__all__ = ["BoneAgeClusterer", "tabulate_films"]
