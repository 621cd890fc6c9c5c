"""Reading films, one at a time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ._checks import Film, check_file, film_name, is_path
from ._film_error import FilmError
from ._formats import FORMAT_NAMES, find_format
from ._pixels import check_pixels


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
        If the file is missing, truncated or not an image, or if the pixels are not
        those of a grey film: coloured, partly transparent, smaller than 32 pixels,
        constant, negative, above 1e30 or not finite. DICOM files are also refused if
        they have several frames, or if their header names another modality or another
        part of the body than the hand.
    ImportError
        If a DICOM file is to be read and pydicom is not installed.
    """
    name = film_name(film, index)
    try:
        return check_pixels(_decode(film, index) if is_path(film) else film, name)
    except MemoryError as error:
        raise FilmError(name, "the film does not fit into memory") from error


def _decode(film: str | os.PathLike[str], index: int) -> np.ndarray:
    check_file(film, index)  # opening a pipe would wait for ever
    path, name = Path(film), film_name(film, index)
    pixels = find_format(path).decode(path, name)
    if pixels is None:
        reason = f"the file is not a {FORMAT_NAMES} image, or is damaged"
        raise FilmError(name, reason)
    return pixels
