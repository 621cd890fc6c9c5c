"""The film of one hand, from its joints and bones to grey levels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._anatomy import build_bones
from ._build import Build
from ._exposure import draw_border, draw_exposure, expose_film
from ._ossification import Maturity
from ._pose import Joints, Placement, Shape
from ._rendering import draw_bones, draw_soft_tissue, draw_texture


@dataclass(frozen=True)
class Hand:
    """One hand: where its joints lie, how its bones look, and how full it is."""

    joints: Joints
    maturity: Maturity
    build: Build
    fullness: float = 1.0  # girth relative to the mean


def draw_film(
    hand: Hand,
    placement: Placement,
    shape: Shape,
    rng: np.random.Generator,
    *,
    exposure: float = 0.0,
    noise: float = 0.0,
    bordered: bool = False,
    letter: str | None = None,
) -> npt.NDArray[np.uint8]:
    """Film of a hand; see `make_hand_radiographs`. ``letter`` is that of its marker."""
    soft = draw_soft_tissue(hand.joints, hand.fullness, placement, shape)
    bones = build_bones(hand.joints, hand.maturity, hand.build)
    texture = draw_texture(rng)
    bone = draw_bones(bones, placement, shape, texture, hand.build.cancellous)
    beam = draw_exposure(rng, exposure, noise)
    border = draw_border(placement.extent(hand.joints), shape, bordered, rng)
    return expose_film(soft, bone, border, beam, letter, rng)
