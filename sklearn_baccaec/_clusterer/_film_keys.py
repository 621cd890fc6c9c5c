"""How films are known again: by their crops."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..films._checks import is_path


def film_keys(films: Sequence[Any], crops: np.ndarray) -> np.ndarray:
    """Digest of every film's crops (n_samples,), the same for a file and its pixels.

    A film without crops has that of its file's name; an array without crops has b"".
    """
    return np.array(
        [
            _digest(row.tobytes()) if row.any() else _digest_name(film)
            for film, row in zip(films, crops, strict=True)
        ]
    )


def find_seen(keys: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Position (n_samples,) of every film among the keys that were seen; -1 if new."""
    positions = {key: place for place, key in enumerate(seen) if key != b""}
    return np.array([positions.get(key, -1) for key in keys], dtype=int)


def _digest_name(film: Any) -> bytes:
    if not is_path(film):
        return b""
    return _digest(Path(film).name.encode(errors="surrogatepass"))  # of odd bytes


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()
