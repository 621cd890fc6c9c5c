"""The whole method, from films to named clusters."""

from ._bone_age_clusterer import BoneAgeClusterer
from ._pretrained_model import load_pretrained
from ._region_ages import check_region_ages, tell_region_ages
from ._tables import assign_films

__all__ = [
    "BoneAgeClusterer",
    "assign_films",
    "check_region_ages",
    "load_pretrained",
    "tell_region_ages",
]
