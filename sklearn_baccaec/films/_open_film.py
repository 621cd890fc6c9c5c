"""A film that is decoded once, whoever looks at it, and the key of its content."""

import hashlib
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from ._checks import Film, check_file, file_error, film_name, is_path
from ._formats import find_format
from ._reading import read_with_note

_blake2b = partial(hashlib.blake2b, digest_size=16)
# By a file's path, times and size, of which some change when its content does.
_known: dict[tuple[Path, int, int, int], str] = {}


class OpenFilm:
    """A film, at its position among others, whose pixels are read once, when needed."""

    def __init__(self, film: Film, index: int = 0) -> None:
        self.film, self.index = film, index
        self.name = film_name(film, index)

    @property
    def pixels(self) -> np.ndarray:
        """Checked grey values; `FilmError` says why there are none."""
        return self._read[0]

    @property
    def note(self) -> str | None:
        """What is to know of the pixels though they can be used."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[np.ndarray, str | None]:
        return read_with_note(self.film, self.index)

    @cached_property
    def digest(self) -> str:
        """Key of the content; the same for every dtype and memory order.

        A file is read once per process for it, unless it has changed since. A DICOM
        file's is that of its pixels, so that it holds nothing of the patient, and stays
        the same when the file is made anonymous.
        """
        if not is_path(self.film):
            return self._digest_pixels()
        path, status = Path(self.film), check_file(self.film, self.index)
        key = path.absolute(), status.st_mtime_ns, status.st_ctime_ns, status.st_size
        if key not in _known and find_format(path).digests_pixels:
            _known[key] = self._digest_pixels()
        elif key not in _known:
            try:
                with path.open("rb") as file:
                    _known[key] = hashlib.file_digest(file, _blake2b).hexdigest()
            except (OSError, ValueError) as error:
                raise file_error(self.name, error) from error
        return _known[key]

    def _digest_pixels(self) -> str:
        digest = _blake2b(f"{self.pixels.shape}{self.note or ''}".encode())
        digest.update(self.pixels.data)
        return digest.hexdigest()


def film_digest(film: Film, index: int = 0) -> str:
    """Key of a film's content."""
    return OpenFilm(film, index).digest
