"""Films and crops as small images that a page holds itself."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, NamedTuple

import numpy as np

from .._utils.image_backend import load_cv2
from ..films import FilmError, read_film
from ..films._shrinking import shrink_film
from ..plotting._drawing import confidence_colours, contrast_limits, digit_lines

_FILM_SIDE, _CROP_SIDE = 240, 64  # pixels of the longer side
_QUALITY = 72  # of JPEG, in percent


class Picture(NamedTuple):
    """A film, and the landmarks on it in the picture's own pixels."""

    image: str
    width: int
    height: int
    digits: list[tuple[str, str]]  # points of a line, and its colour
    dots: list[tuple[float, float, str]]  # x, y and colour


def show_film(film: Any, i: int, landmarks: np.ndarray | None = None) -> Picture | None:
    """Picture of a film; None if it cannot be read."""
    try:
        pixels = read_film(film, i)
    except FilmError:
        return None
    thumbnail, scale = shrink_film(pixels, _FILM_SIDE)
    low, high = contrast_limits(thumbnail)
    grey = np.clip((thumbnail - low) * (255 / max(high - low, 1e-6)), 0, 255)
    height, width = grey.shape
    digits, dots = [], []
    if landmarks is not None:
        points = landmarks[np.isfinite(landmarks[:, 0])].copy()
        points[:, :2] = (points[:, :2] + 0.5) * scale
        colours = confidence_colours(points[:, 2])
        dots = [
            (round(x, 1), round(y, 1), colour)
            for (x, y, _), colour in zip(points.tolist(), colours, strict=True)
        ]
        for joints, colour in digit_lines(landmarks):
            line = (joints + 0.5) * scale
            digits.append((" ".join(f"{x:.1f},{y:.1f}" for x, y in line), colour))
    return Picture(_to_image(grey), width, height, digits, dots)


def show_crop(crop: np.ndarray) -> str:
    """Address that holds a crop."""
    return _to_image(shrink_film(crop, _CROP_SIDE)[0])


def _to_image(grey: np.ndarray) -> str:
    cv2 = load_cv2()
    pixels = np.rint(grey).astype(np.uint8)
    _, code = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return f"data:image/jpeg;base64,{b64encode(code.tobytes()).decode()}"
