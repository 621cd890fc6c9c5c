"""Formats of film files: another format is another row of the table."""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ._dicom import decode_dicom
from ._dicom_header import describe_dicom
from ._image_files import decode_image, refuse_unknown
from ._image_headers import read_bmp, read_png, read_tiff, read_webp
from ._jpeg import decode_jpeg, read_jpeg

_SNIFFED = 256  # bytes at the start of a file
_DICOMDIR = b"1.2.840.10008.1.3.10"  # a list of films rather than a film


@dataclass(frozen=True)
class FilmFormat:
    """How files of a format are recognised, decoded, described and digested."""

    name: str
    suffixes: tuple[str, ...]
    mark: re.Pattern[bytes]  # that files begin with
    # Pixels as a viewer shows them, None if damaged, by path and a FilmError's name.
    decode: Callable[[Path, str], np.ndarray | None]
    # Spacing of the pixels in mm and "L" or "R", NaN and None where unknown.
    describe: Callable[[Path], tuple[float, str | None]] = lambda path: (math.nan, None)
    may_lack_mark: bool = False
    digests_pixels: bool = False  # instead of the file, which may name a patient


FORMATS = (
    FilmFormat(  # first: its files may begin like those of any other format
        "DICOM",
        (".dcm", ".dicom"),
        # Old files have no mark, but begin with an element of groups 2 or 8.
        re.compile(rb"(?s).{128}DICM|[\2\x08]\0[\0-\x20]\0([A-Z]{2}|..\0\0)"),
        decode_dicom,
        describe_dicom,
        may_lack_mark=True,
        digests_pixels=True,
    ),
    FilmFormat(
        "PNG",
        (".png",),
        re.compile(rb"\x89PNG"),
        partial(decode_image, read_outline=read_png),
    ),
    FilmFormat(
        "JPEG",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        re.compile(rb"\xff\xd8\xff"),
        partial(decode_image, read_outline=read_jpeg, decode=decode_jpeg),
    ),
    FilmFormat(
        "TIFF",
        (".tif", ".tiff"),
        re.compile(rb"II[*+]\0|MM\0[*+]"),
        partial(decode_image, read_outline=read_tiff),
    ),
    FilmFormat(
        "BMP",
        (".bmp", ".dib"),
        re.compile(rb"(?s)BM.{12}[\x0c-\x7c]\0\0\0"),  # the size of a header
        partial(decode_image, read_outline=read_bmp),
    ),
    FilmFormat(
        "WebP",
        (".webp",),
        re.compile(rb"(?s)RIFF.{4}WEBP"),
        partial(decode_image, read_outline=read_webp),
    ),
)
_UNKNOWN = FilmFormat("", (), re.compile(b""), refuse_unknown)
FILM_SUFFIXES = tuple(suffix for row in FORMATS for suffix in row.suffixes)
FORMAT_NAMES = f"{', '.join(row.name for row in FORMATS[:-1])} or {FORMATS[-1].name}"


def find_format(path: Path) -> FilmFormat:
    """Format of a file by its first bytes, or by its suffix where those may differ."""
    start = _read_start(path)
    for row in FORMATS:
        if row.mark.match(start):
            return row
    suffix = path.suffix.lower()
    unmarked = (row for row in FORMATS if start and row.may_lack_mark)
    return next((row for row in unmarked if suffix in row.suffixes), _UNKNOWN)


def is_film(path: Path) -> bool:
    """Whether the first bytes of a file are those of a film, whatever its name is."""
    start = _read_start(path)
    return _DICOMDIR not in start and any(row.mark.match(start) for row in FORMATS)


def may_be_film(path: Path) -> bool:
    """Whether a file of a folder is listed as a film."""
    if path.name.startswith("."):  # macOS leaves such files
        return False
    with suppress(OSError):  # it keeps its row: whoever reads it says what is wrong
        if not path.is_file():
            return False
    return path.suffix.lower() in FILM_SUFFIXES or is_film(path)


def _read_start(path: Path) -> bytes:
    """First bytes of a regular file; opening a pipe would wait for ever."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(_SNIFFED)
    except (OSError, ValueError):
        return b""
