"""All that a model says of films, found once for every part of the report."""

from typing import Any

import numpy as np

from .._clusterer import assign_films
from .._clusterer._examination import examine_films
from .._utils.validation import SEXES, check_known_ages, check_sexes
from .._utils.wrapped import interval_settings
from ..films._checks import check_films
from ..metrics import age_interval_edges, assign_age_intervals


class ReportedFilms:
    """Films, each looked at once, and what a fitted BoneAgeClusterer says of them."""

    def __init__(self, model: Any, X: Any, y: Any, sex: Any) -> None:
        self.model, self.clusterer = model, model.named_clusterer_
        self.age_source = self.clusterer.age_source_  # None: no film gets an age
        self.by_axis = self.clusterer.age_regressor_ is not None  # not by clusters
        self.cluster_table = getattr(self.clusterer, "cluster_table_", None)
        self.named = self.cluster_table is not None
        self.named_by_sex = hasattr(self.clusterer, "cluster_table_by_sex_")
        self.interval_settings = interval_settings(self.clusterer)
        self.edges = age_interval_edges(**self.interval_settings)  # months
        self.regions = model.pipeline_[0].regions_  # those of the crops

        films = check_films(X)
        self.ages_given, self.sexes_given = y is not None, sex is not None
        self.ages = np.full(len(films), np.nan)  # months, NaN where unknown
        if self.ages_given:
            self.ages = check_known_ages(y, len(films), self.clusterer.age_range)
        # -1 where an age is unknown or in no interval
        self.intervals = assign_age_intervals(self.ages, **self.interval_settings)
        codes = check_sexes(sex, len(films))
        self.sexes = np.array([*SEXES, None], dtype=object)[codes]
        self.found = examine_films(model, films, keep_crops=False)
        self.table = assign_films(self.clusterer, self.found, sex)
        self.errors = self.table["age"].to_numpy(float) - self.ages  # months
        self.set_aside = self.found.labels < 0
