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


def score_runs(
    x: Any, y: Any, labels: Any, intervals: Sequence[float], age_range: Any
) -> list[dict[str, Any]]:
    """Rows of results: accuracy, chance level and error in months of each run.

    The labels are those of one run or a list of several.
    """
    given = list(labels) if np.iterable(labels) else []
    if not given:
        raise ValueError(f"labels must be one run or a list of runs, got {labels!r}")
    runs = [check_labels(run) for run in ([given] if np.ndim(given[0]) == 0 else given)]
    rows = []
    for width, (run, clusters) in product(intervals, enumerate(runs)):
        ages = ages_within(check_known_ages(y, len(clusters), age_range), age_range)
        true = assign_age_intervals(ages, interval=width, age_range=age_range)
        named = np.isfinite(ages[clusters >= 0]).any()
        rows.append(
            {
                "x": x,
                "interval": width,
                "run": run,
                "accuracy": majority_label_accuracy(true, clusters),
                "chance": chance_majority_label_accuracy(true, clusters),
                "mae": median_age_error(ages, clusters) if named else np.nan,
            }
        )
    return rows


def cluster_runs(
    clusterer: Any,
    latents: np.ndarray,
    random_states: Sequence[int],
    n_clusters: int | None = None,
) -> list[np.ndarray]:
    """Cluster the complete rows anew with every seed; the others get -1.

    A clusterer without a seed runs once. None leaves its number of clusters as it is.
    """
    clusterer = getattr(clusterer, "clusterer_", clusterer)  # the one that has names
    usable = np.isfinite(latents).all(axis=1)
    seeded = "random_state" in last_model(clusterer).get_params(deep=False)
    runs = []
    for seed in random_states if seeded else random_states[:1]:
        copy = clone(clusterer)
        if seeded:
            last_model(copy).set_params(random_state=seed)
        if n_clusters is not None:
            set_n_clusters(copy, n_clusters)
        labels = np.full(len(latents), -1)
        labels[usable] = copy.fit_predict(latents[usable])
        runs.append(labels)
    return runs


def draw_runs(
    ax: Any, places: dict[Any, float], results: pd.DataFrame, column: str, **style: Any
) -> Any:
    """Draw the median over runs as a line and their range as a band; return the line.

    ``places`` are those of the values of ``x`` on the axis. There is no band where no
    value has several runs.
    """
    groups = results.groupby("x")[column]
    runs = groups.agg(["median", "min", "max", "size"]).reindex(list(places))
    x = list(places.values())
    (line,) = ax.plot(x, runs["median"], **style)
    if runs["size"].max() > 1:
        area = {"color": style["color"], "alpha": 0.2, "linewidth": 0}
        ax.fill_between(x, runs["min"], runs["max"], **area)
    return line
