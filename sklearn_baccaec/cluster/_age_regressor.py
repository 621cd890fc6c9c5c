"""Months from maturity and sex, learned from however few films of known age."""

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct
from sklearn.utils.validation import check_is_fitted, validate_data

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import DocumentationLinkMixin, Interval, fit_context

MIN_DIRECTION_AGES = 5  # that tell whether ages rise or fall along the axis

# All in months; an axis position is in standard deviations from the centre.
_LINE = (120.0, 40.0)  # expected at the centre, and rise over a standard deviation
_OFFSET, _SLOPE, _SEX = 30.0, 15.0, 10.0  # deviations of both, and half between sexes
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
    }

    def __init__(self, center: float = 0.5, scale: float = 1 / 6) -> None:
        self.center = center
        self.scale = scale

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
        if len(y) >= MIN_DIRECTION_AGES and np.cov(rankdata(X[:, 0]), y)[0, 1] < 0:
            self.direction_ = -1
        columns, ages, counts = _average_in_cells(self._scaled(X), y)
        kernel = DotProduct(_OFFSET, "fixed") + ConstantKernel(_BEND**2, "fixed") * RBF(
            (_BEND_LENGTH * _SLOPE, _SEX * np.sqrt(2 / -np.log(_BEND_SEXES))), "fixed"
        )
        process = GaussianProcessRegressor(kernel, alpha=_NOISE**2 / counts)
        self.process_ = process.fit(columns, ages - _expect(columns))
        self.n_cells_ = len(ages)
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
        columns = self._scaled(validate_data(self, X, dtype=np.float64, reset=False))
        return np.maximum(_expect(columns) + self.process_.predict(columns), 0)

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        """Columns in which a dot product is the covariance of line and offset."""
        sex = X[:, -1] if X.shape[1] > 1 else np.full(len(X), -1)
        side = np.select([sex == 0, sex == 1], [-1.0, 1.0], 0.0)
        place = self.direction_ * (X[:, 0] - self.center) / self.scale
        return np.column_stack([_SLOPE * place, _SEX * side])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # of one column, it sees one
        return tags


def _expect(columns: np.ndarray) -> np.ndarray:
    """Months before any age is known."""
    return _LINE[0] + _LINE[1] / _SLOPE * columns[:, 0]


def _average_in_cells(
    columns: np.ndarray, ages: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of the columns and ages in every cell, and how many films it holds."""
    cells = columns / (_SLOPE * _CELL, _SEX)
    _, own, counts = np.unique(
        np.round(cells), axis=0, return_inverse=True, return_counts=True
    )
    means = np.zeros((len(counts), 3))
    np.add.at(means, own.ravel(), np.column_stack([columns, ages]))
    means /= counts[:, None]
    return means[:, :2], means[:, 2], counts
