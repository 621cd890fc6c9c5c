"""The whole method, from films to named clusters."""

from ._bone_age_clusterer import BoneAgeClusterer
from ._pretrained_model import load_pretrained
from ._tables import assign_films

__all__ = ["BoneAgeClusterer", "assign_films", "load_pretrained"]
