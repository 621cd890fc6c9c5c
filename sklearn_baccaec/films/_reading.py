"""Reading films, one at a time, and smaller copies of them."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from .._utils.image_backend import load_cv2
from ._checks import Film, FilmError, check_file, film_name, is_path, size_refusal
from ._colour import grey_of
from ._formats import FORMAT_NAMES, find_format

MIN_SIDE = 32  # pixels; no hand can be recognised on a smaller film
MAX_GREY = 1e30  # sums of larger values overflow


def read_film(film: Film, index: int = 0) -> np.ndarray:
    """Read and check one film.

    Parameters
    ----------
    film : path or array-like of shape (H, W)
        A PNG, JPEG, TIFF, BMP or WebP file of 8 or 16 bit, a DICOM file, or the
        pixels themselves.
    index : int, default=0
        Position among the films, which names an array in messages.

    Returns
    -------
    pixels : ndarray of shape (H, W), float32
        Grey values in the film's own units; a DICOM file's as a viewer shows them,
        with its rescaling and first window applied and bright bone. The mean of the
        channels of a film that is nearly grey: tinted, or with a small coloured mark.

    Raises
    ------
    FilmError
        If the file is missing, truncated or not an image, or if the pixels are not
        those of a grey film: coloured, partly transparent, smaller than 32 pixels, of
        more than 100 megapixels, constant, negative, above 1e30 or not finite. DICOM
        files are also refused if they have several frames, or if their header names
        another modality or another part of the body than the hand.
    ImportError
        If a DICOM file is to be read and pydicom is not installed.
    """
    return read_with_note(film, index)[0]


def read_with_note(film: Film, index: int) -> tuple[np.ndarray, str | None]:
    """Pixels of a film, and what is to know of them though they can be used."""
    name = film_name(film, index)
    try:
        # What numpy is set to raise is judged by its values, which are checked.
        with np.errstate(all="ignore"):
            pixels = _decode(film, index, name) if is_path(film) else film
            return _check_pixels(pixels, name)
    except MemoryError as error:
        raise FilmError(name, "the film does not fit into memory") from error


def _decode(film: str | os.PathLike[str], index: int, name: str) -> np.ndarray:
    check_file(film, index)
    pixels = find_format(Path(film)).decode(Path(film), name)
    if pixels is None:
        reason = f"the file is not a {FORMAT_NAMES} image, or is damaged"
        raise FilmError(name, reason)
    return pixels


def _check_pixels(film: Any, name: str) -> tuple[np.ndarray, str | None]:
    """Grey float32 pixels of a film, C-contiguous, and a note on them."""
    try:
        pixels = np.asarray(film.cpu() if hasattr(film, "cpu") else film)
    except Exception as error:  # whatever an array of another library raises
        reason = f"pixels are not a rectangle of grey values ({error})"
        raise FilmError(name, reason) from error
    if np.ma.is_masked(film):
        raise FilmError(name, "the film has masked pixels")
    too_large = size_refusal(*pixels.shape[:2]) if pixels.ndim > 1 else None
    if too_large:
        raise FilmError(name, too_large)
    if pixels.dtype.kind not in "uif":
        raise FilmError(name, f"pixels are {pixels.dtype}, not grey values")
    note = None
    if pixels.ndim == 3:
        pixels, note = grey_of(pixels, name)
    if pixels.ndim != 2:
        raise FilmError(name, f"pixels have {pixels.ndim} dimensions instead of 2")
    if min(pixels.shape) < MIN_SIDE:
        height, width = pixels.shape
        least = f"at least {MIN_SIDE} x {MIN_SIDE} are needed"
        raise FilmError(name, f"the film is {height} x {width} pixels; {least}")
    pixels = np.ascontiguousarray(pixels, dtype=np.float32)
    low, high = pixels.min(), pixels.max()
    if not np.isfinite([low, high]).all():
        raise FilmError(name, "the film has NaN or infinite pixels")
    if low < 0:
        raise FilmError(name, f"the film has negative pixels (lowest {low:g})")
    if high > MAX_GREY:
        raise FilmError(name, f"the film has pixels of {high:g}, which are too large")
    if low == high:
        raise FilmError(name, f"the film is constant: every pixel is {low:g}")
    return pixels, note


def shrink_film(pixels: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Film whose longer side is at most ``side`` pixels, and its scale (x, y)."""
    cv2 = load_cv2()
    # Whole steps first, in which OpenCV averages four times faster.
    step = min(max(pixels.shape) // side, *pixels.shape)
    size = np.array(pixels.shape[::-1]) * (side / max(pixels.shape))
    if step > 1:
        height, width = (length // step for length in pixels.shape)
        pixels = pixels[: height * step, : width * step]
    full_size = np.array(pixels.shape[::-1])
    if step > 1:
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    if max(pixels.shape) > side:
        size = np.maximum(1, np.rint(size)).astype(int)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return pixels, pixels.shape[::-1] / full_size
