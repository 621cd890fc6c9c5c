"""Where the crops of a film lie, and how they are turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from .._utils.regions import KEY_REGIONS, REGION_SCALES, region_index
from ..films import FilmError
from ._hand_pose import MIN_LANDMARKS, HandPose, fit_hand_pose, region_up


def check_scales(scales: Mapping[str | int, float] | None) -> tuple[float, ...]:
    """Scales of all regions, in their order; those given replace the defaults.

    Raises
    ------
    ValueError
        If a region is unknown, or a scale is not in (0, 2].
    """
    merged = dict(REGION_SCALES)
    for region, scale in (scales or {}).items():
        if not isinstance(scale, Real) or not 0 < scale <= 2:
            raise ValueError(
                f"the scale of {region!r} is {scale!r}; expected a share of hand "
                "length in (0, 2]"
            )
        merged[KEY_REGIONS[region_index(region)]] = float(scale)
    return tuple(merged[region] for region in KEY_REGIONS)


@dataclass(frozen=True)
class CropFrame:
    """Where a crop lies in its film; complex numbers are x + iy in pixels.

    Parameters
    ----------
    centre : complex
        The region's landmark.
    right, down : complex
        Unit vectors along the crop's rows and columns; a right hand's are mirrored.
    width : float
        The crop's width in pixels of the film.
    """

    centre: complex
    right: complex
    down: complex
    width: float

    def outline(self, crop_shape: tuple[int, int]) -> np.ndarray:
        """Corners (4, 2) of a crop: top left, top right, bottom right, bottom left.

        They are its outer edges, half a pixel of the crop away from the centres of
        its outermost pixels.
        """
        height, width = crop_shape
        half = self.width / 2
        right, down = self.right * half, self.down * half * height / width
        corners = self.centre + np.array(
            [-right - down, right - down, right + down, -right + down]
        )
        return np.column_stack([corners.real, corners.imag])


def locate_crops(
    landmarks: np.ndarray,
    film_shape: tuple[int, ...],
    scales: Sequence[float],
    name: str,
) -> tuple[HandPose, dict[int, CropFrame], list[str | None]]:
    """Find where the crops of a film lie, by region.

    Parameters
    ----------
    landmarks : ndarray of shape (19, 3)
        x, y in pixels and confidence; NaN where unknown.
    film_shape : (int, int)
        Height and width of the film in pixels.
    scales : sequence of 19 floats
        Width of each crop as a share of hand length.
    name : str
        The film's name, for messages.

    Returns
    -------
    pose : HandPose
        How the hand lies.
    frames : dict
        Frame of the crop of each region that can be cropped, by position (0 to 18).
    reasons : list of 19 str or None
        Why a region cannot be cropped.

    Raises
    ------
    FilmError
        If the landmarks show no hand.
    """
    reasons: list[str | None] = [None] * len(KEY_REGIONS)
    points = landmarks[:, :2].copy().view(complex)[:, 0]
    outside: list[str] = []
    for region, point in enumerate(points):
        if np.isnan(point):
            reasons[region] = f"no landmark for {KEY_REGIONS[region]}"
        elif not _inside(point, film_shape):
            outside.append(
                f"the landmark of {KEY_REGIONS[region]} at ({point.real:g}, "
                f"{point.imag:g}) lies outside the film of {film_shape[1]} x "
                f"{film_shape[0]} pixels"
            )
            reasons[region] = outside[-1]
            points[region] = np.nan
    usable = np.isfinite(points)
    if usable.sum() < MIN_LANDMARKS:
        raise FilmError(
            name,
            "no landmarks are known for it"
            if np.isnan(landmarks[:, :2]).all()
            else f"{usable.sum()} landmarks are usable, {MIN_LANDMARKS} are needed"
            + "".join(f"; {reason}" for reason in outside[:1]),
        )
    pose = fit_hand_pose(points, landmarks[:, 2])
    if pose.length < 1:
        raise FilmError(name, "all landmarks lie on one point")
    frames = {}
    for region in np.flatnonzero(usable).tolist():
        up = region_up(points, region, pose)
        right = 1j * up * (-1 if pose.right else 1)
        width = scales[region] * pose.length
        frames[region] = CropFrame(points[region], right, -up, width)
    return pose, frames, reasons


def _inside(point: complex, shape: tuple[int, ...]) -> bool:
    height, width = shape
    return 0 <= point.real <= width - 1 and 0 <= point.imag <= height - 1
