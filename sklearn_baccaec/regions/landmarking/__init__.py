"""The 19 landmarks of a hand: networks that find them, their training, and tables."""

from ._hand_landmarker import HandLandmarker
from ._landmark_table import LandmarkTable
from ._weights import SHIPPED_WEIGHTS, WeightsError

__all__ = ["SHIPPED_WEIGHTS", "HandLandmarker", "LandmarkTable", "WeightsError"]
