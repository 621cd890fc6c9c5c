"""Films small and side by side."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from textwrap import fill
from typing import Any

import numpy as np
from sklearn.utils import check_scalar

from ..films._films import FilmError
from ..films._shrinking import shrink_film
from ._drawing import draw_film
from ._styles import SMALL

_THUMBNAIL_SIDE = 320  # pixels of the longer side
_LONGEST_NAME = 24  # characters that fit above a thumbnail
_TILE = (1.8, 2.4)  # inches


def check_counts(n_films: int, n_columns: int) -> None:
    """Refuse a sheet without tiles."""
    check_scalar(n_films, "n_films", Integral, min_val=1)
    check_scalar(n_columns, "n_columns", Integral, min_val=1)


def make_sheet(n_tiles: int, n_columns: int) -> tuple[Any, np.ndarray]:
    """Figure and tiles (n_rows, n_columns); those past the last one show nothing."""
    import matplotlib.pyplot as plt

    n_columns = min(n_columns, n_tiles)
    n_rows = -(-n_tiles // n_columns)
    width, height = _TILE
    figure, axes = plt.subplots(
        n_rows,
        n_columns,
        squeeze=False,
        figsize=(width * n_columns, 0.4 + height * n_rows),
        layout="constrained",
    )
    for ax in axes.flat[n_tiles:]:
        ax.set_axis_off()
    return figure, axes


def draw_tile(ax: Any, title: str, read: Callable[[], np.ndarray]) -> np.ndarray | None:
    """Draw the film that ``read`` returns as a thumbnail; return its scale (x, y).

    A film that cannot be read says why in its place, and has no scale.
    """
    ax.set_anchor("N")  # titles of a row at one height
    ax.set_title(title, fontsize=SMALL)
    try:
        pixels = read()
    except FilmError as error:
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
        return None
    thumbnail, scale = shrink_film(pixels, _THUMBNAIL_SIDE)
    draw_film(ax, thumbnail)
    return scale


def shorten(name: str, longest: int = _LONGEST_NAME) -> str:
    """Name whose beginning and end are kept."""
    half = longest // 2
    return name if len(name) <= longest else f"{name[: half - 1]}…{name[-half:]}"
