"""Clusters of latents that have names and ages."""

from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self, overload

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import (
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    check_sample_weight,
    fit_context,
    validate_data,
)
from .._utils.validation import (
    ages_within,
    check_ages,
    check_known_ages,
    check_labels,
    check_sexes,
    sex_by_keyword,
)
from .._utils.warning import warn_user
from ..metrics import age_interval_edges
from ..metrics._cluster_table import count_films
from ..metrics._intervals import bounds_of_ages
from ._axis_ages import AxisAges
from ._cluster_names import ClusterNames
from ._film_ages import FilmAges
from ._known_films import (
    check_ages_inside,
    find_usable,
    warn_of_missing_sex,
    warn_of_nameless,
)
from ._label_suggestions import suggest_along_axis, suggest_films
from ._n_clusters import make_clusterer


@sex_by_keyword
@fill_docstrings
class NamedClusterer(DocumentationLinkMixin, ClusterMixin, BaseEstimator):
    """Cluster latents, and name the clusters by the age intervals that dominate them.

    Ages and sexes never enter the clusters: they name them.

    Parameters
    ----------
    clusterer : clusterer with ``fit_predict`` and ``predict``, or None, default=None
        Clusters the latents. None means ``KMeans(n_init=10)``.
    n_clusters : int or None, default=None
        Number of clusters. None means the clusterer's own, or 16 without one.
    {intervals}
        Ages outside name nothing.
    age_regressor : regressor or None, default=None
        Estimates months from the latents and, in a last column, the sex (0 female, 1
        male, -1 unknown), once two ages are known, such as :class:`AgeRegressor`. A
        film's interval is then the one that holds its age. None means the median known
        age of a film's cluster, and the interval that names it. For latents whose first
        column is an axis of maturity.
    {random_state}
        Seed of the clusterer, where it has none of its own.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int
        Cluster of every film in `fit`; -1 for a film that was set aside.
    n_clusters_ : int
        Number of clusters.
    clusterer_ : clusterer
        The fitted clusterer.
    edges_ : ndarray of shape (n_intervals + 1,)
        Edges of the age intervals in months.
    {cluster_tables}
    assignments_ : DataFrame of shape (n_samples, 5)
        What `assign` says of the films in `fit`.
    {features_in}

    See Also
    --------
    BoneAgeClusterer : The whole method, from films on.

    Notes
    -----
    Section 4.1 and Table 1 of the paper, arXiv 2206.05641.

    A row that is NaN in every column is a film that was set aside: its label is -1, its
    age NaN, and it counts as wrong in `score`.

    Examples
    --------
    >>> from sklearn_baccaec.cluster import NamedClusterer
    >>> X = [[0.0], [0.1], [0.2], [5.0], [5.1]]
    >>> clusterer = NamedClusterer(n_clusters=2, random_state=0)
    >>> clusterer.fit(X, [30, 40, None, 180, 200]).predict_interval([[0.1], [4.0]])
    array([[ 24.,  72.],
           [168., 216.]])
    """

    _parameter_constraints: ClassVar[dict] = {
        "clusterer": [HasMethods(["fit_predict", "predict"]), None],
        "n_clusters": [Interval(Integral, 1, None, closed="left"), None],
        "interval": [Interval(Real, 0, None, closed="neither")],
        "age_range": ["array-like"],
        "age_regressor": [HasMethods(["fit", "predict"]), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        clusterer: Any = None,
        *,
        n_clusters: int | None = None,
        interval: float = 48,
        age_range: tuple[float, float] = (24, 216),
        age_regressor: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.clusterer = clusterer
        self.n_clusters = n_clusters
        self.interval = interval
        self.age_range = age_range
        self.age_regressor = age_regressor
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, *, sex: Any = None) -> Self:
        """Cluster films, and name the clusters by the films of known age.

        Parameters
        ----------
        {latents}
            NaN in every column of a film that was set aside.
        {optional_ages}
        {sex}
            With it, each cluster has one name for each sex, as bone age is defined for
            each.

        Returns
        -------
        self : NamedClusterer

        Raises
        ------
        ValueError
            If a row is NaN in some columns only, ages or sexes are invalid or do not
            match the rows, or there are fewer films than clusters.

        Warns
        -----
        UserWarning
            If ages are given, but none or not all are within the range; or if there
            are fewer clusters than were asked for.
        """
        edges = age_interval_edges(self.interval, self.age_range)
        rows, usable = self._check_rows(X, reset=True)
        ages = check_ages_inside(y, len(rows), edges)
        sexes = check_sexes(sex, len(rows))
        clusterer, n_clusters = make_clusterer(
            self.clusterer, self.n_clusters, self.random_state
        )
        least = n_clusters or 1
        if usable.sum() < least:
            raise ValueError(
                f"n_samples={usable.sum()} usable films are fewer than "
                f"n_clusters={least}"
            )
        labels = np.full(len(rows), -1)
        labels[usable] = check_labels(clusterer.fit_predict(rows[usable]))
        n_found = len(np.unique(labels[labels >= 0]))
        if n_found < least:
            warn_user(f"{n_found} clusters were found, fewer than {least}")
        self.clusterer_ = clusterer
        self.labels_ = labels
        # Some clusterers choose their number themselves.
        self.n_clusters_ = max(n_clusters or 0, int(labels.max()) + 1)
        self.edges_ = edges
        self._dtype = rows.dtype.name  # that of K-means must not change
        self._sexes = sexes
        self._rows = None if self.age_regressor is None else rows
        self._learn_names(rows, labels, ages, sexes)
        return self

    def fit_predict(self, X: Any, y: Any = None, *, sex: Any = None) -> np.ndarray:
        """Fit, and return the clusters of the same films.

        Parameters
        ----------
        {latents}
        {optional_ages}
        {sex}

        Returns
        -------
        {labels}
        """
        return self.fit(X, y, sex=sex).labels_

    def predict(self, X: Any) -> np.ndarray:
        """Find the cluster of every film.

        Parameters
        ----------
        {latents}

        Returns
        -------
        {labels}
        """
        return self._place(X)[1]

    def name_clusters(self, X: Any, y: Any, *, sex: Any = None) -> Self:
        """Name, or rename, the clusters by films of known age.

        Parameters
        ----------
        {latents}
            A few films for each cluster are enough, best those of `suggest`.
        {ages}
        {sex}

        Returns
        -------
        self : NamedClusterer
            The clusterer, with these names only.
        """
        rows, labels = self._place(X)
        ages = check_ages_inside(y, len(rows), self.edges_)
        self._learn_names(rows, labels, ages, check_sexes(sex, len(rows)))
        return self

    def learn_ages(self, X: Any, y: Any, *, sex: Any = None) -> Self:
        """Learn ages only; the names of the clusters stay.

        Parameters
        ----------
        {latents}
            Such as ``t_`` of a :class:`MaturityCurve`: places of the films in `fit` by
            curves that have not seen them, whose errors are those of new films.
        {ages}
        {sex}

        Returns
        -------
        self : NamedClusterer
        """
        rows, _ = self._place(X)
        ages = ages_within(check_ages(y, len(rows)), self.edges_[[0, -1]])
        self._ages = self._fit_ages(rows, ages, check_sexes(sex, len(rows)))
        return self

    def predict_interval(self, X: Any, *, sex: Any = None) -> np.ndarray:
        """Estimate the age interval of every film.

        Parameters
        ----------
        {latents}
        {sex_to_bounds}
        """
        rows, labels = self._place(X)
        sexes = self._check_sexes(sex, len(labels))
        bounds = self._say(rows, labels, sexes).find_bounds()
        warn_of_nameless(labels, bounds[:, 0])
        return bounds

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

        Parameters
        ----------
        {latents}
        {sex_to_months}

        Notes
        -----
        With a regressor, the range is the age plus and minus one number of months. From
        30 known ages on it is the distance within which 80% of them lie from what
        regressors say that have not seen them [1]_, in five folds along the first
        column; with fewer it is 20 months, or 25 of unknown sex. Without a regressor
        the range is that of the 80% in the middle of the known ages in the cluster.

        References
        ----------
        .. [1] Barber et al., "Predictive inference with the jackknife+", 2021.
        """
        rows, labels = self._place(X)
        sexes = self._check_sexes(sex, len(rows))
        ages, ranges = self._say(rows, labels, sexes).estimate()
        warn_of_nameless(labels, ages)
        return (ages, ranges) if return_range else ages

    def assign(self, X: Any, *, sex: Any = None) -> pd.DataFrame:
        """Tabulate all that is known of every film.

        Parameters
        ----------
        {latents}
        {clusters_sex}

        Returns
        -------
        assignments : DataFrame of shape (n_samples, 5)
            Columns ``cluster``, ``interval`` (such as "24-72"), ``age``, ``age_low``
            and ``age_high`` (age and range of `predict_age`, in months); missing where
            they are not known.
        """
        rows, labels = self._place(X)
        sexes = self._check_sexes(sex, len(rows))
        return self._say(rows, labels, sexes).tabulate()

    def score(
        self, X: Any, y: Any = None, *, sex: Any = None, sample_weight: Any = None
    ) -> float:
        """Share of films whose age interval is right, with the names learned before.

        On films that were not in `fit` this is an honest held-out figure.

        Parameters
        ----------
        {latents}
        {ages_to_accuracy}
            Without any name it is 0, with a warning.

        Raises
        ------
        ValueError
            If no age in y is known and within the range.
        """
        rows, labels = self._place(X)
        sexes = self._check_sexes(sex, len(labels))
        if self.age_source_ is None:
            if y is not None:
                check_ages(y, len(rows))
            warn_user("the clusters have no names, so that no film can be right")
            return 0.0
        check_known_ages(y, len(labels), self.edges_[[0, -1]])
        inside = check_ages_inside(y, len(rows), self.edges_)
        known, true = np.isfinite(inside), bounds_of_ages(inside, self.edges_)
        found = self._say(rows, labels, sexes).find_bounds()
        weights = check_sample_weight(sample_weight, rows)[known]
        correct = (found == true).all(axis=1)[known]
        return float(np.average(correct, weights=weights))

    def suggest(self, X: Any, n: int, y: Any = None) -> np.ndarray:
        """Choose the films whose ages would tell most.

        With a regressor, the films that halve the widest gaps between known ones along
        the first column, by rank. Without one, first the middle film of each cluster
        that no known age names, the largest cluster first; then further films of the
        clusters whose name is the least certain. Read their ages in this order, as far
        as time allows, and give them to `name_clusters`.

        Parameters
        ----------
        {latents}
        {suggestions}

        Notes
        -----
        Each film is of the cluster where size times risk of a wrong name is highest:
        the probability that the second most frequent interval is really the first one,
        of ``a`` and ``b`` known films :math:`I_{1/2}(a + 1, b + 1)`, the regularised
        incomplete beta function, by a uniform prior. A film chosen before counts as one
        more for the first, as its age is not known yet [1]_. Within a cluster it is the
        film that brings the others nearest to one that was chosen or is known, by
        squared distance: greedy k-medoids, so that films are spread and none is an
        outlier. Memory grows with the square of a cluster: 0.6 GB for 6,000 films.

        References
        ----------
        .. [1] Ginsbourger, Le Riche & Carraro, "Kriging Is Well-Suited to Parallelize
           Optimization", 2010 ("kriging believer").
        """
        rows, labels = self._place(X)
        n = check_scalar(n, "n", Integral, min_val=1)
        known, counts = np.zeros(len(rows), bool), self._names.counts[-1]
        ages = check_ages(y, len(rows)) if y is not None else None
        if ages is not None:
            known = np.isfinite(ages)
        if self.age_regressor is not None:
            return suggest_along_axis(rows[:, 0], n, known)
        if ages is not None:
            counts, *_ = count_films(ages, labels, self.n_clusters_, self.edges_)
        return suggest_films(rows, labels, n, known, counts)

    @property
    def age_source_(self) -> str | None:
        """Where ages and intervals come from, in words; None where there are none."""
        check_is_fitted(self)
        if self._ages is not None:
            return self._ages.source
        return "the known ages in each cluster" if self._names.known else None

    @property
    def age_regressor_(self) -> Any:
        """Fitted regressor of ages; None where clusters alone tell them."""
        check_is_fitted(self)
        return None if self._ages is None else self._ages.regressor

    @property
    def cluster_table_(self) -> pd.DataFrame:
        """Films by cluster and interval; there is none without names."""
        check_is_fitted(self)
        if not self._names.known:
            raise AttributeError("the clusters have no names, so there is no table")
        return self._names.table

    @property
    def cluster_table_by_sex_(self) -> pd.DataFrame:
        """The same for each sex; there is none unless sexes were known."""
        check_is_fitted(self)
        if not self._names.by_sex:
            raise AttributeError("the clusters were not named for each sex")
        return self._names.table_by_sex

    @property
    def assignments_(self) -> pd.DataFrame:
        """What `assign` says of the films in `fit`."""
        check_is_fitted(self)
        return self._say(self._rows, self.labels_, self._sexes).tabulate()

    def forget_films(self) -> Self:
        """Keep clusters, names and ages, but nothing of the films in `fit`.

        Returns
        -------
        self : NamedClusterer
        """
        check_is_fitted(self)
        self.labels_, self._sexes = self.labels_[:0], self._sexes[:0]
        self._rows = None if self._rows is None else self._rows[:0]
        return self

    def _check_rows(self, X: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        """Latents, and which films (n_samples,) were not set aside."""
        rows = validate_data(
            self,
            X,
            dtype=[np.float64, np.float32] if reset else self._dtype,
            ensure_all_finite="allow-nan",
            reset=reset,
        )
        usable = find_usable(rows)
        if reset and not usable.any():
            raise ValueError(f"all {len(rows)} films are set aside: every row is NaN")
        return rows, usable

    def _check_sexes(self, sex: Any, n_samples: int) -> np.ndarray:
        """Codes of sex; leaving them out is told where names are for each sex."""
        if sex is None:
            has_prior = self._ages is not None and self._ages.has_prior
            warn_of_missing_sex(self._names.by_sex, has_prior)
        return check_sexes(sex, n_samples)

    def _place(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Latents and clusters of films."""
        check_is_fitted(self)
        rows, usable = self._check_rows(X, reset=False)
        labels = np.full(len(rows), -1)
        if usable.any():
            labels[usable] = self.clusterer_.predict(rows[usable])
        return rows, labels

    def _learn_names(
        self, rows: np.ndarray, labels: np.ndarray, ages: np.ndarray, sexes: np.ndarray
    ) -> None:
        """Learn names and ages; without known ages, forget what there was."""
        names = ClusterNames.learn(ages, labels, sexes, self.n_clusters_, self.edges_)
        by_regressor = self._fit_ages(rows, ages, sexes)
        self.__dict__.update(_names=names, _ages=by_regressor)

    def _fit_ages(
        self, rows: np.ndarray, ages: np.ndarray, sexes: np.ndarray
    ) -> AxisAges | None:
        if self.age_regressor is None:
            return None
        columns = np.column_stack([rows, sexes])
        return AxisAges.learn(self.age_regressor, columns, ages)

    def _say(
        self, rows: np.ndarray | None, labels: np.ndarray, sexes: np.ndarray
    ) -> FilmAges:
        return FilmAges(self._names, self._ages, rows, labels, sexes)
