"""Pictures of films, ages and clusters, to check them by eye; they need matplotlib."""

from ._accuracy_curve_display import AccuracyCurveDisplay
from ._age_histogram_display import AgeHistogramDisplay
from ._cluster_composition_display import ClusterCompositionDisplay
from ._cluster_gallery_display import ClusterGalleryDisplay
from ._contact_sheet_display import ContactSheetDisplay
from ._interval_confusion_display import IntervalConfusionDisplay
from ._key_region_display import KeyRegionDisplay
from ._latent_map_display import LatentMapDisplay
from ._misnamed_films_display import MisnamedFilmsDisplay
from ._predicted_age_display import PredictedAgeDisplay
from ._region_accuracy_display import RegionAccuracyDisplay

__all__ = [
    "AccuracyCurveDisplay",
    "AgeHistogramDisplay",
    "ClusterCompositionDisplay",
    "ClusterGalleryDisplay",
    "ContactSheetDisplay",
    "IntervalConfusionDisplay",
    "KeyRegionDisplay",
    "LatentMapDisplay",
    "MisnamedFilmsDisplay",
    "PredictedAgeDisplay",
    "RegionAccuracyDisplay",
]
