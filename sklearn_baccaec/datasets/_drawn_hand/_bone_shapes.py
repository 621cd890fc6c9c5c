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
    "capitate": (-26-56j, 6-62j, 39-58j, 41-24j, 38+18j, 30+42j, -2+50j, -20+32j,
                 -23-8j),
    "hamate": (-94-42j, -60-59j, -31-57j, -27-22j, -32+24j, -46+26j, -68+0j, -92-20j),
    "triquetral": (-102+10j, -80+0j, -57+24j, -50+46j, -64+66j, -87+64j, -104+38j),
    "lunate": (-54+56j, -34+46j, -12+56j, 14+48j, 24+66j, 14+90j, -12+100j, -40+92j,
                 -56+76j),
    "scaphoid": (16+56j, 36+24j, 56-2j, 86-10j, 108+10j, 102+44j, 74+74j, 42+92j,
                 20+84j),
    "trapezium": (69-68j, 101-85j, 117-60j, 131-42j, 135-10j, 105+4j, 75-6j, 65-33j),
    "trapezoid": (34-64j, 64-74j, 86-54j, 78-22j, 54-8j, 32-26j),
    "pisiform": (-106+32j, -90+12j, -70+18j, -64+38j, -80+54j, -100+50j),
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
    start: complex,
    end: complex,
    half_widths: Widths,
    rounding: Pair,
    flare: Pair,
    aside: float = 0.0,  # how far the flared start lies towards the thumb
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
    middle += 1j * axis * aside * np.exp(-((along / flare[0]) ** 2))
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
    narrow = 0.35 if ridge > 0 else 0.5
    far += outer * ridge * (np.exp(-((x / narrow) ** 2)) - (ridge > 0))
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
    outline = centre + 1.04 * size * (turns @ (spectrum * damping)) / count
    depth = (0.013 if name == "pisiform" else 0.026) * (0.4 + 0.6 * size)
    return Bone((outline,), depth, cortex=0.004)
