"""How films and landmarks look in every picture."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from .._utils.regions import DIGIT_CHAINS, region_index

# Magenta to yellow: neither end is lost on a film, the luminance rises, and they
# differ in blue, which the colour-blind seldom miss.
_CONFIDENCE_MAP = "spring"
_CONFIDENCE_COLOURS = MappingProxyType({"cmap": _CONFIDENCE_MAP, "clim": (0, 1)})

# Colours of Okabe and Ito, which the colour-blind can tell apart.
_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#D55E00")
_LINES = (
    *((*chain, "carpus") for chain in DIGIT_CHAINS.values()),
    ("radius", "wrist", "ulna"),
)

_CONTRAST_PERCENTILES = (1, 99.5)  # a marker or a frame shall not darken the bones


def contrast_limits(pixels: np.ndarray) -> tuple[float, float]:
    """Grey values that are shown as black and white."""
    low, high = np.percentile(pixels, _CONTRAST_PERCENTILES)
    return (low, high) if high > low else (pixels.min(), pixels.max())


def confidence_colours(confidence: np.ndarray) -> list[str]:
    """Colours of landmarks, such as "#ff00ff", as `draw_landmarks` has them."""
    import matplotlib
    from matplotlib.colors import to_hex

    colours = matplotlib.colormaps[_CONFIDENCE_MAP](confidence)
    return [to_hex(colour) for colour in colours]


def digit_lines(landmarks: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Known joints (n, 2) of each digit, and of the forearm, with their colours."""
    chains = [
        (landmarks[[region_index(region) for region in chain], :2], colour)
        for chain, colour in zip(_LINES, _COLOURS, strict=True)
    ]
    return [(joints[np.isfinite(joints[:, 0])], colour) for joints, colour in chains]


def draw_film(ax: Any, pixels: np.ndarray) -> Any:
    """Draw a film without axes, pixel centres at whole numbers; return the image."""
    low, high = contrast_limits(pixels)
    image = ax.imshow(pixels, cmap="gray", vmin=low, vmax=high)
    ax.set_axis_off()
    ax.autoscale(False)  # landmarks far outside shall not make the film a dot
    return image


def draw_landmarks(ax: Any, landmarks: np.ndarray, size: float) -> Any:
    """Draw the known of landmarks (n, 3) as dots of ``size`` points; return them."""
    x, y, confidence = landmarks[np.isfinite(landmarks[:, 0])].T
    return ax.scatter(
        x,
        y,
        s=size**2,
        c=confidence,
        edgecolors="black",
        linewidths=size / 8,
        zorder=3,
        **_CONFIDENCE_COLOURS,
    )


def draw_outlines(
    ax: Any, outlines: np.ndarray, confidence: np.ndarray, threshold: float
) -> tuple[Any, Any]:
    """Draw the known of crops (n, 4, 2), upper sides bold; return them and the sides.

    Those of a confidence below the threshold are dashed. The view grows to hold crops
    that reach beyond the film.
    """
    from matplotlib.collections import LineCollection, PolyCollection

    known = np.isfinite(outlines).all(axis=(1, 2))
    corners, confidence = outlines[known], confidence[known]
    style = {
        "array": confidence,
        "linestyles": np.where(confidence < threshold, "--", "-").tolist(),
        **_CONFIDENCE_COLOURS,
    }
    crops = PolyCollection(corners, facecolors="none", linewidths=1.2, **style)
    tops = LineCollection(corners[:, :2], linewidths=3.5, **style)
    ax.add_collection(crops)
    ax.add_collection(tops)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    x, y = np.vstack([corners.reshape(-1, 2), [(left, top), (right, bottom)]]).T
    ax.set(xlim=(x.min(), x.max()), ylim=(y.max(), y.min()))
    return crops, tops
