"""All that a model says of films, found once for every part of the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._clusterer import tabulate_films
from .._utils.validation import SEXES, check_known_ages, check_sexes
from ..films._checks import check_films
from ..metrics import age_interval_edges, assign_age_intervals


class ReportedFilms:
    """Films, each looked at once, and what a fitted BoneAgeClusterer says of them.

    Attributes
    ----------
    model : BoneAgeClusterer
    clusterer : NamedClusterer
        Its clusters with their names.
    cluster_table : DataFrame or None
        What named the clusters; None if they have no names.
    named, named_by_sex : bool
        Whether the clusters have names, and one for each sex.
    interval_settings : dict
        `interval` and `age_range` of the names.
    edges : ndarray of shape (n_intervals + 1,)
        Edges of the age intervals in months.
    regions : tuple of str
        Regions of the crops.
    found : Bunch
        What the model's `examine` tells of the films.
    table : DataFrame of shape (n_films, ...)
        As the model's `assign` returns it.
    ages : ndarray of shape (n_films,)
        Months, NaN where unknown.
    intervals : ndarray of shape (n_films,), int
        Index of the age's interval; -1 where it is unknown or in none.
    known, set_aside : ndarray of shape (n_films,), bool
        Which films have an age in an interval, and which have no cluster.
    sexes : ndarray of shape (n_films,), object
        "F", "M" or None.
    ages_given, sexes_given : bool
    """

    def __init__(self, model: Any, X: Any, y: Any, sex: Any) -> None:
        self.model, self.clusterer = model, model.named_clusterer_
        self.cluster_table = getattr(self.clusterer, "cluster_table_", None)
        self.named = self.cluster_table is not None
        self.named_by_sex = hasattr(self.clusterer, "cluster_table_by_sex_")
        self.interval_settings = {
            "interval": self.clusterer.interval,
            "age_range": self.clusterer.age_range,
        }
        self.edges = age_interval_edges(**self.interval_settings)
        self.regions = model.pipeline_[0].regions_

        films = check_films(X)
        self.ages_given, self.sexes_given = y is not None, sex is not None
        self.ages = np.full(len(films), np.nan)
        if self.ages_given:
            self.ages = check_known_ages(y, len(films), self.clusterer.age_range)
        self.intervals = assign_age_intervals(self.ages, **self.interval_settings)
        codes = check_sexes(sex, len(films))
        self.sexes = np.array([*SEXES, None], dtype=object)[codes]
        self.found = model.examine(films)
        assigned = self.clusterer.assign(self.found.latents, sex=sex)
        self.table = tabulate_films(self.found, assigned)
        self.known, self.set_aside = self.intervals >= 0, self.found.labels < 0
