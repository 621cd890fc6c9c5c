"""Pixels of DICOM films, as a viewer shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._dicom_decoding import find_missing_decoder, read_stored_pixels
from ._dicom_header import asks_for_inversion, padding_range, read_header
from ._dicom_refusals import find_refusal
from ._dicom_silence import silent_pydicom
from ._film_error import FilmError

if TYPE_CHECKING:
    from pydicom import Dataset


def decode_dicom(path: Path, name: str) -> np.ndarray:
    """Grey pixels of a DICOM file with bright bone, or RGB pixels of a grey image.

    Raises
    ------
    FilmError
        If it is not a radiograph of a hand, or cannot be decoded. Neither the message
        nor its causes hold anything that stands in the header.
    ImportError
        If pydicom is not installed.
    """
    header = read_header(path, with_pixels=True)
    reason = find_refusal(header)
    if reason:
        raise FilmError(name, reason)
    with silent_pydicom():
        syntax = header.file_meta.TransferSyntaxUID
        reason = find_missing_decoder(syntax)
        if reason:
            raise FilmError(name, reason)
        stored = read_stored_pixels(header)
        if stored is None:
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

    inverted = asks_for_inversion(header)
    padded = _padded(stored, header)
    if padded.any() and not padded.all():
        darkest = np.max if inverted else np.min
        shown[padded] = darkest(shown[~padded])
    if inverted:
        return shown.max() - shown
    return shown - min(shown.min(), 0)


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
    limits = padding_range(header)
    if limits is None:
        return np.zeros(stored.shape, bool)
    # Writers give a negative value without its sign, and the other way round.
    low, high = np.sort(np.array(limits).astype(stored.dtype))
    return (low <= stored) & (stored <= high)
