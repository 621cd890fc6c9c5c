"""Images that OpenCV decodes, once their headers have told that they fit."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .._utils.image_backend import load_cv2
from ._checks import FilmError, file_error, size_refusal
from ._image_headers import Outline

Decoder = Callable[[bytes, Any], np.ndarray | None]


def decode_with_cv2(content: bytes, outline: Outline) -> np.ndarray | None:
    """Pixels of an image as they are stored; None if it is damaged."""
    cv2 = load_cv2()
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def decode_image(
    path: Path,
    name: str,
    read_outline: Callable[[bytes], Outline],
    decode: Decoder = decode_with_cv2,
) -> np.ndarray | None:
    """Pixels of an image file; None if it is damaged."""
    cv2 = load_cv2()
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise file_error(name, error) from error
    try:
        outline = read_outline(content)
        too_large = size_refusal(outline.height, outline.width)
        if too_large:
            raise FilmError(name, too_large)
        # Decoders fill what a truncated file lacks with grey, without an error.
        if not outline.whole:
            raise EOFError
        return decode(content, outline)
    except (EOFError, struct.error):
        raise FilmError(name, "the file is truncated") from None
    except FilmError:
        raise
    except (cv2.error, ValueError):
        return None


def refuse_unknown(path: Path, name: str) -> None:
    """Refuse a file of no known format: what it would fill the memory with is unknown.

    Returns None, as decoders do of what they cannot read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(1)
    except (OSError, ValueError) as error:
        raise file_error(name, error) from error
    if not start:
        raise FilmError(name, "the file is empty")
