"""Ages read from the maturity axis, learned from films of known age."""

from typing import Any, Self

import numpy as np
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.isotonic import IsotonicRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import DocumentationLinkMixin
from .._utils.validation import SEXES

MIN_KNOWN_AGES = 10  # that one sex's own curve needs


@fill_docstrings
class IsotonicAgeRegressor(DocumentationLinkMixin, RegressorMixin, BaseEstimator):
    """Isotonic regression of months on maturity, for each sex and for all films.

    One curve is learned for each sex of which ten ages are known, and one for all
    films, by which those of unknown sex are read. Whether ages rise or fall along the
    axis is told by the ages.

    Attributes
    ----------
    curves_ : list of (ndarray, ndarray)
        Corners (position on the axis, months) of the curves of girls, boys, all films.
    {features_in}

    References
    ----------
    .. [1] Barlow et al., "Statistical Inference under Order Restrictions", 1972.

    Examples
    --------
    >>> from sklearn_baccaec.cluster import IsotonicAgeRegressor
    >>> X = [[0.0, -1], [0.5, -1], [1.0, -1]]
    >>> IsotonicAgeRegressor().fit(X, [40, 100, 160]).predict([[0.25, 0], [0.75, 1]])
    array([ 70., 130.])
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the curves.

        Parameters
        ----------
        X : array-like of shape (n_samples, 2)
            Position on the axis, and sex: 0 female, 1 male, others unknown.
        {ages}

        Returns
        -------
        self : IsotonicAgeRegressor
        """
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        axis, sexes = X[:, 0], _sexes(X)
        rising = bool(np.cov(rankdata(axis), rankdata(y))[0, 1] >= 0)
        self.curves_ = []
        for own in (*(sexes == code for code in range(len(SEXES))), None):
            if own is None or own.sum() < MIN_KNOWN_AGES:
                own = np.ones(len(y), bool)
            curve = IsotonicRegression(increasing=rising).fit(axis[own], y[own])
            self.curves_.append((curve.X_thresholds_, curve.y_thresholds_))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Read months from the curves; those beyond their ends are those of the ends.

        Parameters
        ----------
        X : array-like of shape (n_samples, 2)
            As in `fit`.

        Returns
        -------
        ages : ndarray of shape (n_samples,)
            Months.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        by_curve = np.array([np.interp(X[:, 0], *curve) for curve in self.curves_])
        return by_curve[_sexes(X), np.arange(len(X))]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # of one column, it sees one
        return tags


def _sexes(X: np.ndarray) -> np.ndarray:
    """Codes of sex: -1, which finds the curve of all films, where it is unknown."""
    if X.shape[1] == 1:
        return np.full(len(X), -1)
    return np.where(np.isin(X[:, -1], range(len(SEXES))), X[:, -1], -1).astype(int)
