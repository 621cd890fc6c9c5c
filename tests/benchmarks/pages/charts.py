"""The charts of docs/results.md, from the tables alone; to be read on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from .tables import agreement, chance_of_paper, held_out, median_of, read

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "0.45"  # Okabe and Ito's
KNOWN = (0, 4, 8, 16, 32, 64, 128, "all")  # ages


def known_ages(ax: Axes) -> None:
    """Mean absolute error against the number of known ages, held out."""
    places = np.arange(len(KNOWN))
    for sex, colour, marker in ((True, BLUE, "o"), (False, ORANGE, "s")):
        rows = [held_out(known, sex=sex) for known in KNOWN]
        middle, low, high = (
            np.array([row[f"MAE {name}"] for row in rows])
            for name in ("median", "min", "max")
        )
        ax.fill_between(places, low, high, color=colour, alpha=0.2, lw=0)
        ax.plot(places, middle, color=colour, marker=marker, ms=5)
        ax.annotate(
            "sex known" if sex else "sex unknown",
            (places[1], high[1]),
            xytext=(0, 7),
            textcoords="offset points",
            color=colour,
        )
    every = held_out("all")["known ages"]
    names = [f"all {every:.0f}" if known == "all" else known for known in KNOWN]
    ax.set_xticks(places, names)
    ax.set(xlabel="known ages", ylim=(0, 1.25 * ax.get_ylim()[1]))
    ax.yaxis.set_major_locator(MultipleLocator(5))
    ax.set_title("mean absolute error, months", loc="left")


def by_age(ax: Axes) -> None:
    """How far off the months are, by true age and sex, all films."""
    table = read("months_by_age")
    for sex, colour, marker, shift in (("F", ORANGE, "o", -2), ("M", BLUE, "s", 2)):
        own = table[table["sex"] == sex]
        middle = (own["from"] + own["to"]) / 2 + shift
        ax.vlines(middle, own["10% below"], own["90% below"], color=colour, lw=2)
        name = "girls" if sex == "F" else "boys"
        ax.plot(middle, own["median"], marker, color=colour, ms=6, label=name)
    ax.axhline(0, color="black", lw=0.8)
    ax.set_xticks(range(0, 229, 48))
    ax.set(xlabel="bone age, months")
    ax.set_title("months said minus months read", loc="left")
    ax.legend(frameon=False, ncols=2, loc="upper right", handletextpad=0)


def methods(ax: Axes) -> None:
    """The paper's figure beside ours, each with its chance level."""
    paper = read("paper/table_3").set_index("k").loc[16]
    inside, outside = agreement("in-sample"), agreement("held out")
    printed = f"{chance_of_paper():.1%}"
    rows = [
        ("paper's method, held out", GREY, paper["held out"], paper["largest class"]),
        ("agreement, held out", BLUE, outside["names"], outside["largest class"]),
        ("paper's method, in-sample", GREY, paper["in-sample"], paper["chance"]),
        ("agreement, in-sample", BLUE, inside["names"], inside["chance"]),
        ("the paper, hand-cut films", "0.75", paper["paper, in-sample"], printed),
    ]
    for place, (_, colour, accuracy, level) in enumerate(rows):
        width, reached = (
            median_of(each) if isinstance(each, str) else 100 * each.median()
            for each in (accuracy, level)
        )
        ax.barh(place, width, color=colour, height=0.6)
        ax.vlines(reached, place - 0.38, place + 0.38, color="black", lw=2.5)
        ax.text(width + 1, place, f"{width:.0f}%", va="center")
    ax.set_yticks(range(len(rows)), [name for name, *_ in rows])
    ax.set(xlim=(0, 100), xlabel="correctly named films, %")
    ax.spines["left"].set_visible(False)
    ax.tick_params(left=False)


CHARTS: dict[str, Callable[[Axes], None]] = {
    "results_known_ages": known_ages,
    "results_by_age": by_age,
    "results_methods": methods,
}


def draw_charts(folder: Path) -> None:
    """Write each chart as a PNG."""
    matplotlib.use("agg")
    style = {
        "font.size": 12,
        "axes.titlesize": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with matplotlib.rc_context(style):
        for name, draw in CHARTS.items():
            figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
            draw(ax)
            figure.savefig(folder / f"{name}.png", dpi=160)
            plt.close(figure)
