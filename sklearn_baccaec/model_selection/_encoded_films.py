"""Films encoded once per fold, and the score that a candidate has on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._clusterer import BoneAgeClusterer
from .._clusterer._cluster_names import ClusterNames
from .._clusterer._method_steps import find_usable, make_steps
from .._utils.parallel import SentOnce
from .._utils.regions import check_regions
from ..films._checks import film_name


class Fold(NamedTuple):
    """Positions of a fold's films, and every film's latents by its encoder.

    ``latents`` has the shape (n_films, n_regions, n_components), with NaN for films
    that are in neither part.
    """

    train: np.ndarray
    test: np.ndarray
    latents: np.ndarray


@dataclass(frozen=True)
class EncodedFilms(SentOnce):
    """All that candidates are scored by; no films and no pixels."""

    regions: tuple[str, ...]
    valid: np.ndarray  # (n_films, n_regions), which crops there are
    folds: list[Fold]
    ages: np.ndarray  # months
    sexes: np.ndarray
    interval: float  # months
    age_range: tuple[float, float]


def encode_films(
    model: BoneAgeClusterer,
    films: Sequence[Any],
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    ages: np.ndarray,
    sexes: np.ndarray,
) -> EncodedFilms:
    """Crop all films once, and train the encoder of all regions once per fold.

    Raises
    ------
    ValueError
        If a fold has fewer usable training films than ``model.n_clusters``.
    """
    regions = check_regions(model.regions)
    extractor, steps = make_steps(model)
    extracted = extractor.extract(films)
    usable = find_usable(extracted.valid, steps)
    encoded = []
    for i, (train, test) in enumerate(folds):
        if usable[train].sum() < model.n_clusters:
            raise ValueError(
                f"fold {i} has {usable[train].sum()} usable training films, fewer than "
                f"n_clusters={model.n_clusters}"
                + _first_reason(films, extracted.reasons)
            )
        latents = _encode(clone(steps[:2]), extracted.crops, train, test, usable)
        shape = (len(films), len(regions), -1)
        encoded.append(Fold(train, test, latents.reshape(shape)))
    return EncodedFilms(
        regions,
        extracted.valid,
        encoded,
        ages,
        sexes,
        model.interval,
        model.age_range,
    )


def score_candidate(
    steps: Pipeline, regions: tuple[str, ...], n_clusters: int, films: EncodedFilms
) -> tuple[np.ndarray, str | None]:
    """Score of every fold, as `BoneAgeClusterer.score`, and why one is NaN.

    ``steps`` are those of the candidate; its preprocessor and encoder are not used.
    """
    kept = [films.regions.index(region) for region in regions]
    usable = find_usable(films.valid[:, kept], steps)
    scores = np.full(len(films.folds), np.nan)
    flaw = None
    for i, fold in enumerate(films.folds):
        latents = fold.latents[:, kept].reshape(len(usable), -1)
        try:
            scores[i] = _score_fold(
                clone(steps[2:]), n_clusters, fold, latents, usable, films
            )
        except ValueError as error:
            flaw = flaw or f"fold {i}: {error}"
    return scores, flaw


def _encode(
    encoder: Pipeline,
    crops: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    usable: np.ndarray,
) -> np.ndarray:
    """Latents of the films of both parts, by the usable training films."""
    learned = train[usable[train]]
    # The very calls of BoneAgeClusterer, so that its cache is this search's.
    first = np.asarray(encoder.fit_transform(crops[learned]))
    latents = np.full((len(crops), first.shape[1]), np.nan, first.dtype)
    latents[learned] = first
    others = np.setdiff1d(np.union1d(train, test), learned)
    if len(others):
        latents[others] = encoder.transform(crops[others])
    return latents


def _score_fold(
    steps: Pipeline,
    n_clusters: int,
    fold: Fold,
    latents: np.ndarray,
    usable: np.ndarray,
    films: EncodedFilms,
) -> float:
    """Share of the test films of known age whose interval is right."""
    seen = usable[fold.train]
    if seen.sum() < n_clusters:
        raise ValueError(
            f"{seen.sum()} usable training films are fewer than n_clusters={n_clusters}"
        )
    labels = np.full(len(fold.train), -1)
    labels[seen] = steps.fit_predict(latents[fold.train[seen]])
    names = ClusterNames.learn(
        films.ages[fold.train],
        labels,
        films.sexes[fold.train],
        # Some clusterers choose their number themselves.
        n_clusters=max(n_clusters, int(labels.max()) + 1),
        interval=films.interval,
        age_range=films.age_range,
    )
    if not names.known:
        raise ValueError("no usable training film is of known age")
    seen = usable[fold.test]
    labels = np.full(len(fold.test), -1)
    if seen.any():
        labels[seen] = steps.predict(latents[fold.test[seen]])
    found = names.interval_of(labels, films.sexes[fold.test])
    true = names.true_intervals(films.ages[fold.test])
    return float(np.mean(found[true >= 0] == true[true >= 0]))


def _first_reason(films: Sequence[Any], reasons: np.ndarray) -> str:
    """Why the first of the films that lack a region does, to end a message with."""
    lacking = [i for i, reason in enumerate(reasons) if reason]
    if not lacking:
        return ""
    name = film_name(films[lacking[0]], lacking[0])
    return f"; {len(lacking)} films lack regions, first {name}: {reasons[lacking[0]]}"
