"""Films and crops as small images that a page holds itself."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, NamedTuple

import numpy as np

from .._utils.image_backend import load_cv2
from ..films import FilmError, read_film
from ..plotting._drawing import (
    confidence_colours,
    contrast_limits,
    digit_lines,
    shrink_with_landmarks,
)

_FILM_SIDE = 240  # pixels of the longer side
_QUALITY = 72  # of JPEG, in percent


class Picture(NamedTuple):
    """A film, and the landmarks on it in the picture's own pixels."""

    image: str
    width: int
    height: int
    digits: list[tuple[str, str]]  # points of a line, and its colour
    dots: list[tuple[str, str, str]]  # x, y and colour


def show_film(film: Any, i: int, landmarks: np.ndarray) -> Picture | None:
    """Picture of a film; None if it cannot be read."""
    try:
        pixels = read_film(film, i)
    except FilmError:
        return None
    thumbnail, points = shrink_with_landmarks(pixels, landmarks, _FILM_SIDE)
    low, high = contrast_limits(thumbnail)
    grey = np.clip((thumbnail - low) * (255 / max(high - low, 1e-6)), 0, 255)
    points[:, :2] += 0.5  # in SVG, the film's edge is at 0
    digits = [
        (" ".join(f"{x:.1f},{y:.1f}" for x, y in joints), colour)
        for joints, colour in digit_lines(points)
    ]
    known = points[np.isfinite(points[:, 0])]
    colours = confidence_colours(known[:, 2])
    dots = [
        (f"{x:.1f}", f"{y:.1f}", colour)
        for (x, y, _), colour in zip(known, colours, strict=True)
    ]
    height, width = grey.shape
    return Picture(to_image(np.rint(grey)), width, height, digits, dots)


def to_image(pixels: np.ndarray) -> str:
    """Address that holds an image of 8 bit."""
    quality = [load_cv2().IMWRITE_JPEG_QUALITY, _QUALITY]
    _, code = load_cv2().imencode(".jpg", pixels.astype(np.uint8), quality)
    return f"data:image/jpeg;base64,{b64encode(code.tobytes()).decode()}"
