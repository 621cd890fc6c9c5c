"""Whether bone is bright or dark on a film whose landmarks are known."""

from itertools import pairwise

import numpy as np
from scipy.ndimage import map_coordinates

from .._utils.regions import DIGIT_CHAINS, region_index

_SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)  # places along a bone
_FLANK = 0.055  # hand lengths from a bone's axis to the soft tissue or air beside it
# Share of places with dark bone less that with bright bone, above which a film is
# inverted: landmarks that are off by a little do not turn a film round.
_INVERTED_ABOVE = 0.3
_LEAST_CONTRAST = 1e-3  # share of the film's range

# Joints at the ends of phalanges and metacarpals.
_BONES = np.array(
    [
        (region_index(first), region_index(second))
        for chain in DIGIT_CHAINS.values()
        for first, second in pairwise(chain)
    ]
)


def is_inverted(film: np.ndarray, points: np.ndarray, length: float) -> bool:
    """Compare bones between complex points (19,), NaN: unknown, with what is beside."""
    start, end = points[_BONES[:, 0]], points[_BONES[:, 1]]
    known = np.isfinite(start) & np.isfinite(end) & (start != end)
    if not known.any():
        return False
    axis = (end - start)[known, None]
    places = start[known, None] + axis * np.array(_SHARES)
    aside = 1j * axis / np.abs(axis) * _FLANK * length
    flanks = (_sample(film, places + aside) + _sample(film, places - aside)) / 2
    darker = flanks - _sample(film, places)
    unlike = np.abs(darker) > _LEAST_CONTRAST * np.ptp(film)
    return bool((np.sign(darker) * unlike).mean() > _INVERTED_ABOVE)


def _sample(film: np.ndarray, points: np.ndarray) -> np.ndarray:
    places = [points.imag, points.real]
    return map_coordinates(film, places, np.float64, order=1, mode="nearest")
