"""Landmarks to draw, given or found, and how sure they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._utils.validation import check_landmarks


def find_landmarks(films: list[Any], landmarker: Any, landmarks: Any) -> np.ndarray:
    """Landmarks (n_films, 19, 3) as given, or as the landmarker finds them.

    Unknown ones are NaN, NaN, 0; given ones without confidence have 1.

    Raises
    ------
    ValueError
        If both are given, or for a wrong shape or a confidence outside [0, 1].
    """
    if landmarks is None:
        if landmarker is None:
            from ..regions import HandLandmarker

            landmarker = HandLandmarker()
        landmarks = landmarker.predict(films)
    elif landmarker is not None:
        raise ValueError("both landmarks and a landmarker are given; give one of them")
    return check_landmarks(landmarks, len(films), "landmarks has")
