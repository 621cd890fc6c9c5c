"""Runs with several seeds: how they are clustered, scored and drawn."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from .._utils.validation import ages_within, check_known_ages, check_labels
from .._utils.wrapped import last_model
from ..cluster._n_clusters import set_n_clusters
from ..metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
    median_age_error,
)

COLUMNS = ("x", "interval", "run", "accuracy", "chance", "mae")  # of results


def score_runs(
    x: Any, y: Any, labels: Any, intervals: Sequence[float], age_range: Any
) -> list[tuple[Any, ...]]:
    """Rows of `COLUMNS` by interval and run; labels are of one run or several."""
    given = list(labels) if np.iterable(labels) else []
    if not given:
        raise ValueError(f"labels must be one run or a list of runs, got {labels!r}")
    runs = [check_labels(run) for run in ([given] if np.ndim(given[0]) == 0 else given)]
    rows = []
    for width, (run, clusters) in product(intervals, enumerate(runs)):
        ages = ages_within(check_known_ages(y, len(clusters), age_range), age_range)
        true = assign_age_intervals(ages, interval=width, age_range=age_range)
        named = np.isfinite(ages[clusters >= 0]).any()
        accuracy = majority_label_accuracy(true, clusters)
        chance = chance_majority_label_accuracy(true, clusters)
        error = median_age_error(ages, clusters) if named else np.nan
        rows.append((x, width, run, accuracy, chance, error))
    return rows


def cluster_runs(
    clusterer: Any, latents: np.ndarray, seeds: Sequence[int], number: int | None = None
) -> list[np.ndarray]:
    """Cluster complete rows anew with every seed, or once without; others get -1."""
    clusterer = getattr(clusterer, "clusterer_", clusterer)  # the one that has names
    usable = np.isfinite(latents).all(axis=1)
    seeded = "random_state" in last_model(clusterer).get_params(deep=False)
    runs = []
    for seed in seeds if seeded else seeds[:1]:
        copy = clone(clusterer)
        if seeded:
            last_model(copy).set_params(random_state=seed)
        if number is not None:
            set_n_clusters(copy, number)
        labels = np.full(len(latents), -1)
        labels[usable] = copy.fit_predict(latents[usable])
        runs.append(labels)
    return runs


def draw_runs(
    ax: Any, places: dict[Any, float], results: pd.DataFrame, column: str, **style: Any
) -> Any:
    """Draw medians over runs at places of x, and their range; return the line."""
    groups = results.groupby("x")[column]
    runs = groups.agg(["median", "min", "max", "size"]).reindex(list(places))
    x = list(places.values())
    (line,) = ax.plot(x, runs["median"], **style)
    if runs["size"].max() > 1:
        area = {"color": style["color"], "alpha": 0.2, "linewidth": 0}
        ax.fill_between(x, runs["min"], runs["max"], **area)
    return line
