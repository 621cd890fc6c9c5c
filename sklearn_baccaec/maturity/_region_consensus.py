"""What the regions of a hand agree on: generalised canonical correlation."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from scipy import linalg
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.extmath import svd_flip
from sklearn.utils.validation import check_is_fitted

from .._utils.blocks import block, resolve_regions, resolve_views
from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import (
    REGIONS,
    DocumentationLinkMixin,
    Interval,
    fit_context,
    validate_data,
)

_LATENTS: dict[str, Any] = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}


@fill_docstrings
class RegionConsensus(
    DocumentationLinkMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Find what the regions of a hand agree on.

    Regions of one hand differ in anatomy, pose and exposure, but not in how mature the
    hand is. The components are those that a linear function of each region's latents
    predicts best, on average over the regions (MAXVAR generalised canonical correlation
    analysis). A film that lacks regions is placed by those that it has.

    Parameters
    ----------
    n_components : int, default=1
        Number of components.
    regularization : float, default=0.1
        Shrinkage in [0, 1] of each region's covariance to a sphere of the same trace.
        0 is canonical correlation itself, which needs far more films than a region has
        latents; 1 is a principal component analysis of equally weighted regions.
    {regions}
        Regions that the columns hold, in blocks of equal width. None: told by the
        column names if X has them, else all 19 if 19 divides the number of columns;
        fewer than 19 columns without names are a region each.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features_in_)
        Weights of the (centred) latents.
    mean_ : ndarray of shape (n_features_in_,)
        Mean latents.
    weights_ : ndarray of shape (n_components, n_regions)
        Share of each region in each component: they sum to 1.
    agreement_ : ndarray of shape (n_components, n_regions)
        Correlation, in [-1, 1], of a region's own part of a component with the part of
        all others, on the films in `fit`: which regions tell something, without labels.
    explained_variance_ratio_ : ndarray of shape (n_components,)
        Share of the whitened latents' variance in each component, in [0, 1].
    regions_ : tuple of str
        Regions, in the order of the columns.
    {features_in}

    See Also
    --------
    MaturityCurve : A curve instead of an axis, which starts from this.

    Notes
    -----
    With the centred latents :math:`X_r` of region r, and their shrunken covariance
    :math:`C_r`, the components are the leading principal components of the joined
    whitened blocks :math:`X_r C_r^{-1/2}` [1]_ [2]_. They are scaled so that the first
    has unit variance and the others theirs relative to it: distances between films
    count what is agreed on most.

    The paper, arXiv 2206.05641, joins the latents as they are (Section 3).

    References
    ----------
    .. [1] Kettenring, "Canonical Analysis of Several Sets of Variables", Biometrika
       58(3), 1971: MAXVAR.
    .. [2] Carroll, "Generalization of Canonical Correlation Analysis to Three or More
       Sets of Variables", APA Convention, 1968.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import RegionConsensus
    >>> rng = np.random.default_rng(0)
    >>> maturity = rng.normal(size=(50, 1))
    >>> carpus, radius = (
    ...     np.hstack([maturity, rng.normal(size=(50, 3))]) for _ in range(2)
    ... )
    >>> consensus = RegionConsensus(regions=["carpus", "radius"])
    >>> axis = consensus.fit_transform(np.hstack([carpus, radius]))
    >>> bool(abs(np.corrcoef(axis[:, 0], maturity[:, 0])[0, 1]) > 0.95)
    True
    """

    #: A film may lack regions, with NaN in their columns.
    allows_missing_regions: ClassVar[bool] = True
    #: The first column of the result is an axis of maturity, which `flip` turns round.
    is_maturity_axis: ClassVar[bool] = True
    #: Mean and standard deviation of that over the films in `fit`.
    axis_scale: ClassVar[tuple[float, float]] = (0.0, 1.0)
    #: It learns what regions have in common, so that it needs two.
    compares_regions: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "regularization": [Interval(Real, 0, 1, closed="both")],
        "regions": REGIONS,
    }

    def __init__(
        self,
        n_components: int = 1,
        *,
        regularization: float = 0.1,
        regions: Iterable[str | int] | None = None,
    ) -> None:
        self.n_components = n_components
        self.regularization = regularization
        self.regions = regions

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the components.

        {fit_blocks}

        Raises
        ------
        ValueError
            If X holds one region only, a region is constant over the films or absent
            from all, or there are fewer films or columns than components.
        """
        X = validate_data(self, X, ensure_min_samples=2, **_LATENTS)
        names = getattr(self, "feature_names_in_", None)
        regions = resolve_views(
            resolve_regions(X.shape[1], self.regions, names), X.shape[1]
        )
        return self._fit_regions(X, regions)

    def _fit_regions(self, X: np.ndarray, regions: tuple[str, ...]) -> Self:
        """Find the components of blocks that have these names, whatever they are."""
        X, present = _without_parts(X, len(regions))
        n_usable = int(present.any(axis=1).sum())
        if self.n_components > min(n_usable, X.shape[1]):
            raise ValueError(
                f"n_components={self.n_components} is more than the {n_usable} films "
                f"or {X.shape[1]} columns of X"
            )
        means, whitened, whitenings = [], [], []
        for i, region in enumerate(regions):
            latents = block(X, i, len(regions))
            mean, whitening = self._whiten(latents, region)
            means.append(mean)
            whitenings.append(whitening)
            whitened.append(np.nan_to_num(latents - mean) @ whitening)
        left, singular, right = linalg.svd(np.hstack(whitened), full_matrices=False)
        _, right = svd_flip(left, right, u_based_decision=False)
        variances = singular**2
        kept = right[: self.n_components] / (
            np.sqrt(variances[0] / n_usable) or 1.0  # all films alike
        )
        self.regions_ = regions
        self.mean_ = np.concatenate(means)
        parts = [block(kept, i, len(regions)) for i in range(len(regions))]
        self.components_ = np.hstack(
            [part @ root for part, root in zip(parts, whitenings, strict=True)]
        )
        self.explained_variance_ratio_ = (variances / variances.sum())[: len(kept)]
        energy = kept.reshape(len(kept), len(regions), -1) ** 2
        self.weights_ = energy.sum(axis=2) / energy.sum(axis=(1, 2))[:, None]
        self.agreement_ = self._agreement(X, present)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Place films along the components.

        Parameters
        ----------
        {region_latents}

        Returns
        -------
        X_out : ndarray of shape (n_samples, n_components)
            What the regions agree on. NaN for a film without any region.
        """
        check_is_fitted(self)
        return self._place(validate_data(self, X, reset=False, **_LATENTS))

    def _place(self, X: np.ndarray) -> np.ndarray:
        """Components (n_samples, n_components) of latents that were checked before."""
        X, present = _without_parts(X, len(self.regions_))
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._parts(X).sum(axis=2) / (present @ self.weights_.T)

    def flip(self) -> Self:
        """Turn the components round, so that what was high is low.

        Returns
        -------
        self : RegionConsensus
        """
        check_is_fitted(self)
        self.components_ = -self.components_
        return self

    def _whiten(self, latents: np.ndarray, region: str) -> tuple[np.ndarray, Any]:
        """Mean of a region's latents, and symmetric root of the inverse covariance."""
        known = latents[np.isfinite(latents).all(axis=1)]
        if not len(known):
            raise ValueError(f"no film has {region}; leave it out")
        mean = known.mean(axis=0)
        centred = known - mean
        covariance = centred.T @ centred / len(known)
        trace = np.trace(covariance)
        if trace <= 1e-20 * max(1.0, float(mean @ mean)):
            raise ValueError(
                f"{region} is constant over the {len(known)} films, so that it can "
                "agree with nothing; leave it out"
            )
        sphere = trace / len(covariance) * np.eye(len(covariance))
        shrunken = (1 - self.regularization) * covariance + self.regularization * sphere
        values, vectors = linalg.eigh(shrunken)
        kept = values > 1e-10 * values[-1]  # directions that have variance
        whitening = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
        return mean, whitening

    def _parts(self, X: np.ndarray) -> np.ndarray:
        """Each region's part (n_samples, n_components, n_regions) of the components."""
        n = len(self.regions_)
        centred = np.nan_to_num(X - self.mean_)
        parts = [
            block(centred, i, n) @ block(self.components_, i, n).T for i in range(n)
        ]
        return np.stack(parts, axis=2)

    def _agreement(self, X: np.ndarray, present: np.ndarray) -> np.ndarray:
        parts = self._parts(X)
        agreement = np.zeros(self.weights_.shape)
        for i in range(len(self.regions_)):
            others = np.arange(len(self.regions_)) != i
            shares = present[:, others] @ self.weights_[:, others].T
            for k in range(len(agreement)):
                both = present[:, i] & (shares[:, k] > 0)
                if both.any():
                    rest = parts[both][:, k, others].sum(axis=1) / shares[both, k]
                    agreement[k, i] = _correlation(parts[both, k, i], rest)
        return agreement

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _without_parts(X: np.ndarray, n_regions: int) -> tuple[np.ndarray, np.ndarray]:
    """Latents, NaN in all of a region that has one, and the regions that have none."""
    present = np.isfinite(X).reshape(len(X), n_regions, -1).all(axis=2)
    width = X.shape[1] // n_regions
    return np.where(np.repeat(present, width, axis=1), X, np.nan), present


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / length if length > 0 else 0.0
