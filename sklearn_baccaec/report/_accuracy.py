"""How far ages are from known ones: of films seen before, and of held-out films."""

from typing import NamedTuple

import numpy as np

from ..metrics import chance_majority_label_accuracy
from ._reported_films import ReportedFilms


class Accuracy(NamedTuple):
    """Figures of films of one kind that have a known age."""

    error: float  # mean absolute error in months; NaN if no film has an age
    coverage: float  # share of known ages in the 80% range of the film's age
    n_estimated: int  # films of both
    right: float  # `score`; NaN if no known age is in an interval
    chance: float  # its chance level
    n_films: int  # of that
    n_set_aside: int  # among them, which are wrong


def find_accuracy(films: ReportedFilms, chosen: np.ndarray) -> Accuracy | None:
    """Figures of the chosen films (n_samples,); None if there are none to compare."""
    known = chosen & np.isfinite(films.ages)
    if films.age_source is None or not known.any():
        return None
    estimated = known & np.isfinite(films.errors)
    error = coverage = right = chance = np.nan
    if estimated.any():
        low, high = films.table[["age_low", "age_high"]].to_numpy()[estimated].T
        ages = films.ages[estimated]
        error = np.abs(films.errors[estimated]).mean()
        coverage = ((low <= ages) & (ages <= high)).mean()
    inside = chosen & (films.intervals >= 0)
    if inside.any():
        latents, sexes = films.found.latents[inside], films.sexes[inside]
        right = films.clusterer.score(latents, films.ages[inside], sex=sexes)
        chance = _find_chance(films, inside)
    counts = int(inside.sum()), int(films.set_aside[inside].sum())
    return Accuracy(error, coverage, int(estimated.sum()), right, chance, *counts)


def _find_chance(films: ReportedFilms, inside: np.ndarray) -> float:
    """Chance level: of a random partition where films named their own clusters.

    Else what always saying the most frequent interval reaches.
    """
    intervals = films.intervals[inside]
    if films.by_axis or not films.found.seen[inside].all():
        return np.bincount(intervals).max() / len(intervals)
    groups = films.sexes[inside] if films.named_by_sex and films.sexes_given else None
    labels = films.found.labels[inside]
    return chance_majority_label_accuracy(intervals, labels, groups)
