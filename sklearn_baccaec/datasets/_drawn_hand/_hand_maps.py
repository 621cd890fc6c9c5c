"""What the beam passes through: maps of bone and soft tissue of a whole hand."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._utils.image_backend import load_cv2
from ..._utils.regions import KEY_REGIONS
from ._anatomy import build_bones
from ._build import draw_build
from ._ossification import draw_maturity
from ._pose import Placement, draw_joints
from ._rendering import Image, bone_path, draw_soft_tissue, draw_texture

LENGTH = 1000  # pixels of hand length: about those of the narrowest crop
POSE = 1.2  # strength, see `make_hand_radiographs`

_SHAPE = 2 * round(0.74 * LENGTH), 2 * round(0.576 * LENGTH)
_PLACEMENT = Placement(LENGTH + 0j, 0.576 * LENGTH + 1.022j * LENGTH, False)


@dataclass(frozen=True)
class HandMaps:
    """Paths of the beam in hand lengths, and the landmarks (19, 2) in pixels."""

    bone: Image
    soft: Image
    landmarks: npt.NDArray[np.float64]


def draw_hand_maps(age: float, sex: str, seed: list[int]) -> HandMaps:
    """Draw an upright left hand of a bone age in months and a sex."""
    growth, hand, film = (np.random.default_rng([*seed, k]) for k in range(3))
    joints = draw_joints(hand, POSE)
    fullness = 1.0 + 0.08 * float(np.clip(hand.standard_normal(), -2, 2))
    maturity, build = draw_maturity(age, sex, growth), draw_build(growth)
    bones, texture = build_bones(joints, maturity, build), draw_texture(film)
    bone = bone_path(bones, _PLACEMENT, _SHAPE, texture, build.cancellous)
    # Soft tissue is smooth: half the pixels on either side do.
    coarse = Placement(
        _PLACEMENT.scale / 2, _PLACEMENT.offset / 2 - 0.25 - 0.25j, False
    )
    half = _SHAPE[0] // 2, _SHAPE[1] // 2
    soft = draw_soft_tissue(joints, fullness, coarse, half).astype(np.float32)
    soft = load_cv2().resize(soft, _SHAPE[::-1], interpolation=load_cv2().INTER_LINEAR)
    landmarks = _PLACEMENT.to_film(np.array([joints[name] for name in KEY_REGIONS]))
    return HandMaps(bone, soft, landmarks)
