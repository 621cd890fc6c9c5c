"""Formats of film files: another format is another row of the table."""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from .._utils.image_backend import load_cv2
from ._checks import FilmError, file_error
from ._dicom import decode_dicom
from ._dicom_header import describe_dicom


def _decode_image(
    path: Path, name: str, *, data: bytes = b"", end: bytes = b""
) -> np.ndarray | None:
    """Pixels of an image that OpenCV decodes, or None, by what its data and end are."""
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


@dataclass(frozen=True)
class FilmFormat:
    """How files of a format are recognised, decoded, described and digested."""

    name: str
    suffixes: tuple[str, ...]
    marks: tuple[tuple[int, bytes], ...]  # any of these bytes, at that position
    # Pixels as a viewer shows them, None if damaged, by path and a FilmError's name.
    decode: Callable[[Path, str], np.ndarray | None]
    # Spacing of the pixels in mm and "L" or "R", NaN and None where unknown.
    describe: Callable[[Path], tuple[float, str | None]] = lambda path: (math.nan, None)
    may_lack_mark_or_suffix: bool = False
    digests_pixels: bool = False  # instead of the file, which may name a patient


_decode_png = partial(_decode_image, data=b"IDAT", end=b"IEND")
_decode_jpeg = partial(_decode_image, data=b"\xff\xda", end=b"\xff\xd9")
FORMATS = (
    FilmFormat(  # first: its files may begin like those of any other format
        "DICOM",
        (".dcm", ".dicom"),
        ((128, b"DICM"),),  # which old files lack
        decode_dicom,
        describe_dicom,
        may_lack_mark_or_suffix=True,
        digests_pixels=True,
    ),
    FilmFormat("PNG", (".png",), ((0, b"\x89PNG"),), _decode_png),
    FilmFormat("JPEG", (".jpg", ".jpeg"), ((0, b"\xff\xd8\xff"),), _decode_jpeg),
    FilmFormat(
        "TIFF", (".tif", ".tiff"), ((0, b"II*\0"), (0, b"MM\0*")), _decode_image
    ),
)
_UNKNOWN = FilmFormat("", (), (), _decode_image)  # perhaps OpenCV knows it
FILM_SUFFIXES = tuple(suffix for row in FORMATS for suffix in row.suffixes)
FORMAT_NAMES = f"{', '.join(row.name for row in FORMATS[:-1])} or {FORMATS[-1].name}"
_SNIFFED = max(at + len(mark) for row in FORMATS for at, mark in row.marks)


def find_format(path: Path) -> FilmFormat:
    """Format of a file by its marks, or by its suffix where none is needed."""
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED)
    except (OSError, ValueError):
        return _UNKNOWN
    for row in FORMATS:
        if any(start.startswith(mark, at) for at, mark in row.marks):
            return row
    suffix = path.suffix.lower()
    unmarked = (row for row in FORMATS if start and row.may_lack_mark_or_suffix)
    return next((row for row in unmarked if suffix in row.suffixes), _UNKNOWN)


def may_be_film(path: Path) -> bool:
    """Whether a file of a folder is listed as a film."""
    if path.name.startswith("."):  # macOS leaves such files
        return False
    with suppress(OSError):  # it keeps its row: whoever reads it says what is wrong
        if not path.is_file():
            return False
    if path.suffix.lower() in FILM_SUFFIXES:
        return True
    unnamed = not path.suffix or path.suffix[1:].isdecimal()  # IM0001, 1.2.840.5
    listed = unnamed and path.name != "DICOMDIR"
    return listed and find_format(path).may_lack_mark_or_suffix
