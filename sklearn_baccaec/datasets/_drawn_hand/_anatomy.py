"""Bones of a hand: pieces that grow with its maturity."""

from itertools import pairwise

from ._bone_shapes import Bone, Pair, Widths, carpal_bone, disc_outline, shaft_outline
from ._ossification import CARPALS, Maturity, smooth_step
from ._pose import CHAINS, Joints

SHAFT_WIDTHS: dict[str, Widths] = {  # half of them
    "metacarpal": (0.033, 0.0185, 0.030),
    "proximal": (0.034, 0.0205, 0.024),
    "middle": (0.029, 0.0170, 0.0215),
    "distal": (0.0225, 0.0090, 0.0140),
}
PARTS = tuple(SHAFT_WIDTHS)
DIGIT_WIDTH = dict(zip(CHAINS, (1.08, 1.0, 1.03, 0.93, 0.82), strict=True))
EPIPHYSIS_THICKNESS = dict(zip(PARTS, (0.022, 0.0165, 0.0145, 0.0125), strict=True))
PLATE, JOINT_SPACE, HEAD = 0.006, 0.0035, 0.050


def _shaft(
    start: complex,
    end: complex,
    half_widths: Widths,
    rounding: Pair,
    flare: Pair,
    maturity: Maturity,
    weight: float,
) -> Bone:
    """Tube with a cortex that thickens as the cartilage is used up."""
    outline = shaft_outline(start, end, half_widths, rounding, flare)
    cortex = 0.0095 - 0.0035 * maturity.cartilage()
    return Bone(outline, 0.95 * half_widths[1] + 0.004, cortex, weight, (start, end))


def _finger_metacarpal(
    digit: str, base: complex, joint: complex, maturity: Maturity
) -> list[Bone]:
    """Metacarpal II to V: its epiphysis is the head, cartilage hides its base."""
    centre, broad = f"{digit}_metacarpal", DIGIT_WIDTH[digit]
    young = maturity.cartilage()
    width, fused = maturity.epiphysis(centre), maturity.fused(centre)
    plate = PLATE * maturity.plate(centre)
    axis = (joint - base) / abs(joint - base)
    first, waist, last = (broad * half for half in SHAFT_WIDTHS["metacarpal"])
    waist *= 1.0 + 0.12 * young

    start = base + axis * (0.046 * young - 0.006)
    # From the joint: growth plate, joint surface.
    end, surface = joint - axis * (HEAD * broad), joint - axis * JOINT_SPACE
    open_shaft = (start, end - axis * plate / 2, (first, waist, last))
    closed_shaft = (start, surface, (first, waist, 1.08 * last))
    bones = [
        _shaft(*open_shaft, (0.012, 0.008), (0.22, 0.22), maturity, 1 - fused),
        _shaft(*closed_shaft, (0.012, 0.028), (0.22, 0.26), maturity, fused),
    ]
    if width > 0:
        half = 0.5 * (HEAD * broad - JOINT_SPACE - plate / 2)
        size = 0.031 * broad * width, half * min(width, 1.0)
        outline = disc_outline(surface - axis * half, axis, *size)
        bones.append(Bone(outline, 0.024, 0.0035, 1 - fused))
    return bones


def _phalanx(
    digit: str, part: str, proximal: complex, distal: complex, maturity: Maturity
) -> list[Bone]:
    """Phalanx, or metacarpal I that grows like one: the epiphysis is at the base."""
    centre, broad, young = f"{digit}_{part}", DIGIT_WIDTH[digit], maturity.cartilage()
    width, fused = maturity.epiphysis(centre), maturity.fused(centre)
    plate = PLATE * maturity.plate(centre)
    axis = (distal - proximal) / abs(distal - proximal)
    first, waist, last = (broad * half for half in SHAFT_WIDTHS[part])
    waist *= 1.0 + 0.12 * young

    thickness = broad * EPIPHYSIS_THICKNESS[part]
    surface = proximal + axis * JOINT_SPACE
    start = surface + axis * (thickness + plate)
    tip = part == "distal"
    end = distal if tip else distal - axis * JOINT_SPACE * (1 + 0.8 * young)
    rounding, flare = (0.006, 0.012 if tip else 0.016), (0.3, 0.2)
    shape = end, (first, waist, last), rounding, flare, maturity
    bones = [_shaft(start, *shape, 1 - fused), _shaft(surface, *shape, fused)]
    if width > 0:
        # A round dot at first, then a disc, whose edges at last cap the shaft.
        half = min(0.5 * thickness * (0.55 + 0.45 * min(width, 1.0)), first * width)
        middle = surface + axis * 0.5 * thickness
        bend = 0.5 * smooth_step(width, 0.97, 1.08)
        outline = disc_outline(middle, axis, first * width, half, bend=bend)
        bones.append(Bone(outline, 0.95 * waist + 0.004, 0.0035, 1 - fused))
    return bones


def _forearm(bone: str, joints: Joints, maturity: Maturity) -> list[Bone]:
    """Distal radius or ulna with its epiphysis and styloid process."""
    plate_at, elbow = joints[bone], joints[f"{bone}_end"]
    axis = (plate_at - elbow) / abs(plate_at - elbow)
    width, fused = maturity.epiphysis(bone), maturity.fused(bone)
    young = maturity.cartilage()
    plate = 1.2 * PLATE * maturity.plate(bone)
    metaphysis, waist, depth, thick, wedge, styloid, reach = (
        (0.064, 0.033, 0.034, 0.020, 0.85, 0.0, 0.085)
        if bone == "radius"
        else (0.038, 0.024, 0.026, 0.011, -0.1, 1.2, 0.075)
    )
    waist *= 1.0 + 0.08 * young
    end = plate_at - axis * plate / 2
    half = 0.5 * thick + 0.5 * thick * min(width, 1.0)
    half = min(half, max(metaphysis * width, 0.002))
    centre = plate_at + axis * (plate / 2 + thick)
    grown = min(width, 1.0) ** 3
    size = metaphysis * width, half, wedge * grown, -0.1, styloid * grown
    widths, rounding, flare = (waist, waist, metaphysis), (0.01, 0.008), (0.05, reach)
    outline = shaft_outline(elbow, end, widths, rounding, flare)
    bones = [Bone(outline, depth, 0.008 + 0.004 * (1 - young), 1.0, (elbow, end))]
    if width > 0:
        bones.append(Bone(disc_outline(centre, axis, *size), depth, 0.0035))
    if fused > 0:
        bridge = disc_outline(plate_at, axis, 0.97 * metaphysis, 0.6 * plate)
        bones.append(Bone(bridge, depth, 0.0, fused))
    return bones


def build_bones(joints: Joints, maturity: Maturity) -> list[Bone]:
    """All pieces of bone that this hand shows."""
    bones = []
    for digit, chain in CHAINS.items():
        points = [joints[name] for name in chain]
        parts = PARTS if digit != "thumb" else [p for p in PARTS if p != "middle"]
        for part, (start, end) in zip(parts, pairwise(points), strict=True):
            if part == "metacarpal" and digit != "thumb":
                bones += _finger_metacarpal(digit, start, end, maturity)
            else:
                bones += _phalanx(digit, part, start, end, maturity)
    for bone in ("radius", "ulna"):
        bones += _forearm(bone, joints, maturity)
    sizes = {name: maturity.diameter(name) for name in CARPALS}
    bones += [carpal_bone(name, size) for name, size in sizes.items() if size > 0]
    size = maturity.diameter("sesamoid")
    if size > 0:
        head, base = joints["thumb_mcp"], joints["thumb_cmc"]
        axis = (head - base) / abs(head - base)
        centre = head - (0.024 + 0.022j) * axis
        outline = disc_outline(centre, axis, 0.010 * size, 0.012 * size)
        bones.append(Bone(outline, 0.008))
    return [bone for bone in bones if bone.weight > 0]
