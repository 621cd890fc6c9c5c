"""Figures of accuracy: in-sample ones, and those of films that took part in nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..metrics import chance_majority_label_accuracy, majority_label_accuracy
from ._examined_films import ExaminedFilms


class Figure(NamedTuple):
    """A figure, what it is, and what to know of it."""

    value: str
    label: str
    note: str = ""


class Accuracy(NamedTuple):
    """Figures of one kind, which stand by themselves."""

    title: str
    explanation: str
    figures: list[Figure]


def find_accuracy(films: ExaminedFilms) -> list[Accuracy]:
    """One set of figures for the films that took part, one for the others."""
    found = []
    if (films.took_part & films.known & ~films.set_aside).any():
        found.append(_in_sample(films, films.took_part))
    if (~films.took_part & films.known).any() and films.named:
        found.append(_held_out(films, ~films.took_part))
    return found


def _in_sample(films: ExaminedFilms, group: np.ndarray) -> Accuracy:
    chosen = group & films.known
    true, labels = films.true[chosen], films.labels[chosen]
    separately = films.named_by_sex and films.sexes_given
    groups = films.sexes[chosen] if separately else None
    by_sex = " for each sex" if separately else ""
    return Accuracy(
        "Films that took part: in-sample",
        "These films were in fit or named the clusters. Here they name the clusters "
        f"themselves{by_sex}, as in the paper, so the figure rises with the number of "
        "clusters by construction: read it beside its chance level only. It says "
        "nothing of new films.",
        [
            Figure(
                f"{majority_label_accuracy(true, labels, groups):.1%}",
                "majority-label accuracy, in-sample",
                "films in the interval that dominates their own cluster",
            ),
            Figure(
                f"{chance_majority_label_accuracy(true, labels, groups):.1%}",
                "chance level",
                "the same figure for a random partition into clusters of these sizes",
            ),
            *_counts(films, group),
        ],
    )


def _held_out(films: ExaminedFilms, group: np.ndarray) -> Accuracy:
    chosen = group & films.known
    true = films.true[chosen]
    found = films.names.interval_of(films.labels[chosen], films.sexes[chosen])
    return Accuracy(
        "Films that took part in nothing: held out",
        "These films were not in fit and named no cluster: each is scored with the "
        "name that its cluster had before.",
        [
            Figure(
                f"{np.mean(found == true):.1%}",
                "named rightly, held out",
                "films in the interval of their cluster's name",
            ),
            Figure(
                f"{np.bincount(true).max() / len(true):.1%}",
                "always the largest class",
                "what naming every film by the most frequent interval reaches",
            ),
            *_counts(films, group),
        ],
    )


def _counts(films: ExaminedFilms, group: np.ndarray) -> list[Figure]:
    """Error in months, and how many films the figures are of."""
    assert films.ages is not None
    errors = np.abs(films.ages - films.table["age"].to_numpy(float))[group]
    estimated = np.isfinite(errors)
    scored = group & films.known
    aside = int((scored & films.set_aside).sum())
    figures = [
        Figure(
            f"{scored.sum():,}",
            "films with an age in an interval",
            f"{aside:,} of them set aside, which count as wrong"
            if aside
            else "none of them set aside",
        )
    ]
    if estimated.any():
        figures.insert(
            0,
            Figure(
                f"{errors[estimated].mean():.1f}",
                "months from estimated to known age, on average",
                f"of the {estimated.sum():,} films that have both",
            ),
        )
    return figures
