"""Metacarpals and phalanges."""

from ._bone_shapes import Bone, Widths, epiphysis_outline, shaft_outline
from ._build import Build
from ._growth_plate import Epiphysis, Stage, find_stage, join
from ._ossification import Maturity
from ._pose import CHAINS, Points

PARTS = "metacarpal", "proximal", "middle", "distal"
SHAFT_WIDTHS: dict[str, Widths] = {  # half of them
    "metacarpal": (0.0330, 0.0185, 0.0270),
    "proximal": (0.0325, 0.0205, 0.0240),
    "middle": (0.0250, 0.0165, 0.0215),
    "distal": (0.0190, 0.0115, 0.0155),
    "thumb_metacarpal": (0.0305, 0.0190, 0.0285),
    "thumb_distal": (0.0245, 0.0130, 0.0185),
}
DIGIT_WIDTH = dict(zip(CHAINS, (0.96, 1.0, 1.03, 0.93, 0.82), strict=True))
# Epiphyses at a base: how thick, and how far from the joint their growth plate is.
THICKNESS = dict(zip(PARTS, (0.0215, 0.0205, 0.0165, 0.0135), strict=True))
PLATE_AT = dict(zip(PARTS, (0.0250, 0.0225, 0.0190, 0.0160), strict=True))
HEAD_PLATE_AT = 0.060  # how far from the joint it is in metacarpals II to V
JOINT_SPACE = 0.0020  # half of it
CORNER, ROUND_CORNER, TIP_CORNER = 0.016, 0.028, 0.015  # of heads


def finger_metacarpal(
    digit: str, base: complex, joint: complex, maturity: Maturity, build: Build
) -> list[Bone]:
    """Metacarpal II to V: its epiphysis is the head, cartilage hides its base."""
    stage = find_stage(f"{digit}_metacarpal", maturity, build)
    broad, young = DIGIT_WIDTH[digit], stage.young
    axis = (joint - base) / abs(joint - base)
    first, waist, last = (broad * half for half in SHAFT_WIDTHS["metacarpal"])
    waist *= 1.0 + 0.12 * young
    last *= build.metaphysis * (1.0 + 0.25 * stage.breadth**2)

    plate = joint - axis * HEAD_PLATE_AT * broad * (1.08 - 0.08 * stage.grown)
    ends = base + axis * (0.040 * young - 0.006), plate - axis * stage.half_plate
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
    reach = broad * PLATE_AT[part] * (1.25 - 0.25 * stage.grown)
    head = 0.0 if part == "distal" else space * (1 + young)
    ends = proximal + axis * (reach + stage.half_plate), distal - axis * head
    corner = CORNER * (1.0 + 0.25 * young - 0.35 * (1 - young) * build.square)
    corner = {"distal": TIP_CORNER, "metacarpal": ROUND_CORNER}.get(part, corner)
    flare = 0.3 * build.flare, 0.26 * build.flare
    widths = first * stage.overhang, waist, last
    outline = shaft_outline(*ends, widths, (0.006, corner), flare)
    shaft = _tube(outline, ends, waist, stage, build)
    base = None
    if stage.width > 0:
        # A dot at first, then a thin lens, whose edges at last cap the shaft.
        full = build.thickness * broad * THICKNESS[part]
        height = full * (0.8 + 0.2 * stage.grown - 0.35 * young)
        room = reach - stage.half_plate - space
        height = min(height, room, 1.6 * first * stage.width)
        slack = 0.25 * (1 - build.seat) * max(full - height, 0.0)
        edge = height * (1 - 0.1 * stage.grown)
        # Some are hollow, for a round head; the others fit between condyles.
        hollow = (build.ridge - 0.45) * (1 - young)
        ridge = build.ridge if part in ("middle", "distal") else hollow
        outlines = epiphysis_outline(
            proximal + axis * (reach - stage.half_plate - slack),
            -axis,
            first * stage.width,
            (edge, height, edge),
            orders=(2 + 3 * stage.grown, 2 + 6 * stage.grown),
            cap=build.cap * height * stage.capped,
            ridge=ridge * height * stage.grown,
        )
        base = Epiphysis(*outlines, depth=shaft.depth)
    plate, half_width = proximal + axis * reach, first * stage.overhang
    return join(shaft, base, plate, -axis, half_width, stage, build)


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
