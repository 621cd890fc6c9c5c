"""Decoding the pixels of DICOM files."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from .._utils.image_backend import load_cv2

if TYPE_CHECKING:
    from pydicom import Dataset

_JPEG_END, _LONGEST_TAIL = b"\xff\xd9", 64  # bytes after it that are not zero
_JPEG_FRAMES, _JPEG_SCAN = (0xFFC0, 0xFFC1, 0xFFC2, 0xFFC3, 0xFFF7), 0xFFDA
_LOWEST_JPEG_MARK, _JPEG_FILLER = 0xFFC0, 0xFFFF
_JPEG_2000_START = b"\xff\x4f\xff\x51"  # of the codestream and its size


def find_missing_decoder(header: Dataset) -> str | None:
    """Say what is missing to decode the file's transfer syntax."""
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID_dictionary

    syntax = header.file_meta.TransferSyntaxUID
    known = f", {syntax.name}," if syntax in UID_dictionary else ""
    try:
        if get_decoder(syntax).is_available:
            return None
    except NotImplementedError:
        return (
            f"its transfer syntax{known} cannot be decoded; save it uncompressed "
            "(Explicit VR Little Endian)"
        )
    high_throughput = syntax.name.startswith("High-Throughput")
    missing = "pylibjpeg pylibjpeg-openjpeg" if high_throughput else "python-gdcm"
    return f"its transfer syntax{known} needs a decoder: pip install {missing}"


def read_stored_pixels(header: Dataset) -> np.ndarray | None:
    """Pixels as they are stored, or RGB; None if they are damaged."""
    from pydicom import uid
    from pydicom.encaps import get_frame
    from pydicom.pixels import pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    try:
        if syntax.is_encapsulated and syntax != uid.RLELossless:
            image = get_frame(header.PixelData, 0, number_of_frames=1)
            # Decoders fill what a truncated image lacks with grey, without an error.
            if _JPEG_END not in image.rstrip(b"\0")[-_LONGEST_TAIL:]:
                return None
            # GDCM ends the whole process where image and header disagree.
            jpeg = syntax in (*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes)
            bits, *shape = _jpeg_frame(image) if jpeg else _jpeg_2000_frame(image)
            said = [header.Rows, header.Columns, header.SamplesPerPixel]
            if shape != said or bits > header.BitsAllocated:
                return None
            if syntax in uid.JPEGTransferSyntaxes:
                return _decode_jpeg(image, bits, header)
        return pixel_array(header, index=0)
    except Exception:
        return None


def _decode_jpeg(image: bytes, bits: int, header: Dataset) -> np.ndarray:
    """Pixels of a JPEG image of any process.

    pydicom could decode them all, but it uses GDCM, which ends the whole process on
    some damaged images; so images of 8 bits are left to OpenCV.
    """
    from pydicom import uid
    from pydicom.pixels import pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    lossy = syntax in (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
    if lossy and bits == 8 and header.SamplesPerPixel == 1:
        cv2 = load_cv2()
        return cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_UNCHANGED)
    if syntax == uid.JPEGExtended12Bit and bits > 8:
        # GDCM goes by what the image says, but pydicom asks it by this name only.
        header.file_meta.TransferSyntaxUID = uid.JPEGLossless
    return pixel_array(header, index=0)


def _jpeg_frame(image: bytes) -> tuple[int, int, int, int]:
    """Bits, rows, columns and channels of a JPEG or JPEG-LS image."""
    at = 2  # after the mark of its start
    frame = (0, 0, 0, 0)
    while True:
        mark, length = struct.unpack_from(">HH", image, at)
        if mark < _LOWEST_JPEG_MARK:
            raise ValueError("there is no segment where one should start")
        if mark == _JPEG_SCAN:
            return frame
        if mark in _JPEG_FRAMES:
            frame = struct.unpack_from(">BHHB", image, at + 4)
        at += 1 if mark == _JPEG_FILLER else 2 + length


def _jpeg_2000_frame(image: bytes) -> tuple[int, int, int, int]:
    """Bits, rows, columns and channels of a JPEG 2000 image."""
    at = image.index(_JPEG_2000_START) + 8  # some writers put it into boxes
    right, bottom, left, top = struct.unpack_from(">4I", image, at)
    channels, depth = struct.unpack_from(">HB", image, at + 32)
    return (depth & 0x7F) + 1, bottom - top, right - left, channels
