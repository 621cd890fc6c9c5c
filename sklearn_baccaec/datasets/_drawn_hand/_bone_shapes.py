"""Outlines of bones: shafts, epiphyses and carpals."""

from dataclasses import dataclass

import numpy as np

from ._ossification import smooth_step
from ._pose import Points

Pair = tuple[float, float]
Widths = tuple[float, float, float]  # at the proximal end, the waist, the distal end
Heights = tuple[
    float, float, float
]  # at the little finger's side, between, the thumb's

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

COMPACT = float("inf")  # cortex of a piece without a cavity
END_PLATE = 0.0035  # thickness of the compact bone under a joint's surface

_ACROSS = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 21))  # densest at the edges


@dataclass(frozen=True)
class Bone:
    """A piece of bone as the beam sees it: the union of its outlines."""

    outlines: tuple[Points, ...]
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
    centre: complex, axis: complex, half_width: float, half_thickness: float
) -> Points:
    """Outline of a flat disc, `axis` the direction of its thickness."""
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    across = np.sign(cos) * np.abs(cos) ** 0.75
    along = np.sign(sin) * np.abs(sin) ** 0.75
    direction = axis / abs(axis)
    return centre + direction * (half_thickness * along + 1j * half_width * across)


def epiphysis_outline(
    seat: complex,  # middle of its surface towards the growth plate
    axis: complex,  # from there to the joint; 1j * axis is the thumb's side of a wrist
    half_width: float,
    heights: Heights,
    *,
    orders: Pair,  # of its corners at the plate and at the joint; 2: oval, more: square
    cap: float = 0.0,  # how far its edges reach round the shaft
    ridge: float = 0.0,  # of its middle above its sides; below 0: how hollow it is
    styloid: float = 0.0,  # process on the little finger's side
) -> tuple[Points, Points]:
    """Outlines of an epiphysis on its growth plate, and of its plate at the joint."""
    x = _ACROSS
    low, middle, high = heights
    height = np.where(x > 0, high, low) - middle
    height = middle + height * np.abs(x) ** 1.4
    inner, outer = ((1 - np.abs(x) ** order) ** (1 / order) for order in orders)
    bent = cap * np.abs(x) ** 3
    near, far = height * (1 - inner) / 2 - bent, height * (1 + outer) / 2
    far += outer * ridge * (np.exp(-((x / 0.35) ** 2)) - (ridge > 0))
    far += outer * styloid * np.exp(-(((x + 0.72) / 0.17) ** 2))
    far = np.maximum(far - 0.3 * bent, near)
    direction = axis / abs(axis)
    across = seat + 1j * direction * half_width * x
    surface, within = across + direction * far, slice(3, -3)
    edge = surface[within], (surface - direction * END_PLATE)[within][::-1]
    outline = np.concatenate([across + direction * near, surface[::-1]])
    return outline, np.concatenate(edge)


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
    # A young bone is hardly an ellipse yet; high orders shape the grown one only.
    shape = smooth_step(size, 0.45, 0.95)
    damping = np.where(np.abs(orders) <= 1, 0.15 + 0.85 * shape, shape)
    damping[np.abs(spectrum).argmax()] = 1.0
    damping *= np.exp(-0.008 * orders**2)
    outline = centre + 1.06 * size * (turns @ (spectrum * damping)) / count
    depth = (0.013 if name == "pisiform" else 0.026) * (0.4 + 0.6 * size)
    return Bone((outline,), depth, cortex=0.003)
