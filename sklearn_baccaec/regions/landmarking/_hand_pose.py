"""From 19 landmarks to the frame of every crop: where it lies, how it is turned.

Points are complex numbers, x + iy in the film's pixels (y points down), so that a
similarity is one multiplication.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._utils.regions import KEY_REGIONS, REGION_NUMBERS

# Mean left hand, thumb to the right, fingers up, carpus at 0, in units of hand length
# (wrist to tip of the middle finger). Mean shape of the landmarks found without labels
# on 719 RSNA films, after alignment by similarity.
MEAN_HAND = np.array(
    [
        0.344 - 0.354j,  # thumb ip, mcp
        0.271 - 0.227j,
        0.134 - 0.709j,  # index dip, pip, mcp
        0.123 - 0.588j,
        0.103 - 0.390j,
        -0.056 - 0.748j,  # middle
        -0.041 - 0.605j,
        -0.017 - 0.381j,
        -0.218 - 0.658j,  # ring
        -0.178 - 0.529j,
        -0.117 - 0.329j,
        -0.351 - 0.475j,  # little
        -0.300 - 0.402j,
        -0.215 - 0.282j,
        0.156 - 0.039j,  # thumb cmc
        0.001 + 0.026j,  # wrist
        0.052 + 0.132j,  # radius
        -0.087 + 0.143j,  # ulna
        0.000 + 0.000j,  # carpus
    ]
)
MIN_LANDMARKS = 3  # fewer cannot tell a left from a right hand

FINGERS = (
    ("thumb_ip", "thumb_mcp", "thumb_cmc"),
    ("index_dip", "index_pip", "index_mcp"),
    ("middle_dip", "middle_pip", "middle_mcp"),
    ("ring_dip", "ring_pip", "ring_mcp"),
    ("little_dip", "little_pip", "little_mcp"),
)


def _index(region: str) -> int:
    return REGION_NUMBERS[region] - 1


_RADIUS, _ULNA, _CARPUS = _index("radius"), _index("ulna"), _index("carpus")
_MIDDLE_MCP = _index("middle_mcp")

# Weight of the wrist line's perpendicular in the forearm's axis, beside the direction
# to the carpus: a bent wrist moves the carpus more than it turns the line.
_PERPENDICULAR_WEIGHT = 1.2


@dataclass(frozen=True)
class HandPose:
    """Similarity that lays the mean hand over a film's landmarks.

    Parameters
    ----------
    length : float
        Hand length in pixels: wrist to tip of the middle finger.
    up : complex
        Unit vector along the fingers.
    right : bool
        Whether the film shows a right hand (or a mirrored left one).
    """

    length: float
    up: complex
    right: bool


def fit_hand_pose(points: np.ndarray, weights: np.ndarray) -> HandPose:
    """Weighted least-squares similarity, for the better of the two hands.

    Parameters
    ----------
    points : ndarray of shape (19,), complex
        Landmarks; NaN where unknown.
    weights : ndarray of shape (19,)
        Confidence of each landmark.
    """
    known = ~np.isnan(points)
    z = points[known]
    w = np.maximum(weights[known], 1e-3)
    w = w / w.sum()
    z = z - w @ z
    best: tuple[float, complex, bool] | None = None
    for right, model in ((False, MEAN_HAND), (True, -MEAN_HAND.conj())):
        t = model[known]
        t = t - w @ t
        spread = w @ np.abs(t) ** 2
        factor = complex(w @ (t.conj() * z) / spread)
        residual = float(w @ np.abs(z - factor * t) ** 2)
        if best is None or residual < best[0]:
            best = residual, factor, right
    assert best is not None
    _, factor, right = best
    length = abs(factor)
    return HandPose(length, -1j * factor / length if length else -1j, right)


def mean_hand_residuals(points: np.ndarray, pose: HandPose) -> np.ndarray:
    """Distances in hand lengths between landmarks and the mean hand laid over them."""
    model = -MEAN_HAND.conj() if pose.right else MEAN_HAND
    residuals = points / (1j * pose.up * max(pose.length, 1.0)) - model
    return np.abs(
        residuals - np.nanmedian(residuals.real) - 1j * np.nanmedian(residuals.imag)
    )


def region_up(points: np.ndarray, region: int, pose: HandPose) -> complex:
    """Find the unit vector that points up in a region's crop.

    Fingers and thumb: along the finger, from the next joint towards the tip to the
    next one away from it. Radius and ulna: along the forearm. Carpus and wrist:
    towards the middle finger. Where the landmarks for that are unknown: along the
    same bone of the mean hand.
    """
    up = _region_axis(points, region)
    if np.isnan(up) or up == 0:
        model = -MEAN_HAND.conj() if pose.right else MEAN_HAND
        up = _region_axis(model, region) * 1j * pose.up
    return complex(up / abs(up))


def _region_axis(points: np.ndarray, region: int) -> complex:
    for finger in FINGERS:
        if KEY_REGIONS[region] in finger:
            place = finger.index(KEY_REGIONS[region])
            chain = [points[_index(name)] for name in finger]
            known = [
                point
                for point in chain[max(0, place - 1) : place + 2]
                if not np.isnan(point)
            ]
            return known[0] - known[-1] if known else complex(np.nan)
    forearm = (points[_RADIUS] + points[_ULNA]) / 2
    if region not in (_RADIUS, _ULNA):
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
