"""Outlines of bones: shafts, epiphyses and carpals."""

from dataclasses import dataclass

import numpy as np

from ._ossification import smooth_step
from ._pose import Points

# Adult outlines of the carpals, dorsal view of a left hand, at the mean pose.
CARPAL_OUTLINES: dict[str, tuple[complex, ...]] = {
    "capitate": (
        -0.036 - 0.044j, -0.004 - 0.050j, 0.029 - 0.046j, 0.031 - 0.012j,
        0.024 + 0.028j, 0.012 + 0.056j, -0.012 + 0.062j, -0.030 + 0.044j,
        -0.033 + 0.004j,
    ),
    "hamate": (
        -0.104 - 0.030j, -0.070 - 0.047j, -0.041 - 0.045j, -0.037 - 0.010j,
        -0.042 + 0.036j, -0.056 + 0.038j, -0.078 + 0.012j, -0.102 - 0.008j,
    ),
    "triquetral": (
        -0.112 + 0.022j, -0.090 + 0.012j, -0.067 + 0.036j, -0.060 + 0.058j,
        -0.074 + 0.078j, -0.097 + 0.076j, -0.114 + 0.050j,
    ),
    "lunate": (
        -0.064 + 0.068j, -0.044 + 0.058j, -0.022 + 0.068j, 0.004 + 0.060j,
        0.014 + 0.078j, 0.004 + 0.102j, -0.022 + 0.112j, -0.050 + 0.104j,
        -0.066 + 0.088j,
    ),
    "scaphoid": (
        0.006 + 0.068j, 0.026 + 0.036j, 0.046 + 0.010j, 0.076 + 0.002j,
        0.098 + 0.022j, 0.092 + 0.056j, 0.064 + 0.086j, 0.032 + 0.104j,
        0.010 + 0.096j,
    ),
    "trapezium": (
        0.080 - 0.038j, 0.112 - 0.054j, 0.140 - 0.026j, 0.134 + 0.004j,
        0.108 + 0.022j, 0.082 + 0.012j, 0.072 - 0.012j,
    ),
    "trapezoid": (
        0.034 - 0.046j, 0.064 - 0.056j, 0.086 - 0.036j, 0.078 - 0.004j,
        0.054 + 0.010j, 0.032 - 0.008j,
    ),
    "pisiform": (
        -0.116 + 0.044j, -0.100 + 0.024j, -0.080 + 0.030j, -0.074 + 0.050j,
        -0.090 + 0.066j, -0.110 + 0.062j,
    ),
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
    start: complex,
    end: complex,
    half_widths: tuple[float, float, float],
    rounding: tuple[float, float],
    flare: tuple[float, float] = (0.3, 0.25),
) -> Points:
    """Outline of a shaft: flared ends, concave waist, corners rounded off."""
    length = abs(end - start)
    along = (1 - np.cos(np.linspace(0, np.pi, 32))) / 2
    first, waist, last = half_widths
    width = (
        waist
        + (first - waist) * np.exp(-((along / flare[0]) ** 2))
        + (last - waist) * np.exp(-(((1 - along) / flare[1]) ** 2))
    )
    for reach, corner in ((along, rounding[0]), (1 - along, rounding[1])):
        inside = np.clip(1 - reach * length / corner, 0, 1)
        width = width * np.sqrt(1 - inside**2.5)
    axis = (end - start) / length
    side = 1j * axis * width
    middle = start + axis * along * length
    return np.concatenate([middle + side, (middle - side)[::-1]])


def disc_outline(
    centre: complex,
    axis: complex,
    half_width: float,
    half_thickness: float,
    wedge: float = 0.0,
    bend: float = 0.0,
    styloid: float = 0.0,
) -> Points:
    """Outline of an epiphysis: a flat disc, its edges bent along `axis`.

    `wedge` raises the far surface on the thumb side, `styloid` gives a process to
    the other.
    """
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
    corners = np.array(CARPAL_OUTLINES[name])
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
