"""Figures of accuracy: in-sample ones, and those of held-out films."""

from typing import NamedTuple

import numpy as np

from ..metrics import chance_majority_label_accuracy, majority_label_accuracy
from ._reported_films import ReportedFilms


class Accuracy(NamedTuple):
    """Figures of films of one kind; errors in months are of `n_estimated` of them."""

    accuracy: float
    baseline: float  # the chance level, or the share of the largest class
    n_films: int
    n_set_aside: int
    error: float
    n_estimated: int


def find_in_sample(films: ReportedFilms) -> Accuracy | None:
    """Figures of the films seen before, which name the clusters themselves."""
    chosen = films.found.seen & films.known
    if films.set_aside[chosen].all():
        return None
    groups = films.sexes[chosen] if films.named_by_sex and films.sexes_given else None
    partition = films.intervals[chosen], films.found.labels[chosen], groups
    accuracy = majority_label_accuracy(*partition)
    chance = chance_majority_label_accuracy(*partition)
    return _complete(films, chosen, accuracy, chance)


def find_held_out(films: ReportedFilms) -> Accuracy | None:
    """Figures of the other films, with the names that their clusters had before."""
    chosen = ~films.found.seen & films.known
    if not films.named or not chosen.any():
        return None
    latents, ages = films.found.latents[chosen], films.ages[chosen]
    accuracy = films.clusterer.score(latents, ages, sex=films.sexes[chosen])
    largest = np.bincount(films.intervals[chosen]).max() / chosen.sum()
    return _complete(films, chosen, accuracy, largest)


def _complete(
    films: ReportedFilms, chosen: np.ndarray, accuracy: float, baseline: float
) -> Accuracy:
    errors = np.abs(films.ages - films.table["age"])[chosen]
    n_films, n_set_aside = int(chosen.sum()), int(films.set_aside[chosen].sum())
    return Accuracy(
        accuracy, baseline, n_films, n_set_aside, errors.mean(), errors.count()
    )
