"""How the bones of one child are shaped: drawn anew for every film.

The ranges are wide on purpose: what is learned from drawn bones should not depend on
how exactly they are drawn.
"""

from dataclasses import dataclass

import numpy as np

# Medians and standard deviations of the logarithm.
_FACTORS = {
    "plate": (1.0, 0.3),
    "thickness": (1.0, 0.15),
    "joint": (1.0, 0.3),
    "head": (1.0, 0.06),
    "cortex": (1.0, 0.35),
    "carpals": (1.0, 0.05),
    "metaphysis": (1.0, 0.06),
    "flare": (1.0, 0.2),
    "wrist": (1.0, 0.12),
}
_RANGES = {
    "seat": (0.5, 1.0),
    "line": (0.3, 1.0),
    "end_plate": (0.3, 1.0),
    "square": (0.0, 1.0),
    "ridge": (0.0, 0.3),
    "cap": (0.3, 0.9),
    "styloid": (0.2, 1.0),
    "cancellous": (0.1, 0.4),
}


@dataclass(frozen=True)
class Build:
    """Shape of a child's bones; factors where not said otherwise."""

    plate: float = 1.0  # thickness of growth plates
    thickness: float = 1.0  # of epiphyses of the digits
    joint: float = 1.0  # width of joint spaces
    head: float = 1.0  # width of the phalanges' heads
    cortex: float = 1.0  # thickness of cortices
    carpals: float = 1.0  # diameter of carpals
    metaphysis: float = 1.0  # width of shafts at the growth plate
    flare: float = 1.0  # reach of the shafts' flared ends
    wrist: float = 1.0  # thickness of the epiphyses of radius and ulna
    seat: float = 0.75  # 1: young epiphyses lie on their plate, 0: amid the cartilage
    line: float = 0.65  # density of the line of calcification
    end_plate: float = 0.65  # density of the compact bone under the joints
    square: float = 0.5  # of phalangeal heads, 0: round
    ridge: float = 0.15  # of phalangeal bases, in thicknesses
    cap: float = 0.6  # how far old epiphyses reach round the shaft, in thicknesses
    styloid: float = 0.6  # size of the ulna's styloid process
    cancellous: float = 0.25  # attenuation inside bones relative to compact bone


def draw_build(rng: np.random.Generator) -> Build:
    """Shape of the bones of one child."""
    shape = {
        name: median * float(np.exp(spread * np.clip(rng.standard_normal(), -2, 2)))
        for name, (median, spread) in _FACTORS.items()
    }
    shape |= {name: float(rng.uniform(*limits)) for name, limits in _RANGES.items()}
    return Build(**shape)
