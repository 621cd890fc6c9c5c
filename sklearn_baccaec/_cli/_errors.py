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
        Films that the model has learned from, which do not count.
    edges : ndarray of shape (n_intervals + 1,)
        Of the age intervals, in months.
    """
    from ..metrics._intervals import bounds_of_ages, place_in_intervals, tell_intervals

    counted = np.isfinite(known) & ~seen
    n_seen = int((np.isfinite(known) & seen).sum())
    apart = f"; the model has learned from {n_seen} others" if n_seen else ""
    say(f"{counted.sum()} held-out films are compared with their known ages{apart}.")
    placed = counted & assessed["age"].notna().to_numpy()
    if placed.any():
        ages, low, high = (
            assessed[name].to_numpy()[placed] for name in ("age", "age_low", "age_high")
        )
        true = known[placed]
        errors, held = ages - true, (low <= true) & (true <= high)
        say(
            f"Mean absolute error {np.abs(errors).mean():.1f} months, median "
            f"difference {np.median(errors):+.1f}; the 80% range holds "
            f"{held.mean():.0%} of them."
        )
    places = place_in_intervals(known, edges)
    inside = counted & (places >= 0)
    if inside.any():
        names = tell_intervals(bounds_of_ages(known, edges))
        right = (assessed["interval"].to_numpy() == names)[inside].mean()
        largest = np.bincount(places[inside]).max() / inside.sum()
        say(
            f"Right interval: {right:.1%} of {inside.sum()} films (chance level, "
            f"always saying the largest: {largest:.1%})."
        )
