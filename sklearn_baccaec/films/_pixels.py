"""Pixels: what makes an array a grey film."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._film_error import FilmError

MIN_SIDE = 32  # pixels; no hand can be recognised on a smaller film
MAX_GREY = 1e30  # sums of larger values overflow
_COLOUR_TOLERANCE = 8  # grey levels between channels, left by JPEG compression


def check_pixels(film: Any, name: str) -> np.ndarray:
    """Grey float32 pixels of a film, C-contiguous; FilmError says what is wrong."""
    try:
        pixels = np.asarray(film)
    except Exception as error:  # whatever an array of another library raises
        raise FilmError(
            name, f"pixels are not a rectangle of grey values ({error})"
        ) from error
    if np.ma.is_masked(film):
        raise FilmError(name, "the film has masked pixels")
    if pixels.dtype.kind not in "uif":
        raise FilmError(name, f"pixels are {pixels.dtype}, not grey values")
    if pixels.ndim == 3:
        pixels = _grey(pixels, name)
    if pixels.ndim != 2:
        raise FilmError(name, f"pixels have {pixels.ndim} dimensions instead of 2")
    if min(pixels.shape) < MIN_SIDE:
        height, width = pixels.shape
        raise FilmError(
            name,
            f"the film is {height} x {width} pixels; at least "
            f"{MIN_SIDE} x {MIN_SIDE} are needed",
        )
    with np.errstate(over="ignore"):
        pixels = np.ascontiguousarray(pixels, dtype=np.float32)
    low, high = pixels.min(), pixels.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise FilmError(name, "the film has NaN or infinite pixels")
    if low < 0:
        raise FilmError(name, f"the film has negative pixels (lowest {low:g})")
    if high > MAX_GREY:
        raise FilmError(name, f"the film has pixels of {high:g}, which are too large")
    if low == high:
        raise FilmError(name, f"the film is constant: every pixel is {low:g}")
    return pixels


def _grey(pixels: np.ndarray, name: str) -> np.ndarray:
    """One channel of an image whose channels are equal, as scanners often save."""
    channels = pixels.shape[2]
    if channels in (2, 4):
        alpha = pixels[..., -1]
        if np.ptp(alpha) or not alpha.any():
            raise FilmError(name, "the film is partly transparent (alpha channel)")
        pixels = pixels[..., :-1]
    elif channels not in (1, 3):
        raise FilmError(name, f"the film has {channels} channels instead of one")
    grey = pixels[..., 0]
    for other in range(1, pixels.shape[2]):
        difference = np.subtract(pixels[..., other], grey, dtype=np.float32)
        if not np.abs(difference).max() <= _COLOUR_TOLERANCE:
            raise FilmError(name, "the film is a colour image; radiographs are grey")
    return grey
