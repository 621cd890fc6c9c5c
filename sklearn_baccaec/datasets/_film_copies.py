"""Films that are there twice."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .._utils.warning import name_some, warn_user


def tell_copies(paths: Sequence[Path], ids: Sequence[str]) -> None:
    """Warn of films with the same content; only files of the same size are read."""
    by_size: dict[int, list[int]] = defaultdict(list)
    for i, path in enumerate(paths):
        with suppress(OSError):  # whoever reads the film says what is wrong
            by_size[path.stat().st_size].append(i)
    by_content: dict[bytes, list[str]] = defaultdict(list)
    for size, films in by_size.items():
        for i in films if size and len(films) > 1 else ():
            with suppress(OSError), paths[i].open("rb") as file:
                by_content[hashlib.file_digest(file, "blake2b").digest()].append(ids[i])
    copies = [" = ".join(same) for same in by_content.values() if len(same) > 1]
    if copies:
        warn_user(f"films with the same content: {len(copies)} {name_some(copies)}")
