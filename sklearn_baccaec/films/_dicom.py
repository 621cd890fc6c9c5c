"""Pixels of DICOM films, as a viewer shows them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._checks import FilmError
from ._dicom_bits import grey_values
from ._dicom_header import PADDINGS, find_refusal, numbers_of, read_header, text_of
from ._dicom_silence import silent_pydicom
from ._jpeg import JPEGImage, decode_jpeg, read_jpeg

if TYPE_CHECKING:
    from pydicom import Dataset

    _Step = Callable[[np.ndarray, Dataset], np.ndarray]

_JPEG_2000_START = b"\xff\x4f\xff\x51"  # of the codestream and its size
_JPEG_2000_END, _LONGEST_TAIL = b"\xff\xd9", 64  # bytes after it that are not zero
_ENOUGH = bytes(16)  # for a decoder that looks ahead, less than a part of a film takes
_LEAST_JPEG_LS = 8  # bits that GDCM reads
_UNCOMPRESSED = "save it uncompressed (Explicit VR Little Endian)"


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
        if isinstance(stored, str):
            raise FilmError(name, stored)
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
        return f"its transfer syntax{known} cannot be decoded; {_UNCOMPRESSED}"
    high_throughput = syntax.name.startswith("High-Throughput")
    missing = "pylibjpeg pylibjpeg-openjpeg" if high_throughput else "python-gdcm"
    return f"its transfer syntax{known} needs a decoder: pip install {missing}"


def read_stored_pixels(header: Dataset) -> np.ndarray | str:
    """Pixels as they are stored, or RGB, or why there are none."""
    from pydicom import uid

    syntax, bits = header.file_meta.TransferSyntaxUID, header.get("BitsStored", 0)
    kind = f" ({syntax.name})" if syntax.is_encapsulated else ""
    damaged = f"its pixels{kind} are truncated or damaged"
    try:
        image = outline = None
        if syntax.is_encapsulated and syntax != uid.RLELossless:
            image, outline = _find_image(header)
            if outline.bits < _LEAST_JPEG_LS and syntax in uid.JPEGLSTransferSyntaxes:
                reason = f"its pixels{kind} have {outline.bits} bits; the decoder reads"
                return f"{reason} {_LEAST_JPEG_LS} to 16: {_UNCOMPRESSED}"
        # All bits, whatever is said: what the upper ones hold is seen in them.
        header.BitsStored = header.BitsAllocated
        header.HighBit = header.BitsAllocated - 1
        stored = _decode(header, image, outline)
        header.BitsStored = bits or header.BitsAllocated
        values = grey_values(stored, bits) if stored.ndim == 2 else stored
    except Exception:
        return damaged
    if values is None:
        return f"its header says {bits} bits, but its pixels hold more: correct it"
    return values


def _find_image(header: Dataset) -> tuple[bytes, JPEGImage]:
    """Compressed image, if it is whole and what the header says."""
    from pydicom import uid
    from pydicom.encaps import get_frame

    image = get_frame(header.PixelData, 0, number_of_frames=1)
    syntax = header.file_meta.TransferSyntaxUID
    jpeg = syntax in (*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes)
    outline = read_jpeg(image) if jpeg else _read_jpeg_2000(image)
    # GDCM ends the whole process where image and header disagree.
    shape = outline.height, outline.width, outline.channels
    said = header.Rows, header.Columns, header.SamplesPerPixel
    if shape != said or outline.bits > header.BitsAllocated:
        raise ValueError("the image is not the one that the header describes")
    # Decoders fill what a truncated image lacks with grey, without an error.
    if not outline.whole:
        raise EOFError
    return image, outline


def _decode(
    header: Dataset, image: bytes | None, outline: JPEGImage | None
) -> np.ndarray:
    """Pixels by the header; those of a compressed image whose outline is known."""
    from pydicom import uid
    from pydicom.encaps import encapsulate
    from pydicom.pixels import pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    if image and outline and syntax in uid.JPEGTransferSyntaxes:
        lossy = syntax in (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
        if lossy and outline.bits == 8 and outline.channels == 1:
            # GDCM ends the whole process on some damaged ones.
            pixels = decode_jpeg(image, outline)
            if pixels is None:
                raise ValueError("the image is damaged")
            return pixels
        if outline.channels == 1:
            # Without the mark of its end, it must not run out of data.
            header.PixelData = encapsulate([image[: outline.end] + _ENOUGH])
        if lossy and outline.bits > 8:
            # GDCM goes by what the image says, but pydicom asks it by this name only.
            header.file_meta.TransferSyntaxUID = uid.JPEGLossless
    return pixel_array(header, index=0)


def _read_jpeg_2000(image: bytes) -> JPEGImage:
    """Find what the header of a JPEG 2000 image says."""
    at = image.index(_JPEG_2000_START) + 8  # some writers put it into boxes
    right, bottom, left, top = struct.unpack_from(">4I", image, at)
    channels, depth = struct.unpack_from(">HB", image, at + 32)
    whole = _JPEG_2000_END in image.rstrip(b"\0")[-_LONGEST_TAIL:]
    shape = bottom - top, right - left, channels
    return JPEGImage((depth & 0x7F) + 1, *shape, whole)
