"""Bits of DICOM pixels: how many of them are grey values, whatever headers say."""

import numpy as np

_FEW = 0.25  # share of neighbours between which graphics in the upper bits change


def grey_values(pixels: np.ndarray, bits: int) -> np.ndarray | None:
    """Values of pixels whose header says how many of their lower bits are stored.

    The upper ones may hold graphics, or nothing of worth, and are left out. Where grey
    values run on into them, they count. None where neither is plain.
    """
    unused = pixels.itemsize * 8 - bits
    if bits < 1 or unused < 1:
        return pixels
    lower = (pixels << unused) >> unused  # with its sign
    excess = pixels ^ lower
    if not excess.any():
        return pixels
    changes = excess[:, 1:] != excess[:, :-1]

    def jumps(values: np.ndarray) -> float:
        left, right = values[:, :-1][changes], values[:, 1:][changes]
        return float(np.abs(np.subtract(right, left, dtype=np.float64)).sum())

    if jumps(pixels) < jumps(lower):
        return pixels
    no_graphics = not (pixels.view(f"u{pixels.itemsize}") >> bits).any()
    return lower if no_graphics or changes.mean() < _FEW else None
