"""Where the key regions are, and their crops."""

from .._utils.regions import KEY_REGIONS, PAPER_REGIONS, REGION_SCALES
from ._extractor import KeyRegionExtractor
from .landmarking import SHIPPED_WEIGHTS, HandLandmarker, LandmarkTable, WeightsError

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
