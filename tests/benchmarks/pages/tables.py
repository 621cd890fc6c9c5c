"""The tables in results, as figures in words."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_baccaec.datasets import load_paper_results
from sklearn_baccaec.metrics import chance_majority_label_accuracy

FOLDER = Path(__file__).parents[1] / "results"
_WIDTH = 98  # of lines on the pages


@cache
def read(name: str) -> pd.DataFrame:
    """A table as it was written: whole numbers stay so, the rest is text or numbers."""
    return pd.read_csv(FOLDER / f"{name}.csv")


def held_out(known: int | str, *, sex: bool = True) -> pd.Series:
    """Held-out figures with so many known ages, drawn at random; "all" are all."""
    table = read("months_held_out")
    choice = {0: "none", "all": "all"}.get(known, "random")
    rows = table[(table["sex known"] == sex) & (table["choice"] == choice)]
    return (rows if choice != "random" else rows[rows["known ages"] == known]).iloc[0]


def all_films(group: str = "all") -> pd.Series:
    """Figures of the pretrained model on all films, or a group of them."""
    return read("months_all_films").set_index("group").loc[group]


def agreement(protocol: str) -> pd.DataFrame:
    """Every seed of the method as it is."""
    table = read("agreement")
    return table[(table["variant"] == "as it is") & (table["protocol"] == protocol)]


def chance_of_paper() -> float:
    """The chance level of its Table 1, which it does not print."""
    table = load_paper_results().table_1.to_numpy()
    clusters, intervals = np.nonzero(table >= 0)
    labels, true = (np.repeat(each, table.ravel()) for each in (clusters, intervals))
    return chance_majority_label_accuracy(true, labels)


def median_of(text: object) -> float:
    """The first number of "61.8% (59.6 to 65.5)"."""
    return float(re.match(r"[\d.]+", str(text))[0])


def share(value: float) -> str:
    return f"{value:.0%}"


def spread(values: pd.Series, digits: str) -> str:
    """Median, lowest and highest."""
    low, middle, high = (format(values.quantile(q), digits) for q in (0, 0.5, 1))
    bounds = f"({low.rstrip('%')} to {high.rstrip('%')})"
    return middle if low == high else f"{middle} {bounds}"


def paragraph(text: str) -> str:
    """Lines of a paragraph; those of a list if it begins with a star."""
    indent = "  " if text.startswith("* ") else ""
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent)


def markdown(rows: list[dict[str, object]]) -> str:
    """A table of rows whose keys are the columns."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(row.values() for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
