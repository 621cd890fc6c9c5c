"""From bones and soft tissue to a film: attenuation, tone, border, marker and noise.

Nothing here but the bones themselves knows the age: the tone curve brings the mean
and the contrast of every film to values that depend on a random exposure and on the
outline of the soft tissue alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..._utils.image_backend import load_cv2
from ._bone_shapes import Bone
from ._pose import Placement
from ._soft_tissue import SoftTissue

Image = npt.NDArray[np.floating]

DRAWING_LENGTH = 750.0  # pixels of hand length at which bones are drawn
SOFT_LENGTHS = (250.0, 750.0)  # least and most for soft tissue
SOFT_DEPTH = 0.085  # half the thickness of the palm, in hand lengths
SHOULDER = 0.06  # path length in bone beyond which the film hardly brightens
BONE_OVER_SOFT = 2.5  # attenuation of compact bone relative to soft tissue
CANCELLOUS = 0.27  # attenuation inside a bone relative to compact bone
TILE = 256  # pixels of the trabecular pattern
ENDS = 0.45  # cortex at a shaft's ends relative to its middle


def _chord(distance: Image, radius: float) -> Image:
    """Path of the beam through a round body, by distance from its edge."""
    inside = np.clip(distance, 0.0, radius)
    return 2.0 * np.sqrt(inside * (2.0 * radius - inside))


def draw_texture(rng: np.random.Generator) -> Image:
    """Trabecular pattern about 1, a tile that `draw_bones` cuts its pieces from."""
    cv2 = load_cv2()
    noise = rng.standard_normal((TILE, TILE), dtype=np.float32)
    mesh = cv2.GaussianBlur(noise, (0, 0), 1.3) - cv2.GaussianBlur(noise, (0, 0), 3.0)
    struts = np.exp(-np.square(2.0 * mesh / mesh.std()))
    blotches = cv2.GaussianBlur(noise, (0, 0), 9.0)
    return 0.85 + 0.45 * struts + 0.07 * blotches / blotches.std()


def draw_bones(
    bones: Iterable[Bone], placement: Placement, shape: tuple[int, int], texture: Image
) -> Image:
    """Path length through bone in hand lengths, for every pixel of the film."""
    cv2 = load_cv2()
    fine = max(1, round(DRAWING_LENGTH / placement.length))
    height, width = shape[0] * fine, shape[1] * fine
    unit = fine * placement.length
    canvas = np.zeros((height, width), dtype=np.float32)
    for bone in bones:
        corners = (placement.to_film(bone.outline) + 0.5) * fine - 0.5
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
        high = np.ceil(corners.max(axis=0)).astype(int) + 3
        high = np.minimum(high, (width, height))
        if (high <= low).any():
            continue
        mask = np.zeros((high - low)[::-1], dtype=np.uint8)
        cv2.fillPoly(mask, [np.round((corners - low) * 16).astype(np.int32)], 1, 8, 4)
        edge = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / np.float32(unit)
        cortex: float | Image = bone.cortex
        if bone.shaft is not None:
            start, end = (placement.to_film(np.array(bone.shaft)) + 0.5) * fine - low
            axis = (end - start) / ((end - start) ** 2).sum()
            along = (np.arange(mask.shape[1]) - start[0]) * axis[0] + (
                (np.arange(mask.shape[0]) - start[1]) * axis[1]
            )[:, np.newaxis]
            middle = np.clip(4 * along * (1 - along), 0, 1).astype(np.float32)
            cortex = np.float32(bone.cortex) * (ENDS + (1 - ENDS) * middle * middle)
        cavity = _chord(edge - cortex, bone.depth)
        marrow = np.take(texture, np.arange(low[1], high[1]), axis=0, mode="wrap")
        marrow = np.take(marrow, np.arange(low[0], high[0]), axis=1, mode="wrap")
        path = _chord(edge, bone.depth) - cavity * (1 - CANCELLOUS * marrow)
        rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
        canvas[rows, columns] += np.float32(bone.weight) * path
    film = cv2.resize(canvas, shape[::-1], interpolation=cv2.INTER_AREA)
    return BONE_OVER_SOFT * SHOULDER * (1 - np.exp(-film / np.float32(SHOULDER)))


def draw_soft_tissue(
    tissue: SoftTissue, placement: Placement, shape: tuple[int, int]
) -> Image:
    """Path length through soft tissue in hand lengths, for every pixel."""
    cv2 = load_cv2()
    unit = float(np.clip(placement.length, *SOFT_LENGTHS))
    fine = unit / placement.length
    pad = round(0.1 * unit)  # the forearm goes on beyond the film
    size = (round(shape[1] * fine) + 2 * pad, round(shape[0] * fine) + 2 * pad)
    mask = np.zeros(size[::-1], dtype=np.uint8)
    fixed = 16

    def to_canvas(points: Iterable[complex]) -> npt.NDArray[np.float64]:
        return (placement.to_film(np.array(list(points))) + 0.5) * fine - 0.5 + pad

    for start, end, first, last in tissue.limbs:
        ends = to_canvas((start, end))
        radii = unit * np.array([first, last])
        side = (ends[1] - ends[0])[::-1] * (-1, 1)
        side = side / np.linalg.norm(side)
        quad = [ends[0] + side * radii[0], ends[1] + side * radii[1]]
        quad += [ends[1] - side * radii[1], ends[0] - side * radii[0]]
        cv2.fillPoly(mask, [np.round(np.array(quad) * fixed).astype(np.int32)], 1, 8, 4)
        for centre, radius in zip(ends, radii, strict=True):
            middle = np.round(centre * fixed).astype(int).tolist()
            cv2.circle(mask, middle, round(radius * fixed), 1, -1, 8, 4)
    for web in tissue.webs:
        corners = np.round(to_canvas(web) * fixed).astype(np.int32)
        cv2.fillPoly(mask, [corners], 1, 8, 4)
    # Skin has no corners: smooth the outline, then take the depth below it.
    smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.010 * unit)
    skin = (smooth > 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(skin, cv2.DIST_L2, 5) / np.float32(unit)
    depth = cv2.GaussianBlur(_chord(depth, SOFT_DEPTH), (0, 0), 0.006 * unit)
    depth *= cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 0.0036 * unit)
    path = depth[pad:-pad, pad:-pad]
    return cv2.resize(path, shape[::-1], interpolation=cv2.INTER_LINEAR)
