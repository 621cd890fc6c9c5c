"""Pixels of images that OpenCV decodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .._utils.image_backend import load_cv2
from ._film_error import FilmError, file_error


def decode_image(
    path: Path, name: str, *, data: bytes = b"", end: bytes = b""
) -> np.ndarray | None:
    """Pixels of an image; None if it is damaged or OpenCV does not know its format.

    ``data`` is what the last data of the format begin with, ``end`` what ends a file.
    """
    cv2 = load_cv2()
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise file_error(name, error) from error
    if not content:
        raise FilmError(name, "the file is empty")
    # Decoders fill what a truncated file lacks with grey, without an error.
    if end and content.rfind(end) <= content.rfind(data):
        raise FilmError(name, "the file is truncated")
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
