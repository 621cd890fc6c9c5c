"""Folds of films: stratified by age, each encoded once, and scored by candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.pipeline import Pipeline

from .._utils.parallel import SentOnce
from ..films._checks import film_name
from ._candidates import can_restrict

Folds = list[tuple[np.ndarray, np.ndarray]]


def make_folds(cv: Any, intervals: np.ndarray, groups: Any, random_state: int) -> Folds:
    """Training and test positions of every fold; an unknown age's interval is -1."""
    films, strata, splitter = np.arange(len(intervals)), intervals, cv
    if isinstance(cv, Integral):
        if int(cv) > len(films):
            raise ValueError(f"{len(films)} films are fewer than cv={cv} folds")
        found, counts = np.unique(intervals, return_counts=True)
        small = np.isin(intervals, found[counts < int(cv)])
        strata = np.where(small, found[counts.argmax()], intervals)
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


def check_usable(
    films: Sequence[Any], extractor: Any, folds: Folds, n_clusters: int
) -> None:
    """Refuse folds in which no candidate could be fitted, before any training."""
    usable = extractor.valid_.any(axis=1)
    for i, (train, _) in enumerate(folds):
        if usable[train].sum() < n_clusters:
            message = (
                f"fold {i} has {usable[train].sum()} usable training films, fewer than "
                f"n_clusters={n_clusters}"
            )
            for place in np.flatnonzero(~usable)[:1]:
                name = film_name(films[place], place)
                message += f"; first set aside, {name}: {extractor.reasons_[place]}"
            raise ValueError(message)


def largest_class_score(intervals: np.ndarray, folds: Folds) -> float:
    """Mean score of guessing the most frequent interval of the training films."""
    shares = []
    for train, test in folds:
        known, true = (part[part >= 0] for part in (intervals[train], intervals[test]))
        shares.append(np.mean(true == np.bincount(known).argmax()))
    return float(np.mean(shares))


class Part(NamedTuple):
    """Training or test films of a fold, and their latents by the fold's encoder."""

    latents: np.ndarray  # of all candidate regions; NaN where a film lacks one
    ages: np.ndarray  # months, NaN where unknown or out of range
    sexes: np.ndarray


class Fold(NamedTuple):
    """A fold, and the consensus of all candidate regions that its subsets share."""

    train: Part
    test: Part
    consensus: Any  # fitted to the training films, or None: each subset has its own


@dataclass(frozen=True)
class EncodedFolds(SentOnce):
    """All that candidates are scored by; no films and no pixels."""

    folds: list[Fold]


def encode_folds(
    pipeline: Pipeline,
    crops: np.ndarray,
    ages: np.ndarray,
    sexes: np.ndarray,
    folds: Folds,
) -> EncodedFolds:
    """Train the steps of all regions on the training films of each fold alone.

    A consensus that can leave out regions is fitted to all of them, once.
    """
    encoded = []
    for train, test in folds:
        fitted = clone(pipeline[1:3])
        # The very calls of BoneAgeClusterer, so that its cache is this search's.
        learned = np.asarray(fitted.fit_transform(crops[train]))
        held_out = np.asarray(fitted.transform(crops[test]))
        shared = None
        if can_restrict(pipeline["consensus"]):
            selected = clone(pipeline["selector"]).fit_transform(learned)
            shared = clone(pipeline["consensus"]).fit(selected, None)
        seen = Part(learned, ages[train], sexes[train])
        unseen = Part(held_out, ages[test], sexes[test])
        encoded.append(Fold(seen, unseen, shared))
    return EncodedFolds(encoded)


def score_candidate(
    steps: Pipeline, encoded: EncodedFolds
) -> tuple[np.ndarray, str | None]:
    """Held-out score of the steps in every fold, and why the first NaN is one."""
    scores, flaw = np.full(len(encoded.folds), np.nan), None
    for i, fold in enumerate(encoded.folds):
        try:
            scores[i] = _score_fold(clone(steps), fold)
        except ValueError as error:
            flaw = flaw or f"fold {i}: {error}"
    return scores, flaw


def _score_fold(steps: Pipeline, fold: Fold) -> float:
    train, test, shared = fold
    if shared is not None:
        own = shared.restrict(steps["selector"].regions)
        steps.set_params(consensus=FrozenEstimator(own))
    # Pipeline.score hands no sex on, and Pipeline.fit would show ages to all steps.
    reduce, clusterer = steps[:-1], steps[-1]
    latents = reduce.fit_transform(train.latents)
    if _falls(reduce["consensus"], latents, train.ages):
        reduce["consensus"].flip()
        latents = reduce.transform(train.latents)
    clusterer.fit(latents, train.ages, sex=train.sexes)
    if not np.isfinite(train.ages[clusterer.labels_ >= 0]).any():
        raise ValueError("no usable training film is of known age")
    return clusterer.score(reduce.transform(test.latents), test.ages, sex=test.sexes)


def _falls(consensus: Any, latents: np.ndarray, ages: np.ndarray) -> bool:
    """Whether an axis runs from mature to immature, told by the known ages."""
    if not getattr(consensus, "is_maturity_axis", False):
        return False
    return spearmanr(latents[:, 0], ages, nan_policy="omit")[0] < 0
