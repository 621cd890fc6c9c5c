"""Where the joints of a hand lie: mean configuration, pose, and place on the film.

Points are complex numbers x + iy in hand lengths, of a left hand seen from the back
(thumb to the right, fingers up, y down), the origin at the centre of the carpus.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from ..._utils.regions import KEY_REGIONS, REGION_TABLE

Points = npt.NDArray[np.complex128]
Joints = dict[str, complex]  # by their names
Shape = tuple[int, int]  # height and width in pixels

FINGERS = ("index", "middle", "ring", "little")
DIGITS = ("thumb", *FINGERS)
# Joints of each digit from the wrist to the tip of the distal phalanx.
CHAINS: dict[str, tuple[str, ...]] = {
    "thumb": ("thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip"),
} | {f: tuple(f"{f}_{j}" for j in ("cmc", "mcp", "pip", "dip", "tip")) for f in FINGERS}

# The further joints were measured on films of children of 1 to 19 years; like the key
# regions, they hardly change with age in units of the hand's length.
MEAN_JOINTS: Joints = {
    **{region.name: region.landmark for region in REGION_TABLE},
    "index_cmc": 0.058 - 0.052j,
    "middle_cmc": 0.002 - 0.056j,
    "ring_cmc": -0.052 - 0.052j,
    "little_cmc": -0.095 - 0.042j,
    "radius_end": 0.030 + 1.332j,
    "ulna_end": -0.105 + 1.343j,
}

# Distal phalanx over its neighbour: Buryanov & Kotiuk (2010).
DISTAL_RATIO = {
    "thumb": 21.67 / 31.57, "index": 15.82 / 22.38, "middle": 17.40 / 26.33,
    "ring": 17.30 / 25.65, "little": 15.96 / 18.11,
}  # fmt: skip

# Standard deviations in degrees, of the size seen on films.
ROTATION, FOREARM, WRIST = 6.0, 6.0, 4.0
METACARPAL, SPREAD, FINGER, JOINT, THUMB = 1.0, 2.5, 1.6, 2.0, 7.0
SHORTENING = 0.015
SOFT_MARGIN = 0.07
SIDEWAYS = {"thumb": 0.0, "index": 1.0, "middle": 0.0, "ring": -1.0, "little": -2.0}


@dataclass(frozen=True)
class Placement:
    """Similarity from hand coordinates to pixels of the film."""

    scale: complex
    offset: complex
    mirrored: bool

    def extent(self, joints: Joints) -> npt.NDArray[np.float64]:
        """Corners ((x, y), (x, y)) of the pixels that hold the hand."""
        names = [*KEY_REGIONS, *(f"{digit}_tip" for digit in DIGITS)]
        points = self.to_film(np.array([joints[name] for name in names]))
        margin = SOFT_MARGIN * self.length
        return np.stack([points.min(axis=0) - margin, points.max(axis=0) + margin])

    @property
    def length(self) -> float:
        """Length of the hand in pixels."""
        return abs(self.scale)

    def enlarged(self, factor: int) -> "Placement":
        """Place the hand on a film of as many times the pixels on either side."""
        offset = (self.offset + (0.5 + 0.5j)) * factor - (0.5 + 0.5j)
        return Placement(self.scale * factor, offset, self.mirrored)

    def to_film(self, points: Points) -> npt.NDArray[np.float64]:
        """Pixel coordinates, shape (n, 2), of points of the hand."""
        points = -points.conj() if self.mirrored else points
        film = self.offset + self.scale * points
        return np.stack([film.real, film.imag], axis=-1)


def _turn(joints: Joints, names: Iterable[str], pivot: complex, degrees: float) -> None:
    for name in names:
        joints[name] = pivot + (joints[name] - pivot) * np.exp(1j * np.radians(degrees))


def draw_joints(rng: Generator, strength: float) -> Joints:
    """Joints of a hand in a random pose; the mean pose for strength 0."""

    def deviate(scale: float) -> float:
        return scale * strength * float(np.clip(rng.standard_normal(), -2.2, 2.2))

    joints = dict(MEAN_JOINTS)
    spread = deviate(SPREAD)
    for digit, chain in CHAINS.items():
        last = joints[chain[-2]] - joints[chain[-3]]
        joints[chain[-1]] = joints[chain[-2]] + DISTAL_RATIO[digit] * last
        shift = complex(deviate(0.006), deviate(0.006))
        for name in chain:
            joints[name] += shift
        for first in range(1, len(chain) - 1):
            pivot, shorter = joints[chain[first]], 1.0 - abs(deviate(SHORTENING))
            for name in chain[first + 1 :]:
                joints[name] = pivot + (joints[name] - pivot) * shorter
        thumb = digit == "thumb"
        turns = [deviate(THUMB if thumb else METACARPAL)]
        turns.append(SIDEWAYS[digit] * spread + deviate(THUMB if thumb else FINGER))
        turns += [deviate(JOINT) for _ in chain[2:-1]]
        for first, degrees in enumerate(turns):
            _turn(joints, chain[first + 1 :], joints[chain[first]], degrees)
    forearm = ("radius", "radius_end", "ulna", "ulna_end")
    _turn(joints, forearm, joints["carpus"], deviate(WRIST))
    middle = (joints["radius"] + joints["ulna"]) / 2
    _turn(joints, ("radius_end", "ulna_end"), middle, deviate(FOREARM))
    return joints


def draw_placement(
    joints: Joints, shape: Shape, right: bool, rng: Generator, strength: float
) -> Placement:
    """Turn, size and place of a hand that lies on the film as a whole."""
    height, width = shape
    tilt = ROTATION * strength * float(np.clip(rng.standard_normal(), -2.5, 2.5))
    size = 0.67 + 0.08 * min(strength, 1.5) * rng.uniform(-1.0, 1.0)
    across, along = 0.5 + 0.5 * min(strength, 1.0) * rng.uniform(-0.9, 0.9, 2)

    turn = np.exp(1j * np.radians(tilt))
    low, high = Placement(turn, 0j, right).extent(joints)
    # As large as drawn, but never larger than the film holds.
    scale = min(size * height, 0.97 * min([width, height] / (high - low)))
    free = np.array([width, height]) - scale * (high - low)
    # The forearm enters from below: more of the free height lies there.
    corner = free * [across, 0.2 + 0.6 * along] - scale * low
    return Placement(scale * turn, complex(*corner), right)
