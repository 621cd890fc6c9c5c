"""Radius and ulna, as far as a hand film shows them."""

from ._bone_shapes import Bone, Heights, epiphysis_outline, shaft_outline
from ._build import Build
from ._growth_plate import Epiphysis, Stage, find_stage, join
from ._ossification import Maturity
from ._pose import Joints

# Half widths of the young metaphysis and the waist, half the thickness along the beam,
# the flare's share of the shaft, and by how much the metaphysis broadens.
SHAPES = {
    "radius": (0.0620, 0.033, 0.034, 0.085, 0.06),
    "ulna": (0.0420, 0.022, 0.025, 0.065, -0.14),
}


def forearm_bone(
    bone: str, joints: Joints, maturity: Maturity, build: Build
) -> list[Bone]:
    """Distal radius or ulna with its epiphysis and styloid process."""
    stage = find_stage(bone, maturity, build)
    plate, elbow = joints[bone], joints[f"{bone}_end"]
    axis = (plate - elbow) / abs(plate - elbow)
    half_width, waist, depth, flare, broadening = SHAPES[bone]
    half_width *= build.metaphysis * (1.0 + broadening * stage.breadth)
    waist *= 1.0 + 0.08 * stage.young

    ends = elbow, plate - axis * stage.half_plate
    widths = waist, waist, half_width * stage.overhang
    outline = shaft_outline(*ends, widths, (0.01, 0.008), (0.05, flare * build.flare))
    cortex = build.cortex * (0.012 - 0.004 * stage.young)
    shaft = Bone((outline,), depth, cortex, shaft=ends)
    epiphysis = None
    if stage.width > 0:
        # The radius' centre appears on the thumb's side.
        aside = 0.15 * max(1 - stage.width, 0.0) if bone == "radius" else 0.0
        lift = 0.012 * (1 - build.seat) * (1 - stage.grown)
        heights, styloid = _heights(bone, stage)
        share = build.wrist * min(1.0, 2 * half_width * stage.width / heights[1])
        low, middle, high = (share * height for height in heights)
        outlines = epiphysis_outline(
            plate + axis * (stage.half_plate + lift + 1j * half_width * aside),
            axis,
            half_width * stage.width,
            (low, middle, high),
            orders=(2 + 2.5 * stage.grown, 2 + 2 * stage.grown),
            cap=0.006 * build.cap * stage.capped,
            styloid=build.wrist * build.styloid * styloid,
        )
        epiphysis = Epiphysis(*outlines, depth=depth)
    half_width *= stage.overhang
    return join(shaft, epiphysis, plate, axis, half_width, stage, build)


def _heights(bone: str, stage: Stage) -> tuple[Heights, float]:
    """Heights of an epiphysis, and of its process on the little finger's side."""
    grown = stage.grown
    if bone == "ulna":
        edge, middle = 0.006 + 0.011 * grown, 0.007 + 0.012 * grown
        return (edge, middle, edge), 0.030 * grown**2
    # A triangle, high on the thumb's side, where the styloid process is.
    high = 0.020 + 0.050 * grown * min(stage.width, 1.0)
    return (0.010 + 0.004 * grown, 0.018 + 0.014 * grown, high), 0.0
