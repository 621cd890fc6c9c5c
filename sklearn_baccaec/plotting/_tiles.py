"""Films small and side by side."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy as np

from .._utils.sklearn_compat import check_matplotlib_support
from ..films import FilmError, read_film
from ..films._checks import film_name, is_path
from ..films._shrinking import shrink_film
from ._drawing import digit_lines, draw_film, draw_landmarks
from ._styles import SMALL

_THUMBNAIL_SIDE = 320  # pixels of the longer side
_LONGEST_NAME = 20  # characters that fit above a thumbnail
_TILE = (1.6, 2.1)  # inches
_GROUP_TITLE_WIDTH = 1.2  # inches
_LEAST_WIDTH = 4.2  # inches, of a title above a single tile


def make_sheet(n_rows: int, n_columns: int, titled: bool) -> tuple[Any, np.ndarray]:
    """Figure and empty tiles (n_rows, n_columns), with room for titles of rows."""
    check_matplotlib_support("a display")
    import matplotlib.pyplot as plt

    width, height = _TILE
    figure, axes = plt.subplots(
        n_rows,
        n_columns,
        squeeze=False,
        figsize=(
            max(width * n_columns + _GROUP_TITLE_WIDTH * titled, _LEAST_WIDTH),
            0.4 + height * n_rows,
        ),
        layout="constrained",
    )
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes


def draw_tile(
    ax: Any, film: Any, index: int, caption: str, landmarks: np.ndarray | None
) -> None:
    """Draw a film or crop as a thumbnail, and its landmarks (19, 3) if there are any.

    One that cannot be read says why in its place.
    """
    name = film_name(film, index)
    ax.set_anchor("N")  # titles of a row at one height
    ax.set_title(f"{_shorten(name)}\n{caption}".strip(), fontsize=SMALL)
    try:
        pixels = _read(film, index)
    except FilmError as error:
        ax.set_axis_on()
        ax.set(xticks=[], yticks=[])
        ax.text(
            0.5,
            0.5,
            fill(error.reason, _LONGEST_NAME),
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=SMALL,
        )
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


def write_beside(ax: Any, words: str) -> Any:
    """Write to the left of a tile; return the text."""
    return ax.annotate(
        words,
        (0, 0.5),
        xycoords="axes fraction",
        xytext=(-8, 0),  # points
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=SMALL + 1,
    )


def _read(film: Any, index: int) -> np.ndarray:
    if film is None:
        raise FilmError(film_name(film, index), "not cropped")
    if not is_path(film) and np.ndim(film) == 2 and np.isfinite(film).all():
        return np.asarray(film, np.float32)  # crops are smaller than films may be
    return read_film(film, index)


def _shorten(name: str) -> str:
    """Name whose beginning and end are kept."""
    half = _LONGEST_NAME // 2
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: half - 1]}…{name[-half:]}"
