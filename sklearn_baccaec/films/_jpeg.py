"""JPEG images by their segments: what they are, and whether they are whole."""

import re
import struct
from typing import NamedTuple

import numpy as np

from .._utils.image_backend import load_cv2

_MARK = re.compile(rb"\xff+([\xc0-\xcf\xd9-\xfe])")  # of a segment, or of the end
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")  # within a scan
_FRAMES = (0xC0, 0xC1, 0xC2, 0xC3, 0xF7)  # the last is that of JPEG-LS
_PROGRESSIVE, _SCAN, _END = 0xC2, 0xDA, 0xD9
_COEFFICIENTS = 64  # of a block
_MID_GREY = 128  # which decoders fill in for what is missing
_NOISE = bytes(range(1, 255))


class JPEGImage(NamedTuple):
    """What the segments of a JPEG or JPEG-LS image say."""

    bits: int
    height: int
    width: int
    channels: int
    whole: bool  # whether the end is marked, and every scan was sent
    scan: int = 0  # position of the last scan
    end: int = 0  # and of the mark behind it; what follows does not matter


def read_jpeg(content: bytes) -> JPEGImage:
    """Walk through the segments; raises `ValueError` or `struct.error` if damaged."""
    at, kind, frame = 2, None, (0, 0, 0, 0)  # after the mark of the start
    scan, missing = 0, np.zeros(0)
    while True:
        # A scan's data end at the next mark; before the first one, segments adjoin.
        found = _MARK.search(content, at) if scan else _MARK.match(content, at)
        if found is None and not scan and len(content) > at + 1:
            raise ValueError("there is no segment where one should start")
        if found is None or found[1][0] == _END:
            sent = kind != _PROGRESSIVE or not missing.any()
            whole = found is not None and scan > 0 and sent
            end = found.start() if found else len(content)
            return JPEGImage(*frame, whole, scan, end)
        mark, at = found[1][0], found.end()
        (length,) = struct.unpack_from(">H", content, at)
        if mark in _FRAMES:
            kind, frame = mark, struct.unpack_from(">BHHB", content, at + 2)
            missing = np.ones((256, _COEFFICIENTS), int)  # bits, once they are known
            components = content[at + 8 : at + length : 3]
            missing[[i for i in range(256) if i not in components]] = 0
        at += length
        if mark == _SCAN and at < len(content):
            scan = at
            first, last, approximation = content[at - 3 : at]
            missing[list(content[at - length + 3 : at - 3 : 2]), first : last + 1] = (
                approximation & 0xF
            )


def decode_jpeg(content: bytes, image: JPEGImage) -> np.ndarray | None:
    """Pixels of an image of 8 bits; None if damaged, `EOFError` if it lacks a part."""
    pixels = _decode(content[: image.end])
    if pixels is None or (pixels[-1, -1] != _MID_GREY).any():
        return pixels
    # Either the corner is grey, or it was filled in: then more data change it.
    restarts = _RESTART.findall(content, image.scan, image.end)
    restart = bytes([0xFF, 0xD0 + ((restarts[-1][1] + 1) % 8 if restarts else 0)])
    other = _decode(content[: image.end] + _NOISE + restart + _NOISE)
    if other is None or not np.array_equal(pixels, other):
        raise EOFError
    return pixels


def _decode(content: bytes) -> np.ndarray | None:
    cv2 = load_cv2()
    whole = np.frombuffer(content + bytes([0xFF, _END]), np.uint8)
    return cv2.imdecode(whole, cv2.IMREAD_UNCHANGED)
