"""Principal components of the edges in one region: an encoder that trains nothing."""

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from .._oriented_gradients import describe_gradients
from .._utils.blocks import resolve_region_shape
from .._utils.docstrings import fill_docstrings
from .._utils.parallel import with_one_blas_thread
from .._utils.sklearn_compat import (
    DocumentationLinkMixin,
    Interval,
    fit_context,
    validate_data,
)
from .._utils.warning import warn_user

_NO_VARIANCE = 1e-9  # one film, or all alike but for rounding


@fill_docstrings
class HOGComponents(
    DocumentationLinkMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Encode one region by principal components of its gradients' directions.

    The crop's local contrast is standardised, so that exposure hardly matters;
    histograms of oriented gradients (HOG) tell where which edges are; a principal
    component analysis keeps what varies most. It takes seconds, orders films as well
    as networks that learned to, and is what :class:`MaturityCurve` reads.

    Parameters
    ----------
    n_components : int, default=64
        Number of components. With fewer films than that there are fewer, with a
        warning.
    remainder : bool, default=False
        Whether to add a last column: the length of what the components leave out of a
        film's histograms. It tells crops that are unlike all in `fit`.
    {crop_shape}
        Crops are resized to 64 x 64.
    {random_state}
        Seed of the randomised decomposition.

    Attributes
    ----------
    components_ : ndarray of shape (n_components_, 1764), float32
        Principal axes of the histograms, over the root of their total variance: that of
        the components of the films in `fit` is 1.
    mean_ : ndarray of shape (1764,), float32
        Mean histograms.
    explained_variance_ratio_ : ndarray of shape (n_components_,)
        Share of the histograms' variance in each component, in [0, 1].
    n_components_ : int
        Number of components.
    region_shape_ : (int, int)
        Height and width of the crops in pixels.
    scale_ : float
        Largest grey value, which crops are divided by.
    {features_in}

    See Also
    --------
    MaturityCurve : Reads what the components of all regions agree on.
    RegionEncoder : One of these for every region.

    Notes
    -----
    Beyond the paper, arXiv 2206.05641. Gradients by central differences, 9 unsigned
    directions with a linear vote between two, cells of 8 x 8 pixels, and overlapping
    blocks of 2 x 2 cells, each of unit length and then cut at 0.3 [1]_: 7 x 7 x 36
    numbers.

    A crop that is zero in every pixel is absent: nothing is learned from it, and its
    latents are NaN.

    References
    ----------
    .. [1] Dalal & Triggs, "Histograms of Oriented Gradients for Human Detection",
       CVPR 2005.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import HOGComponents
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 16 * 16))
    >>> HOGComponents(3, random_state=0).fit_transform(crops).shape
    (20, 3)
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "remainder": ["boolean"],
        "region_shape": ["array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components: int = 64,
        *,
        remainder: bool = False,
        region_shape: tuple[int, int] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.remainder = remainder
        self.region_shape = region_shape
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    @with_one_blas_thread
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the components of the crops of one region.

        Parameters
        ----------
        X : array-like of shape (n_samples, height * width)
            Pixels, in the unit of the largest absolute value: 0 to 255 is as 0 to 1.
        {ignored_y}

        Returns
        -------
        self : object
            Fitted encoder.

        Raises
        ------
        ValueError
            If `region_shape` does not fit X, or every crop is absent.

        Warns
        -----
        UserWarning
            If there are fewer components than `n_components`.
        """
        X = validate_data(self, X, dtype=np.float32)
        self.region_shape_ = resolve_region_shape(self.region_shape, X.shape[1])
        present = X.any(axis=1)
        if not present.any():
            raise ValueError(f"all {len(X)} crops are absent: every pixel is zero")
        self.scale_ = float(np.abs(X).max())
        histograms = self._describe(X[present])
        most = max(1, min(len(histograms) - 1, histograms.shape[1]))
        n_components = min(self.n_components, most)
        if n_components < self.n_components:
            warn_user(
                f"n_components={self.n_components} is more than can be found in "
                f"n_samples={len(histograms)} crops: there are {n_components}"
            )
        pca = PCA(n_components, random_state=self.random_state)
        with np.errstate(invalid="ignore"):  # where nothing varies
            pca.fit(histograms)
        variance = pca.explained_variance_.sum() * (1 - 1 / len(histograms))
        if not variance > _NO_VARIANCE:
            variance = 1.0
        self.components_ = pca.components_ / np.float32(np.sqrt(variance))
        self.mean_ = pca.mean_
        self.explained_variance_ratio_ = np.nan_to_num(pca.explained_variance_ratio_)
        self.n_components_ = n_components
        return self

    @with_one_blas_thread
    def transform(self, X: Any) -> np.ndarray:
        """Encode crops.

        Parameters
        ----------
        X : array-like of shape (n_samples, height * width)
            Pixels in the same units as in `fit`.

        Returns
        -------
        latents : ndarray of shape (n_samples, n_components_ or one more), float32
            Components and, if asked for, the remainder; NaN where a crop is absent.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, reset=False)
        latents = np.full((len(X), self._n_features_out), np.nan, np.float32)
        present = X.any(axis=1)
        if present.any():
            centred = self._describe(X[present]) - self.mean_
            found = centred @ self.components_.T
            if self.remainder:
                unit = np.linalg.norm(self.components_[0])
                whole = (unit * np.linalg.norm(centred, axis=1)) ** 2
                left = np.maximum(whole - (found**2).sum(axis=1), 0)
                found = np.column_stack([found, np.sqrt(left)])
            latents[present] = found
        return latents

    def _describe(self, X: np.ndarray) -> np.ndarray:
        crops = X.reshape(len(X), *self.region_shape_)
        return describe_gradients(crops, self.scale_)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_ + bool(self.remainder)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
