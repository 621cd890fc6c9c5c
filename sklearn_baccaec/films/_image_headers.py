"""What the headers of images tell, before anything is decoded.

`struct.error` tells that a header is cut off.
"""

import struct
from typing import NamedTuple, Protocol

_PNG_START, _PNG_END = 8, b"IEND"
_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 322, 323  # tags of TIFF
_NUMBERS = dict(zip((1, 3, 4, 6, 8, 9, 16, 17), "BHIbhiQq", strict=True))  # by type


class Outline(Protocol):
    """Size of an image in pixels, and whether its end is there."""

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def whole(self) -> bool: ...


class Header(NamedTuple):
    """An outline, of formats whose ends OpenCV looks for itself."""

    height: int
    width: int
    whole: bool = True


def read_png(content: bytes) -> Header:
    width, height = struct.unpack_from(">II", content, 16)
    at, kind = _PNG_START, b""
    while kind != _PNG_END and at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        at += length + 12
    return Header(height, width, kind == _PNG_END and at <= len(content))


def read_bmp(content: bytes) -> Header:
    (header,) = struct.unpack_from("<I", content, 14)
    # The first header's numbers are short; a height below 0 counts from the top.
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", content, 18)
    return Header(abs(height), abs(width))


def read_webp(content: bytes) -> Header:
    """Of the canvas, or of the only image, lossless or not."""
    kind = content[12:16]
    if kind == b"VP8X":
        low, mid, high, *rest = struct.unpack_from("<6B", content, 24)
        width = 1 + low + (mid << 8) + (high << 16)
        height = 1 + int.from_bytes(rest, "little")
    elif kind == b"VP8L":
        (both,) = struct.unpack_from("<I", content, 21)
        width, height = 1 + (both & 0x3FFF), 1 + (both >> 14 & 0x3FFF)
    else:
        width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", content, 26))
    return Header(height, width)


def read_tiff(content: bytes) -> Header:
    """Of the first image or of its tiles, whichever are larger."""
    order, big = "<" if content[:1] == b"I" else ">", b"+" in content[2:4]
    at, count, entry, value = ("Q", "Q", 20, 12) if big else ("I", "H", 12, 8)
    (start,) = struct.unpack_from(order + at, content, 8 if big else 4)
    (n_entries,) = struct.unpack_from(order + count, content, start)
    start += struct.calcsize("<" + count)
    numbers = dict.fromkeys((_HEIGHT, _WIDTH, _TILE_HEIGHT, _TILE_WIDTH), 0)
    for place in range(start, start + n_entries * entry, entry):
        tag, kind = struct.unpack_from(order + "HH", content, place)
        if tag in numbers and kind in _NUMBERS:
            number = struct.unpack_from(order + _NUMBERS[kind], content, place + value)
            numbers[tag] = max(numbers[tag], *number)
    height, width, tile_height, tile_width = numbers.values()
    return Header(max(height, tile_height), max(width, tile_width))
