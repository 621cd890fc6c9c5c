"""Which films can be used, and of which ages are known."""

from typing import Any

import numpy as np

from .._utils.validation import ages_within, check_ages
from .._utils.warning import warn_user


def warn_of_nameless(labels: np.ndarray, found: np.ndarray) -> None:
    """Warn of films (n_samples,) with a cluster, of which nothing was found."""
    nameless = int(np.sum((labels >= 0) & np.isnan(found)))
    if nameless:
        warn_user(
            f"{nameless} of {len(labels)} films are in clusters that no known age "
            "names; see name_clusters"
        )


def warn_of_missing_sex(named_by_sex: bool, has_prior: bool) -> None:
    """Warn that sex is left out, where names or months without ages are for each."""
    if named_by_sex or has_prior:
        what = "ages are" if has_prior else "the clusters were named"
        warn_user(
            f"{what} for each sex, but no sex is given: every film counts with the "
            f"{'mean' if has_prior else 'name'} of both; pass sex=..."
        )


def check_ages_inside(y: Any, n_samples: int, edges: np.ndarray) -> np.ndarray:
    """Ages in months, NaN where unknown or, with a warning, outside the range."""
    if y is None:
        return np.full(n_samples, np.nan)
    ages = check_ages(y, n_samples)
    inside = ages_within(ages, edges[[0, -1]])
    n_known, n_inside = np.isfinite(ages).sum(), np.isfinite(inside).sum()
    limits = f"age_range=({edges[0]:g}, {edges[-1]:g}) months"
    if not n_inside:
        warn_user(f"no age in y is known and within {limits}: nothing is named")
    elif n_inside < n_known:
        outside = n_known - n_inside
        warn_user(f"{outside} of {n_known} ages are outside {limits} and left out")
    return inside


def find_usable(rows: np.ndarray) -> np.ndarray:
    """Which films (n_samples,) were not set aside: NaN in every column.

    Raises
    ------
    ValueError
        If a film is NaN in some columns only.
    """
    missing = np.isnan(rows)
    usable = ~missing.all(axis=1)
    partial = np.flatnonzero(missing.any(axis=1) & usable)
    if len(partial):
        raise ValueError(
            f"Input X contains NaN in some columns of row {partial[0]}, but not in "
            "all: a film that was set aside is NaN in every column"
        )
    return usable
