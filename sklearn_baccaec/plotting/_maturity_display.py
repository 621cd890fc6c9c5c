"""Maturity against age, by sex."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import check_matplotlib_support, num_samples
from .._utils.validation import check_ages, check_sexes
from .._utils.wrapped import unwrap
from . import _styles


@fill_docstrings
@dataclass(eq=False, repr=False)
class MaturityDisplay:
    """Show how mature hands are against their ages, girls and boys apart.

    Dots are films at their known ages, or at the ages that a model reads from their
    maturity where none is known; lines are those that it reads.

    Parameters
    ----------
    maturity : ndarray of shape (n_samples,)
        Place of each film on the maturity axis, without unit; NaN for a film that was
        set aside.
    predicted : ndarray of shape (n_samples,)
        Ages in months that are read from it, NaN where there is none.
    ages : ndarray of shape (n_samples,) or None, default=None
        Known bone ages in months, NaN where unknown. None: no age is known.
    sexes : ndarray of shape (n_samples,) or None, default=None
        0 for female, 1 for male, -1 for unknown; None: one series of films.

    Attributes
    ----------
    {axes_drawn}
    points_ : dict of str to matplotlib PathCollection
        The films: "girls", "boys" and "sex unknown", or "films" without sexes.
    lines_ : dict of str to matplotlib Line2D
        Predicted ages of each of these.

    See Also
    --------
    LatentMapDisplay : The films of models that have no maturity axis.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import MaturityDisplay
    >>> display = MaturityDisplay.from_predictions(
    ...     [0.2, 0.5, 0.7], [40, 100, 150], [30, 110, None], sex=["F", "F", "M"]
    ... )
    >>> display.points_["girls"].get_offsets().tolist()
    [[30.0, 0.2], [110.0, 0.5]]
    """

    maturity: np.ndarray
    predicted: np.ndarray
    ages: np.ndarray | None = None
    _: KW_ONLY
    sexes: np.ndarray | None = None

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike | None = None,
        *,
        sex: Any = None,
        ax: Any = None,
    ) -> Self:
        """Assess films, and draw them.

        Parameters
        ----------
        estimator : fitted BoneAgeClusterer
            With a maturity axis, or a search or a Pipeline that ends with one.
        {films}
        {optional_ages}
        {sex}
            The estimator gets it too.
        {ax_drawn}

        Raises
        ------
        TypeError
            If it is not a BoneAgeClusterer.
        ValueError
            If the model has no maturity axis, ages or sexes are invalid, or no film
            has both a maturity and an age.
        """
        check_matplotlib_support("a display")
        if y is not None:  # before a film is read
            check_ages(y, num_samples(X))
        check_sexes(sex, num_samples(X))
        model, X = unwrap(estimator, X)
        if not hasattr(model, "assign") or not hasattr(model, "examine"):
            raise TypeError(f"{type(model).__name__} is not a BoneAgeClusterer")
        check_is_fitted(model)
        table = model.assign(X, sex=sex)
        if "maturity" not in table:
            raise ValueError("the model has no maturity axis; use LatentMapDisplay")
        return cls.from_predictions(table["maturity"], table["age"], y, sex=sex, ax=ax)

    @classmethod
    def from_predictions(
        cls,
        maturity: ArrayLike,
        y_pred: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sex: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw films.

        Parameters
        ----------
        maturity : array-like of shape (n_samples,)
            Place of each film on the maturity axis, NaN where there is none.
        y_pred : array-like of shape (n_samples,)
            Predicted ages in months, NaN where there is none.
        {optional_ages}
        {sex}
        {ax_drawn}

        Raises
        ------
        ValueError
            If the lengths differ, ages or sexes are invalid, or no film has both a
            maturity and an age.
        """
        places, predicted = np.asarray(maturity, float), check_ages(y_pred)
        check_consistent_length(places, predicted)
        ages = None if y is None else check_ages(y, len(places))
        sexes = None if sex is None else check_sexes(sex, len(places))
        return cls(places, predicted, ages, sexes=sexes).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the films.

        {drawn_in_axes}
        """
        kind, ages = "estimated", self.predicted
        if self.ages is not None and np.isfinite(self.ages).any():
            kind, ages = "known", self.ages
        drawn = np.isfinite(self.maturity + ages)
        if not drawn.any():
            raise ValueError("no film has both a maturity and an age")
        ax = _styles.get_axes(ax, (7.2, 4.6))
        self.ax_, self.figure_ = ax, ax.figure
        self.points_, self.lines_ = {}, {}
        told = np.isfinite(self.maturity + self.predicted)
        for name, members, look in _styles.series_by_sex(self.sexes, drawn):
            places = ages[members], self.maturity[members]
            label = {"label": f"{name} ({members.sum()})"}
            self.points_[name] = ax.scatter(*places, **look, **label, **_styles.DOT)
        for name, members, look in _styles.series_by_sex(self.sexes, told):
            order = np.argsort(self.maturity[members], kind="stable")
            places = self.predicted[members][order], self.maturity[members][order]
            style = {"color": look["color"], "linewidth": 1.2, "zorder": 1}
            (self.lines_[name],) = ax.plot(*places, **style)
        ax.set(xlabel=f"{kind} age, months", ylabel="maturity")
        ax.set_title(_styles.count_of(drawn.sum(), "film"), fontsize=10)
        ax.grid(color="0.9")
        ax.set_axisbelow(True)
        _styles.legend_beside(ax, "line: estimated" if kind == "known" else None)
        return self
