"""How films and landmarks look in every picture."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

# Magenta to yellow: neither end is lost on a film, the luminance rises, and they
# differ in blue, which the colour-blind seldom miss.
_CONFIDENCE_COLOURS = MappingProxyType({"cmap": "spring", "clim": (0, 1)})

_CONTRAST_PERCENTILES = (1, 99.5)  # a marker or a frame shall not darken the bones


def draw_film(ax: Any, pixels: np.ndarray) -> Any:
    """Draw a film without axes, pixel centres at whole numbers; return the image."""
    low, high = np.percentile(pixels, _CONTRAST_PERCENTILES)
    if not high > low:
        low, high = pixels.min(), pixels.max()
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
