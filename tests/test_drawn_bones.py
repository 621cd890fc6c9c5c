"""What the bones of drawn hands look like, and how they change with the age."""

import cv2
import numpy as np
import pytest

from sklearn_baccaec.datasets._drawn_hand import _build
from sklearn_baccaec.datasets._drawn_hand._anatomy import build_bones
from sklearn_baccaec.datasets._drawn_hand._bone_shapes import COMPACT
from sklearn_baccaec.datasets._drawn_hand._build import Build, draw_build
from sklearn_baccaec.datasets._drawn_hand._digits import finger_metacarpal, phalanx
from sklearn_baccaec.datasets._drawn_hand._forearm import forearm_bone
from sklearn_baccaec.datasets._drawn_hand._growth_plate import find_stage
from sklearn_baccaec.datasets._drawn_hand._ossification import (
    APPEARANCE,
    CAPPING_WIDTH,
    Maturity,
)
from sklearn_baccaec.datasets._drawn_hand._pose import DIGITS, FINGERS, draw_joints

CLOSED = {"F": 216.0, "M": 228.0}
LONG_BONES = [
    *(f"{digit}_{part}" for digit in FINGERS for part in ("metacarpal", "proximal")),
    *(f"{digit}_middle" for digit in FINGERS),
    *(f"{digit}_distal" for digit in DIGITS),
    *("thumb_metacarpal", "thumb_proximal", "radius", "ulna"),
]


def exact(age, sex="M"):
    return Maturity(age, sex, dict.fromkeys(APPEARANCE, 0.0))


def draw(name, maturity, build=None):
    """Pieces of a straight bone, and the direction from its shaft to its epiphysis."""
    build = Build() if build is None else build
    if name in ("radius", "ulna"):
        joints = {name: 0j, f"{name}_end": 1.2j}
        return forearm_bone(name, joints, maturity, build), -1j
    digit, part = name.split("_")
    if part == "metacarpal" and digit != "thumb":
        return finger_metacarpal(digit, 0.3j, 0j, maturity, build), -1j
    return phalanx(digit, part, 0j, -0.2j, maturity, build), 1j


def parts(pieces):
    """Shaft and epiphysis of a bone that has not fused: lines are compact."""
    return [piece for piece in pieces if piece.cortex < COMPACT and piece.weight > 0]


def along(piece, axis):
    (outline,) = piece.outlines
    return (outline * np.conj(axis)).real


def width(pieces, axis):
    """Largest width of bones within 0.09 hand lengths of the joint."""
    points = [np.concatenate(piece.outlines) / axis for piece in pieces]
    ends = [outline[outline.real > -0.09].imag for outline in points]
    return np.ptp(np.concatenate(ends))


def picture(pieces):
    """Number of separate pieces of bone, and of holes in them."""
    mask = np.zeros((1000, 600), np.uint8)
    for piece in pieces:
        for outline in piece.outlines:
            points = 300 + 2000 * outline.real, 300 + 2000 * outline.imag
            cv2.fillPoly(mask, [np.int32(np.round(np.stack(points, axis=1)))], 1)
    bones, _ = cv2.connectedComponents(mask)
    outside, _ = cv2.connectedComponents(1 - mask)
    return bones - 1, outside - 2


@pytest.mark.parametrize("name", LONG_BONES)
@pytest.mark.parametrize("age", [36, 60, 90, 120, 150])
def test_an_epiphysis_is_seated_on_its_growth_plate(name, age):
    build, maturity = Build(seat=1.0), exact(age)
    pieces, axis = draw(name, maturity, build)
    if len(parts(pieces)) == 1:
        assert maturity.age < 1.1 * APPEARANCE[name][1]
        return
    shaft, epiphysis = parts(pieces)
    plate = 2 * find_stage(name, maturity, build).half_plate
    assert 0.001 < plate < 0.0075
    gap = along(epiphysis, axis) - along(shaft, axis).max()
    middle = len(gap) // 4  # of the side towards the shaft
    assert gap[middle] == pytest.approx(plate, abs=1e-3)
    # Epiphyses are thin; the edges of old ones reach round the shaft.
    limit = {"radius": 0.1, "metacarpal": 0.06}.get(name.split("_")[-1], 0.045)
    assert 0.001 < gap.max() - gap.min() < limit
    if maturity.epiphysis(name) < 0.93:
        assert gap.min() == pytest.approx(plate, abs=2e-4)
    if maturity.epiphysis(name) > 1.05:
        assert gap.min() < plate - 5e-4


def test_a_young_epiphysis_may_hover_but_not_far():
    for name in ("middle_proximal", "radius", "index_metacarpal"):
        (_, low), (_, high) = (
            parts(draw(name, exact(30), Build(seat=seat))[0]) for seat in (1.0, 0.5)
        )
        axis = draw(name, exact(30))[1]
        lift = along(high, axis).min() - along(low, axis).min()
        assert 0 < lift < 0.012


@pytest.mark.parametrize("name", LONG_BONES)
@pytest.mark.parametrize("sex", ["F", "M"])
def test_a_fused_bone_is_one_outline_with_a_scar(name, sex):
    pieces, _ = draw(name, exact(CLOSED[sex], sex))
    pieces = [piece for piece in pieces if piece.weight > 0]
    (bone,) = parts(pieces)
    assert bone.weight == 1
    assert len(bone.outlines) == 3
    assert picture([bone]) == (1, 0)
    # Lines: the scar of the plate, and the compact bone under the joint.
    scar, end_plate = (piece for piece in pieces if piece is not bone)
    assert 0 < scar.weight < 1
    assert 0 < end_plate.weight < 1
    young, _ = draw(name, exact(100, sex))
    assert picture(parts(young)) == (2, 0)


@pytest.mark.parametrize("sex", ["F", "M"])
def test_bones_of_the_forearm_close_last(sex):
    for age in (192, 204):
        states = {name: exact(age, sex).fused(name) for name in LONG_BONES}
        assert states["radius"] == min(states.values()) < 1
    assert all(exact(CLOSED[sex], sex).fused(name) == 1 for name in LONG_BONES)


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("name", [name for name in LONG_BONES if name != "ulna"])
def test_ends_of_bones_broaden_until_the_radius_has_fused(name, sex):
    # The ulna's end broadens no more than the hand lengthens.
    last = {"F": 210, "M": 228}[sex]
    widths = [width(*draw(name, exact(age, sex))) for age in np.arange(96, last, 6)]
    assert (np.diff(widths) > -1e-4).all()
    assert widths[-1] > 1.005 * widths[-8]


@pytest.mark.parametrize("name", ["index_metacarpal", "middle_middle", "radius"])
def test_an_epiphysis_widens_from_a_dot_to_a_cap(name):
    shares = []
    for age in np.arange(24, 180, 12):
        pieces, axis = draw(name, exact(age))
        if len(parts(pieces)) == 2 and exact(age).fused(name) == 0:
            shaft, epiphysis = (width([piece], axis) for piece in parts(pieces))
            shares.append(epiphysis / shaft)
    assert (np.diff(shares) > 0).all()
    assert shares[0] < 0.75
    assert shares[-1] == pytest.approx(CAPPING_WIDTH, abs=0.05)


def test_heads_of_metacarpals_reach_back_six_hundredths_of_a_hand():
    (shaft, head) = parts(draw("index_metacarpal", exact(140))[0])
    assert along(shaft, -1j).max() == pytest.approx(-0.060, abs=0.003)
    assert np.ptp(along(head, -1j)) > 0.05


def test_a_radius_is_higher_on_the_side_of_the_thumb():
    _, epiphysis = parts(draw("radius", exact(130))[0])
    (outline,) = epiphysis.outlines
    thumb, other = outline[outline.real > 0.03], outline[outline.real < -0.03]
    assert thumb.imag.min() < other.imag.min() - 0.015  # y points down


def test_default_build_is_the_middle_of_those_drawn():
    builds = [draw_build(np.random.default_rng(seed)) for seed in range(400)]
    for name, value in vars(Build()).items():
        values = np.array([getattr(build, name) for build in builds])
        assert np.median(values) == pytest.approx(value, rel=0.1), name
        assert values.min() >= 0
        assert values.std() > 0.03 * value, name
    assert set(vars(Build())) == {*_build._FACTORS, *_build._RANGES}


def test_hands_of_one_age_and_pose_have_other_bones():
    joints = draw_joints(np.random.default_rng(0), 0.0)
    hands = [
        build_bones(joints, exact(120), draw_build(np.random.default_rng(seed)))
        for seed in (0, 1)
    ]
    assert len(hands[0]) == len(hands[1])
    moved = [
        abs(a.outlines[0] - b.outlines[0]).max() for a, b in zip(*hands, strict=True)
    ]
    assert np.median(moved) > 0.001
    assert max(moved) < 0.05
