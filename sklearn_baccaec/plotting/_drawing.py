"""How films and landmarks look in every picture, large or as a tile of a sheet."""

from textwrap import fill
from typing import Any

import numpy as np

from .._utils.regions import DIGIT_CHAINS, region_index
from .._utils.sklearn_compat import check_matplotlib_support
from .._utils.text import printable
from ..films import FilmError, read_film
from ..films._checks import film_name, is_path
from ..films._reading import shrink_film
from ._styles import SMALL

# Magenta to yellow: seen on a film, and by the colour-blind, as they differ in blue.
_CONFIDENCE_COLOURS: dict[str, Any] = {"cmap": "spring", "clim": (0, 1)}
# Of Okabe and Ito, as those of charts.
_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#D55E00")
_LINES = [(*chain, "carpus") for chain in DIGIT_CHAINS.values()]
_LINES.append(("radius", "wrist", "ulna"))
_CONTRAST_PERCENTILES = (1, 99.5)  # a marker or a frame shall not darken the bones
_THUMBNAIL_SIDE = 320  # pixels of the longer side
_LONGEST_NAME = 20  # characters that fit above a thumbnail
_TILE = (1.6, 2.1)  # inches
_GROUP_TITLE_WIDTH = 1.2  # inches
_LEAST_WIDTH = 4.2  # inches, of a title above a single tile


def contrast_limits(pixels: np.ndarray) -> tuple[float, float]:
    """Grey values that are shown as black and white."""
    low, high = np.percentile(pixels, _CONTRAST_PERCENTILES)
    return (low, high) if high > low else (pixels.min(), pixels.max())


def confidence_colours(confidence: np.ndarray) -> list[str]:
    """Colours of landmarks, such as "#ff00ff", as `draw_landmarks` has them."""
    import matplotlib
    from matplotlib.colors import to_hex

    colours = matplotlib.colormaps[_CONFIDENCE_COLOURS["cmap"]](confidence)
    return [to_hex(colour) for colour in colours]


def digit_lines(landmarks: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Known joints (n, 2) of each digit, and of the forearm, with their colours."""
    lines = []
    for chain, colour in zip(_LINES, _COLOURS, strict=True):
        joints = landmarks[[region_index(region) for region in chain], :2]
        lines.append((joints[np.isfinite(joints[:, 0])], colour))
    return lines


def shorten(name: str, most: int) -> str:
    """Name of a film that can be drawn: of so many characters, without its middle."""
    name = printable(name)
    half = most // 2
    return f"{name[: half - 1]}…{name[-half:]}" if len(name) > most else name


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
    edge = {"edgecolors": "black", "linewidths": size / 8}
    style = {"s": size**2, "zorder": 3, **edge, **_CONFIDENCE_COLOURS}
    return ax.scatter(x, y, c=confidence, **style)


def draw_outlines(
    ax: Any, outlines: np.ndarray, confidence: np.ndarray, threshold: float
) -> tuple[Any, Any]:
    """Draw the known of crops (n, 4, 2); return them and their upper sides, bold."""
    from matplotlib.collections import LineCollection, PolyCollection

    known = np.isfinite(outlines).all(axis=(1, 2))
    corners, confidence = outlines[known], confidence[known]
    dashes = np.where(confidence < threshold, "--", "-").tolist()
    style = {"array": confidence, "linestyles": dashes, **_CONFIDENCE_COLOURS}
    crops = PolyCollection(corners, facecolors="none", linewidths=1.2, **style)
    tops = LineCollection(corners[:, :2], linewidths=3.5, **style)
    ax.add_collection(crops)
    ax.add_collection(tops)
    _make_room(ax, corners)
    return crops, tops


def draw_windows(
    ax: Any, windows: np.ndarray, values: np.ndarray, style: dict[str, Any]
) -> tuple[Any, Any]:
    """Draw the known of windows (n, 4, 2), the largest first, coloured by values (n,).

    Those without a value are hollow. Return both kinds.
    """
    from matplotlib.collections import PolyCollection

    known = np.isfinite(windows).all(axis=(1, 2))
    told, width = known & np.isfinite(values), np.ptp(windows, axis=1).max(axis=1)
    order = np.argsort(-width, kind="stable")
    told, absent = order[told[order]], order[(known & ~told)[order]]
    coloured = PolyCollection(windows[told], array=values[told], **style)
    coloured.set(alpha=0.35)
    edges = PolyCollection(
        windows[told], array=values[told], facecolors="none", linewidths=2, **style
    )
    dashed: dict[str, Any] = {"edgecolors": "white", "linestyles": "--"}
    hollow = PolyCollection(windows[absent], facecolors="none", **dashed)
    for collection in (hollow, coloured, edges):
        ax.add_collection(collection)
    _make_room(ax, windows[known])
    return edges, hollow


def _make_room(ax: Any, corners: np.ndarray) -> None:
    """Widen the view of a film to show all corners (n, 4, 2)."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    x, y = np.vstack([corners.reshape(-1, 2), [(left, top), (right, bottom)]]).T
    ax.set(xlim=(x.min(), x.max()), ylim=(y.max(), y.min()))


def make_sheet(n_rows: int, n_columns: int, titled: bool) -> tuple[Any, np.ndarray]:
    """Figure and empty tiles (n_rows, n_columns), with room for titles of rows."""
    check_matplotlib_support("a display")
    import matplotlib.pyplot as plt

    width = max(_TILE[0] * n_columns + _GROUP_TITLE_WIDTH * titled, _LEAST_WIDTH)
    layout: dict[str, Any] = {"figsize": (width, 0.4 + _TILE[1] * n_rows)}
    layout |= {"squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(n_rows, n_columns, **layout)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes


def draw_tile(
    ax: Any, film: Any, index: int, caption: str, landmarks: np.ndarray | None
) -> None:
    """Draw a thumbnail and its landmarks (19, 3) if any, or why there is none."""
    name = film_name(film, index)
    caption = f"{shorten(name, _LONGEST_NAME)}\n{caption}".strip()
    ax.set_anchor("N")  # titles of a row at one height
    ax.set_title(caption, fontsize=SMALL, parse_math=False)  # names may hold dollars
    try:
        if film is None:
            raise FilmError(name, "not cropped")
        crop = not is_path(film) and np.ndim(film) == 2 and np.isfinite(film).all()
        # Crops are smaller than films may be.
        pixels = np.asarray(film, np.float32) if crop else read_film(film, index)
    except FilmError as error:
        ax.set_axis_on()
        ax.set(xticks=[], yticks=[])
        middle = {"transform": ax.transAxes, "ha": "center", "va": "center"}
        reason = fill(printable(error.reason), _LONGEST_NAME)
        ax.text(0.5, 0.5, reason, fontsize=SMALL, parse_math=False, **middle)
        return
    known = np.empty((0, 3)) if landmarks is None else landmarks
    thumbnail, points = shrink_with_landmarks(pixels, known, _THUMBNAIL_SIDE)
    draw_film(ax, thumbnail)
    if landmarks is not None:
        for joints, colour in digit_lines(points):
            ax.plot(*joints.T, color=colour, linewidth=1)
        draw_landmarks(ax, points, size=2.5)


def shrink_with_landmarks(
    pixels: np.ndarray, landmarks: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Thumbnail of a film, its longer side at most ``side``, and landmarks (n, 3)."""
    thumbnail, scale = shrink_film(pixels, side)
    points = landmarks.copy()
    points[:, :2] = (points[:, :2] + 0.5) * scale - 0.5
    return thumbnail, points
