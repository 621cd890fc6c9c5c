"""Figures of accuracy: in-sample ones, and those of held-out films."""

from __future__ import annotations

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
    return Accuracy(
        majority_label_accuracy(*partition),
        chance_majority_label_accuracy(*partition),
        *_count(films, chosen),
    )


def find_held_out(films: ReportedFilms) -> Accuracy | None:
    """Figures of the other films, with the names that their clusters had before."""
    chosen = ~films.found.seen & films.known
    if not films.named or not chosen.any():
        return None
    return Accuracy(
        films.clusterer.score(
            films.found.latents[chosen], films.ages[chosen], sex=films.sexes[chosen]
        ),
        np.bincount(films.intervals[chosen]).max() / chosen.sum(),
        *_count(films, chosen),
    )


def _count(films: ReportedFilms, chosen: np.ndarray) -> tuple[int, int, float, int]:
    errors = np.abs(films.ages - films.table["age"])[chosen]
    n_set_aside = int(films.set_aside[chosen].sum())
    return int(chosen.sum()), n_set_aside, errors.mean(), errors.count()
