"""The part of a clusterer that speaks of ages: names, estimates and score."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._cluster_names import ClusterNames, check_known_ages
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

    def name_clusters(self, X: Any, y: Any) -> Self:
        """Name, or rename, the clusters of a fitted model by films of known age.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films; a few per cluster are enough.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.

        Returns
        -------
        self : object
            The clusterer, with these names only.
        """
        check_is_fitted(self)
        films = check_films(X)
        ages = check_known_ages(y, len(films), self.age_range)
        self._learn_names(self.predict(films), ages)
        return self

    def predict_interval(self, X: Any) -> np.ndarray:
        """Estimate the age interval of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        bounds : ndarray of shape (n_samples, 2)
            Lower and upper edge in months; NaN for a film that was set aside or whose
            cluster has no name.
        """
        labels = self._predict_named(X)
        return self._names.bounds_of(labels)

    def predict_age(self, X: Any) -> np.ndarray:
        """Estimate the bone age of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        ages : ndarray of shape (n_samples,)
            Median known age of the film's cluster in months; NaN for a film that was
            set aside or, with a warning, whose cluster no known age names.
        """
        labels = self._predict_named(X)
        return self._names.age_of(labels)

    def score(self, X: Any, y: Any = None) -> float:
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
        found = self._names.interval_of(self.predict(films))
        return float(np.mean(found[true >= 0] == true[true >= 0]))

    def _predict_named(self, X: Any) -> np.ndarray:
        self._check_named()
        labels = self.predict(X)
        nameless = int(np.sum((labels >= 0) & (self._names.interval_of(labels) < 0)))
        if nameless:
            warnings.warn(
                f"{nameless} of {len(labels)} films are in clusters that no known age "
                "names; see name_clusters",
                UserWarning,
                stacklevel=3,
            )
        return labels

    def _check_named(self) -> None:
        check_is_fitted(self)
        if not self._names.known:
            raise ValueError(
                "the clusters have no names: give ages to fit(X, y), or call "
                "name_clusters(X, y) with films of known age"
            )

    def _learn_names(self, labels: np.ndarray, ages: np.ndarray | None) -> None:
        """Name the clusters; without ages, forget the names they had."""
        self._names = ClusterNames.learn(
            np.full(len(labels), np.nan) if ages is None else ages,
            labels,
            n_clusters=self.n_clusters_,
            interval=self.interval,
            age_range=self.age_range,
        )
        if self._names.known:
            self.cluster_table_ = self._names.table
        elif hasattr(self, "cluster_table_"):
            del self.cluster_table_
