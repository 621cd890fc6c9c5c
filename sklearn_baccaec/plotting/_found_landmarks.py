"""Landmarks to draw, given or found, and how sure they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._utils.key_regions import KEY_REGIONS


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
    landmarks = np.array(landmarks, dtype=np.float64)
    expected = (len(films), len(KEY_REGIONS))
    if landmarks.shape not in {(*expected, 2), (*expected, 3)}:
        raise ValueError(
            f"landmarks has shape {landmarks.shape}; expected "
            f"({expected[0]}, {expected[1]}, 2 or 3), one set a film"
        )
    if landmarks.shape[2] == 2:
        landmarks = np.dstack([landmarks, np.ones(expected)])
    landmarks[..., 2] = np.nan_to_num(landmarks[..., 2])
    landmarks[~np.isfinite(landmarks[..., :2]).all(axis=2)] = np.nan, np.nan, 0
    if landmarks[..., 2].min() < 0 or landmarks[..., 2].max() > 1:
        raise ValueError("landmarks has a confidence outside [0, 1]")
    return landmarks
