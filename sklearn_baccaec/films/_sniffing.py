"""Which files are films: what they hold says so, or their name."""

import os
from pathlib import Path

from ._formats import FILM_SUFFIXES, find_format, may_be_film

SUFFIXES = (*FILM_SUFFIXES, ".jfif", ".jpe", ".bmp", ".webp")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # bytes, of its versions


def is_film_file(path: Path) -> bool:
    """Whether a file holds a film, or is called like one that may be damaged."""
    if may_be_film(path):
        return True
    if path.name.startswith(".") or path.name == "DICOMDIR":
        return False
    if not os.path.isfile(path):  # noqa: PTH113, which raises where it may not look
        return False
    known = path.suffix.lower() in SUFFIXES or find_format(path).name
    return bool(known) or _is_bitmap(path)


def _is_bitmap(path: Path) -> bool:
    """Whether it is a BMP or WebP file, which OpenCV decodes too."""
    try:
        with path.open("rb") as file:
            start = file.read(18)
    except OSError:
        return False
    webp = start.startswith(b"RIFF") and start[8:12] == b"WEBP"
    header = int.from_bytes(start[14:], "little")
    return webp or (start.startswith(b"BM") and header in _BMP_HEADERS)
