"""The growing end of a long bone: shaft, plate and epiphysis, apart or fused."""

from dataclasses import dataclass, replace

import numpy as np

from ._bone_shapes import COMPACT, Bone, disc_outline
from ._build import Build
from ._ossification import CAPPING_WIDTH, Maturity, smooth_step
from ._pose import Points

THICKNESS = 0.0072  # of a young growth plate
SHELL = 0.0035  # cortex of an epiphysis
LINE_AT, LINE = 0.0055, 0.0022  # calcification: how far from the plate, half as thick
WITHIN = 0.87  # width of lines across a bone


@dataclass(frozen=True)
class Stage:
    """How far a long bone has grown."""

    width: float  # of the epiphysis in units of the metaphysis' (0: not seen)
    grown: float  # share of the epiphysis' final shape
    capped: float  # share of its capping
    fused: float  # share of the growth plate that is bridged
    young: float  # share of cartilage
    breadth: float  # share of its broadening
    half_plate: float  # half the thickness of the growth plate

    @property
    def overhang(self) -> float:
        """Width of the metaphysis once it joins a wider epiphysis without a step."""
        return 1.0 + self.fused * max(self.width - 1.0, 0.0)


def find_stage(centre: str, maturity: Maturity, build: Build) -> Stage:
    """Stage of the bone whose epiphysis grows from this centre."""
    width = maturity.epiphysis(centre)
    return Stage(
        width=width,
        grown=smooth_step(width, 0.3, 1.0),
        capped=smooth_step(width, 0.93, CAPPING_WIDTH),
        fused=maturity.fused(centre),
        young=maturity.cartilage(),
        breadth=maturity.breadth(),
        half_plate=build.plate * THICKNESS * maturity.plate(centre) / 2,
    )


@dataclass(frozen=True)
class Epiphysis:
    """An epiphysis as `epiphysis_outline` makes it."""

    outline: Points
    end_plate: Points
    depth: float  # half its thickness along the beam


def join(
    shaft: Bone,
    epiphysis: Epiphysis | None,
    plate: complex,
    axis: complex,  # from the shaft to the epiphysis
    half_width: float,  # of the growth plate
    stage: Stage,
    build: Build,
) -> list[Bone]:
    """Two bones beside an open growth plate, one where it has closed."""
    pieces, fused = [], stage.fused
    across = WITHIN * half_width
    if fused < 1:
        # The metaphysis ends in a line of provisional calcification.
        line = disc_outline(plate - LINE_AT * axis, axis, across, LINE)
        weight = (1 - fused) * build.line
        pieces += [replace(shaft, weight=1 - fused)]
        pieces += [Bone((line,), 0.5 * shaft.depth, cortex=COMPACT, weight=weight)]
    if epiphysis is None:
        return pieces
    if fused < 1:
        shell, weight = SHELL * build.cortex, 1 - fused
        pieces += [Bone((epiphysis.outline,), epiphysis.depth, shell, weight)]
    if fused > 0:
        side, end = 0.97j * axis * half_width, 0.25 * half_width * axis
        bridge = plate + np.array([-side - end, side - end, side + end, end - side])
        outlines = (*shaft.outlines, epiphysis.outline, bridge)
        scar = disc_outline(plate, axis, across, LINE)
        weight = fused * (1.3 - fused) * build.line
        pieces += [replace(shaft, outlines=outlines, weight=fused)]
        pieces += [Bone((scar,), 0.4 * shaft.depth, cortex=COMPACT, weight=weight)]
    end_plate, weight = (epiphysis.end_plate,), stage.grown * build.end_plate
    return [*pieces, Bone(end_plate, 0.5 * shaft.depth, cortex=COMPACT, weight=weight)]
