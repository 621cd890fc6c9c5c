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
    # Between neighbours where the upper bits change, the right reading changes less.
    share = jump = jump_of_lower = 0.0
    for axis in (0, 1):
        changes = np.diff(excess, axis=axis) != 0
        share = max(share, changes.mean())
        jump += _jump(pixels, axis, changes)
        jump_of_lower += _jump(lower, axis, changes)
    if jump < jump_of_lower:
        return pixels
    no_graphics = not (pixels.view(f"u{pixels.itemsize}") >> bits).any()
    return lower if no_graphics or share < _FEW else None


def _jump(values: np.ndarray, axis: int, changes: np.ndarray) -> float:
    """Sum of the differences between neighbours."""
    first = np.delete(values, -1, axis)[changes]
    second = np.delete(values, 0, axis)[changes]
    return float(np.abs(np.subtract(second, first, dtype=np.float64)).sum())
