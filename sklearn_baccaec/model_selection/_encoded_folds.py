"""Films encoded once per fold, and the score that a candidate has on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._utils.parallel import SentOnce


class Part(NamedTuple):
    """Training or test films of a fold, and their latents by the fold's encoder."""

    latents: np.ndarray  # of all candidate regions; NaN where a film lacks one
    ages: np.ndarray  # months, NaN where unknown or out of range
    sexes: np.ndarray


@dataclass(frozen=True)
class EncodedFolds(SentOnce):
    """All that candidates are scored by; no films and no pixels."""

    folds: list[tuple[Part, Part]]


def encode_folds(
    encoder: Pipeline,
    crops: np.ndarray,
    ages: np.ndarray,
    sexes: np.ndarray,
    folds: Iterable[tuple[np.ndarray, np.ndarray]],
) -> EncodedFolds:
    """Train the encoder of all regions once per fold, on its training films alone."""
    encoded = []
    for train, test in folds:
        fitted = clone(encoder)
        # The very calls of BoneAgeClusterer, so that its cache is this search's.
        learned = fitted.fit_transform(crops[train])
        held_out = fitted.transform(crops[test])
        encoded.append(
            (
                Part(np.asarray(learned), ages[train], sexes[train]),
                Part(np.asarray(held_out), ages[test], sexes[test]),
            )
        )
    return EncodedFolds(encoded)


def score_candidate(
    steps: Pipeline, encoded: EncodedFolds
) -> tuple[np.ndarray, str | None]:
    """Held-out score of the steps in every fold, and why the first NaN is one."""
    scores = np.full(len(encoded.folds), np.nan)
    flaw = None
    for i, (train, test) in enumerate(encoded.folds):
        try:
            scores[i] = _score_fold(clone(steps), train, test)
        except ValueError as error:
            flaw = flaw or f"fold {i}: {error}"
    return scores, flaw


def _score_fold(steps: Pipeline, train: Part, test: Part) -> float:
    # Pipeline.score hands no sex on, and Pipeline.fit would show ages to all steps.
    reduce, clusterer = steps[:-1], steps[-1]
    clusterer.fit(reduce.fit_transform(train.latents), train.ages, sex=train.sexes)
    if not np.isfinite(train.ages[clusterer.labels_ >= 0]).any():
        raise ValueError("no usable training film is of known age")
    return clusterer.score(reduce.transform(test.latents), test.ages, sex=test.sexes)
