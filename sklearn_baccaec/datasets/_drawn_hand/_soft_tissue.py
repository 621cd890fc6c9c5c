"""Soft tissue about the joints of a hand: its limbs and webs, and the beam's path."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..._utils.image_backend import load_cv2
from ._pose import CHAINS, FINGERS, Joints, Placement, Points, Shape
from ._rendering import Image, chord, fill_polygon

SOFT_LENGTHS = (250.0, 750.0)  # least and most pixels of hand length when drawn
SOFT_DEPTH = 0.085  # half the thickness of the palm, in hand lengths


def draw_soft_tissue(
    joints: Joints, fullness: float, placement: Placement, shape: Shape
) -> Image:
    """Path length in hand lengths for every pixel, by girth relative to the mean."""
    cv2 = load_cv2()
    unit = float(np.clip(placement.length, *SOFT_LENGTHS))
    fine = unit / placement.length
    pad = round(0.1 * unit)  # the forearm goes on beyond the film
    size = (round(shape[1] * fine) + 2 * pad, round(shape[0] * fine) + 2 * pad)
    mask = np.zeros(size[::-1], dtype=np.uint8)

    def to_canvas(points: Iterable[complex]) -> npt.NDArray[np.float64]:
        return (placement.to_film(np.array(list(points))) + 0.5) * fine - 0.5 + pad

    limbs, webs = _limbs_and_webs(joints, fullness)
    for start, end, first, last in limbs:
        ends = to_canvas((start, end))
        radii = unit * np.array([first, last])
        side = (ends[1] - ends[0])[::-1] * (-1, 1) / np.linalg.norm(ends[1] - ends[0])
        quad = [ends[0] + side * radii[0], ends[1] + side * radii[1]]
        quad += [ends[1] - side * radii[1], ends[0] - side * radii[0]]
        fill_polygon(mask, np.array(quad))
        for centre, radius in zip(ends, radii, strict=True):
            middle = np.round(centre * 16).astype(int).tolist()
            cv2.circle(mask, middle, round(radius * 16), 1, -1, 8, 4)
    for web in webs:
        fill_polygon(mask, to_canvas(web))
    # Skin has no corners: smooth the outline, then take the depth below it.
    smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.010 * unit)
    skin = (smooth > 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(skin, cv2.DIST_L2, 5) / np.float32(unit)
    depth = cv2.GaussianBlur(chord(depth, SOFT_DEPTH), (0, 0), 0.006 * unit)
    depth *= cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 0.0036 * unit)
    path = depth[pad:-pad, pad:-pad]
    return cv2.resize(path, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _limbs_and_webs(
    joints: Joints, fullness: float
) -> tuple[list[tuple[complex, complex, float, float]], list[Points]]:
    """Tapered limbs about the joints, and the webs stretched between them."""
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
    return limbs, webs
