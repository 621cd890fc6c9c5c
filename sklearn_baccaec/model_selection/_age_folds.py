"""Folds of films, stratified by age interval."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold, check_cv


def make_folds(
    cv: Any, intervals: np.ndarray, groups: Any, random_state: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Positions of the training and the test films of every fold.

    ``intervals`` are those of the films' ages, -1 where unknown or out of range. A
    number of folds means shuffled ones, stratified by interval; a splitter is given the
    intervals as y, and the groups.
    """
    films, strata, splitter = np.arange(len(intervals)), intervals, cv
    if isinstance(cv, Integral):
        if int(cv) > len(films):
            raise ValueError(f"{len(films)} films are fewer than cv={cv} folds")
        strata = _join_small(intervals, int(cv))
        splitter = StratifiedKFold(cv, shuffle=True, random_state=random_state)
    splits = check_cv(splitter).split(films, strata, groups)
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


def largest_class_score(intervals: np.ndarray, folds: Any) -> float:
    """Mean score of guessing the most frequent interval of the training films."""
    shares = []
    for train, test in folds:
        known, true = (part[part >= 0] for part in (intervals[train], intervals[test]))
        shares.append(np.mean(true == np.bincount(known).argmax()))
    return float(np.mean(shares))


def _join_small(intervals: np.ndarray, n_folds: int) -> np.ndarray:
    """Intervals, where those with fewer films than folds join the most frequent."""
    found, counts = np.unique(intervals, return_counts=True)
    small = np.isin(intervals, found[counts < n_folds])
    return np.where(small, found[counts.argmax()], intervals)
