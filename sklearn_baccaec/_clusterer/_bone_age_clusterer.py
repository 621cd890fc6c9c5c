"""The whole method: films in, named clusters out."""

import os
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self, overload

import numpy as np
import pandas as pd
from joblib import Memory
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import (
    MEMORY,
    N_JOBS,
    REGIONS,
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
    tag_films,
)
from .._utils.validation import sex_by_keyword
from ..cluster import NamedClusterer
from ..films._checks import check_films
from ..regions._crop_frames import MAX_CROP_SCALE
from ._examination import examine_films
from ._film_keys import find_seen
from ._fitting import fit_to_films, name_by_ages
from ._region_ages import check_region_ages, tell_region_ages
from ._requests import check_axis, check_named, check_request, check_suggestion
from ._steps import METHOD_NAMES, make_pipeline, shallow_copy
from ._tables import assign_films, tabulate_films


@sex_by_keyword
@fill_docstrings
class BoneAgeClusterer(
    DocumentationLinkMixin, ClusterMixin, TransformerMixin, BaseEstimator
):
    """Cluster hand films by bone age without labels (BA-CCAEC, and beyond).

    Crops the key regions, encodes them, clusters the latents with K-means, and names
    each cluster by the interval that dominates the known ages in it.

    ``method="ccaec"`` is the paper's: binarised crops of seven regions, each encoded
    by its own auto-encoder. ``method="agreement"`` is recommended: the edges in all 19
    regions, and the curve along which these mature together. It takes seconds.
    ``method="pretrained"``, see :func:`load_pretrained`, has learned its curve before.

    Parameters
    ----------
    {regions}
        Key regions by name or by the paper's number; None means the method's own: the
        paper's best set (2, 5, 8, 11, 16, 17, 19), or all 19 for agreement.
    n_clusters : int or None, default=None
        Number of clusters. None means that of `clusterer`, or 16 without one.
    method : {"ccaec", "agreement", "pretrained"}, default="ccaec"
        Where parameters that are None come from.
    {intervals}
        Ages outside name nothing and are left out of `score`.
    landmarker : object with ``predict(X) -> (n_samples, 19, 3)``, default=None
        Finds the key regions; None means :class:`HandLandmarker` with the weights that
        come with the package. Another one is used as it is, never fitted or copied. A
        search clones it: keep a trained one in a ``FrozenEstimator``.
    preprocessor : transformer, "passthrough" or None, default=None
        Processes the crops; None means the method's own: ``RegionPreprocessor()``, or
        nothing for agreement.
    encoder : transformer or None, default=None
        Encodes one region, such as ``VAE()``, or all, such as a :class:`RegionEncoder`,
        if its ``encodes_all_regions`` says so. None means the method's own: ``CCAEC()``
        or :class:`HOGComponents`.
    consensus : transformer, "passthrough" or None, default=None
        A step from the joined latents to what is clustered; None means the method's
        own: none, or :class:`MaturityCurve` for agreement. Where it
        ``allows_missing_regions``, `min_regions` of a film's regions will do, or half
        of them if it does not say how many; where its first
        column ``is_maturity_axis``, films have a maturity, and ages are read from it.
    clusterer : clusterer with ``fit_predict`` and ``predict``, or None, default=None
        Clusters the latents. None means ``KMeans(n_init=10)``.
    {cropping}
    {memory}
        Cache of crops, trained encoders and latents. With an integer `random_state`
        nothing is cropped or trained twice, and an interrupted run goes on where it
        stopped. It, `n_jobs`, `on_error` and `verbose` may be changed after `fit`.
    {n_jobs}
        Films cropped and regions trained at once; the results do not depend on it.
        Give it to this model, not to a search of it.
    {random_state}
        Seed of the encoders and of K-means, where they have none of their own.
    {verbose}

    Attributes
    ----------
    pipeline_ : Pipeline
        The fitted steps, which predict: extractor, preprocessor, encoder, selector,
        consensus, clusterer.
    named_clusterer_ : NamedClusterer
        The last step: the clusters with their names and ages.
    landmarker_ : landmarker
        What finds the key regions; another one may be put in its place.
    labels_ : ndarray of shape (n_samples,), int
        Cluster of every film in `fit`; -1 for a film that was set aside.
    n_clusters_ : int
        Number of clusters.
    {cluster_tables}
    maturity_ : ndarray of shape (n_samples,)
        `predict_maturity` of the films in `fit`; only with an axis.
    {extracted_}
    film_names_ : ndarray of shape (n_samples,), object
        File name of every film in `fit`, or "film 3" for an array.
    assignments_ : DataFrame of shape (n_samples, 8 or 9)
        What `assign` says of the films in `fit`.

    See Also
    --------
    report.write_report : One page on a fitted model and films.

    Notes
    -----
    The whole of the paper [1]_: Section 2.2 (regions, preprocessing), Section 3
    (encoders, K-means), Section 4.1 and Table 1 (naming). To tune a step, give it:
    ``encoder=CCAEC()`` makes ``encoder__max_steps`` a parameter.

    Unshuffled folds of films sorted by age give meaningless scores: pass shuffled ones.

    References
    ----------
    .. [1] Zhu et al., arXiv 2206.05641.

    Examples
    --------
    >>> from sklearn_baccaec import BoneAgeClusterer, CCAEC
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(12, random_state=0)
    >>> model = BoneAgeClusterer("carpus", 3, encoder=CCAEC(max_steps=2))
    >>> model.fit(films.data, films.target).predict_interval(films.data).shape
    (12, 2)
    """

    pipeline_: Pipeline

    _parameter_constraints: ClassVar[dict] = {
        "regions": REGIONS,
        "n_clusters": [Interval(Integral, 1, None, closed="left"), None],
        "method": [StrOptions(set(METHOD_NAMES))],
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
        "crop_scale": [Interval(Real, 0, MAX_CROP_SCALE, closed="right"), None],
        "memory": MEMORY,
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        regions: Iterable[str | int] | None = None,
        n_clusters: int | None = None,
        *,
        method: Literal["ccaec", "agreement", "pretrained"] = "ccaec",
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
        crop_scale: float | None = None,
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
        self.crop_scale = crop_scale
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, *, sex: Any = None) -> Self:
        """Cluster films, and name the clusters if ages are known.

        Parameters
        ----------
        {films_ages_sex}
            Ages and sexes only name the clusters, for each sex as bone age is; and
            five or more ages tell which end of the maturity axis is young.

        Returns
        -------
        self : BoneAgeClusterer

        Raises
        ------
        FilmError
            If a film cannot be used and ``on_error="raise"``.
        ValueError
            If a parameter is wrong, ages or sexes are invalid or do not match the
            films, or there are fewer usable films than clusters.
        """
        fitted, _ = fit_to_films(self, check_films(X), y, sex)
        self.__dict__.update(fitted)  # in one go: an interrupt leaves no half model
        return self

    def fit_predict(self, X: Any, y: Any = None, *, sex: Any = None) -> np.ndarray:
        """Fit, and return the clusters of the same films.

        {fit_predict_of_films}
        """
        return self.fit(X, y, sex=sex).labels_

    @fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X: Any, y: Any = None, *, sex: Any = None) -> np.ndarray:
        """Fit, and encode the same films.

        {fit_transform_of_films}
        """
        fitted, latents = fit_to_films(self, check_films(X), y, sex)
        self.__dict__.update(fitted)
        return latents

    @fit_context(prefer_skip_nested_validation=False)
    def make_pipeline(self) -> Pipeline:
        """Make the steps of `pipeline_`, unfitted, with every choice made.

        Returns
        -------
        pipeline : Pipeline
        """
        return make_pipeline(self)

    def examine(self, X: Any) -> Bunch:
        """Look at films once, and tell all that does not depend on ages.

        Parameters
        ----------
        {films}

        Returns
        -------
        examined : :class:`~sklearn.utils.Bunch`
            names : ndarray of shape (n_samples,), object
                File names, or "film 3" for an array; ``films`` are the films.
            {extracted}
            {placed}
        """
        check_is_fitted(self)
        return examine_films(self, check_films(X), keep_crops=True)

    def predict(self, X: Any) -> np.ndarray:
        """Find the cluster of every film.

        Parameters
        ----------
        {films}

        Returns
        -------
        {labels}
        """
        return self._examine(X).labels

    def transform(self, X: Any) -> np.ndarray:
        """Encode films: what the clusterer sees.

        {transform_of_films}
        """
        return self._examine(X).latents

    def predict_maturity(self, X: Any) -> np.ndarray:
        """Place films on the axis from immature to mature.

        Maturity is blind to sex; girls reach the same one earlier.

        {predict_maturity_of_films}
        """
        check_axis(self)
        return self._examine(X).maturity

    def name_clusters(self, X: Any, y: Any, *, sex: Any = None) -> Self:
        """Name the clusters of a fitted model by films of known age, and by no others.

        Parameters
        ----------
        {films}
            A few for each cluster are enough, best those that `suggest` chose.
        {ages}
        {sex}

        Returns
        -------
        self : BoneAgeClusterer
        """
        examined = self._examine(check_request(self, X, sex, y))
        fitted = self._seen_keys[: len(self.labels_)]
        positions = find_seen(examined.digests, fitted)
        named = ("clusterer", shallow_copy(self.named_clusterer_))
        pipeline = Pipeline([*self.pipeline_.steps[:-1], named])
        name_by_ages(pipeline, examined.latents, positions, y, sex)
        seen = np.concatenate([fitted, examined.digests])
        self.__dict__.update(pipeline_=pipeline, _seen_keys=seen)
        return self

    def predict_interval(self, X: Any, *, sex: Any = None) -> np.ndarray:
        """Estimate the age interval of every film.

        Parameters
        ----------
        {films}
        {sex_to_bounds}
        """
        check_named(self)
        latents = self._examine(check_request(self, X, sex)).latents
        return self.named_clusterer_.predict_interval(latents, sex=sex)

    @overload
    def predict_age(
        self, X: Any, *, sex: Any = None, return_range: Literal[False] = False
    ) -> np.ndarray: ...
    @overload
    def predict_age(
        self, X: Any, *, sex: Any = None, return_range: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...
    def predict_age(
        self, X: Any, *, sex: Any = None, return_range: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Estimate the bone age of every film.

        With a maturity axis and two known ages (the pretrained model needs none) it is
        read from the axis; else it is the median known age of the cluster.

        Parameters
        ----------
        {films}
        {sex_to_months}
        """
        check_named(self)
        latents = self._examine(check_request(self, X, sex)).latents
        named: Any = self.named_clusterer_
        return named.predict_age(latents, sex=sex, return_range=return_range)

    def predict_region_age(self, X: Any, *, sex: Any = None) -> np.ndarray:
        """Estimate bone ages by each region alone: which are ahead, which behind.

        {region_ages_of_films}
        """
        check_region_ages(self)
        films = check_request(self, X, sex)
        return tell_region_ages(self, self.examine(films), sex)

    def assign(self, X: Any, *, sex: Any = None) -> pd.DataFrame:
        """Tabulate all that is known of every film.

        {assign_of_films}
        """
        examined = self._examine(check_request(self, X, sex))
        return assign_films(self.named_clusterer_, examined, sex)

    def score(
        self, X: Any, y: Any = None, *, sex: Any = None, sample_weight: Any = None
    ) -> float:
        """Share of films whose age interval is right, with the names learned before.

        On films that were not in `fit` this is an honest held-out figure, unlike the
        paper's :func:`~sklearn_baccaec.metrics.majority_label_scorer`.

        Parameters
        ----------
        {films}
        {ages_to_accuracy}
        """
        check_named(self)
        films = check_request(self, X, sex, y, sample_weight)
        latents = self._examine(films).latents
        named = self.named_clusterer_
        return named.score(latents, y, sex=sex, sample_weight=sample_weight)

    def suggest(self, X: Any, n: int, y: Any = None) -> np.ndarray:
        """Choose the films whose ages would tell most.

        Read their ages in this order, as far as time allows, and give them to
        `name_clusters`. How they are chosen: :meth:`NamedClusterer.suggest`.

        Parameters
        ----------
        {films}
        {suggestions}
        """
        films = check_request(self, X, None)
        check_suggestion(n, y, len(films))
        return self.named_clusterer_.suggest(self._examine(films).latents, n, y)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the latents' columns, such as ``carpus_ccaec0``.

        {feature_names}
        """
        check_is_fitted(self)
        return self.pipeline_[:-1].get_feature_names_out()

    @property
    def named_clusterer_(self) -> NamedClusterer:
        """The last step: the clusters with their names and ages."""
        check_is_fitted(self)
        return self.pipeline_[-1]

    @property
    def landmarker_(self) -> Any:
        """What finds the key regions."""
        return self.pipeline_[0].landmarker

    @landmarker_.setter
    def landmarker_(self, landmarker: Any) -> None:
        extractor = shallow_copy(self.pipeline_[0]).set_params(landmarker=landmarker)
        steps = [("extractor", extractor), *self.pipeline_.steps[1:]]
        self.pipeline_ = Pipeline(steps)

    @property
    def cluster_table_(self) -> pd.DataFrame:
        """Films by cluster and interval; there is none without known ages."""
        return self.named_clusterer_.cluster_table_

    @property
    def cluster_table_by_sex_(self) -> pd.DataFrame:
        """The same for each sex; there is none without known sexes."""
        return self.named_clusterer_.cluster_table_by_sex_

    @property
    def assignments_(self) -> pd.DataFrame:
        """What `assign` says of the films in `fit`."""
        check_is_fitted(self)
        own = {"names": self.film_names_, "reasons": self.reasons_}
        own |= {"confidence": self.confidence_, "maturity": self._maturity}
        own |= {"reliability": self._reliability}
        named = self.named_clusterer_
        return tabulate_films(Bunch(**own), named, named.assignments_, named._sexes)

    @property
    def maturity_(self) -> np.ndarray:
        """Maturity of the films in `fit`; there is none without an axis."""
        check_is_fitted(self)
        if self._maturity is None:
            raise AttributeError("the model has no maturity axis")
        return self._maturity

    def _examine(self, X: Any) -> Bunch:
        """Examine any number of films, and keep no crops."""
        check_is_fitted(self)
        return examine_films(self, check_films(X), keep_crops=False)

    def __sklearn_tags__(self) -> Any:
        tags = tag_films(super().__sklearn_tags__())
        tags.transformer_tags.preserves_dtype = []
        return tags
