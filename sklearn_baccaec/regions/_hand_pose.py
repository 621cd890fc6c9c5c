"""How a hand lies, by 19 landmarks: complex x + iy in the film's pixels, y down."""

from dataclasses import dataclass

import numpy as np

from .._utils.regions import DIGIT_CHAINS, HAND, REGION_TABLE, region_index

MEAN_HAND = np.array([region.landmark for region in REGION_TABLE])
MIN_LANDMARKS = 3  # fewer cannot tell a left from a right hand

_CHAINS = {
    digit: [region_index(name) for name in chain]
    for digit, chain in DIGIT_CHAINS.items()
}
_RADIUS, _ULNA, _CARPUS, _MIDDLE_MCP = map(
    region_index, ("radius", "ulna", "carpus", "middle_mcp")
)

# Weight of the wrist line's perpendicular in the forearm's axis, beside the direction
# to the carpus: a bent wrist moves the carpus more than it turns the line.
_PERPENDICULAR_WEIGHT = 1.2


@dataclass(frozen=True)
class HandPose:
    """Similarity that lays the mean hand over a film's landmarks."""

    length: float  # hand length in pixels: wrist to tip of the middle finger
    up: complex  # unit vector along the fingers
    right: bool  # whether the film shows a right hand (or a mirrored left one)

    @property
    def mean_hand(self) -> np.ndarray:
        """The mean hand of this side, upright, in hand lengths."""
        return -MEAN_HAND.conj() if self.right else MEAN_HAND


def as_complex(points: np.ndarray) -> np.ndarray:
    """Points (..., 2 or 3), float64, as x + iy; what follows is left out."""
    return np.ascontiguousarray(points[..., :2]).view(complex)[..., 0]


def fit_hand_pose(points: np.ndarray, weights: np.ndarray) -> HandPose:
    """Fit the better of two hands to complex points (19,), NaN: unknown, by weights."""
    known = ~np.isnan(points)
    z = points[known]
    w = np.maximum(weights[known], 1e-3)
    w = w / w.sum()
    z = z - w @ z
    fits = []
    for right, model in ((False, MEAN_HAND), (True, -MEAN_HAND.conj())):
        t = model[known]
        t = t - w @ t
        spread = w @ np.abs(t) ** 2
        factor = complex(w @ (t.conj() * z) / spread)
        residual = float(w @ np.abs(z - factor * t) ** 2)
        fits.append((residual, right, factor))
    _, right, factor = min(fits, key=lambda fit: fit[:2])
    length = abs(factor)
    return HandPose(length, -1j * factor / length if length else -1j, right)


def mean_hand_residuals(points: np.ndarray, pose: HandPose) -> np.ndarray:
    """Distances in hand lengths between landmarks and the mean hand laid over them."""
    residuals = points / (1j * pose.up * max(pose.length, 1.0)) - pose.mean_hand
    return np.abs(
        residuals - np.nanmedian(residuals.real) - 1j * np.nanmedian(residuals.imag)
    )


def region_up(points: np.ndarray, region: int, pose: HandPose) -> complex:
    """Find the unit vector up a crop: along its digit, the forearm or middle finger.

    Where the landmarks for that are unknown, the mean hand tells.
    """
    up = _region_axis(points, region)
    if np.isnan(up) or up == 0:
        up = _region_axis(pose.mean_hand, region) * 1j * pose.up
    return complex(up / abs(up))


def _region_axis(points: np.ndarray, region: int) -> complex:
    axis = REGION_TABLE[region].axis
    if axis in _CHAINS:
        chain = _CHAINS[axis]
        place = chain.index(region)
        joints = points[chain[max(0, place - 1) : place + 2]]
        known = joints[~np.isnan(joints)]
        return known[0] - known[-1] if len(known) else complex(np.nan)
    forearm = (points[_RADIUS] + points[_ULNA]) / 2
    if axis == HAND:
        return points[_MIDDLE_MCP] - forearm
    to_carpus = points[_CARPUS] - forearm
    across = points[_RADIUS] - points[_ULNA]
    if np.isnan(to_carpus + across) or to_carpus == 0 or across == 0:
        return complex(np.nan)
    perpendicular = 1j * across
    if (perpendicular * np.conj(to_carpus)).real < 0:
        perpendicular = -perpendicular
    return to_carpus / abs(to_carpus) + _PERPENDICULAR_WEIGHT * perpendicular / abs(
        perpendicular
    )
