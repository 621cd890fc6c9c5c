"""Months from maturity and sex, learned from however few films of known age."""

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct
from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import (
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    fit_context,
    validate_data,
)

MIN_DIRECTION_AGES = 5  # that tell whether ages rise or fall along the axis

# All in months; an axis position is in standard deviations from the centre.
_LINE = (120.0, 40.0)  # expected at the centre, and rise over a standard deviation
_OFFSET, _SLOPE, _SEX = 30.0, 15.0, 10.0  # deviations of both, and half between sexes
_PRIOR_OFFSET, _PRIOR_SLOPE, _PRIOR_SEX = 5.0, 1e-3, 3.0  # the same, of given months
_BEND = 6.0  # deviation of what is not a line
_BEND_LENGTH = 0.8  # standard deviations of the axis over which that changes
_BEND_SEXES = 0.7  # correlation of the sexes in that
_NOISE = 9.0  # deviation of one known age
_CELL = 0.06  # standard deviations of the axis in which known ages are averaged


@fill_docstrings
class AgeRegressor(DocumentationLinkMixin, RegressorMixin, BaseEstimator):
    """Gaussian process of months over a maturity axis and sex.

    Months are a line over the axis, an offset for each sex, and a smooth bend that the
    sexes share for the most part. How much of each to expect is fixed, so that two
    known ages say something and more say more. Months rise along the axis, unless five
    or more known ages tell that they fall.

    Parameters
    ----------
    center : float, default=0.5
        Middle of the axis: the mean of :class:`MaturityCurve`.
    scale : float, default=1/6
        Standard deviation of the axis: that of :class:`MaturityCurve`.
    prior : object with ``predict(t, sexes)`` or None, default=None
        Months that are expected without a known age, such as those of the pretrained
        model. None means a line. With it, `predict` works before `fit`.

    Attributes
    ----------
    process_ : GaussianProcessRegressor
        Of the known ages less the expected line.
    direction_ : {1, -1}
        Whether months rise or fall along the axis.
    n_cells_ : int
        Cells of 0.06 standard deviations of the axis, and of one sex, in which known
        ages were averaged: any number of them makes a small process.
    {features_in}

    See Also
    --------
    NamedClusterer : Tells the range of ages, too.

    Notes
    -----
    Prior [1]_: 120 months at the middle of the axis (standard deviation 30), a rise of
    40 months (15) over one standard deviation of it, 10 months between a sex and the
    mean of both, a bend of 6 months over 0.8 standard deviations (correlation of the
    sexes 0.7), and known ages with a noise of 9 months. Bend and noise were chosen
    with ages of 719 RSNA films.

    References
    ----------
    .. [1] Rasmussen & Williams, "Gaussian Processes for Machine Learning", 2006,
       Sections 2.2 and 2.7.

    Examples
    --------
    >>> from sklearn_baccaec.cluster import AgeRegressor
    >>> X = [[0.4, 0], [0.5, 0], [0.6, 1]]  # maturity, sex
    >>> regressor = AgeRegressor().fit(X, [80, 104, 150])
    >>> regressor.predict([[0.5, 0], [0.5, 1]]).round()
    array([107., 121.])
    """

    _parameter_constraints: ClassVar[dict] = {
        "center": [Interval(Real, None, None, closed="neither")],
        "scale": [Interval(Real, 0, None, closed="neither")],
        "prior": [HasMethods("predict"), None],
    }

    def __init__(
        self, center: float = 0.5, scale: float = 1 / 6, *, prior: Any = None
    ) -> None:
        self.center = center
        self.scale = scale
        self.prior = prior

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any) -> Self:
        """Learn from known ages.

        Parameters
        ----------
        X : array-like of shape (n_samples, 2)
            Place on the axis, and sex: 0 female, 1 male, others unknown. Further
            columns between them are ignored.
        {ages}

        Returns
        -------
        self : AgeRegressor
        """
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self.direction_ = 1
        told = self.prior is None and len(y) >= MIN_DIRECTION_AGES
        if told and np.cov(rankdata(X[:, 0]), y)[0, 1] < 0:
            self.direction_ = -1
        offset, slope, sex = self._deviations()
        surprises = y - self._expect(X)
        places, means, counts = _average_in_cells(self._places(X), surprises)
        lengths = _BEND_LENGTH * slope, sex * np.sqrt(2 / -np.log(_BEND_SEXES))
        bend = ConstantKernel(_BEND**2, "fixed") * RBF(lengths, "fixed")
        kernel = DotProduct(offset, "fixed") + bend
        process = GaussianProcessRegressor(kernel, alpha=_NOISE**2 / counts)
        self.process_ = process.fit(places * (slope, sex), means)
        self.n_cells_ = len(means)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Estimate ages.

        Parameters
        ----------
        X : array-like of shape (n_samples, 2)
            As in `fit`.

        Returns
        -------
        ages : ndarray of shape (n_samples,)
            Months, not below 0; of unknown sex, about the mean of both sexes.
        """
        check_is_fitted(self)
        fitted = hasattr(self, "process_")
        X = validate_data(self, X, dtype=np.float64, reset=not fitted)
        ages = self._expect(X)
        if fitted:
            _, slope, sex = self._deviations()
            ages = ages + self.process_.predict(self._places(X) * (slope, sex))
        return np.maximum(ages, 0)

    def _deviations(self) -> tuple[float, float, float]:
        """Of offset, slope and sex: times them, a dot product is a covariance."""
        if self.prior is None:
            return _OFFSET, _SLOPE, _SEX
        return _PRIOR_OFFSET, _PRIOR_SLOPE, _PRIOR_SEX

    def _places(self, X: np.ndarray) -> np.ndarray:
        """Places in standard deviations, and sexes as -1, 1, or 0 where unknown."""
        sex = _sexes(X)
        side = np.select([sex == 0, sex == 1], [-1.0, 1.0], 0.0)
        direction = getattr(self, "direction_", 1)
        place = direction * (X[:, 0] - self.center) / self.scale
        return np.column_stack([place, side])

    def _expect(self, X: np.ndarray) -> np.ndarray:
        """Months before any age is known."""
        if self.prior is not None:
            return np.asarray(self.prior.predict(X[:, 0], _sexes(X)))
        return _LINE[0] + _LINE[1] * self._places(X)[:, 0]

    def __sklearn_is_fitted__(self) -> bool:
        return self.prior is not None or hasattr(self, "process_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # of one column, it sees one
        return tags


def _sexes(X: np.ndarray) -> np.ndarray:
    return X[:, -1] if X.shape[1] > 1 else np.full(len(X), -1.0)


def _average_in_cells(
    columns: np.ndarray, ages: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of the columns and ages in every cell, and how many films it holds."""
    cells = columns / (_CELL, 1)
    _, own, counts = np.unique(
        np.round(cells), axis=0, return_inverse=True, return_counts=True
    )
    means = np.zeros((len(counts), 3))
    np.add.at(means, own.ravel(), np.column_stack([columns, ages]))
    means /= counts[:, None]
    return means[:, :2], means[:, 2], counts
