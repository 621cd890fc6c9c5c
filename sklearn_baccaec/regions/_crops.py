"""Upright crops of a film's key regions."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from .._utils.image_backend import load_cv2
from .._utils.key_regions import KEY_REGIONS
from ..datasets._films import FilmError, film_name, read_film
from ._hand_pose import MIN_LANDMARKS, HandPose, fit_hand_pose, region_up

REGION_SCALES = MappingProxyType(
    {
        **dict.fromkeys(("index_dip", "middle_dip", "ring_dip"), 0.14),
        **dict.fromkeys(("index_pip", "middle_pip", "ring_pip"), 0.17),
        **dict.fromkeys(("index_mcp", "middle_mcp", "ring_mcp"), 0.20),
        "little_dip": 0.13,
        "little_pip": 0.15,
        "little_mcp": 0.19,
        "thumb_ip": 0.17,
        "thumb_mcp": 0.20,
        "thumb_cmc": 0.24,
        "wrist": 0.46,
        "radius": 0.26,
        "ulna": 0.20,
        "carpus": 0.32,
    }
)
"""Width of each region's crop as a share of hand length, measured on RSNA films."""

_CONTRAST_PERCENTILES = (1, 99)  # of a crop; the rest is clipped to 0 and 255
_SMOOTH_REDUCTION = 1.5  # film pixels a crop pixel above which areas are averaged


def crop_film(
    film: object,
    index: int,
    landmarks: np.ndarray,
    crop_shape: tuple[int, int],
    scales: Sequence[float],
) -> tuple[np.ndarray, tuple[str | None, ...]]:
    """Crop all 19 regions of one film.

    Parameters
    ----------
    film : path or array of shape (H, W)
        The film.
    index : int
        Its position, for messages.
    landmarks : ndarray of shape (19, 3)
        x, y in pixels and confidence; NaN where unknown.
    crop_shape : (int, int)
        Height and width of the crops in pixels.
    scales : sequence of 19 floats
        Width of each crop as a share of hand length.

    Returns
    -------
    crops : ndarray of shape (19, height, width), uint8
        Upright left-hand crops, each stretched to its own contrast, so that bit depth
        and exposure leave no trace; zeros where a region cannot be cropped.
    reasons : tuple of 19 str or None
        Why a region could not be cropped.

    Raises
    ------
    FilmError
        If the film cannot be read, or its landmarks show no hand.
    """
    pixels = read_film(film, index)  # type: ignore[arg-type]
    crops = np.zeros((len(KEY_REGIONS), *crop_shape), np.uint8)
    reasons: list[str | None] = [None] * len(KEY_REGIONS)
    points = landmarks[:, :2].copy().view(complex)[:, 0]
    outside: list[str] = []
    for region, point in enumerate(points):
        if np.isnan(point):
            reasons[region] = f"no landmark for {KEY_REGIONS[region]}"
        elif not _inside(point, pixels.shape):
            outside.append(
                f"the landmark of {KEY_REGIONS[region]} at ({point.real:g}, "
                f"{point.imag:g}) lies outside the film of {pixels.shape[1]} x "
                f"{pixels.shape[0]} pixels"
            )
            reasons[region] = outside[-1]
            points[region] = np.nan
    usable = np.isfinite(points)
    if usable.sum() < MIN_LANDMARKS:
        raise FilmError(
            film_name(film, index),
            "no landmarks are known for it"
            if np.isnan(landmarks[:, :2]).all()
            else f"{usable.sum()} landmarks are usable, {MIN_LANDMARKS} are needed"
            + "".join(f"; {reason}" for reason in outside[:1]),
        )
    pose = fit_hand_pose(points, landmarks[:, 2])
    if pose.length < 1:
        raise FilmError(film_name(film, index), "all landmarks lie on one point")
    for region in np.flatnonzero(usable).tolist():
        crop = _crop(
            pixels,
            points[region],
            region_up(points, region, pose),
            pose,
            scales[region] * pose.length,
            crop_shape,
        )
        stretched = _stretch(crop)
        if stretched is None:
            reasons[region] = f"the crop of {KEY_REGIONS[region]} is blank"
        else:
            crops[region] = stretched
    return crops, tuple(reasons)


def _inside(point: complex, shape: tuple[int, ...]) -> bool:
    height, width = shape
    return 0 <= point.real <= width - 1 and 0 <= point.imag <= height - 1


def _crop(
    pixels: np.ndarray,
    centre: complex,
    up: complex,
    pose: HandPose,
    width_in_film: float,
    crop_shape: tuple[int, int],
) -> np.ndarray:
    """Sample an upright crop; a right hand's is mirrored."""
    cv2 = load_cv2()
    height, width = crop_shape
    step = width_in_film / width  # film pixels a crop pixel
    # Large films are sampled on a finer grid and then averaged, against aliasing.
    finer = int(np.ceil(step)) if step > _SMOOTH_REDUCTION else 1
    step /= finer
    right = 1j * up * (-1 if pose.right else 1) * step  # one crop pixel to the right
    down = -up * step
    corner = centre - right * (width * finer - 1) / 2 - down * (height * finer - 1) / 2
    matrix = np.array(
        [[right.real, down.real, corner.real], [right.imag, down.imag, corner.imag]]
    )
    crop = cv2.warpAffine(
        pixels,
        matrix,
        (width * finer, height * finer),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
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
