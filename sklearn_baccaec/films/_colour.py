"""Grey values of images that are saved in colour."""

import numpy as np

from ._checks import FilmError

NOTE = "the film is nearly grey: its tint or coloured mark was left out"
_REMEDY = "if it is one, cut off all but the film and save it in grey"

_LEVELS = 255  # between black and white; what follows is counted in them
_SAME = 8  # between channels of a grey film, left by JPEG compression
_OFF_TINT = 12  # of a pixel, from the mean colour of those as bright
_STRONGEST_TINT = 80  # between channels; sepia has 78
_SMALL_MARK = 0.02  # share of the pixels


def grey_of(pixels: np.ndarray, name: str) -> tuple[np.ndarray, str | None]:
    """One channel for all, and a note if they are not quite the same.

    A film is grey, whatever its tint, if pixels of one brightness have one colour.
    """
    channels = pixels.shape[2]
    if channels in (2, 4):
        alpha = pixels[..., -1]
        if np.ptp(alpha) or not alpha.any():
            raise FilmError(name, "the film is partly transparent (alpha channel)")
        pixels = pixels[..., :-1]
    elif channels not in (1, 3):
        raise FilmError(name, f"the film has {channels} channels instead of one")
    grey = pixels[..., 0]
    if pixels.shape[2] == 1:
        return grey, None
    high, spread = float(pixels.max()), _spread(pixels)
    level = high / _LEVELS if pixels.dtype.kind == "f" else max(high / _LEVELS, 1)
    if not np.isfinite(level) or spread.max() <= _SAME * level:
        return grey, None  # or what is no number is told by whoever checks the values
    mean = pixels.mean(axis=2, dtype=np.float32)
    coloured = (spread > _STRONGEST_TINT * level) | _is_off_tint(pixels, mean, level)
    coloured &= spread > _SAME * level
    if coloured.mean() > _SMALL_MARK:
        reason = "the film is a colour image; radiographs are grey"
        raise FilmError(name, f"{reason}: {_REMEDY}")
    return mean, NOTE


def _spread(pixels: np.ndarray) -> np.ndarray:
    """Difference between the brightest and the darkest channel of each pixel."""
    return np.subtract(pixels.max(axis=2), pixels.min(axis=2), dtype=np.float32)


def _is_off_tint(pixels: np.ndarray, mean: np.ndarray, level: float) -> np.ndarray:
    """Find pixels of another colour than those as bright have on average."""
    brightness = np.clip(mean / level, 0, _LEVELS).astype(np.uint8)
    counts = np.bincount(brightness.ravel(), minlength=_LEVELS + 1)
    off = np.zeros(mean.shape, bool)
    for channel in np.moveaxis(pixels, 2, 0):
        difference = channel - mean
        sums = np.bincount(brightness.ravel(), difference.ravel(), _LEVELS + 1)
        tint = (sums / np.maximum(counts, 1)).astype(np.float32)
        off |= np.abs(difference - tint[brightness]) > _OFF_TINT * level
    return off
