"""The part of a clusterer that speaks of ages: names, estimates and score."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from ._cluster_names import ClusterNames, check_known_ages
from ._utils.sexes import check_sexes
from .datasets._films import check_films


class NamedClustersMixin:
    """Names for the clusters of films, learned from known ages and nothing else.

    The class it is mixed into has `predict`, `n_clusters_`, `interval` and
    `age_range`, and calls `_learn_names` when it is fitted.
    """

    interval: float
    age_range: tuple[float, float]
    n_clusters_: int

    def predict(self, X: Any) -> np.ndarray:
        """Find the cluster of every film."""
        raise NotImplementedError

    def name_clusters(self, X: Any, y: Any, sex: Any = None) -> Self:
        """Name, or rename, the clusters of a fitted model by films of known age.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films; a few per cluster are enough.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. With it,
            each cluster gets one name per sex: bone age is defined for each.

        Returns
        -------
        self : object
            The clusterer, with these names only.
        """
        check_is_fitted(self)
        films = check_films(X)
        ages = check_known_ages(y, len(films), self.age_range)
        sexes = check_sexes(sex, len(films))
        self._learn_names(self.predict(films), ages, sexes)
        return self

    def predict_interval(self, X: Any, sex: Any = None) -> np.ndarray:
        """Estimate the age interval of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. Films of
            unknown sex get the name of all films of their cluster.

        Returns
        -------
        bounds : ndarray of shape (n_samples, 2)
            Lower and upper edge in months; NaN for a film that was set aside or whose
            cluster has no name.
        """
        labels, sexes = self._predict_named(X, sex)
        return self._names.bounds_of(labels, sexes)

    def predict_age(self, X: Any, sex: Any = None) -> np.ndarray:
        """Estimate the bone age of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. Films of
            unknown sex get the age of all films of their cluster.

        Returns
        -------
        ages : ndarray of shape (n_samples,)
            Median known age of the film's cluster in months; NaN for a film that was
            set aside or, with a warning, whose cluster no known age names.
        """
        labels, sexes = self._predict_named(X, sex)
        return self._names.age_of(labels, sexes)

    def score(self, X: Any, y: Any = None, sex: Any = None) -> float:
        """Share of films whose age interval is right, with the names learned before.

        On films that were not in `fit` this is an honest held-out figure. See
        :func:`sklearn_baccaec.metrics.majority_label_scorer` for the paper's, which
        names the clusters by the films it scores.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,)
            Bone ages in months. Films of unknown age are left out, and so are, with a
            warning, ages outside `age_range`.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. It matters
            if the clusters were named by sex; leaving it out then warns.

        Returns
        -------
        accuracy : float
            In [0, 1]. A film that was set aside, or whose cluster has no name, counts
            as wrong.

        Raises
        ------
        ValueError
            If the clusters have no names, or no film's age is known.
        """
        self._check_named()
        films = check_films(X)
        ages = check_known_ages(y, len(films), self._names.age_range)
        true = self._names.true_intervals(ages)
        sexes = check_sexes(sex, len(films))
        if self._names.tables_by_sex and sex is None:
            warnings.warn(
                "the clusters were named for each sex, but score was given none: every "
                "film counts with the name of both; pass sex=...",
                UserWarning,
                stacklevel=2,
            )
        found = self._names.interval_of(self.predict(films), sexes)
        return float(np.mean(found[true >= 0] == true[true >= 0]))

    def _predict_named(self, X: Any, sex: Any) -> tuple[np.ndarray, np.ndarray]:
        """Clusters and codes of sex; warns of clusters without a name."""
        self._check_named()
        films = check_films(X)
        sexes = check_sexes(sex, len(films))
        labels = self.predict(films)
        found = self._names.interval_of(labels, sexes)
        nameless = int(np.sum((labels >= 0) & (found < 0)))
        if nameless:
            warnings.warn(
                f"{nameless} of {len(labels)} films are in clusters that no known age "
                "names; see name_clusters",
                UserWarning,
                stacklevel=3,
            )
        return labels, sexes

    def _check_named(self) -> None:
        check_is_fitted(self)
        if not self._names.known:
            raise ValueError(
                "the clusters have no names: give ages to fit(X, y), or call "
                "name_clusters(X, y) with films of known age"
            )

    def _learn_names(
        self, labels: np.ndarray, ages: np.ndarray | None, sexes: np.ndarray
    ) -> None:
        """Name the clusters; without ages, forget the names they had."""
        self._names = ClusterNames.learn(
            np.full(len(labels), np.nan) if ages is None else ages,
            labels,
            sexes,
            n_clusters=self.n_clusters_,
            interval=self.interval,
            age_range=self.age_range,
        )
        for attribute in ("cluster_table_", "cluster_table_by_sex_"):
            vars(self).pop(attribute, None)
        if self._names.known:
            self.cluster_table_ = self._names.table
        if self._names.tables_by_sex:
            self.cluster_table_by_sex_ = pd.concat(
                self._names.tables_by_sex, names=["sex"]
            )
