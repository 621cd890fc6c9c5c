"""Pictures of films, ages and clusters, to check them by eye; they need matplotlib."""

from ._accuracy_display import AccuracyDisplay
from ._age_difference_display import AgeDifferenceDisplay
from ._cluster_composition_display import ClusterCompositionDisplay
from ._film_sheet_display import FilmSheetDisplay
from ._key_region_display import KeyRegionDisplay
from ._latent_map_display import LatentMapDisplay
from ._maturity_display import MaturityDisplay
from ._predicted_age_display import PredictedAgeDisplay
from ._region_age_display import RegionAgeDisplay

__all__ = [
    "AccuracyDisplay",
    "AgeDifferenceDisplay",
    "ClusterCompositionDisplay",
    "FilmSheetDisplay",
    "KeyRegionDisplay",
    "LatentMapDisplay",
    "MaturityDisplay",
    "PredictedAgeDisplay",
    "RegionAgeDisplay",
]
