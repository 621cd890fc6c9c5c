"""Films: paths or arrays of grey values, read one at a time."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from .._utils.image_backend import load_cv2
from ._dicom import decode_dicom
from ._dicom_header import DICOM_SUFFIXES, is_dicom
from ._film_error import FilmError

Film: TypeAlias = "str | os.PathLike[str] | np.ndarray"

FILM_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", *DICOM_SUFFIXES)
MIN_SIDE = 32  # pixels; no hand can be told on a smaller film
MAX_FILE = 2**31 - 1  # bytes that OpenCV can decode
MAX_GREY = 1e30  # sums of larger values overflow
# How PNG and JPEG files begin, what their last data begins with, and how they end.
_MARKS = (
    (b"\x89PNG", b"IDAT", b"IEND"),
    (b"\xff\xd8\xff", b"\xff\xda", b"\xff\xd9"),
)
# The film whose digest this thread made last: decoding takes long, and reading follows.
_digested = threading.local()
_COLOUR_TOLERANCE = 8  # grey levels between channels, left by JPEG compression


def is_path(film: Any) -> TypeGuard[str | os.PathLike[str]]:
    """Whether a film is given by its path rather than its pixels."""
    return isinstance(film, (str, os.PathLike))


def film_name(film: Any, index: int) -> str:
    """How messages and tables name a film: its file name, or "film 3"."""
    return (Path(film).name if is_path(film) else "") or f"film {index}"


def film_id(path: str | os.PathLike[str]) -> str:
    """How tables name a film: its file name without the suffix."""
    path = Path(path)  # the 5 of a DICOM file named 1.2.840.5 is none
    return path.name if path.suffix[1:].isdecimal() else path.stem


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
    if (
        hasattr(X, "columns")
        or not isinstance(X, Iterable)
        or isinstance(X, Mapping | Set | bytes | bytearray | memoryview)
    ):
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
        A PNG, JPEG or TIFF file of 8 or 16 bit, a DICOM file, or the pixels
        themselves.
    index : int, default=0
        Position among the films, which names an array in messages.

    Returns
    -------
    pixels : ndarray of shape (H, W), float32
        Grey values in the film's own units; a DICOM file's as a viewer shows them,
        with its rescaling and first window applied and bright bone.

    Raises
    ------
    FilmError
        If the file is missing, truncated or no image, or if the pixels are not those
        of a grey film: coloured, partly transparent, smaller than 32 pixels, constant,
        negative, above 1e30 or not finite. DICOM files are refused, too, if they have
        several frames, or if their header names another modality or part of the body.
    ImportError
        If a DICOM file is to be read and pydicom is not installed.
    """
    name = film_name(film, index)
    try:
        if is_path(film):
            status = check_file(film, index)  # opening a pipe would wait for ever
            path = Path(film)
            if not is_dicom(path):
                return _check_pixels(_decode(path, name), name)
            identity, pixels = vars(_digested).pop("film", (None, None))
            if identity == _file_identity(path, status):
                return pixels
            return _check_pixels(decode_dicom(path, name), name)
        return _check_pixels(film, name)
    except MemoryError as error:
        raise FilmError(name, "the film does not fit into memory") from error


def check_file(film: str | os.PathLike[str], index: int = 0) -> os.stat_result:
    """Status of a film's file, which is not opened.

    Raises
    ------
    FilmError
        If there is no file, or none that can hold a film.
    """
    name = film_name(film, index)
    try:
        status = Path(film).stat()
    except (OSError, ValueError) as error:
        raise FilmError(name, _file_reason(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise FilmError(name, "the file cannot be read (it is a folder or a device)")
    if status.st_size > MAX_FILE:
        raise FilmError(name, f"the file is too large ({status.st_size:,} bytes)")
    return status


def film_digest(film: Film, index: int = 0) -> str:
    """Key of a film's content; the same for every dtype and memory order.

    A file is read once per process for it, unless it has changed since. A DICOM file's
    is that of its pixels, so that it holds nothing of the patient, and stays the same
    when the file is made anonymous.
    """
    if is_path(film):
        status = check_file(film, index)
        try:
            return _file_digest(*_file_identity(Path(film), status))
        except FilmError:
            raise
        except (OSError, ValueError) as error:
            raise FilmError(film_name(film, index), _file_reason(error)) from error
    return _pixel_digest(_check_pixels(film, film_name(film, index)))


def _pixel_digest(pixels: np.ndarray) -> str:
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(pixels.data)
    return digest.hexdigest()


def _file_identity(
    path: Path, status: os.stat_result
) -> tuple[Path, tuple[int, int], int]:
    """Path, times and size of a file: what changes when its content does."""
    return path.absolute(), (status.st_mtime_ns, status.st_ctime_ns), status.st_size


@lru_cache(maxsize=100_000)
def _file_digest(path: Path, times_ns: tuple[int, int], size: int) -> str:
    if is_dicom(path):
        pixels = read_film(path)
        _digested.film = (path, times_ns, size), pixels
        return _pixel_digest(pixels)
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
        reason = "the file is no PNG, JPEG, TIFF or DICOM image, or is damaged"
        raise FilmError(name, reason)
    return pixels


def _file_reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return f"the file cannot be read ({getattr(error, 'strerror', None) or error})"


def _check_pixels(film: Any, name: str) -> np.ndarray:
    """Grey float32 pixels of a film, C-contiguous; FilmError says what is wrong."""
    try:
        pixels = np.asarray(film)
    except Exception as error:  # whatever an array of another library raises
        raise FilmError(
            name, f"pixels are no rectangle of grey values ({error})"
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
