"""The path of the beam through bone, for every pixel of a film."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..._utils.image_backend import load_cv2
from ._bone_shapes import Bone
from ._pose import Placement, Shape

Image = npt.NDArray[np.floating]

DRAWING_LENGTH = 750.0  # pixels of hand length at which bones are drawn
SHOULDER = 0.06  # path length in bone beyond which the film hardly brightens
BONE_OVER_SOFT = 2.5  # attenuation of compact bone relative to soft tissue
CANCELLOUS = 0.27  # attenuation inside a bone relative to compact bone
TILE = 256  # pixels of the trabecular pattern
ENDS = 0.45  # cortex at a shaft's ends relative to its middle


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


def draw_bones(
    bones: Iterable[Bone], placement: Placement, shape: Shape, texture: Image
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
        fill_polygon(mask, corners - low)
        edge = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / np.float32(unit)
        cortex: float | Image = bone.cortex
        if bone.shaft is not None:
            start, end = (placement.to_film(np.array(bone.shaft)) + 0.5) * fine - low
            axis = (end - start) / ((end - start) ** 2).sum()
            y, x = np.ogrid[: mask.shape[0], : mask.shape[1]]
            along = (x - start[0]) * axis[0] + (y - start[1]) * axis[1]
            middle = np.clip(4 * along * (1 - along), 0, 1).astype(np.float32)
            cortex = np.float32(bone.cortex) * (ENDS + (1 - ENDS) * middle * middle)
        cavity = chord(edge - cortex, bone.depth)
        rows, columns = (np.arange(a, b) % TILE for a, b in zip(low, high, strict=True))
        marrow = texture[np.ix_(columns, rows)]
        path = chord(edge, bone.depth) - cavity * (1 - CANCELLOUS * marrow)
        canvas[low[1] : high[1], low[0] : high[0]] += np.float32(bone.weight) * path
    film = cv2.resize(canvas, shape[::-1], interpolation=cv2.INTER_AREA)
    return BONE_OVER_SOFT * SHOULDER * (1 - np.exp(-film / np.float32(SHOULDER)))
