"""How mature a hand is: its place along the curves of all its regions."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from scipy.stats import norm, rankdata, spearmanr
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._utils.blocks import resolve_regions, resolve_views
from .._utils.docstrings import fill_docstrings
from .._utils.parallel import with_one_blas_thread
from .._utils.regions import check_regions
from .._utils.sklearn_compat import (
    REGIONS,
    DocumentationLinkMixin,
    Interval,
    fit_context,
    validate_data,
)
from .._utils.warning import warn_user
from ._region_consensus import RegionConsensus
from ._region_curves import GRID, RegionCurves, posterior

_LATENTS: dict[str, Any] = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}
_TEMPERATURE = 0.3  # of the sum over the regions, which are not independent
_FOLDS = 5  # in which films are placed by curves that have not seen them
_START_WIDTH = 32  # latents of each region from which the first order comes
_START_REGULARIZATION = 0.5
FAR = 1 / 200  # of the films in fit are further from the curve than is usual
_DEVIATIONS = 3.0  # from the middle of the axis to 0 and to 1


@fill_docstrings
class MaturityCurve(
    DocumentationLinkMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    r"""Place films along the curve on which their regions mature together.

    While a hand matures, the latents of each of its regions move along a bent line. The
    place t on these lines, one for all regions of a film, is what fits them best, where
    each region counts in units of its own noise. Lines and places are learned in
    turns, without any label.

    Parameters
    ----------
    n_knots : int, default=10
        Knots of the spline, evenly on [0, 1]: how often a line may bend.
    penalty : float, default=0.003
        Weight of the squared second differences of a spline's coefficients, per film:
        how stiff the lines are.
    shrinkage : float, default=0.2
        Shrinkage in [0, 1] of each region's noise covariance to a sphere of the same
        trace.
    max_iter : int, default=6
        Rounds of fitting lines to places, and films to lines.
    min_regions : int, default=3
        Regions that a film needs. A film with fewer has no place: NaN.
    {regions}
        Regions that the columns hold, in blocks of equal width. None: told by the
        column names if X has them, else all 19 if 19 divides the number of columns;
        fewer than 19 columns without names are a region each.
    {random_state}
        Seed of the folds.

    Attributes
    ----------
    t_ : ndarray of shape (n_samples,)
        Place of every film in `fit` by lines that have not seen it, in five folds: to
        learn ages from, or to compare with them. NaN for a film of too few regions.
    grid_ : ndarray of shape (n_places,)
        Places t that are tried, from -0.2 to 1.2. The films in `fit` have a mean of
        0.5 and a standard deviation of 1/6, roughly.
    curves_ : ndarray of shape (n_regions, n_places, width)
        Latents of each region along the grid.
    noise_ : ndarray of shape (n_regions, width, width)
        Covariance of each region's latents about its curve; NaN where it tells nothing.
    agreement_ : ndarray of shape (n_regions,)
        Rank correlation, in [-1, 1], of the place by one region alone with the place by
        all others, on the films in `fit`, by lines that have not seen them: which
        regions tell something, without labels.
    distance_limit_ : float
        What `score_samples` exceeds for one in 200 films in `fit`, by lines that have
        not seen them: beyond it, films are unlike these.
    regions_ : tuple of str
        Regions, in the order of the columns.
    n_iter_ : int
        Rounds that were run: `max_iter`.
    {features_in}

    See Also
    --------
    HOGComponents : Latents that it reads best.
    RegionConsensus : A straight axis, from which it starts.

    Notes
    -----
    Beyond the paper, arXiv 2206.05641. A latent variable model [1]_ [2]_ with one
    spline (cubic, linear beyond 0 and 1) and one Gaussian for each region. From the
    first component of :class:`RegionConsensus` on, a round turns the films' ranks into
    normal scores u (0 and 1 are three standard deviations away), fits the splines to
    them, and takes for t the mean of

    .. math:: p(t) \propto \exp(-0.15 \sum_r d_r(t)^2),

    where :math:`d_r` is the distance of region r to its line in units of its noise, and
    0.15 half the temperature 0.3. Every film is placed by lines of the other folds.
    Regions that a film lacks leave the sum. Which end is mature is left open: `flip`.

    References
    ----------
    .. [1] Hastie & Stuetzle, "Principal Curves", JASA 84(406), 1989.
    .. [2] Tibshirani, "Principal Curves Revisited", Statistics and Computing 2, 1992.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import MaturityCurve
    >>> rng = np.random.default_rng(0)
    >>> angle = rng.uniform(0, 3, size=(200, 1))  # an arc: its axis would fold back
    >>> arcs = [
    ...     np.hstack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.2, (200, 2))
    ...     for _ in range(3)
    ... ]
    >>> curve = MaturityCurve(regions=["carpus", "radius", "ulna"])
    >>> t = curve.fit_transform(np.hstack(arcs))
    >>> bool(abs(np.corrcoef(t[:, 0], angle[:, 0])[0, 1]) > 0.95)
    True
    """

    #: A film may lack regions, with NaN in their columns.
    allows_missing_regions: ClassVar[bool] = True
    #: The first column of the result is an axis of maturity, which `flip` turns round.
    is_maturity_axis: ClassVar[bool] = True
    #: Mean and standard deviation of that over the films in `fit`, roughly.
    axis_scale: ClassVar[tuple[float, float]] = (0.5, 1 / 6)
    #: It learns what regions have in common, so that it needs two.
    compares_regions: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        "n_knots": [Interval(Integral, 2, None, closed="left")],
        "penalty": [Interval(Real, 0, None, closed="left")],
        "shrinkage": [Interval(Real, 0, 1, closed="both")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "min_regions": [Interval(Integral, 1, None, closed="left")],
        "regions": REGIONS,
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_knots: int = 10,
        *,
        penalty: float = 0.003,
        shrinkage: float = 0.2,
        max_iter: int = 6,
        min_regions: int = 3,
        regions: Iterable[str | int] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_knots = n_knots
        self.penalty = penalty
        self.shrinkage = shrinkage
        self.max_iter = max_iter
        self.min_regions = min_regions
        self.regions = regions
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    @with_one_blas_thread
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the lines.

        {fit_blocks}

        Raises
        ------
        ValueError
            If X holds fewer regions than `min_regions`, a region is constant over the
            films or absent from all, or no two films have enough regions.

        Warns
        -----
        UserWarning
            If a region is absent from so many films that it tells nothing.
        """
        X = validate_data(self, X, ensure_min_samples=2, **_LATENTS)
        names = getattr(self, "feature_names_in_", None)
        regions = resolve_views(
            resolve_regions(X.shape[1], self.regions, names), X.shape[1]
        )
        if len(regions) < self.min_regions:
            raise ValueError(
                f"X holds {len(regions)} regions, but a film needs min_regions="
                f"{self.min_regions}"
            )
        latents = _by_region(X, len(regions))
        usable = self._find_usable(latents)
        if usable.sum() < 2:
            raise ValueError(
                f"{usable.sum()} of {len(X)} films have min_regions={self.min_regions} "
                "regions; two films are needed"
            )
        self.regions_, self.grid_, latents = regions, GRID.copy(), latents[usable]
        t, lines = self._take_turns(latents)
        self.t_ = np.full(len(X), np.nan)
        self.t_[usable] = t
        self.agreement_ = _find_agreement(latents, lines)
        distances = np.empty(len(t))
        for own, others in lines:
            distances[own] = _find_distances(latents[own], others)
        self.distance_limit_ = float(np.quantile(distances, 1 - FAR))
        self._lines = self._learn(latents, t)
        for region, told in zip(regions, self._lines.told, strict=True):
            if not told:
                warn_user(f"{region} is absent from most films, and tells nothing")
        self.n_iter_ = self.max_iter
        return self

    @with_one_blas_thread
    def transform(self, X: Any) -> np.ndarray:
        """Place films on the curve.

        Parameters
        ----------
        {region_latents}

        Returns
        -------
        t : ndarray of shape (n_samples, 1)
            In [-0.2, 1.2]; NaN for a film with fewer than `min_regions` regions.
        """
        return self.posterior(X) @ self.grid_[:, None]

    @with_one_blas_thread
    def posterior(self, X: Any) -> np.ndarray:
        """Probability of every place on the grid.

        Parameters
        ----------
        {region_latents}

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_places)
            Rows sum to 1; NaN for a film with fewer than `min_regions` regions. How
            wide they are does not tell how wrong the age will be.
        """
        latents = self._check(X)
        found = posterior(self._lines.total_distances(latents), _TEMPERATURE)
        found[~self._find_usable(latents)] = np.nan
        return found

    @with_one_blas_thread
    def region_maturity(self, X: Any) -> np.ndarray:
        """Place films by each region alone.

        Parameters
        ----------
        {region_latents}

        Returns
        -------
        t : ndarray of shape (n_samples, n_regions)
            In [-0.2, 1.2]; NaN where a region is absent, or tells nothing.
        """
        latents = self._check(X)
        alone = [_place(squares, 1) for squares in self._lines.distances(latents)]
        told = np.isfinite(latents).all(axis=2) & self._lines.told
        return np.where(told, np.column_stack(alone), np.nan)

    @with_one_blas_thread
    def score_samples(self, X: Any) -> np.ndarray:
        """How far films lie from the curve: whether it can tell anything about them.

        Parameters
        ----------
        {region_latents}

        Returns
        -------
        distances : ndarray of shape (n_samples,)
            Root mean square, over all latents of the regions that a film has, of the
            distance from its place on the curve, in standard deviations of the noise:
            about 1 for films such as those in `fit`, more for others. NaN for a film
            with fewer than `min_regions` regions.
        """
        latents = self._check(X)
        usable, scores = self._find_usable(latents), np.full(len(latents), np.nan)
        scores[usable] = _find_distances(latents[usable], self._lines)
        return scores

    def flip(self) -> Self:
        """Turn the axis round: t becomes 1 - t, in every fitted attribute.

        Returns
        -------
        self : MaturityCurve
        """
        check_is_fitted(self)
        self._lines = self._lines.mirrored()
        self.t_ = 1 - self.t_
        return self

    def restrict(self, regions: Iterable[str | int]) -> Self:
        """Place films by some of the regions only; the curves stay as they are.

        Parameters
        ----------
        regions : sequence of str or int
            By name or by the paper's number.

        Returns
        -------
        restricted : MaturityCurve
            Another one, fitted, whose columns are those of these regions, in the order
            that they had. A film needs `min_regions` of them, or all if they are fewer.

        Raises
        ------
        ValueError
            If a region is not among those in `fit`.
        """
        check_is_fitted(self)
        chosen = check_regions(regions)
        absent = [region for region in chosen if region not in self.regions_]
        if absent:
            raise ValueError(
                f"the curve has no {absent[0]}; it has {', '.join(self.regions_)}"
            )
        kept = [i for i, region in enumerate(self.regions_) if region in chosen]
        names = tuple(self.regions_[i] for i in kept)
        fewest = min(self.min_regions, len(kept))
        other = clone(self).set_params(regions=names, min_regions=fewest)
        other._take_lines(names, self._lines.of(kept), self.distance_limit_)
        if hasattr(self, "t_"):  # not where only the lines are left
            other.t_, other.agreement_ = self.t_, self.agreement_[kept]
        if hasattr(self, "feature_names_in_"):
            columns = self.feature_names_in_.reshape(len(self.regions_), -1)
            other.feature_names_in_ = columns[kept].ravel()
        return other

    @property
    def curves_(self) -> np.ndarray:
        """Latents of each region along the grid."""
        return self._lines.curves()

    @property
    def noise_(self) -> np.ndarray:
        """Covariance of each region's latents about its curve."""
        return self._lines.noise()

    def _take_lines(
        self, regions: tuple[str, ...], lines: RegionCurves, distance_limit: float
    ) -> Self:
        """Become fitted, with lines that were learned before."""
        self.regions_, self.grid_, self._lines = regions, GRID.copy(), lines
        self.distance_limit_ = distance_limit
        self.n_features_in_ = len(regions) * lines.whitening.shape[1]
        self.n_iter_ = self.max_iter
        return self

    def _check(self, X: Any) -> np.ndarray:
        """Latents (n_samples, n_regions, width); NaN in all of an absent region."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **_LATENTS)
        return _by_region(X, len(self.regions_))

    def _find_usable(self, latents: np.ndarray) -> np.ndarray:
        present = np.isfinite(latents).all(axis=2)
        return present.sum(axis=1) >= self.min_regions

    def _take_turns(
        self, latents: np.ndarray
    ) -> tuple[np.ndarray, list[tuple[np.ndarray, RegionCurves]]]:
        """Places of films, and folds with the lines of the others that gave them."""
        n_films = len(latents)
        straight = RegionConsensus(regularization=_START_REGULARIZATION)
        start = latents[:, :, :_START_WIDTH].reshape(n_films, -1)
        t = straight._fit_regions(start, self.regions_)._place(start)[:, 0]
        rng = check_random_state(self.random_state)
        for _ in range(self.max_iter):
            folds = rng.permutation(n_films) % min(_FOLDS, n_films)
            lines = [
                (own, self._learn(latents[~own], t[~own]))
                for own in (folds == fold for fold in range(folds.max() + 1))
            ]
            for own, others in lines:
                t[own] = _place(others.total_distances(latents[own]))
        return t, lines

    def _learn(self, latents: np.ndarray, t: np.ndarray) -> RegionCurves:
        deviations = norm.ppf((rankdata(t) - 0.5) / len(t))
        return RegionCurves.learn(
            latents,
            (deviations / _DEVIATIONS + 1) / 2,
            self.n_knots,
            self.penalty,
            self.shrinkage,
        )

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self)
        return 1

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _by_region(X: np.ndarray, n_regions: int) -> np.ndarray:
    """Latents (n_samples, n_regions, width); a region counts if all of it is known."""
    return X.reshape(len(X), n_regions, -1)


def _place(squares: np.ndarray, temperature: float = _TEMPERATURE) -> np.ndarray:
    return posterior(squares, temperature) @ GRID


def _find_distances(latents: np.ndarray, lines: RegionCurves) -> np.ndarray:
    """Root mean square distance (n_samples,) of films from their place on the lines."""
    squares = lines.total_distances(latents)
    nearest = np.abs(_place(squares)[:, None] - GRID).argmin(axis=1)
    told = np.isfinite(latents).all(axis=2) & lines.told
    n_latents = np.maximum(told.sum(axis=1) * latents.shape[2], 1)
    return np.sqrt(squares[np.arange(len(squares)), nearest] / n_latents)


def _find_agreement(
    latents: np.ndarray, lines: list[tuple[np.ndarray, RegionCurves]]
) -> np.ndarray:
    """Rank correlation of each region's place with that of all others together."""
    n_films, n_regions, _ = latents.shape
    alone, together = np.empty((2, n_films, n_regions))
    for own, others in lines:
        squares = np.stack([*others.distances(latents[own])], axis=1)
        alone[own] = _place(squares, 1)
        together[own] = _place(squares.sum(axis=1, keepdims=True) - squares)
    present = np.isfinite(latents).all(axis=2)
    agreement = np.zeros(n_regions)
    for i, known in enumerate(present.T):
        places = alone[known, i], together[known, i]
        if all(np.ptp(place) > 0 for place in places):
            agreement[i] = spearmanr(*places)[0]
    return agreement
