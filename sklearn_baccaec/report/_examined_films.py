"""All that a model says of films, found once for every part of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._clusterer._assignments import film_names
from .._clusterer._cluster_names import ClusterNames, check_known_ages
from .._clusterer._film_keys import film_keys, find_known
from .._utils.validation import SEXES, check_sexes
from ..films._checks import check_films


@dataclass(frozen=True)
class ExaminedFilms:
    """Films, and what a model says of each.

    Attributes
    ----------
    model : BoneAgeClusterer
        Fitted.
    names : ClusterNames
        Those of its clusters.
    films : list of n_films paths or arrays
    table : DataFrame of shape (n_films, ...)
        As `BoneAgeClusterer.assign` returns it.
    ages : ndarray of shape (n_films,) or None
        Known ages in months, NaN where unknown.
    true : ndarray of shape (n_films,), int
        Index of the age's interval; -1 where it is unknown or in none.
    sexes : ndarray of shape (n_films,), int
        0 female, 1 male, -1 unknown.
    sexes_given : bool
    took_part : ndarray of shape (n_films,), bool
        Which films were in `fit`, or named the clusters.
    labels : ndarray of shape (n_films,), int
    latents : ndarray of shape (n_films, n_components)
        NaN for films set aside.
    landmarks : ndarray of shape (n_films, 19, 3)
    crops : ndarray of shape (n_films, n_regions, height, width), uint8
    valid : ndarray of shape (n_films, n_regions), bool
    """

    model: Any
    names: ClusterNames
    films: list[Any]
    table: pd.DataFrame
    ages: np.ndarray | None
    true: np.ndarray
    sexes: np.ndarray
    sexes_given: bool
    took_part: np.ndarray
    labels: np.ndarray
    latents: np.ndarray
    landmarks: np.ndarray
    crops: np.ndarray
    valid: np.ndarray

    @property
    def set_aside(self) -> np.ndarray:
        """Which films (n_films,) have no cluster."""
        return self.labels < 0

    @property
    def named(self) -> bool:
        """Whether the clusters have names."""
        return self.names.known

    @property
    def named_by_sex(self) -> bool:
        """Whether they have one for each sex."""
        return bool(self.names.tables_by_sex)

    @property
    def known(self) -> np.ndarray:
        """Which films (n_films,) have an age in an interval: those that are scored."""
        return self.true >= 0

    def sexes_or_none(self, chosen: np.ndarray) -> list[str | None] | None:
        """Sexes of these films as users give them; None if none were given."""
        if not self.sexes_given:
            return None
        return [[*SEXES, None][code] for code in self.sexes[chosen]]


def examine(model: Any, X: Any, y: Any, sex: Any) -> ExaminedFilms:
    """Crop and encode films once, and cluster them with a fitted model."""
    films = check_films(X)
    names: ClusterNames = model._names
    ages = None
    if y is not None:
        ages = check_known_ages(y, len(films), names.age_range, stacklevel=5)
    sexes = check_sexes(sex, len(films))
    placed = model._place(films)
    extracted = placed.extracted
    keys = film_keys(films, extracted.crops)
    return ExaminedFilms(
        model=model,
        names=names,
        films=films,
        table=model._tabulate(film_names(films), sexes, placed),
        ages=ages,
        true=np.full(len(films), -1) if ages is None else names.true_intervals(ages),
        sexes=sexes,
        sexes_given=sex is not None,
        took_part=find_known(keys, np.vstack([model._fit_keys, model._naming_keys])),
        labels=placed.labels,
        latents=placed.latents,
        landmarks=extracted.landmarks,
        crops=extracted.crops.reshape(*extracted.valid.shape, *_crop_shape(model)),
        valid=extracted.valid,
    )


def _crop_shape(model: Any) -> tuple[int, int]:
    return tuple(model.pipeline_[0].crop_shape)
