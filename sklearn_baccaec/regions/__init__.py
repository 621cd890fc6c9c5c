"""Where the key regions are, and their crops."""

from .._utils.key_regions import KEY_REGIONS, PAPER_REGIONS
from ._crops import REGION_SCALES
from ._extractor import KeyRegionExtractor
from ._hand_landmarker import HandLandmarker
from ._landmark_table import LandmarkTable
from ._landmark_weights import SHIPPED_WEIGHTS, WeightsError

__all__ = [
    "KEY_REGIONS",
    "PAPER_REGIONS",
    "REGION_SCALES",
    "SHIPPED_WEIGHTS",
    "HandLandmarker",
    "KeyRegionExtractor",
    "LandmarkTable",
    "WeightsError",
]
