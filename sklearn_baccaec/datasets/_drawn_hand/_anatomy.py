"""Bones of a hand: pieces that grow with its maturity."""

from itertools import pairwise

from ._bone_shapes import Bone, carpal_bone, disc_outline
from ._build import Build
from ._digits import PARTS, finger_metacarpal, phalanx
from ._forearm import forearm_bone
from ._ossification import CARPALS, Maturity
from ._pose import CHAINS, Joints

HOOK = -0.053 - 0.020j  # of the hamate, towards the palm


def build_bones(joints: Joints, maturity: Maturity, build: Build) -> list[Bone]:
    """All pieces of bone that this hand shows."""
    bones = []
    for digit, chain in CHAINS.items():
        points, thumb = [joints[name] for name in chain], digit == "thumb"
        parts = [part for part in PARTS if part != "middle"] if thumb else PARTS
        for part, (start, end) in zip(parts, pairwise(points), strict=True):
            own = maturity.of(digit if thumb else part)
            if part == "metacarpal" and not thumb:
                bones += finger_metacarpal(digit, start, end, own, build)
            else:
                bones += phalanx(digit, part, start, end, own, build)
    for bone in ("radius", "ulna"):
        bones += forearm_bone(bone, joints, maturity.of(bone), build)
    carpals = maturity.of("carpals")
    sizes = {name: build.carpals * carpals.diameter(name) for name in CARPALS}
    bones += [carpal_bone(name, size) for name, size in sizes.items() if size > 0]
    hook = carpals.hook()
    if hook > 0:
        outline = disc_outline(HOOK, 1j, 0.012 * hook, 0.021 * hook)
        bones.append(Bone((outline,), 0.012, cortex=0.004))
    size = maturity.of("thumb").diameter("sesamoid")
    if size > 0:
        head, base = joints["thumb_mcp"], joints["thumb_cmc"]
        axis = (head - base) / abs(head - base)
        centre = head - (0.013 + 0.038j) * axis
        outline = disc_outline(centre, axis, 0.010 * size, 0.012 * size)
        bones.append(Bone((outline,), 0.008))
    return [bone for bone in bones if bone.weight > 0]
