"""How far ages are from known ones, in words."""

import numpy as np
import pandas as pd

from ._output import say


def print_errors(
    assessed: pd.DataFrame, known: np.ndarray, seen: np.ndarray, edges: np.ndarray
) -> None:
    """Compare ages and intervals of films with known ages.

    Parameters
    ----------
    assessed : DataFrame of shape (n_samples, n_columns)
        As `BoneAgeClusterer.assign` returns it.
    known : ndarray of shape (n_samples,)
        Months, NaN where unknown.
    seen : ndarray of shape (n_samples,)
        Films that the model has learned from.
    edges : ndarray of shape (n_intervals + 1,)
        Of the age intervals, in months.
    """
    groups = {
        "Held-out films": ~seen,
        "In-sample, films that the model has learned from": seen,
    }
    for name, own in groups.items():
        counted = np.isfinite(known) & own
        if counted.any():
            _print_group(name, assessed[counted], known[counted], edges)
    if not np.isfinite(known).any():
        say("No film of known age is there to compare with.")


def _print_group(
    name: str, assessed: pd.DataFrame, known: np.ndarray, edges: np.ndarray
) -> None:
    from ..metrics._intervals import bounds_of_ages, place_in_intervals, tell_intervals

    say(f"{name} ({len(known)} of known age):")
    ages, low, high = (
        assessed[column].to_numpy() for column in ("age", "age_low", "age_high")
    )
    told = np.isfinite(ages)
    if told.any():
        errors = (ages - known)[told]
        held = ((low <= known) & (known <= high))[told].mean()
        say(
            f"  mean absolute error {np.abs(errors).mean():.1f} months, median "
            f"difference {np.median(errors):+.1f}; the 80% range holds {held:.0%}"
        )
    places = place_in_intervals(known, edges)
    inside = places >= 0
    if inside.any():
        true = tell_intervals(bounds_of_ages(known, edges))
        right = (assessed["interval"].to_numpy() == true)[inside].mean()
        largest = np.bincount(places[inside]).max() / inside.sum()
        say(
            f"  right interval {right:.1%} of {inside.sum()} (chance level, always "
            f"saying the largest: {largest:.1%})"
        )
