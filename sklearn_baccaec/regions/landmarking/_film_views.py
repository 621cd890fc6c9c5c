"""The two views of a film that the landmark networks see, and how they are rendered.

The *finder* sees the whole film, the *refiner* the hand: upright, left, bone bright, at
one scale. A view is an affine matrix (2, 3) from the film's pixels to the view's.
"""

import numpy as np

from ..._utils.image_backend import load_cv2
from ...films._reading import shrink_film
from .._hand_pose import HandPose

FINDER_SHAPE = (160, 160)
REFINER_SHAPE = (256, 224)
REFINER_SCALE = 210.0  # pixels of hand length in the refiner's view
FILM_SIDE = 448  # longer side of a reduced film in pixels: all that the views need

_HAND_CENTRE = 0.01 - 0.27j  # middle of a hand in the mean hand's coordinates
_CONTRAST_PERCENTILES = (1.0, 99.5)


def reduce_film(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Film of 8 bit whose longer side is at most 448 pixels, and its scale (x, y)."""
    pixels, scale = shrink_film(pixels, FILM_SIDE)
    low, high = np.percentile(pixels[::2, ::2], (0.1, 99.9))
    if not high > low:
        low, high = pixels.min(), pixels.max()
    grey = np.clip((pixels - low) * (255 / max(high - low, 1e-6)), 0, 255)
    return np.rint(grey).astype(np.uint8), scale


def finder_view(
    film_shape: tuple[int, ...], shape: tuple[int, int] = FINDER_SHAPE
) -> np.ndarray:
    """View of the whole film, fitted into ``shape``."""
    scale = min(shape[0] / film_shape[0], shape[1] / film_shape[1])
    y, x = ((shape[i] - scale * film_shape[i]) / 2 for i in range(2))
    # Pixel centres are whole numbers: the film's edge lies at -0.5.
    return np.array([[scale, 0, x + scale / 2 - 0.5], [0, scale, y + scale / 2 - 0.5]])


def hand_centre(points: np.ndarray, pose: HandPose) -> complex:
    """Find the middle of a hand from its landmarks, complex; NaN where unknown."""
    centre = -np.conj(_HAND_CENTRE) if pose.right else _HAND_CENTRE
    known = ~np.isnan(points)
    to_centre = 1j * pose.up * pose.length * (centre - pose.mean_hand[known])
    return complex(np.mean(points[known] + to_centre))


def refiner_view(
    centre: complex,
    pose: HandPose,
    *,
    turn: float = 0.0,  # radians
    zoom: float = 1.0,
    shift: complex = 0j,  # pixels of the view
) -> np.ndarray:
    """View of the hand: upright, left, centred; then turned, zoomed and shifted."""
    height, width = REFINER_SHAPE
    scale = REFINER_SCALE * zoom / max(pose.length, 1.0)
    factor = scale * np.exp(1j * turn) / (1j * pose.up)
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    if pose.right:  # mirror what stands upright
        linear[0] = -linear[0]
    middle = np.array([(width - 1) / 2 + shift.real, (height - 1) / 2 + shift.imag])
    return np.column_stack([linear, middle - linear @ (centre.real, centre.imag)])


def render_view(
    film: np.ndarray,
    view: np.ndarray,
    shape: tuple[int, int],
    fill: float | None = None,
) -> np.ndarray:
    """Sample a view, float32; beyond the film lies its margin's grey, or ``fill``."""
    cv2 = load_cv2()
    step = 1 / np.sqrt(abs(np.linalg.det(view[:, :2])))  # film pixels a view pixel
    if step > 1.5:  # average areas first, against aliasing
        factor = 1 / step
        size = [max(1, round(side * factor)) for side in film.shape[::-1]]
        ratio = np.array(size) / film.shape[::-1]
        film = cv2.resize(film, size, interpolation=cv2.INTER_AREA)
        linear = view[:, :2] / ratio
        view = np.column_stack([linear, view[:, 2] - linear @ (ratio / 2 - 0.5)])
    if fill is None:
        margins = (film[:2], film[-2:], film[:, :2], film[:, -2:])
        fill = float(np.median(np.concatenate([part.ravel() for part in margins])))
    return cv2.warpAffine(film.astype(np.float32), view, shape[::-1], borderValue=fill)


def standardise(image: np.ndarray) -> np.ndarray:
    """Grey levels on the networks' scale, whatever the exposure."""
    low, high = np.percentile(image[::2, ::2], _CONTRAST_PERCENTILES)
    grey = np.clip((image - low) / max(high - low, 1e-3), -0.2, 1.3)
    return ((grey - 0.35) * 2.5).astype(np.float32)


def transform_points(view: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) of the film in the view."""
    return points @ view[:, :2].T + view[:, 2]


def invert_view(view: np.ndarray) -> np.ndarray:
    """Matrix from the view's pixels back to the film's."""
    inverse = np.linalg.inv(view[:, :2])
    return np.column_stack([inverse, -inverse @ view[:, 2]])
