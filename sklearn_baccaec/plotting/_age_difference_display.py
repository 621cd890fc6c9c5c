"""Differences of predicted and true ages, as Bland and Altman draw them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import check_matplotlib_support, num_samples
from .._utils.validation import check_ages, check_sexes
from .._utils.wrapped import unwrap
from . import _styles
from ._inputs import predict_with_sex

_LIMITS = (2.5, 97.5)  # percentiles: 95% of the differences lie between


@fill_docstrings
@dataclass(eq=False, repr=False)
class AgeDifferenceDisplay:
    """Bland-Altman plot: predicted less true bone ages, against the mean of both.

    Solid lines are medians, dashed ones the limits of agreement: the percentiles 2.5
    and 97.5, which take no normal distribution for granted. Of a few films they are
    little more than the two extremes.

    Parameters
    ----------
    ages : ndarray of shape (n_samples,)
        True bone ages in months, NaN where unknown.
    predicted : ndarray of shape (n_samples,)
        Predicted ages in months, NaN where there is none.
    sexes : ndarray of shape (n_samples,) or None, default=None
        0 for female, 1 for male, -1 for unknown; None: one series of films.

    Attributes
    ----------
    {axes_drawn}
    points_ : dict of str to matplotlib PathCollection
        The films: "girls", "boys" and "sex unknown", or "films" without sexes.
    medians_ : dict of str to float
        Median difference of each of these in months; above 0, films are taken for
        older than they are.
    limits_ : dict of str to (float, float)
        Lower and upper limit of agreement in months.
    median_ : float
        Median difference of all films with both ages in months.

    See Also
    --------
    PredictedAgeDisplay : Predicted against true ages.

    References
    ----------
    Bland & Altman, "Measuring agreement in method comparison studies", 1999 (Section 6
    on percentiles).

    Examples
    --------
    >>> from sklearn_baccaec.plotting import AgeDifferenceDisplay
    >>> display = AgeDifferenceDisplay.from_predictions(
    ...     [30, 80, 200, 90], [40, 80, 196, None]
    ... )
    >>> display.median_
    0.0
    >>> print(display.ax_.get_title())
    median difference +0.0 months, 95% from -3.8 to +9.5
    3 films
    """

    ages: np.ndarray
    predicted: np.ndarray
    _: KW_ONLY
    sexes: np.ndarray | None = None

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, sex: Any = None, ax: Any = None
    ) -> Self:
        """Predict the ages of films, and draw the differences.

        Parameters
        ----------
        {clusterer_and_films}
        {ages}
        {sex}
            The estimator gets it too.
        {ax_drawn}

        Raises
        ------
        TypeError
            If the estimator has no ``predict_age``.
        ValueError
            If ages or sexes are invalid, the model knows no ages, or no film has both a
            known age and a prediction.
        """
        check_matplotlib_support("a display")
        check_ages(y, num_samples(X))  # before a film is read
        check_sexes(sex, num_samples(X))
        model, X = unwrap(estimator, X)
        predicted = predict_with_sex(model, "predict_age", X, sex)
        return cls.from_predictions(y, predicted, sex=sex, ax=ax)

    @classmethod
    def from_predictions(
        cls, y: ArrayLike, y_pred: ArrayLike, *, sex: Any = None, ax: Any = None
    ) -> Self:
        """Draw the differences of predicted ages.

        Parameters
        ----------
        {ages}
        y_pred : array-like of shape (n_samples,)
            Predicted ages in months, NaN where there is none.
        {sex}
        {ax_drawn}

        Raises
        ------
        ValueError
            If the lengths differ, or no film has both a known age and a prediction.
        """
        predicted = check_ages(y_pred)
        ages = check_ages(y, len(predicted))
        if not np.isfinite(ages + predicted).any():
            raise ValueError("no film has both a known age and a prediction")
        sexes = None if sex is None else check_sexes(sex, len(ages))
        return cls(ages, predicted, sexes=sexes).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the films.

        {drawn_in_axes}
        """
        ax = _styles.get_axes(ax, (7.2, 4.6))
        self.ax_, self.figure_ = ax, ax.figure
        differences = self.predicted - self.ages
        means = (self.predicted + self.ages) / 2
        known = np.isfinite(differences)
        self.points_, self.medians_, self.limits_ = {}, {}, {}
        ax.axhline(0, color=_styles.EDGE, linewidth=0.8)
        for name, members, look in _styles.series_by_sex(self.sexes, known):
            own = differences[members]
            median, limits = _summarise(own)
            label = f"{name} ({len(own)})\n{_tell(median, limits)}"
            look |= {"label": label, **_styles.DOT}
            self.points_[name] = ax.scatter(means[members], own, **look)
            line = {"color": look["color"], "linewidth": 1.2}
            ax.axhline(median, **line)
            for limit in limits:
                ax.axhline(limit, **{**line, **_styles.CHANCE_LINE})
            self.medians_[name], self.limits_[name] = median, limits
        self.median_, limits = _summarise(differences[known])
        title = f"median difference {self.median_:+.1f} months, 95% from "
        title += f"{limits[0]:+.1f} to {limits[1]:+.1f}"
        title += f"\n{_styles.count_of(known.sum(), 'film')}"
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="mean of both, months", ylabel="predicted less true age, months")
        ax.grid(axis="y", color="0.9")
        ax.set_axisbelow(True)
        _styles.legend_beside(ax, "median, 95%: months")
        return self


def _summarise(differences: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Median difference, and the limits of agreement."""
    low, high = np.percentile(differences, _LIMITS)
    return float(np.median(differences)), (float(low), float(high))


def _tell(median: float, limits: tuple[float, float]) -> str:
    return f"{median:+.1f}, {limits[0]:+.0f} to {limits[1]:+.0f}"
