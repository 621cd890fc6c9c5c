"""How films are known again: by their crops."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .._utils.warning import name_some, warn_user
from ..films._checks import film_name, is_path


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


def warn_of_copies(films: Sequence[Any], keys: np.ndarray) -> None:
    """Warn of films that are there twice, told by their keys."""
    by_key: dict[bytes, list[str]] = defaultdict(list)
    for i, key in enumerate(keys):
        if key != b"":
            by_key[key].append(film_name(films[i], i))
    copies = [" = ".join(same) for same in by_key.values() if len(same) > 1]
    if copies:
        warn_user(f"films that are there twice: {len(copies)} {name_some(copies)}")


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
