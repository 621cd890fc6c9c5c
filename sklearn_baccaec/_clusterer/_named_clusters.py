"""The part of a clusterer that speaks of ages: names, estimates and score."""

from __future__ import annotations

import warnings
from typing import Any, Literal, Self, overload

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .._utils.validation import check_sexes
from ..films._checks import check_films
from ._age_calibration import AgeCalibration
from ._cluster_names import ClusterNames, check_known_ages, within_range
from ._film_keys import film_keys


class NamedClustersMixin:
    """Names for the clusters of films, learned from known ages and nothing else.

    The class it is mixed into has `predict`, `_place`, `n_clusters_`, `interval` and
    `age_range`, and calls `_learn_names` when it is fitted.
    """

    interval: float
    age_range: tuple[float, float]
    n_clusters_: int
    _names: ClusterNames
    _calibration: AgeCalibration | None
    _naming_keys: np.ndarray

    def predict(self, X: Any) -> np.ndarray:
        """Find the cluster of every film."""
        raise NotImplementedError

    def _place(self, X: Any) -> Bunch:
        """Cluster and maturity of every film."""
        raise NotImplementedError

    def name_clusters(self, X: Any, y: Any, sex: Any = None) -> Self:
        """Name, or rename, the clusters of a fitted model by films of known age.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films; a few per cluster are enough, best those that
            `suggest_films_to_label` chose.
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
        placed = self._place(films)
        self._naming_keys = film_keys(films, placed.extracted.crops)
        self._learn_names(placed.labels, ages, sexes, placed.maturity)
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
        placed, sexes = self._place_named(X, sex)
        bounds = self._names.bounds_of(placed.labels, sexes)
        _warn_of_nameless(placed.labels, bounds[:, 0])
        return bounds

    @overload
    def predict_age(
        self, X: Any, sex: Any = None, *, return_quartiles: Literal[False] = False
    ) -> np.ndarray: ...
    @overload
    def predict_age(
        self, X: Any, sex: Any = None, *, return_quartiles: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...
    @overload
    def predict_age(
        self, X: Any, sex: Any = None, *, return_quartiles: bool
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]: ...
    def predict_age(
        self, X: Any, sex: Any = None, *, return_quartiles: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Estimate the bone age of every film.

        With a :class:`RegionConsensus` and at least ten known ages it is read from the
        maturity axis, by isotonic regression; else it is the age of the cluster.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. Films of
            unknown sex get the age that films of both sexes have.
        return_quartiles : bool, default=False
            Whether to tell how far known ages lie around the estimate, too.

        Returns
        -------
        ages : ndarray of shape (n_samples,)
            Age in months on the maturity axis, or the median known age of the film's
            cluster. NaN for a film that was set aside or, with a warning and only
            without the axis, whose cluster no known age names.
        quartiles : ndarray of shape (n_samples, 2)
            Lower and upper quartile in months: about half of the ages of such films
            lie between. NaN where the age is. Only with ``return_quartiles=True``.

        Notes
        -----
        Without the axis, these are the quartiles of the known ages in the cluster.
        With it, they are the age plus the quartiles of the distances of the known ages
        in the cluster (all known ages if it has fewer than ten) from curves that were
        learned without them, in five folds: the known ages lie closer to a curve that
        has seen them than those of other films will. The age itself need not lie
        between its quartiles.

        One curve is learned for each sex of which ten ages are known, and one for all
        films.

        Examples
        --------
        >>> from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
        >>> from sklearn_baccaec.datasets import make_hand_radiographs
        >>> from sklearn.decomposition import PCA
        >>> films = make_hand_radiographs(24, film_shape=(160, 120), random_state=0)
        >>> model = BoneAgeClusterer(
        ...     n_clusters=3,
        ...     method="agreement",
        ...     landmarker=LandmarkTable.from_films(films.data, films.landmarks),
        ...     encoder=PCA(2),
        ...     crop_shape=(16, 16),
        ...     random_state=0,
        ... )
        >>> model.fit(films.data, films.target)
        BoneAgeClusterer(...)
        >>> ages, quartiles = model.predict_age(films.data, return_quartiles=True)
        >>> ages.shape, quartiles.shape
        ((24,), (24, 2))
        """
        placed, sexes = self._place_named(X, sex)
        ages, quartiles = self._estimate_ages(placed.labels, sexes, placed.maturity)
        _warn_of_nameless(placed.labels, ages)
        return (ages, quartiles) if return_quartiles else ages

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

    def _place_named(self, X: Any, sex: Any) -> tuple[Bunch, np.ndarray]:
        """Clusters and maturity, and codes of sex."""
        self._check_named()
        films = check_films(X)
        sexes = check_sexes(sex, len(films))
        return self._place(films), sexes

    def _estimate_ages(
        self, labels: np.ndarray, sexes: np.ndarray, maturity: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Age (n_samples,) and quartiles (n_samples, 2) in months, or NaN."""
        if self._calibration is None:
            return (
                self._names.age_of(labels, sexes),
                self._names.quartiles_of(labels, sexes),
            )
        assert maturity is not None
        return self._calibration.estimate(maturity, labels, sexes)

    def _check_named(self) -> None:
        check_is_fitted(self)
        if not self._names.known:
            raise ValueError(
                "the clusters have no names: give ages to fit(X, y), or call "
                "name_clusters(X, y) with films of known age"
            )

    def _learn_names(
        self,
        labels: np.ndarray,
        ages: np.ndarray | None,
        sexes: np.ndarray,
        maturity: np.ndarray | None,
    ) -> None:
        """Learn names and ages; without known ages, forget what there was."""
        if ages is None:
            ages = np.full(len(labels), np.nan)
        self._names = ClusterNames.learn(
            ages,
            labels,
            sexes,
            n_clusters=self.n_clusters_,
            interval=self.interval,
            age_range=self.age_range,
        )
        self._calibration = None
        if maturity is not None:
            inside = within_range(ages, self.interval, self.age_range)
            self._calibration = AgeCalibration.learn(
                inside, labels, sexes, maturity, self.n_clusters_
            )
        for attribute in ("cluster_table_", "cluster_table_by_sex_"):
            vars(self).pop(attribute, None)
        if self._names.known:
            self.cluster_table_ = self._names.table
        if self._names.tables_by_sex:
            self.cluster_table_by_sex_ = pd.concat(
                self._names.tables_by_sex, names=["sex"]
            )


def _warn_of_nameless(labels: np.ndarray, found: np.ndarray) -> None:
    nameless = int(np.sum((labels >= 0) & np.isnan(found)))
    if nameless:
        warnings.warn(
            f"{nameless} of {len(labels)} films are in clusters that no known age "
            "names; see name_clusters",
            UserWarning,
            stacklevel=3,
        )
