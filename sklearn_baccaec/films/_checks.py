"""Films as users pass them: the forms they take, their names, what is wrong."""

import os
import stat
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

import numpy as np

Film: TypeAlias = str | os.PathLike[str] | np.ndarray
_NO_LIST = (Mapping, Set, bytes, bytearray, memoryview)  # though one can iterate them
MAX_FILE = 2**31 - 1  # bytes that OpenCV can decode
MAX_PIXELS = 10**8  # more than scanners make of the largest film


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


def file_error(film: str, error: Exception) -> FilmError:
    """Error of a film whose file cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return FilmError(film, "there is no such file")
    said = getattr(error, "strerror", None) or error
    return FilmError(film, f"the file cannot be read ({said})")


def size_refusal(height: int, width: int) -> str | None:
    """Say why a film of this size is not read: it would fill the memory."""
    if height * width <= MAX_PIXELS:
        return None
    most = f"at most {MAX_PIXELS // 10**6} megapixels are read"
    return f"the film is too large ({height} x {width} pixels; {most}): reduce it"


def is_path(film: Any) -> TypeGuard[str | os.PathLike[str]]:
    """Whether a film is given by its path rather than its pixels."""
    return isinstance(film, (str, os.PathLike))


def film_name(film: Any, index: int) -> str:
    """How messages and tables name a film: its file name, or "film 3"."""
    return (Path(film).name if is_path(film) else "") or f"film {index}"


def film_id(path: str | os.PathLike[str]) -> str:
    """How tables name a film: its file name without the suffix."""
    path = Path(path)  # 1.2.840.5, of a DICOM file, has no suffix
    return path.name if path.suffix[1:].isdecimal() else path.stem


def check_films(X: Any) -> list[Film]:
    """List of films from what users pass as X; pixels are not looked at."""
    if is_path(X):
        raise ValueError(
            f"X is one path ({os.fspath(X)!r}); pass a list of films, such as "
            "load_radiographs(folder).data"
        )
    wrong = None
    if isinstance(X, np.ndarray) and X.ndim not in (1, 3):
        wrong = f"an array with {X.ndim} dimensions"
    elif (
        hasattr(X, "columns") or not isinstance(X, Iterable) or isinstance(X, _NO_LIST)
    ):
        wrong = f"a {type(X).__name__}"
    if wrong:
        raise ValueError(
            f"X is {wrong}; films are a list of paths, a list of 2-D arrays, or one "
            "array of shape (n_samples, height, width)"
        )
    films = list(X)
    if not films:
        raise ValueError("X holds no films")
    return films


def check_file(film: str | os.PathLike[str], index: int = 0) -> os.stat_result:
    """Status of a film's file, which is not opened: opening a pipe waits for ever."""
    name = film_name(film, index)
    try:
        status = Path(film).stat()
    except (OSError, ValueError) as error:
        raise file_error(name, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise FilmError(name, "the file cannot be read (it is a folder or a device)")
    if status.st_size > MAX_FILE:
        raise FilmError(name, f"the file is too large ({status.st_size:,} bytes)")
    return status
