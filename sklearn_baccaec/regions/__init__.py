"""Where the key regions are, and their crops."""

from .._utils.key_regions import KEY_REGIONS, PAPER_REGIONS
from ._crops import REGION_SCALES
from ._extractor import KeyRegionExtractor
from ._landmark_table import LandmarkTable

__all__ = [
    "KEY_REGIONS",
    "PAPER_REGIONS",
    "REGION_SCALES",
    "KeyRegionExtractor",
    "LandmarkTable",
]
