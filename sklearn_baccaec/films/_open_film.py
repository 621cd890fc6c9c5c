"""A film that is decoded once, whoever looks at it."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ._checks import Film, film_name
from ._digests import digest_film
from ._reading import read_film


class OpenFilm:
    """A film whose pixels are read when they are first asked for, and kept.

    Parameters
    ----------
    film : path or array-like of shape (H, W)
        The film.
    index : int, default=0
        Its position, which names an array in messages.
    """

    def __init__(self, film: Film, index: int = 0) -> None:
        self.film, self.index = film, index
        self.name = film_name(film, index)

    @cached_property
    def pixels(self) -> np.ndarray:
        """Checked grey values; `FilmError` says why there are none."""
        return read_film(self.film, self.index)

    @cached_property
    def digest(self) -> str:
        """Key of the content; what had to be decoded for it is not decoded again."""
        digest, self.film = digest_film(self.film, self.index)
        return digest
