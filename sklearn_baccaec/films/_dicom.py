"""Pixels of DICOM films, as a viewer shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._checks import FilmError
from ._dicom_decoding import find_missing_decoder, read_stored_pixels
from ._dicom_header import PADDINGS, find_refusal, numbers_of, read_header, text_of
from ._dicom_silence import silent_pydicom

if TYPE_CHECKING:
    from pydicom import Dataset


def decode_dicom(path: Path, name: str) -> np.ndarray:
    """Grey pixels of a DICOM file with bright bone, or RGB pixels of a grey image.

    Neither the FilmError nor its causes hold anything that stands in the header.
    """
    header = read_header(path, with_pixels=True)
    with silent_pydicom():
        reason = find_refusal(header) or find_missing_decoder(header)
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


def _apply(
    step: Callable[[np.ndarray, Dataset], np.ndarray],
    pixels: np.ndarray,
    header: Dataset,
) -> np.ndarray:
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
