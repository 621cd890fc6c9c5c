"""Runs with several seeds: how they are clustered, scored and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from .._utils.validation import check_ages, check_labels
from ..metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
    median_age_error,
)
from ._inputs import ages_inside


def as_runs(labels: Any) -> list[np.ndarray]:
    """Clusters of each run, from those of one run or a list of several.

    Raises
    ------
    ValueError
        If there is no run, or one of them holds no clusters.
    """
    expected = "labels must be one array of shape (n_samples,) or a list of them, got"
    try:
        given = list(labels)
    except TypeError:
        raise ValueError(f"{expected} {labels!r}") from None
    if not given:
        raise ValueError(f"{expected} none")
    runs = [np.asarray(run) for run in ([given] if np.ndim(given[0]) == 0 else given)]
    for run in runs:
        if run.ndim != 1:
            raise ValueError(f"{expected} one of shape {run.shape}")
    return [check_labels(run) for run in runs]


def score_run(
    ages: np.ndarray, labels: np.ndarray, interval: float, age_range: Sequence[float]
) -> dict[str, float]:
    """Majority-label accuracy of a run, and what chance reaches."""
    months = check_ages(ages, len(labels))
    true = assign_age_intervals(months, interval=interval, age_range=age_range)
    return {
        "accuracy": majority_label_accuracy(true, labels),
        "chance": chance_majority_label_accuracy(true, labels),
    }


def run_error(
    ages: np.ndarray, labels: np.ndarray, age_range: Sequence[float]
) -> float:
    """Error of a run in months by the ages within the range; NaN without a cluster."""
    inside = ages_inside(check_ages(ages, len(labels)), age_range)
    if not np.isfinite(inside[labels >= 0]).any():
        return float("nan")
    return median_age_error(inside, labels)


def cluster_runs(
    clusterer: Any,
    latents: np.ndarray,
    random_states: Sequence[int],
    n_clusters: int | None = None,
) -> list[np.ndarray]:
    """Cluster the complete rows anew with every seed; the others get -1.

    A clusterer without a seed runs once. None leaves its number of clusters as it is.
    """
    from .._clusterer._method_steps import set_number

    usable = np.isfinite(latents).all(axis=1)
    seeded = "random_state" in clusterer.get_params(deep=False)
    runs = []
    for seed in random_states if seeded else random_states[:1]:
        copy = clone(clusterer)
        if seeded:
            copy.set_params(random_state=seed)
        if n_clusters is not None:
            set_number(copy, n_clusters)
        labels = np.full(len(latents), -1)
        labels[usable] = copy.fit_predict(latents[usable])
        runs.append(labels)
    return runs


def draw_runs(
    ax: Any,
    positions: Mapping[Any, float],
    results: pd.DataFrame,
    by: str,
    column: str,
    **style: Any,
) -> tuple[Any, Any]:
    """Draw the median over runs as a line and their range as a band; return both.

    ``results`` has one row per run and value of ``by``, which ``positions`` places on
    the x axis. The band is None where no value has several runs.
    """
    groups = results.groupby(by)[column]
    summary = groups.agg(["median", "min", "max", "size"]).reindex(list(positions))
    x = list(positions.values())
    (line,) = ax.plot(x, summary["median"], **style)
    if summary["size"].max() == 1:
        return line, None
    band = ax.fill_between(
        x, summary["min"], summary["max"], color=style["color"], alpha=0.2, linewidth=0
    )
    return line, band
