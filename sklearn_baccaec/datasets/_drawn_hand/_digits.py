"""Metacarpals and phalanges."""

from ._bone_shapes import Bone, Widths, epiphysis_outline, shaft_outline
from ._build import Build
from ._growth_plate import Epiphysis, Stage, find_stage, join
from ._ossification import Maturity
from ._pose import CHAINS, Points

PARTS = "metacarpal", "proximal", "middle", "distal"
SHAFT_WIDTHS: dict[str, Widths] = {  # half of them
    "metacarpal": (0.0330, 0.0185, 0.0250),
    "proximal": (0.0355, 0.0205, 0.0240),
    "middle": (0.0250, 0.0165, 0.0215),
    "distal": (0.0190, 0.0115, 0.0155),
    "thumb_metacarpal": (0.0315, 0.0225, 0.0285),
    "thumb_distal": (0.0245, 0.0130, 0.0185),
}
DIGIT_WIDTH = dict(zip(CHAINS, (0.96, 1.0, 1.03, 0.93, 0.82), strict=True))
# Epiphyses at a base: how thick, and how far from the joint their growth plate is.
THICKNESS = dict(zip(PARTS, (0.0300, 0.0240, 0.0150, 0.0130), strict=True))
EDGES = dict(zip(PARTS, (0.7, 1.0, 0.8, 0.9), strict=True))
PLATE_AT = dict(zip(PARTS, (0.0300, 0.0275, 0.0190, 0.0160), strict=True))
THICKNESS["thumb_distal"], PLATE_AT["thumb_distal"] = 0.0180, 0.0230
HEAD_PLATE_AT = 0.060  # how far from the joint it is in metacarpals II to V
JOINT_SPACE = 0.0020  # half of it
CORNER, ROUND_CORNER, TIP_CORNER = 0.011, 0.028, 0.015  # of heads


def finger_metacarpal(
    digit: str, base: complex, joint: complex, maturity: Maturity, build: Build
) -> list[Bone]:
    """Metacarpal II to V: its epiphysis is the head, cartilage hides its base."""
    stage = find_stage(f"{digit}_metacarpal", maturity, build)
    broad, young = DIGIT_WIDTH[digit], stage.young
    axis = (joint - base) / abs(joint - base)
    first, waist, last = (broad * half for half in SHAFT_WIDTHS["metacarpal"])
    waist *= 1.0 + 0.12 * young
    last *= build.metaphysis * (1.0 + 0.3 * stage.breadth**2)

    plate = joint - axis * HEAD_PLATE_AT * broad * (1.08 - 0.08 * stage.grown)
    ends = base + axis * (0.040 * young + 0.006), plate - axis * stage.half_plate
    widths, flare = (first, waist, last * stage.overhang), (0.22, 0.2 * build.flare)
    outline = shaft_outline(*ends, widths, (0.012, 0.006), flare)
    shaft = _tube(outline, ends, waist, stage, build)
    head = None
    if stage.width > 0:
        # A round dot at first, then a dome, whose shoulders at last cap the shaft.
        gap = build.joint * JOINT_SPACE * (1 + 0.5 * young)
        room = abs(joint - plate) - gap - stage.half_plate
        height = room * min(stage.width, 1.0)
        slack = (1 - build.seat) * (room - height) / 2
        edge = height * (1 - 0.15 * stage.grown)
        outlines = epiphysis_outline(
            plate + axis * (stage.half_plate + slack),
            axis,
            last * stage.width,
            (edge, height, edge),
            orders=(2 + 4 * stage.grown * (1 - young), 2 + 1.6 * stage.grown),
            cap=0.2 * build.cap * height * stage.capped,
        )
        head = Epiphysis(*outlines, depth=0.024)
    return join(shaft, head, plate, axis, last * stage.overhang, stage, build)


def phalanx(
    digit: str,
    part: str,
    proximal: complex,
    distal: complex,
    maturity: Maturity,
    build: Build,
) -> list[Bone]:
    """Phalanx, or metacarpal I that grows like one: the epiphysis is at the base."""
    centre = f"{digit}_{part}"
    stage, young = find_stage(centre, maturity, build), maturity.cartilage()
    broad, metacarpal = DIGIT_WIDTH[digit], part == "metacarpal"
    axis = (distal - proximal) / abs(distal - proximal)
    widths = SHAFT_WIDTHS.get(centre, SHAFT_WIDTHS[part])
    first, waist, last = (broad * half for half in widths)
    waist *= 1.0 + 0.12 * young
    first *= build.metaphysis * (1.0 + 0.06 * stage.breadth)
    last *= build.head * (1.1 if metacarpal else 1.06 - 0.13 * young)

    space = build.joint * JOINT_SPACE
    reach = broad * PLATE_AT.get(centre, PLATE_AT[part]) * (1.25 - 0.25 * stage.grown)
    head = 0.0 if part == "distal" else space * (1 + young)
    ends = proximal + axis * (reach + stage.half_plate), distal - axis * head
    corner = CORNER * (1.0 + 0.5 * young - 0.35 * (1 - young) * build.square)
    corner = {"distal": TIP_CORNER, "metacarpal": ROUND_CORNER}.get(part, corner)
    flare = 0.3 * build.flare, 0.26 * build.flare
    # The first metacarpal's base lies more towards the other fingers.
    aside = -0.9 * (first - waist) if metacarpal else 0.0
    widths = first * stage.overhang, waist, last
    outline = shaft_outline(*ends, widths, (0.006, corner), flare, aside)
    shaft = _tube(outline, ends, waist, stage, build)
    plate = proximal + axis * (reach + 1j * aside)
    base = None
    if stage.width > 0:
        # A dot at first, then a thin lens, whose edges at last cap the shaft.
        full = build.thickness * broad * THICKNESS.get(centre, THICKNESS[part])
        height = full * (0.95 + 0.05 * stage.grown - 0.1 * young)
        room = reach - stage.half_plate - space
        height = min(height, room, 1.6 * first * stage.width)
        slack = 0.25 * (1 - build.seat) * max(full - height, 0.0)
        edge = height * EDGES[part]
        # Some are hollow, for a round head; the others fit between condyles.
        hollow = (build.ridge - 0.55) * (1 - 0.5 * young)
        ridge = hollow if part == "proximal" else build.ridge * (1 - young)
        orders = 2.2, 2.2 + 2.0 * (1 - young)
        if metacarpal:  # a dome, flat on its plate
            ridge, orders = 0.0, (5.0, 2.2)
        outlines = epiphysis_outline(
            plate - axis * (stage.half_plate + slack),
            -axis,
            first * stage.width,
            (edge, height, edge),
            orders=orders,
            cap=build.cap * height * stage.capped,
            ridge=ridge * height * stage.grown,
        )
        base = Epiphysis(*outlines, depth=shaft.depth)
    return join(shaft, base, plate, -axis, first * stage.overhang, stage, build)


def _tube(
    outline: Points,
    ends: tuple[complex, complex],
    waist: float,
    stage: Stage,
    build: Build,
) -> Bone:
    """Shaft with a cortex that thickens as the cartilage is used up."""
    cortex = build.cortex * (0.0095 - 0.0035 * stage.young) * min(waist / 0.0185, 1.0)
    return Bone((outline,), 0.95 * waist + 0.004, cortex, shaft=ends)
