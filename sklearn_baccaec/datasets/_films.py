"""Films: paths or arrays of grey values, read one at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from .._utils.image_backend import load_cv2

Film: TypeAlias = "str | os.PathLike[str] | np.ndarray"

FILM_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
MIN_SIDE = 32  # pixels; no hand can be told on a smaller film
# How PNG and JPEG files begin, what their last data begins with, and how they end.
_MARKS = (
    (b"\x89PNG", b"IDAT", b"IEND"),
    (b"\xff\xd8\xff", b"\xff\xda", b"\xff\xd9"),
)
_COLOUR_TOLERANCE = 8  # grey levels between channels, left by JPEG compression


class FilmError(ValueError):
    """A film that cannot be used.

    Parameters
    ----------
    film : str
        Which film: its file name, or its position among arrays.
    reason : str
        What is wrong with it.
    """

    def __init__(self, film: str, reason: str) -> None:
        super().__init__(film, reason)
        self.film, self.reason = film, reason

    def __str__(self) -> str:
        return f"{self.film}: {self.reason}"


def is_path(film: Any) -> TypeGuard[str | os.PathLike[str]]:
    """Whether a film is given by its path rather than its pixels."""
    return isinstance(film, (str, os.PathLike))


def film_name(film: Any, index: int) -> str:
    """How messages and tables name a film: its file name, or "film 3"."""
    return Path(film).name if is_path(film) else f"film {index}"


def check_films(X: Any) -> list[Film]:
    """List of films from what users pass as X; pixels are not looked at.

    Parameters
    ----------
    X : sequence of paths, sequence of 2-D arrays, or array of shape (n, H, W)
        Films; paths and arrays may be mixed.

    Raises
    ------
    ValueError
        If X is a single film, no sequence, or empty.
    """
    if is_path(X):
        raise ValueError(
            f"X is one path ({os.fspath(X)!r}); pass a list of films, such as "
            "load_radiographs(folder).data"
        )
    if isinstance(X, np.ndarray) and X.ndim not in (1, 3):
        raise ValueError(
            f"X is an array with {X.ndim} dimensions; films are a list of paths, a "
            "list of 2-D arrays, or one array of shape (n_samples, height, width)"
        )
    if hasattr(X, "columns") or not isinstance(X, Iterable) or isinstance(X, dict):
        raise ValueError(
            f"X is a {type(X).__name__}; films are a list of paths, a list of 2-D "
            "arrays, or one array of shape (n_samples, height, width)"
        )
    films = list(X)
    if not films:
        raise ValueError("X holds no films")
    return films


def read_film(film: Film, index: int = 0) -> np.ndarray:
    """Read and check one film.

    Parameters
    ----------
    film : path or array-like of shape (H, W)
        A PNG, JPEG or TIFF file of 8 or 16 bit, or the pixels themselves.
    index : int, default=0
        Position among the films, which names an array in messages.

    Returns
    -------
    pixels : ndarray of shape (H, W), float32
        Grey values in the film's own units.

    Raises
    ------
    FilmError
        If the file is missing, truncated or no image, or if the pixels are not those
        of a grey film: coloured, partly transparent, smaller than 32 pixels, constant,
        negative or not finite.
    """
    name = film_name(film, index)
    if is_path(film):
        return _check_pixels(_decode(Path(film), name), name)
    return _check_pixels(film, name)


def film_digest(film: Film, index: int = 0) -> str:
    """Key of a film's content; the same for every dtype and memory order.

    A file is read once per process for it, unless it has changed since.
    """
    if is_path(film):
        path = Path(film)
        try:
            status = path.stat()
            times = (status.st_mtime_ns, status.st_ctime_ns)
            return _file_digest(path.absolute(), times, status.st_size)
        except (OSError, ValueError) as error:
            raise FilmError(film_name(film, index), _file_reason(error)) from error
    pixels = _check_pixels(film, film_name(film, index))
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(pixels.data)
    return digest.hexdigest()


@lru_cache(maxsize=100_000)
def _file_digest(path: Path, times_ns: tuple[int, int], size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.blake2b(digest_size=16)
        ).hexdigest()


def _decode(path: Path, name: str) -> np.ndarray:
    cv2 = load_cv2()
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise FilmError(name, _file_reason(error)) from error
    if not content:
        raise FilmError(name, "the file is empty")
    for start, data, end in _MARKS:
        # Decoders fill what a truncated file lacks with grey, without an error.
        if content.startswith(start) and content.rfind(end) <= content.rfind(data):
            raise FilmError(name, "the file is truncated")
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise FilmError(name, "the file is no PNG, JPEG or TIFF image, or is damaged")
    return pixels


def _file_reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return f"the file cannot be read ({getattr(error, 'strerror', None) or error})"


def _check_pixels(film: Any, name: str) -> np.ndarray:
    """Grey float32 pixels of a film, C-contiguous; FilmError says what is wrong."""
    try:
        pixels = np.asarray(film)
    except ValueError as error:
        raise FilmError(name, "pixels are no rectangle of grey values") from error
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
    pixels = np.ascontiguousarray(pixels, dtype=np.float32)
    low, high = pixels.min(), pixels.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise FilmError(name, "the film has NaN or infinite pixels")
    if low < 0:
        raise FilmError(name, f"the film has negative pixels (lowest {low:g})")
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
        difference = np.abs(pixels[..., other].astype(float) - grey).max()
        if not difference <= _COLOUR_TOLERANCE:
            raise FilmError(name, "the film is a colour image; radiographs are grey")
    return grey
