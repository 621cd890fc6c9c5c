"""Outlines of bones: shafts, epiphyses and carpals."""

from dataclasses import dataclass

import numpy as np

from ._ossification import smooth_step
from ._pose import Points

Pair = tuple[float, float]
Widths = tuple[float, float, float]  # at the proximal end, the waist, the distal end

# Adult outlines of the carpals, dorsal view of a left hand, at the mean pose, in
# thousandths of its length.
CARPAL_OUTLINES: dict[str, tuple[complex, ...]] = {
    "capitate": (-36-44j, -4-50j, 29-46j, 31-12j, 24+28j, 12+56j,
                 -12+62j, -30+44j, -33+4j),
    "hamate": (-104-30j, -70-47j, -41-45j, -37-10j, -42+36j, -56+38j, -78+12j, -102-8j),
    "triquetral": (-112+22j, -90+12j, -67+36j, -60+58j, -74+78j, -97+76j, -114+50j),
    "lunate": (-64+68j, -44+58j, -22+68j, 4+60j, 14+78j, 4+102j,
               -22+112j, -50+104j, -66+88j),
    "scaphoid": (6+68j, 26+36j, 46+10j, 76+2j, 98+22j, 92+56j, 64+86j, 32+104j, 10+96j),
    "trapezium": (80-38j, 112-54j, 140-26j, 134+4j, 108+22j, 82+12j, 72-12j),
    "trapezoid": (34-46j, 64-56j, 86-36j, 78-4j, 54+10j, 32-8j),
    "pisiform": (-116+44j, -100+24j, -80+30j, -74+50j, -90+66j, -110+62j),
}  # fmt: skip


@dataclass(frozen=True)
class Bone:
    """A piece of bone as the beam sees it."""

    outline: Points
    depth: float  # half its thickness along the beam
    cortex: float = 0.0035  # thickness of the cortical shell
    weight: float = 1.0  # share of the mineral: pieces give way to their union
    shaft: tuple[complex, complex] | None = None  # ends: its middle has most cortex


def shaft_outline(
    start: complex, end: complex, half_widths: Widths, rounding: Pair, flare: Pair
) -> Points:
    """Outline of a shaft: flared ends, concave waist, corners rounded off."""
    length = abs(end - start)
    along = (1 - np.cos(np.linspace(0, np.pi, 32))) / 2
    first, waist, last = half_widths
    width = waist + (first - waist) * np.exp(-((along / flare[0]) ** 2))
    width += (last - waist) * np.exp(-(((1 - along) / flare[1]) ** 2))
    for reach, corner in ((along, rounding[0]), (1 - along, rounding[1])):
        inside = np.clip(1 - reach * length / corner, 0, 1)
        width = width * np.sqrt(1 - inside**2.5)
    axis = (end - start) / length
    side, middle = 1j * axis * width, start + axis * along * length
    return np.concatenate([middle + side, (middle - side)[::-1]])


def disc_outline(
    centre: complex,
    axis: complex,
    half_width: float,
    half_thickness: float,
    wedge: float = 0.0,  # of the far surface, raised on the thumb side
    bend: float = 0.0,  # of the edges along the axis
    styloid: float = 0.0,  # process on the side away from the thumb
) -> Points:
    """Outline of an epiphysis: a flat disc."""
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    across = np.sign(cos) * np.abs(cos) ** 0.75
    along = np.sign(sin) * np.abs(sin) ** 0.75
    along = np.where(along > 0, along * (1 + wedge * across), along)
    along += np.where(along > 0, styloid * np.exp(-(((across + 0.72) / 0.2) ** 2)), 0)
    along += bend * across**2
    direction = axis / abs(axis)
    return centre + direction * (half_thickness * along + 1j * half_width * across)


def carpal_bone(name: str, size: float) -> Bone:
    """Outline a carpal bone on its way from a round dot to its adult outline."""
    outline = CARPAL_OUTLINES[name]
    corners = np.array([complex(z.real / 1000, z.imag / 1000) for z in outline])
    centre = corners.mean()
    # A closed smooth curve through the corners: their Fourier series.
    spectrum = np.fft.fft(corners - centre)
    count = len(corners)
    orders = np.fft.fftfreq(count, 1 / count)
    turns = np.exp(2j * np.pi * np.outer(np.arange(40) / 40, orders))
    # High orders shape the grown bone only; a young one is an ellipse.
    shape = smooth_step(size, 0.35, 0.95)
    damping = np.where(np.abs(orders) <= 1, 1.0, shape) * np.exp(-0.008 * orders**2)
    outline = centre + 1.06 * size * (turns @ (spectrum * damping)) / count
    depth = (0.013 if name == "pisiform" else 0.026) * (0.4 + 0.6 * size)
    return Bone(outline, depth, cortex=0.003)
