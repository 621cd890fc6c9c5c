"""Colours, markers and axes that every chart shares."""

from typing import Any

import numpy as np

from .._utils.sklearn_compat import check_matplotlib_support

# Of Okabe and Ito, for the colour-blind; markers tell series apart in black and white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = "os^DvPX"
_FILLS = ("full", "none", "left", "bottom")  # of markers, where series outnumber them
UNKNOWN = "0.6"  # grey of what has no age, sex or cluster
EDGE = "0.15"  # nearly black, so that light areas end somewhere
CHANCE_LINE: dict[str, Any] = {"linestyle": (0, (4, 2)), "linewidth": 1.2}
SMALL = 8  # points; nothing is written smaller
DOT: dict[str, Any] = {"s": 26, "alpha": 0.75, "linewidths": 0.5, "edgecolors": EDGE}


def series_style(index: int) -> dict[str, Any]:
    """Colour and marker of a series, by its number from 0 on."""
    turn, place = divmod(index, len(COLOURS))
    style = {"color": COLOURS[place], "marker": _MARKERS[place]}
    return {**style, "fillstyle": _FILLS[turn % len(_FILLS)]} if turn else style


def series_by_sex(
    sexes: np.ndarray | None, drawn: np.ndarray
) -> list[tuple[str, np.ndarray, dict[str, Any]]]:
    """Names, members (n_samples,) and looks of the drawn films of every sex.

    ``sexes`` are 0 for female, 1 for male and -1 for unknown; None: one series.
    """
    blue, orange = series_style(0), series_style(1)
    if sexes is None:
        return [("films", drawn, blue)] if drawn.any() else []
    series = [
        ("girls", drawn & (sexes == 0), orange),
        ("boys", drawn & (sexes == 1), blue),
        ("sex unknown", drawn & (sexes == -1), {"color": UNKNOWN, "marker": "v"}),
    ]
    return [one for one in series if one[1].any()]


def interval_colours(n_intervals: int) -> np.ndarray:
    """Colours (n_intervals, 4) of age intervals, the older the lighter."""
    import matplotlib

    # Not the whole of it: yellow would be lost on white.
    return matplotlib.colormaps["viridis"](np.linspace(0.05, 0.92, n_intervals))


def get_axes(
    ax: Any, figsize: tuple[float, float], n_rows: int = 1, n_columns: int = 1
) -> Any:
    """Axes as given, or one or several of a new figure of this size in inches."""
    check_matplotlib_support("a display")
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    layout: dict[str, Any] = {"figsize": figsize, "layout": "constrained"}
    return plt.subplots(n_rows, n_columns, sharex="col", **layout)[1]


def legend_beside(ax: Any, title: str | None = None, **kwargs: Any) -> None:
    """Write the legend to the right of the axes, where it hides no film."""
    size = SMALL + 1
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "frameon": False}
    ax.legend(title=title, fontsize=size, title_fontsize=size, **place, **kwargs)


def count_of(number: int, what: str) -> str:
    """Return a number of things in words, such as "1 film" or "3 films"."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def list_counts(counts: dict[str, int]) -> str:
    """Those counts that are not 0 in words, such as "3 set aside, 1 of unknown age"."""
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
