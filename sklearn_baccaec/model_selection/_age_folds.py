"""Folds of films, stratified by age interval."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold, check_cv


def make_folds(
    cv: Any, intervals: np.ndarray, random_state: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Positions of the training and the test films of every fold.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        A number means shuffled folds, stratified by interval. A splitter is given the
        intervals as y.
    intervals : ndarray of shape (n_films,), int
        Age interval of every film; -1 where it is unknown or out of range.
    random_state : int
        Seed of the shuffled folds.

    Raises
    ------
    ValueError
        If there are fewer films than folds, no folds at all, or a fold has no film to
        learn names from or to score.
    """
    films = np.arange(len(intervals))
    if isinstance(cv, Integral):
        if int(cv) > len(films):
            raise ValueError(f"{len(films)} films are fewer than cv={cv} folds")
        splitter = StratifiedKFold(cv, shuffle=True, random_state=random_state)
        splits = splitter.split(films, _join_small(intervals, int(cv)))
    else:
        splits = check_cv(cv).split(films, intervals)
    folds = [(films[train], films[test]) for train, test in splits]
    if not folds:
        raise ValueError("cv makes no folds")
    for i, fold in enumerate(folds):
        for part, places in zip(("training", "test"), fold, strict=True):
            if not (intervals[places] >= 0).any():
                raise ValueError(
                    f"fold {i} of {len(folds)} has no {part} film of known age within "
                    "age_range: use fewer folds, or films of more known ages"
                )
    return folds


def _join_small(intervals: np.ndarray, n_folds: int) -> np.ndarray:
    """Intervals, where those with fewer films than folds join the most frequent."""
    found, counts = np.unique(intervals, return_counts=True)
    small = np.isin(intervals, found[counts < n_folds])
    return np.where(small, found[counts.argmax()], intervals)
