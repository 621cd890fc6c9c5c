"""Where the crops of a film lie, and how they are turned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from operator import itemgetter

import numpy as np

from .._utils.regions import KEY_REGIONS, REGION_SCALES, region_index
from ..films import FilmError
from ._hand_pose import MIN_LANDMARKS, HandPose, as_complex, fit_hand_pose, region_up

_MAX_WIDTH = 2  # of a crop, in hand lengths
MAX_CROP_SCALE = 4  # makes the widest of the default crops nearly that wide


def check_scales(
    scales: Mapping[str | int, float] | None, crop_scale: float | None = None
) -> tuple[float, ...]:
    """Widths of all crops in hand lengths, in the order of the regions.

    Scales that are given replace the defaults; `crop_scale` multiplies them all.
    """
    merged = dict(REGION_SCALES)
    for region, scale in (scales or {}).items():
        if not isinstance(scale, Real) or not 0 < scale <= _MAX_WIDTH:
            raise ValueError(
                f"the scale of {region!r} is {scale!r}; expected a share of hand "
                f"length in (0, {_MAX_WIDTH}]"
            )
        merged[KEY_REGIONS[region_index(region)]] = float(scale)
    factor = 1 if crop_scale is None else crop_scale
    if not isinstance(factor, Real) or not 0 < factor <= MAX_CROP_SCALE:
        raise ValueError(
            f"crop_scale is {crop_scale!r}; expected a number in "
            f"(0, {MAX_CROP_SCALE}] or None"
        )
    widths = {region: merged[region] * float(factor) for region in KEY_REGIONS}
    widest, width = max(widths.items(), key=itemgetter(1))
    if width > _MAX_WIDTH:
        raise ValueError(
            f"crop_scale is {crop_scale!r}, which makes crops of {widest!r} {width:g} "
            f"hand lengths wide; expected at most {_MAX_WIDTH}"
        )
    return tuple(widths.values())


@dataclass(frozen=True)
class CropFrame:
    """Where a crop lies in its film; complex numbers are x + iy in pixels."""

    centre: complex  # the region's landmark
    right: complex  # unit vector along the crop's rows; a right hand's is mirrored
    down: complex  # unit vector along the crop's columns
    width: float  # of the crop, in pixels of the film

    def outline(self, crop_shape: tuple[int, int]) -> np.ndarray:
        """Outer corners (4, 2) of a crop, clockwise from the top left."""
        height, width = crop_shape
        half = self.width / 2
        right, down = self.right * half, self.down * half * height / width
        corners = self.centre + np.array(
            [-right - down, right - down, right + down, -right + down]
        )
        return np.column_stack([corners.real, corners.imag])


def locate_crops(
    landmarks: np.ndarray,  # (19, 3): x, y in pixels (NaN: unknown) and confidence
    film_shape: tuple[int, ...],
    scales: Sequence[float],  # widths of the crops in hand lengths
    name: str,  # of the film, for messages
) -> tuple[HandPose, dict[int, CropFrame], list[str | None]]:
    """Pose, frames by region (0 to 18), and why each of the 19 has none, or None.

    Where the landmarks show no hand, a `FilmError` is raised.
    """
    reasons: list[str | None] = [None] * len(KEY_REGIONS)
    points = as_complex(landmarks).copy()
    height, width = film_shape
    outside = ""
    for region, point in enumerate(points):
        if np.isnan(point):
            reasons[region] = f"no landmark for {KEY_REGIONS[region]}"
        elif not (0 <= point.real <= width - 1 and 0 <= point.imag <= height - 1):
            reason = (
                f"the landmark of {KEY_REGIONS[region]} at ({point.real:g}, "
                f"{point.imag:g}) lies outside the film of {width} x {height} pixels"
            )
            outside = outside or f"; {reason}"
            reasons[region], points[region] = reason, np.nan
    usable = np.isfinite(points)
    if usable.sum() < MIN_LANDMARKS:
        flaw = f"{usable.sum()} landmarks are usable, {MIN_LANDMARKS} are needed"
        if np.isnan(landmarks[:, :2]).all():
            flaw, outside = "no landmarks are known for it", ""
        raise FilmError(name, flaw + outside)
    pose = fit_hand_pose(points, landmarks[:, 2])
    if pose.length < 1:
        raise FilmError(name, "all landmarks lie on one point")
    frames = {}
    for region in np.flatnonzero(usable).tolist():
        up = region_up(points, region, pose)
        right = 1j * up * (-1 if pose.right else 1)
        size = scales[region] * pose.length
        frames[region] = CropFrame(points[region], right, -up, size)
    return pose, frames, reasons
