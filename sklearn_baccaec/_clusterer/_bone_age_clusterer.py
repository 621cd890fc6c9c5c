"""The whole method: films in, named clusters out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from joblib import Memory
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .._utils.sklearn_compat import (
    MEMORY,
    N_JOBS,
    REGIONS,
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
)
from .._utils.validation import check_sexes
from ..films._checks import check_films, film_name
from ..metrics import age_interval_edges
from ._assignments import AssignmentsMixin, film_names
from ._cluster_names import check_known_ages
from ._film_keys import film_keys
from ._label_suggestions import LabelSuggestionsMixin
from ._maturity import MaturityMixin
from ._method_steps import METHODS, find_usable, make_extractor, make_steps
from ._named_clusters import NamedClustersMixin
from ._persistence import PersistenceMixin
from ._reporting import ReportingMixin


class BoneAgeClusterer(
    DocumentationLinkMixin,
    NamedClustersMixin,
    MaturityMixin,
    AssignmentsMixin,
    LabelSuggestionsMixin,
    PersistenceMixin,
    ReportingMixin,
    ClusterMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Cluster hand films by bone age without labels (BA-CCAEC, and beyond).

    Finds and crops the key regions, encodes them, clusters the latents with K-means,
    and names each cluster by the age interval that dominates it among films whose age
    is known. Ages and sex train nothing: they name the clusters, and five or more ages
    tell which end of the maturity axis is young.

    ``method="ccaec"`` is the paper's: binarised crops of seven regions, each encoded
    by its own constrained convolutional auto-encoder. ``method="agreement"`` is
    recommended: all regions, encoders that are trained to recognise each other's
    films, and the axis that they agree on, which is how mature a hand is.

    Parameters
    ----------
    regions : sequence of str or int, or None, default=None
        Key regions by name or by the paper's number; None means the method's own: the
        paper's best set (2, 5, 8, 11, 16, 17, 19), or all 19 for agreement.
    n_clusters : int, default=16
        Number of clusters.
    method : {"ccaec", "agreement"}, default="ccaec"
        Where `regions` and the steps come from that are None.
    interval : float, default=48
        Width of the age intervals that name the clusters, in months.
    age_range : (float, float), default=(24, 216)
        First and last edge of the intervals, in months. Ages outside name nothing and
        are left out of `score`.
    landmarker : object with ``predict(X) -> (n_samples, 19, 3)``, default=None
        Finds the key regions; None means :class:`HandLandmarker` with the weights that
        come with the package. Another one is used as it is, never fitted or copied,
        and may be exchanged after `fit` (``set_params``), such as one
        :class:`LandmarkTable` for another.
    preprocessor : transformer, "passthrough" or None, default=None
        Processes the crops; None means the method's own: ``RegionPreprocessor()``, the
        paper's chain, or nothing for agreement, whose encoder sees grey values.
    encoder : transformer or None, default=None
        Encodes one region, such as ``CCAEC(max_steps=6000)`` or ``VAE()``, or all of
        them, such as a :class:`RegionEncoder`; None means the method's own: ``CCAEC()``
        or :class:`ContrastiveRegionEncoder`.
    consensus : transformer, "passthrough" or None, default=None
        A step between encoder and clusterer, applied to the joined latents; None means
        the method's own: none, or :class:`RegionConsensus` for agreement.
    clusterer : clusterer with ``fit_predict`` and ``predict``, or None, default=None
        Clusters the latents; its ``n_clusters`` (or ``n_components``) is set to the
        one here. None means ``KMeans(n_init=10)``.
    min_confidence : float, default=0.5
        Confidence in [0, 1] that the landmark of every region needs, and the mean over
        a film's landmarks. Films below are set aside, with a warning: label -1, age
        NaN, and wrong in `score`.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a film that cannot be used at all, such as one that is damaged
        or shows no hand: raise an error that names it, or set it aside too, without a
        warning for either.
    crop_shape : (int, int), default=(64, 64)
        Height and width of the crops in pixels.
    memory : str, path, joblib.Memory or None, default=None
        Cache of crops, trained encoders and latents. With an integer `random_state`
        nothing is cropped or trained twice, in a grid search for instance, and an
        interrupted run goes on where it stopped. Give `n_jobs` to this model, not to
        the search: concurrent candidates may train the same region side by side.
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
        The fitted steps: extractor, preprocessor, encoder, consensus, clusterer. By
        itself it gives films that cannot be used a cluster too: `predict` does not.
    valid_ : ndarray of shape (n_samples, n_regions), bool
        Which crops of the films in `fit` there are.
    confidence_ : ndarray of shape (n_samples, n_regions)
        The landmarker's confidence in [0, 1].
    reasons_ : ndarray of shape (n_samples,), object
        Why a film was set aside or which region it lacks, or None.
    handedness_ : ndarray of shape (n_samples,), str
        "L" or "R" as on the film; "" where it is not known.
    film_names_ : ndarray of shape (n_samples,), object
        File name of every film in `fit`, or "film 3" for an array.
    assignments_ : DataFrame of shape (n_samples, 8 or 9)
        What `assign` says of the films in `fit`.
    cluster_table_by_sex_ : DataFrame of shape (2 * n_clusters, ...)
        The same for each sex; only with known ages and sexes.
    maturity_ : ndarray of shape (n_samples,)
        `predict_maturity` of the films in `fit`; only with a :class:`RegionConsensus`.
    n_clusters_ : int
        Number of clusters.

    See Also
    --------
    metrics.majority_label_scorer : The paper's own, in-sample, figure.

    Notes
    -----
    To tune a step, give it: ``encoder=CCAEC()`` makes ``encoder__max_steps`` a
    parameter.

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
    >>> from sklearn_baccaec import BoneAgeClusterer, CCAEC
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(12, random_state=0)
    >>> model = BoneAgeClusterer(
    ...     regions=["carpus", "radius"],
    ...     n_clusters=3,
    ...     encoder=CCAEC(max_steps=2),
    ...     crop_shape=(16, 16),
    ...     random_state=0,
    ... )
    >>> model.fit(films.data, films.target).predict_interval(films.data).shape
    (12, 2)
    """

    _parameter_constraints: ClassVar[dict] = {
        "regions": REGIONS,
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "method": [StrOptions(set(METHODS))],
        "interval": [Interval(Real, 0, None, closed="neither")],
        "age_range": ["array-like"],
        "landmarker": [HasMethods("predict"), None],
        "preprocessor": [HasMethods("transform"), StrOptions({"passthrough"}), None],
        "encoder": [HasMethods("transform"), None],
        "consensus": [HasMethods("transform"), StrOptions({"passthrough"}), None],
        "clusterer": [HasMethods(["fit_predict", "predict"]), None],
        "min_confidence": [Interval(Real, 0, 1, closed="both")],
        "on_error": [StrOptions({"raise", "skip"})],
        "crop_shape": ["array-like"],
        "memory": MEMORY,
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        regions: Iterable[str | int] | None = None,
        n_clusters: int = 16,
        *,
        method: Literal["ccaec", "agreement"] = "ccaec",
        interval: float = 48,
        age_range: tuple[float, float] = (24, 216),
        landmarker: Any = None,
        preprocessor: Any = None,
        encoder: Any = None,
        consensus: Any = None,
        clusterer: Any = None,
        min_confidence: float = 0.5,
        on_error: Literal["raise", "skip"] = "raise",
        crop_shape: tuple[int, int] = (64, 64),
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.regions = regions
        self.n_clusters = n_clusters
        self.method = method
        self.interval = interval
        self.age_range = age_range
        self.landmarker = landmarker
        self.preprocessor = preprocessor
        self.encoder = encoder
        self.consensus = consensus
        self.clusterer = clusterer
        self.min_confidence = min_confidence
        self.on_error = on_error
        self.crop_shape = crop_shape
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, *, sex: Any = None) -> Self:
        """Cluster films, and name the clusters if ages are known.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,) or None, default=None
            Bone ages in months, NaN where unknown. They only name the clusters.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. It only
            names the clusters too: one name per sex, as bone age is defined for each.

        Returns
        -------
        self : object
            Fitted clusterer.

        Raises
        ------
        FilmError
            If a film cannot be used and ``on_error="raise"``.
        ValueError
            If a parameter is wrong, ages or sexes are none or do not match the films,
            or there are fewer usable films than clusters.
        """
        films = check_films(X)
        age_interval_edges(self.interval, self.age_range)
        ages = (
            None
            if y is None
            else check_known_ages(y, len(films), self.age_range, stacklevel=4)
        )
        sexes = check_sexes(sex, len(films))
        self._check_film_count(len(films), "films")

        extractor, rest = make_steps(self)
        extracted = extractor.extract(films)
        usable = find_usable(extracted.valid, rest)
        self._check_film_count(
            int(usable.sum()), "usable films", films, extracted.reasons
        )
        labels = np.full(len(films), -1)
        latents = rest[:-1].fit_transform(extracted.crops[usable])
        labels[usable] = rest[-1].fit_predict(latents)

        self.labels_ = labels
        self._sexes = sexes
        self.valid_ = extracted.valid
        self.confidence_ = extracted.confidence
        self.reasons_ = extracted.reasons
        self.handedness_ = extracted.handedness
        self.film_names_ = film_names(films)
        self._fit_keys = film_keys(films, extracted.crops)
        self._naming_keys = self._fit_keys[:0]
        # Some clusterers choose their number themselves.
        self.n_clusters_ = max(int(self.n_clusters), int(labels.max()) + 1)
        self.pipeline_ = Pipeline([("extractor", extractor), *rest.steps])
        self._learn_maturity(latents, usable, ages)
        self._learn_names(labels, ages, sexes, getattr(self, "maturity_", None))
        return self

    def fit_predict(self, X: Any, y: Any = None, *, sex: Any = None) -> np.ndarray:
        """Fit, and return the clusters of the same films.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,) or None, default=None
            Bone ages in months, which name the clusters.
        sex : array-like of shape (n_samples,) or None, default=None
            Sexes, as in `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int
            `labels_`.
        """
        return self.fit(X, y, sex=sex).labels_

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
        return self._place(X).labels

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
        _, usable, latents = self._encode(X)
        return _with_empty_rows(latents, usable)

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

    def _extract(self, X: Any) -> Bunch:
        """Crop films as in `fit`, with the parameters of today that learn nothing."""
        fitted = self.pipeline_[0]
        return make_extractor(self, fitted.regions, fitted.crop_shape).extract(X)

    def _encode(self, X: Any) -> tuple[Bunch, np.ndarray, Any]:
        """Crops, which films can be used, and the latents of those."""
        extracted = self._extract(X)
        usable = find_usable(extracted.valid, self.pipeline_)
        if usable.any():
            latents = self.pipeline_[1:-1].transform(extracted.crops[usable])
        else:
            latents = np.empty((0, len(self.get_feature_names_out())), np.float32)
        return extracted, usable, latents

    def _place(self, X: Any) -> Bunch:
        """Cluster, latents and maturity of every film, cropped and encoded once."""
        extracted, usable, latents = self._encode(X)
        labels = np.full(len(usable), -1)
        if usable.any():
            labels[usable] = self.pipeline_[-1].predict(latents)
        latents = _with_empty_rows(latents, usable)
        return Bunch(
            labels=labels,
            latents=latents,
            maturity=self._axis and self._axis.maturity_of(latents[:, 0]),
            confidence=extracted.confidence,
            reasons=extracted.reasons,
            extracted=extracted,
        )

    def _check_film_count(
        self,
        n_films: int,
        what: str,
        films: Sequence[Any] = (),
        reasons: Sequence[str | None] = (),
    ) -> None:
        if n_films >= self.n_clusters:
            return
        message = f"{n_films} {what} are fewer than n_clusters={self.n_clusters}"
        refused = [(i, reason) for i, reason in enumerate(reasons) if reason]
        if refused:
            place, reason = refused[0]
            name = film_name(films[place], place)
            message += f"; {len(refused)} were set aside, first {name}: {reason}"
        raise ValueError(message)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _with_empty_rows(latents: Any, usable: np.ndarray) -> np.ndarray:
    """Latents of all films: NaN for those that cannot be used."""
    found = np.asarray(latents)
    rows = np.full((len(usable), found.shape[1]), np.nan, found.dtype)
    rows[usable] = found
    return rows
