"""Soft tissue about the joints of a hand."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ._pose import CHAINS, FINGERS, Points


@dataclass(frozen=True)
class SoftTissue:
    """Soft tissue as tapered limbs and the webs stretched between them."""

    limbs: list[tuple[complex, complex, float, float]]
    webs: list[Points]


def build_soft_tissue(joints: dict[str, complex], fullness: float) -> SoftTissue:
    """Soft tissue about the joints; `fullness` is its girth relative to the mean."""
    limbs = []
    for digit, chain in CHAINS.items():
        girth = fullness * {"thumb": 1.08, "little": 0.86}.get(digit, 1.0)
        radii = [0.056, 0.051, 0.045, 0.042, 0.037][-len(chain) :]
        points = [joints[name] for name in chain]
        points[-1] -= 0.018 * (points[-1] - points[-2]) / abs(points[-1] - points[-2])
        for a, b, r, s in zip(points, points[1:], radii, radii[1:], strict=False):
            limbs.append((a, b, girth * r, girth * s))
    for start, end, first, last in (
        ("radius", "radius_end", 0.080, 1.5 * 0.080),
        ("ulna", "ulna_end", 0.066, 1.5 * 0.066),
        ("thumb_cmc", "radius", 0.045, 0.080),
        ("little_cmc", "ulna", 0.056, 0.066),
    ):
        limbs.append((joints[start], joints[end], fullness * first, fullness * last))
    webs = []
    for left, right in pairwise(FINGERS):
        corners = [joints[f"{left}_cmc"], joints[f"{right}_cmc"]]
        for finger in (right, left):
            mcp, pip = joints[f"{finger}_mcp"], joints[f"{finger}_pip"]
            corners.append(mcp + 0.42 * (pip - mcp))
        webs.append(np.array(corners))
    root, knuckle = joints["index_cmc"], joints["index_mcp"]
    edge = root + 0.75 * (knuckle - root)
    webs.append(np.array([joints["thumb_cmc"], joints["thumb_mcp"], edge, root]))
    palm = ("radius", "thumb_cmc", "little_cmc", "ulna")
    webs.append(np.array([joints[name] for name in palm]))
    return SoftTissue(limbs, webs)
