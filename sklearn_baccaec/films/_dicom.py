"""Pixels of DICOM films, as a viewer shows them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .._utils.image_backend import load_cv2
from ._checks import FilmError
from ._dicom_header import PADDINGS, find_refusal, numbers_of, read_header, text_of
from ._dicom_silence import silent_pydicom

if TYPE_CHECKING:
    from pydicom import Dataset

    _Step = Callable[[np.ndarray, Dataset], np.ndarray]

_JPEG_END, _LONGEST_TAIL = b"\xff\xd9", 64  # bytes after it that are not zero
_JPEG_FRAMES, _JPEG_SCAN = (0xFFC0, 0xFFC1, 0xFFC2, 0xFFC3, 0xFFF7), 0xFFDA
_LOWEST_JPEG_MARK, _JPEG_FILLER = 0xFFC0, 0xFFFF
_JPEG_2000_START = b"\xff\x4f\xff\x51"  # of the codestream and its size


def decode_dicom(path: Path, name: str) -> np.ndarray:
    """Grey pixels of a DICOM file with bright bone, or RGB pixels of a grey image.

    Neither the FilmError nor its causes hold anything that stands in the header.
    """
    header = read_header(path, with_pixels=True)
    with silent_pydicom():
        reason = find_refusal(header) or _find_missing_decoder(header)
        if reason:
            raise FilmError(name, reason)
        stored = read_stored_pixels(header)
        if stored is None:
            syntax = header.file_meta.TransferSyntaxUID
            kind = f" ({syntax.name})" if syntax.is_encapsulated else ""
            raise FilmError(name, f"its pixels{kind} are truncated or damaged")
        return stored if stored.ndim > 2 else _shown_pixels(stored, header)


def _shown_pixels(stored: np.ndarray, header: Dataset) -> np.ndarray:
    """Pixels as the header transforms them; bone is bright, nothing is negative."""
    from pydicom.pixels import apply_modality_lut, apply_voi, apply_windowing

    wide = stored.astype(np.promote_types(stored.dtype, np.int32))
    pixels = _apply(apply_modality_lut, wide, header)
    # A falling slope would have pydicom turn the window upside down.
    for keyword in ("RescaleSlope", "ModalityLUTSequence"):
        header.pop(keyword, None)
    shown = _apply(apply_voi, pixels, header)
    if shown is pixels:
        shown = _apply(apply_windowing, pixels, header)
    shown = shown.astype(np.float32)

    # Both mean the same inversion; where they meet, it is done once.
    inverted = header.PhotometricInterpretation == "MONOCHROME1"
    inverted |= text_of(header, "PresentationLUTShape") == "INVERSE"
    padded = _padded(stored, header)
    if padded.any() and not padded.all():
        darkest = np.max if inverted else np.min
        shown[padded] = darkest(shown[~padded])
    return shown.max() - shown if inverted else shown - min(shown.min(), 0)


def _apply(step: _Step, pixels: np.ndarray, header: Dataset) -> np.ndarray:
    """Pixels after a step; as they were if it fails or leaves only black and white."""
    try:
        result = step(pixels, header)
    except Exception:
        return pixels
    film = result.astype(np.float32)
    low, high = film.min(), film.max()
    grey = (low < film) & (film < high)
    return result if grey.any() and np.isfinite(high - low) else pixels


def _padded(stored: np.ndarray, header: Dataset) -> np.ndarray:
    """Mask of padding pixels, such as those outside of a round detector."""
    limits = [int(v) for keyword in PADDINGS for v in numbers_of(header, keyword)[:1]]
    if not limits or "PixelPaddingValue" not in header:
        return np.zeros(stored.shape, bool)
    # Writers give a negative value without its sign, and the other way round.
    values = np.array(limits).astype(stored.dtype)
    return (values.min() <= stored) & (stored <= values.max())


def _find_missing_decoder(header: Dataset) -> str | None:
    """Say what is missing to decode the file's transfer syntax."""
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID_dictionary

    syntax = header.file_meta.TransferSyntaxUID
    known = f", {syntax.name}," if syntax in UID_dictionary else ""
    try:
        if get_decoder(syntax).is_available:
            return None
    except NotImplementedError:
        advice = "save it uncompressed (Explicit VR Little Endian)"
        return f"its transfer syntax{known} cannot be decoded; {advice}"
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
    """Pixels of a JPEG image of any process."""
    from pydicom import uid
    from pydicom.pixels import pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    lossy = syntax in (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
    if lossy and bits == 8 and header.SamplesPerPixel == 1:
        cv2 = load_cv2()  # GDCM ends the whole process on some damaged ones
        return cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_UNCHANGED)
    if syntax == uid.JPEGExtended12Bit and bits > 8:
        # GDCM goes by what the image says, but pydicom asks it by this name only.
        header.file_meta.TransferSyntaxUID = uid.JPEGLossless
    return pixel_array(header, index=0)


def _jpeg_frame(image: bytes) -> tuple[int, int, int, int]:
    """Bits, rows, columns and channels of a JPEG or JPEG-LS image."""
    at, frame = 2, (0, 0, 0, 0)  # after the mark of its start
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
