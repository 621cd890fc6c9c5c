"""How films are known again: by their content, and by their crops."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..films import FilmError
from ..films._checks import film_name
from ..films._digests import film_digest


def film_keys(films: Sequence[Any], crops: np.ndarray) -> np.ndarray:
    """Two digests of every film (n_samples, 2), of which one tells that it is the same.

    That of its content does so whatever landmarks are found on it; that of its crops,
    b"" if it has none, whether it is given as a file or as pixels.
    """
    return np.array(
        [
            (_content_key(film, i), _digest(row.tobytes()) if row.any() else b"")
            for i, (film, row) in enumerate(zip(films, crops, strict=True))
        ]
    )


def find_known(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which films (n_samples,) have a key in common with one of the known ones."""
    own, other = np.isin(keys, known[known != b""]).T
    return own | other


def _content_key(film: Any, index: int) -> bytes:
    try:
        return film_digest(film, index).encode()
    except FilmError:  # a film that cannot be read is known by its name alone
        return _digest(film_name(film, index).encode(errors="replace"))


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()
