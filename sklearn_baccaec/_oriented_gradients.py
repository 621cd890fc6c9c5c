"""Local contrast, and histograms of the directions in which it changes (HOG).

Nothing here is learned. Each step but the last is linear in rows and in columns, so
that one matrix on either side of a crop does it.
"""

from functools import cache

import numpy as np

SIDE = 64  # pixels of the square that every crop is resized to
CELL = 8  # pixels of the square that a histogram is of
DIRECTIONS = 9  # of a histogram, over half a turn: a gradient and its opposite are one
BLOCK = 2  # cells of the square that is normalised together
N_FEATURES = (SIDE // CELL - BLOCK + 1) ** 2 * BLOCK**2 * DIRECTIONS

_SURROUNDINGS = 6  # a pixel is compared with a sixth of the crop
_NOISE = 0.02  # contrast that counts as none, of the range of grey values
_HIGHEST_CONTRAST = 3.0  # standard deviations
_HIGHEST_SHARE = 0.3  # of a block's length that one direction of a cell may have
_NO_GRADIENT = 1e-3  # length of a block that is as good as none
_BATCH = 64  # crops computed at once, whose intermediate results fit into the cache


def describe_gradients(crops: np.ndarray, brightest: float = 1.0) -> np.ndarray:
    """Histograms of oriented gradients (n, 1764), float32.

    Parameters
    ----------
    crops : ndarray of shape (n, height, width)
        Grey values.
    brightest : float
        Grey value that counts as 1.
    """
    scale = np.float32(brightest)
    histograms = np.empty((len(crops), N_FEATURES), np.float32)
    for start in range(0, len(crops), _BATCH):
        part = slice(start, start + _BATCH)
        contrast = local_contrast(crops[part] / scale)
        histograms[part] = _normalised_blocks(_cells(contrast))
    return histograms


def local_contrast(crops: np.ndarray) -> np.ndarray:
    """Crops (n, 64, 64) less their surroundings, over the deviation of that."""
    rows, columns = (_smooth_and_resize(length) for length in crops.shape[1:])
    smooth = rows @ crops.astype(np.float32, copy=False) @ columns.T
    contrast = smooth - _surround() @ smooth @ _surround().T
    deviation = np.sqrt(np.mean(contrast**2, axis=(1, 2), keepdims=True))
    limit = _HIGHEST_CONTRAST
    return np.clip(contrast / (deviation + _NOISE), -limit, limit)


def _cells(views: np.ndarray) -> np.ndarray:
    """Histogram of directions of every cell (n, cells, cells, directions)."""
    n_views, side = views.shape[:2]
    padded = np.pad(views, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    length = np.hypot(across, down).ravel()
    direction = np.arctan2(down, across).ravel() * (DIRECTIONS / np.pi)
    lower = np.floor(direction)
    to_upper = (direction - lower) * length  # shared by the two nearest directions
    lower = lower.astype(np.intp) % DIRECTIONS
    cells = side // CELL
    place = np.arange(side) // CELL
    cell = (np.arange(n_views)[:, None, None] * cells + place[:, None]) * cells + place
    cell = cell.ravel() * DIRECTIONS
    size = n_views * cells**2 * DIRECTIONS
    histograms = np.bincount(cell + lower, length - to_upper, size)
    histograms += np.bincount(cell + (lower + 1) % DIRECTIONS, to_upper, size)
    return histograms.reshape(n_views, cells, cells, DIRECTIONS) / CELL**2


def _normalised_blocks(cells: np.ndarray) -> np.ndarray:
    """Overlapping blocks of cells (n, n_features), each of unit length, then cut."""
    blocks = np.lib.stride_tricks.sliding_window_view(cells, (BLOCK, BLOCK), (1, 2))
    blocks = blocks.reshape(*blocks.shape[:3], -1)
    length = np.linalg.norm(blocks, axis=3, keepdims=True)
    shares = np.minimum(blocks / (length + _NO_GRADIENT), _HIGHEST_SHARE)
    return shares.reshape(len(cells), -1)


@cache
def _smooth_and_resize(length: int) -> np.ndarray:
    """Matrix (64, length): bilinear resizing, then the mean of three pixels, twice."""
    smooth = np.tril(np.triu(np.ones((SIDE, SIDE)), -1), 1)
    smooth /= smooth.sum(axis=1, keepdims=True)
    return (smooth @ smooth @ _resize(length, SIDE)).astype(np.float32)


@cache
def _surround() -> np.ndarray:
    """Matrix (64, 64): means of six parts that may overlap, resized to 64 again."""
    means = np.zeros((_SURROUNDINGS, SIDE))
    for i, row in enumerate(means):
        row[i * SIDE // _SURROUNDINGS : -(-(i + 1) * SIDE // _SURROUNDINGS)] = 1
    means /= means.sum(axis=1, keepdims=True)
    return (_resize(_SURROUNDINGS, SIDE) @ means).astype(np.float32)


def _resize(length: int, new: int) -> np.ndarray:
    """Matrix (new, length): linear between pixel centres, or means where it shrinks."""
    places = np.clip((np.arange(new) + 0.5) * length / new - 0.5, 0, length - 1)
    distances = np.abs(places[:, None] - np.arange(length))
    weights = np.maximum(0, 1 - distances / max(1, length / new))
    return weights / weights.sum(axis=1, keepdims=True)
