"""The path of the beam through bone and soft tissue, for every pixel of a film."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..._utils.image_backend import load_cv2
from ._bone_shapes import COMPACT, Bone
from ._pose import CHAINS, FINGERS, Joints, Placement, Points, Shape

Image = npt.NDArray[np.floating]

DRAWING_LENGTH = 750.0  # pixels of hand length at which bones are drawn
SHOULDER = 0.06  # path length in bone beyond which the film hardly brightens
BONE_OVER_SOFT = 2.5  # attenuation of compact bone relative to soft tissue
TILE = 256  # pixels of the trabecular pattern
ENDS = 0.45  # cortex at a shaft's ends relative to its middle
SOFT_LENGTHS = (250.0, 750.0)  # least and most pixels of hand length when drawn
SOFT_DEPTH = 0.085  # half the thickness of the palm, in hand lengths


def chord(distance: Image, radius: float) -> Image:
    """Path of the beam through a round body, by distance from its edge."""
    inside = np.clip(distance, 0.0, radius)
    return 2.0 * np.sqrt(inside * (2.0 * radius - inside))


def fill_polygon(mask: npt.NDArray[np.uint8], corners: npt.NDArray[np.float64]) -> None:
    """Set the pixels inside to 1; corners (x, y) count to a sixteenth of a pixel."""
    fixed = np.round(corners * 16).astype(np.int32)
    load_cv2().fillPoly(mask, [fixed], 1, 8, 4)


def draw_texture(rng: np.random.Generator) -> Image:
    """Trabecular pattern about 1, a tile that `draw_bones` cuts its pieces from."""
    cv2 = load_cv2()
    noise = rng.standard_normal((TILE, TILE), dtype=np.float32)
    mesh = cv2.GaussianBlur(noise, (0, 0), 1.3) - cv2.GaussianBlur(noise, (0, 0), 3.0)
    struts = np.exp(-np.square(2.0 * mesh / mesh.std()))
    blotches = cv2.GaussianBlur(noise, (0, 0), 9.0)
    return 0.85 + 0.45 * struts + 0.07 * blotches / blotches.std()


def bone_path(
    bones: Iterable[Bone],
    placement: Placement,
    shape: Shape,
    texture: Image,
    cancellous: float,  # attenuation inside a bone relative to compact bone
) -> Image:
    """Path length through compact bone in hand lengths, for every pixel."""
    cv2 = load_cv2()
    height, width = shape
    unit = placement.length
    canvas = np.zeros(shape, dtype=np.float32)
    for bone in bones:
        corners = [placement.to_film(outline) for outline in bone.outlines]
        low = np.min([part.min(axis=0) for part in corners], axis=0)
        high = np.max([part.max(axis=0) for part in corners], axis=0)
        low = np.maximum(np.floor(low).astype(int) - 2, 0)
        high = np.minimum(np.ceil(high).astype(int) + 3, (width, height))
        if (high <= low).any():
            continue
        mask = np.zeros((high - low)[::-1], dtype=np.uint8)
        for part in corners:
            fill_polygon(mask, part - low)
        edge = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / np.float32(unit)
        path = chord(edge, bone.depth)
        if bone.cortex < COMPACT:
            cavity = chord(edge - _cortex(bone, placement, low, mask.shape), bone.depth)
            rows, columns = (
                np.arange(a, b) % TILE
                for a, b in zip(low[::-1], high[::-1], strict=True)
            )
            marrow = texture[np.ix_(rows, columns)]
            path -= cavity * (1 - np.float32(cancellous) * marrow)
        canvas[low[1] : high[1], low[0] : high[0]] += np.float32(bone.weight) * path
    return canvas


def _cortex(
    bone: Bone, placement: Placement, low: npt.NDArray[np.int_], shape: Shape
) -> float | Image:
    """Thickness of the cortex for every pixel of a piece whose corner is `low`."""
    if bone.shaft is None:
        return bone.cortex
    start, end = placement.to_film(np.array(bone.shaft)) - low
    axis = (end - start) / ((end - start) ** 2).sum()
    y, x = np.ogrid[: shape[0], : shape[1]]
    along = (x - start[0]) * axis[0] + (y - start[1]) * axis[1]
    middle = np.clip(4 * along * (1 - along), 0, 1).astype(np.float32)
    return np.float32(bone.cortex) * (ENDS + (1 - ENDS) * middle * middle)


def draw_bones(
    bones: Iterable[Bone],
    placement: Placement,
    shape: Shape,
    texture: Image,
    cancellous: float,
) -> Image:
    """Attenuation by bone as the film shows it, for every pixel of the film."""
    fine = max(1, round(DRAWING_LENGTH / placement.length))
    finer = shape[0] * fine, shape[1] * fine
    path = bone_path(bones, placement.enlarged(fine), finer, texture, cancellous)
    film = load_cv2().resize(path, shape[::-1], interpolation=load_cv2().INTER_AREA)
    return BONE_OVER_SOFT * SHOULDER * (1 - np.exp(-film / np.float32(SHOULDER)))


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
