"""Upright crops of a film's key regions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .._utils.code_version import code_version
from .._utils.image_backend import load_cv2, optimised_cv2
from .._utils.parallel import OptionalMemory
from .._utils.regions import KEY_REGIONS
from ..films._open_film import OpenFilm
from ._crop_frames import CropFrame, locate_crops
from ._polarity import is_inverted

_CONTRAST_PERCENTILES = (1, 99)  # of a crop; the rest is clipped to 0 and 255
_SMOOTH_REDUCTION = 1.5  # film pixels per crop pixel above which areas are averaged


class FilmCrops(NamedTuple):
    """Crops of a film: upright, of a left hand, bone bright, each at full contrast."""

    crops: np.ndarray  # (19, height, width), uint8; zeros where there is none
    reasons: tuple[str | None, ...]  # why a region could not be cropped
    right: bool  # whether the film shows a right hand
    note: str | None  # on the film, which is used none the less


class FilmCropper:
    """What crops all regions of a film; tasks in other processes can be sent it."""

    def __init__(
        self,
        crop_shape: tuple[int, int],
        scales: Sequence[float],  # widths of the crops in hand lengths
        memory: OptionalMemory,  # of crops by film, landmarks and these parameters
    ) -> None:
        self.crop_shape, self.scales = crop_shape, scales
        self._keeps = memory.keeps
        self._crop = memory.cache(_crop_film, ignore=["film"], kind=FilmCrops)

    def __call__(self, film: OpenFilm, landmarks: np.ndarray) -> FilmCrops:
        """Crop a film at its landmarks (19, 3); a `FilmError` is never cached."""
        key = f"{code_version(_crop_film)} {film.digest}" if self._keeps else None
        with optimised_cv2():
            return self._crop(key, film, landmarks, self.crop_shape, self.scales)


def _crop_film(
    key: str | None,
    film: OpenFilm,
    landmarks: np.ndarray,
    crop_shape: tuple[int, int],
    scales: Sequence[float],
) -> FilmCrops:
    """Crop a film; the key holds its content and this code."""
    pixels = film.pixels
    pose, frames, reasons = locate_crops(landmarks, pixels.shape, scales, film.name)
    points = np.full(len(KEY_REGIONS), np.nan, complex)
    points[list(frames)] = [frame.centre for frame in frames.values()]
    inverted = is_inverted(pixels, points, pose.length)
    crops = np.zeros((len(KEY_REGIONS), *crop_shape), np.uint8)
    for region, frame in frames.items():
        stretched = _stretch(_crop(pixels, frame, crop_shape))
        if stretched is None:
            reasons[region] = f"the crop of {KEY_REGIONS[region]} is blank"
        else:
            crops[region] = 255 - stretched if inverted else stretched
    return FilmCrops(crops, tuple(reasons), pose.right, film.note)


def _crop(
    pixels: np.ndarray, frame: CropFrame, crop_shape: tuple[int, int]
) -> np.ndarray:
    cv2 = load_cv2()
    height, width = crop_shape
    step = frame.width / width  # film pixels a crop pixel
    # Large films are sampled on a finer grid and then averaged, against aliasing.
    finer = int(np.ceil(step)) if step > _SMOOTH_REDUCTION else 1
    step /= finer
    right, down = frame.right * step, frame.down * step
    corner = frame.centre - right * (width * finer - 1) / 2
    corner -= down * (height * finer - 1) / 2
    matrix = np.array(
        [[right.real, down.real, corner.real], [right.imag, down.imag, corner.imag]]
    )
    flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
    size = (width * finer, height * finer)
    crop = cv2.warpAffine(pixels, matrix, size, flags=flags, borderMode=border)
    if finer > 1:
        crop = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
    return crop


def _stretch(crop: np.ndarray) -> np.ndarray | None:
    """Crop with its contrast stretched to 0 to 255; None if it has none."""
    low, high = np.percentile(crop, _CONTRAST_PERCENTILES)
    if not high > low:
        return None
    stretched = (crop.astype(np.float64) - low) * 255 / (high - low)
    return np.rint(np.clip(stretched, 0, 255)).astype(np.uint8)
