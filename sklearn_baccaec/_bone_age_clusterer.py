"""The whole method: films in, named clusters out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from joblib import Memory
from sklearn.base import (
    BaseEstimator,
    ClusterMixin,
    TransformerMixin,
    _fit_context,
    clone,
)
from sklearn.cluster import KMeans
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from ._cluster_names import ClusterNames
from ._utils.key_regions import PAPER_REGIONS, check_regions
from .datasets import check_films
from .encoders import RegionEncoder
from .metrics import age_interval_edges, check_ages
from .preprocessing import RegionPreprocessor
from .regions import KeyRegionExtractor


class BoneAgeClusterer(ClusterMixin, TransformerMixin, BaseEstimator):
    """Cluster hand films by bone age without labels (BA-CCAEC).

    Finds and crops the key regions, binarises them, encodes each region with its own
    constrained convolutional auto-encoder, clusters the joined latents with K-means,
    and names each cluster by the age interval that dominates it among films whose age
    is known. Ages are never seen by anything but the naming.

    Parameters
    ----------
    regions : sequence of str or int, or None, default=None
        Key regions by name or by the paper's number; None means the paper's best set:
        2, 5, 8, 11, 16, 17, 19.
    n_clusters : int, default=16
        Number of clusters.
    interval : float, default=48
        Width of the age intervals that name the clusters, in months.
    age_range : (float, float), default=(24, 216)
        First and last edge of the intervals, in months. Ages outside name nothing and
        are left out of `score`.
    landmarker : object with ``predict(X) -> (n_samples, 19, 3)``
        Finds the key regions; see :class:`KeyRegionExtractor`. Required.
    preprocessor : transformer, "passthrough" or None, default=None
        Processes the crops; None means ``RegionPreprocessor()``, the paper's chain.
    encoder : transformer or None, default=None
        Encodes one region, such as ``CCAEC(max_steps=6000)`` or ``VAE()``, or all of
        them, such as a :class:`RegionEncoder`; None means ``CCAEC()``.
    consensus : transformer or None, default=None
        A step between encoder and clusterer, applied to the joined latents.
    clusterer : clusterer with ``predict``, or None, default=None
        Clusters the latents; its ``n_clusters`` is set to the one here. None means
        ``KMeans(n_init=10)``.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a film that cannot be used: raise an error that names it, or
        set it aside: label -1, age NaN, and wrong in `score`.
    crop_shape : (int, int), default=(64, 64)
        Height and width of the crops in pixels.
    memory : str, path, joblib.Memory or None, default=None
        Cache of crops, trained encoders and latents. With an integer `random_state`
        nothing is cropped or trained twice, in a grid search for instance, and an
        interrupted run goes on where it stopped.
    n_jobs : int or None, default=None
        Films cropped and regions trained at once. The results do not depend on it.
    random_state : int, RandomState instance or None, default=None
        Seed of the encoders and of K-means, where they have none of their own.
    verbose : int, default=0
        Show progress bars if positive.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int
        Cluster of every film in `fit`; -1 for a film that was set aside.
    cluster_table_ : DataFrame of shape (n_clusters, ...)
        Films by cluster and interval, the paper's Table 1; only with known ages.
    pipeline_ : Pipeline
        The fitted steps: extractor, preprocessor, encoder, consensus, clusterer.
    valid_ : ndarray of shape (n_samples, n_regions), bool
        Which crops of the films in `fit` could be made.
    confidence_ : ndarray of shape (n_samples, n_regions)
        The landmarker's confidence in [0, 1].
    reasons_ : ndarray of shape (n_samples,), object
        Why a film was set aside, or None.
    n_clusters_ : int
        Number of clusters.

    See Also
    --------
    metrics.majority_label_scorer : The paper's own, in-sample, figure.

    Notes
    -----
    The whole of the paper [1]_: Section 2.2 (regions, preprocessing), Section 3
    (encoders, K-means), Section 4.1 and Table 1 (naming).

    An unshuffled K-fold split of films that are sorted by age, as `GridSearchCV` makes
    by default, gives meaningless scores: pass a shuffled one.

    References
    ----------
    .. [1] Zhu et al., "An Unsupervised Deep-Learning Method for Bone Age
       Assessment", arXiv 2206.05641.

    Examples
    --------
    >>> from sklearn_baccaec import BoneAgeClusterer, CCAEC, LandmarkTable
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(12, random_state=0)
    >>> model = BoneAgeClusterer(
    ...     regions=["carpus", "radius"],
    ...     n_clusters=3,
    ...     landmarker=LandmarkTable.from_films(films.data, films.landmarks),
    ...     encoder=CCAEC(max_steps=2),
    ...     crop_shape=(16, 16),
    ...     random_state=0,
    ... )
    >>> model.fit(films.data, films.target).predict_interval(films.data).shape
    (12, 2)
    """

    _parameter_constraints: ClassVar[dict] = {
        "regions": ["array-like", str, Integral, None],
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "interval": [Interval(Real, 0, None, closed="neither")],
        "age_range": ["array-like"],
        "landmarker": [HasMethods("predict"), None],
        "preprocessor": [HasMethods("transform"), StrOptions({"passthrough"}), None],
        "encoder": [HasMethods("transform"), None],
        "consensus": [HasMethods("transform"), None],
        "clusterer": [HasMethods(["fit", "predict"]), None],
        "on_error": [StrOptions({"raise", "skip"})],
        "crop_shape": ["array-like"],
        "memory": [str, os.PathLike, HasMethods("cache"), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        regions: Iterable[str | int] | None = None,
        n_clusters: int = 16,
        *,
        interval: float = 48,
        age_range: tuple[float, float] = (24, 216),
        landmarker: Any = None,
        preprocessor: Any = None,
        encoder: Any = None,
        consensus: Any = None,
        clusterer: Any = None,
        on_error: Literal["raise", "skip"] = "raise",
        crop_shape: tuple[int, int] = (64, 64),
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.regions = regions
        self.n_clusters = n_clusters
        self.interval = interval
        self.age_range = age_range
        self.landmarker = landmarker
        self.preprocessor = preprocessor
        self.encoder = encoder
        self.consensus = consensus
        self.clusterer = clusterer
        self.on_error = on_error
        self.crop_shape = crop_shape
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Cluster films, and name the clusters if ages are known.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,) or None, default=None
            Bone ages in months, NaN where unknown. They only name the clusters.

        Returns
        -------
        self : object
            Fitted clusterer.

        Raises
        ------
        FilmError
            If a film cannot be used and ``on_error="raise"``.
        ValueError
            If a parameter is wrong, ages are no ages or do not match the films, or
            there are fewer usable films than clusters.
        """
        films = check_films(X)
        ages = None if y is None else self._check_known_ages(y, len(films))
        age_interval_edges(self.interval, self.age_range)
        self._check_film_count(len(films), "films")

        extractor, rest = self._make_steps()
        extracted = extractor.extract(films)
        usable = extracted.valid.all(axis=1)
        self._check_film_count(int(usable.sum()), "usable films", extracted.reasons)
        rest.fit(extracted.crops[usable])

        clusterer = rest[-1]
        labels = np.full(len(films), -1)
        labels[usable] = clusterer.labels_
        self.labels_ = labels
        self.valid_ = extracted.valid
        self.confidence_ = extracted.confidence
        self.reasons_ = extracted.reasons
        self.n_clusters_ = int(self.n_clusters)
        self.pipeline_ = Pipeline([("extractor", extractor), *rest.steps])
        self._forget_names()
        if ages is not None:
            self._learn_names(labels, ages)
        return self

    def fit_predict(self, X: Any, y: Any = None, **kwargs: Any) -> np.ndarray:
        """Fit, and return the clusters of the same films.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,) or None, default=None
            Bone ages in months, which name the clusters.
        **kwargs : dict
            Passed to `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int
            `labels_`.
        """
        return self.fit(X, y, **kwargs).labels_

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
        ages = self._check_known_ages(y, len(films))
        self._learn_names(self.predict(films), ages)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Find the cluster of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int
            Clusters; -1 for a film that was set aside.
        """
        check_is_fitted(self)
        return self._apply("predict", self.pipeline_[1:], X, -1)

    def transform(self, X: Any) -> np.ndarray:
        """Encode films: what the clusterer sees.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        latents : ndarray of shape (n_samples, n_components), float32
            Joined latents of the regions; NaN for a film that was set aside.
        """
        check_is_fitted(self)
        return self._apply("transform", self.pipeline_[1:-1], X, np.nan)

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

    def score(self, X: Any, y: Any) -> float:
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
        ages = self._check_known_ages(y, len(films))
        edges = self._names.edges
        scored = (ages >= edges[0]) & (ages <= edges[-1])
        true = np.clip(np.searchsorted(edges, ages, "right") - 1, 0, len(edges) - 2)
        found = self._names.interval_of(self.predict(films))
        return float(np.mean(found[scored] == true[scored]))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns that `transform` returns.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of shape (n_components,), object
            Such as ``carpus_ccaec0``.
        """
        check_is_fitted(self)
        names = None
        for _, step in self.pipeline_.steps[:-1]:
            if step != "passthrough":
                names = step.get_feature_names_out(names)
        assert names is not None
        return names

    def _make_steps(self) -> tuple[KeyRegionExtractor, Pipeline]:
        """Unfitted extractor, and the pipeline of everything behind it."""
        regions = PAPER_REGIONS if self.regions is None else check_regions(self.regions)
        generator = check_random_state(self.random_state)
        # An integer seeds every step alike, so that steps can be swapped freely.
        seeds = {"random_state": self.random_state}
        if not isinstance(self.random_state, Integral | None):
            seeds = {"random_state": int(generator.randint(2**31 - 1))}
        shared = {
            "regions": regions,
            "memory": self.memory,
            "n_jobs": self.n_jobs,
            "verbose": self.verbose,
            **seeds,
        }
        extractor = KeyRegionExtractor(
            regions,
            landmarker=self.landmarker,
            crop_shape=self.crop_shape,
            on_error=self.on_error,
            memory=self.memory,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        encoder = self.encoder
        if encoder is None or "regions" not in encoder.get_params(deep=False):
            encoder = RegionEncoder(encoder)
        preprocessor = self.preprocessor
        if preprocessor is None:
            preprocessor = RegionPreprocessor(region_shape=tuple(self.crop_shape))
        steps = [
            ("preprocessor", preprocessor),
            ("encoder", encoder),
            ("consensus", self.consensus),
            (
                "clusterer",
                KMeans(n_init=10) if self.clusterer is None else self.clusterer,
            ),
        ]
        steps = [
            (name, step if step == "passthrough" else _with_defaults(step, shared))
            for name, step in steps
            if step is not None
        ]
        if "n_clusters" in steps[-1][1].get_params(deep=False):
            steps[-1][1].set_params(n_clusters=self.n_clusters)
        return extractor, Pipeline(steps)

    def _apply(self, method: str, steps: Pipeline, X: Any, missing: float) -> Any:
        """Result of ``method`` for every film, ``missing`` for those set aside."""
        extracted = self.pipeline_[0].extract(X)
        usable = extracted.valid.all(axis=1)
        if not usable.any():
            columns = (
                () if method == "predict" else (len(self.get_feature_names_out()),)
            )
            return np.full((len(usable), *columns), missing)
        found = np.asarray(getattr(steps, method)(extracted.crops[usable]))
        result = np.full((len(usable), *found.shape[1:]), missing, dtype=found.dtype)
        result[usable] = found
        return result

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
        if self._names is None:
            raise ValueError(
                "the clusters have no names: give ages to fit(X, y), or call "
                "name_clusters(X, y) with films of known age"
            )

    def _check_known_ages(self, y: Any, n_films: int) -> np.ndarray:
        """Ages with at least one that is known and in the range."""
        if y is None:
            raise ValueError("y is None; expected one bone age in months per film")
        ages = check_ages(y, n_films)
        known = np.isfinite(ages)
        if not known.any():
            raise ValueError(
                f"y holds no known age: all {n_films} are NaN. Leave y out to cluster "
                "films without names"
            )
        low, high = self.age_range
        outside = int(np.sum((ages[known] < low) | (ages[known] > high)))
        if outside == known.sum():
            raise ValueError(
                f"no age in y is within age_range={self.age_range} months (lowest "
                f"{ages[known].min():g}, highest {ages[known].max():g})"
            )
        if outside:
            warnings.warn(
                f"{outside} of {known.sum()} ages are outside "
                f"age_range={self.age_range} months and left out",
                UserWarning,
                stacklevel=3,
            )
        return ages

    def _check_film_count(
        self, n_films: int, what: str, reasons: np.ndarray | None = None
    ) -> None:
        if n_films < self.n_clusters:
            refused = [
                reason for reason in (() if reasons is None else reasons) if reason
            ]
            raise ValueError(
                f"{n_films} {what} are fewer than n_clusters={self.n_clusters}"
                + (
                    f" ({len(refused)} set aside; the first: {refused[0]})"
                    if refused
                    else ""
                )
            )

    def _learn_names(self, labels: np.ndarray, ages: np.ndarray) -> None:
        self._names = ClusterNames.learn(
            ages,
            labels,
            n_clusters=self.n_clusters_,
            interval=self.interval,
            age_range=tuple(self.age_range),
        )
        self.cluster_table_ = self._names.table

    def _forget_names(self) -> None:
        self._names: ClusterNames | None = None
        if hasattr(self, "cluster_table_"):
            del self.cluster_table_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _with_defaults(step: Any, defaults: dict[str, Any]) -> Any:
    """Clone whose open parameters (None, or silent) are set; a given value wins."""
    step = clone(step)
    params = step.get_params(deep=False)
    step.set_params(
        **{
            name: value
            for name, value in defaults.items()
            if name in params
            and (params[name] is None or (name == "verbose" and not params[name]))
        }
    )
    return step
