"""Landmarks as users and their landmarkers hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .key_regions import KEY_REGIONS


def check_landmarks(
    landmarks: Any,
    n_films: int,
    origin: str,
    *,
    columns: Sequence[int] = (2, 3),
    third: str = "confidence",
) -> np.ndarray:
    """Turn landmarks into x, y and confidence; NaN, NaN, 0 where unknown.

    Parameters
    ----------
    landmarks : array-like of shape (n_films, 19, 2 or 3)
        x, y in pixels and optionally a confidence, 1 without it. What is not finite is
        unknown.
    n_films : int
        Number of films that the landmarks must match.
    origin : str
        How messages begin, such as "y has".
    columns : sequence of int, default=(2, 3)
        Which last dimensions are allowed.
    third : str, default="confidence"
        What messages call the third column.

    Returns
    -------
    checked : ndarray of shape (n_films, 19, 3), float64
        A new array.

    Raises
    ------
    ValueError
        If the landmarks are no numbers, of another shape, or have a confidence outside
        [0, 1].
    """
    try:
        given = np.asarray(landmarks)
        if given.dtype.kind not in "uifO":
            raise TypeError(f"they are {given.dtype}")
        given = given.astype(np.float64)
    except Exception as error:  # whatever an array of another library raises
        raise ValueError(f"{origin} landmarks that are no numbers: {error}") from error
    expected = (n_films, len(KEY_REGIONS))
    if given.ndim != 3 or given.shape[:2] != expected or given.shape[2] not in columns:
        last = " or ".join(map(str, columns))
        raise ValueError(
            f"{origin} shape {given.shape} for {n_films} films; expected "
            f"({n_films}, {len(KEY_REGIONS)}, {last})"
        )
    checked = np.ones((*expected, 3))
    checked[..., : given.shape[2]] = given
    checked[np.isnan(checked[..., 2]), 2] = 0
    if checked[..., 2].min() < 0 or checked[..., 2].max() > 1:
        raise ValueError(f"{origin} a {third} outside [0, 1]")
    checked[~np.isfinite(checked).all(axis=2)] = np.nan, np.nan, 0
    return checked
