"""Digests of films: keys of what was made of them."""

import hashlib
from functools import partial
from pathlib import Path

import numpy as np

from ._checks import Film, check_file, file_error, film_name, is_path
from ._formats import find_format
from ._reading import read_film

_blake2b = partial(hashlib.blake2b, digest_size=16)
# By a file's path, times and size, of which some change when its content does.
_known: dict[tuple[Path, int, int, int], str] = {}


def film_digest(film: Film, index: int = 0) -> str:
    """Key of a film's content; the same for every dtype and memory order.

    A file is read once per process for it, unless it has changed since. A DICOM file's
    is that of its pixels, so that it holds nothing of the patient, and stays the same
    when the file is made anonymous.
    """
    return digest_film(film, index)[0]


def digest_film(film: Film, index: int = 0) -> tuple[str, Film]:
    """Key of a film's content, and the film to be read after it.

    That is its pixels where they had to be decoded for the key, which takes long.
    """
    if not is_path(film):
        film = read_film(film, index)
        return _digest_pixels(film), film
    path, status = Path(film), check_file(film, index)
    key = path.absolute(), status.st_mtime_ns, status.st_ctime_ns, status.st_size
    if key in _known:
        return _known[key], film
    if find_format(path).digests_pixels:
        film = read_film(film, index)
        _known[key] = _digest_pixels(film)
    else:
        try:
            with path.open("rb") as file:
                _known[key] = hashlib.file_digest(file, _blake2b).hexdigest()
        except (OSError, ValueError) as error:
            raise file_error(film_name(film, index), error) from error
    return _known[key], film


def _digest_pixels(pixels: np.ndarray) -> str:
    digest = _blake2b(repr(pixels.shape).encode())
    digest.update(pixels.data)
    return digest.hexdigest()
