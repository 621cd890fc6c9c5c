"""Predicted against true ages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._utils.docstrings import fill_docstrings
from .._utils.validation import check_ages, check_known_ages, check_sexes
from .._utils.wrapped import unwrap
from ..metrics import age_interval_edges, assign_age_intervals
from . import _styles
from ._inputs import check_request, predict_with_sex


@fill_docstrings
@dataclass(eq=False, repr=False)
class PredictedAgeDisplay:
    """Show predicted against true bone ages on the grid of the age intervals.

    In the shaded squares the interval of the prediction is correct.

    Parameters
    ----------
    ages : ndarray of shape (n_samples,)
        True bone ages in months, NaN where unknown.
    predicted : ndarray of shape (n_samples,)
        Predicted ages in months, NaN where there is none.
    sexes : ndarray of shape (n_samples,) or None, default=None
        0 for female, 1 for male, -1 for unknown; None: one series of films.
    {intervals}

    Attributes
    ----------
    {axes_drawn}
    points_ : dict of str to matplotlib PathCollection
        The films: "girls", "boys" and "sex unknown", or "films" without sexes.
    line_ : matplotlib Line2D
        Where both ages are the same.
    squares_ : list of n_intervals matplotlib Rectangle
        Where both ages are in the same interval.
    mae_ : float
        Mean absolute error in months, of films with both ages.
    accuracy_ : float
        Share of the films of an age within `age_range` whose prediction is in the same
        interval, in [0, 1]; those without one count as wrong. NaN without such an age.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : The same by interval.
    AgeDifferenceDisplay : How far apart they are, and which way.
    FilmSheetDisplay : The films that are misclassified.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import PredictedAgeDisplay
    >>> display = PredictedAgeDisplay.from_predictions(
    ...     [30, 80, 200, 90], [40, 80, 150, None]
    ... )
    >>> print(display.ax_.get_title())
    mean absolute error 20.0 months, correct interval 50%
    3 films; 1 without a prediction
    """

    ages: np.ndarray
    predicted: np.ndarray
    _: KW_ONLY
    sexes: np.ndarray | None = None
    interval: float = 48
    age_range: Sequence[float] = (24, 216)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, sex: Any = None, ax: Any = None
    ) -> Self:
        """Predict the ages of films, and draw them.

        Parameters
        ----------
        {clusterer_and_films}
        {ages}
        {sex}
            The estimator gets it too, for clusters that were named by sex.
        {ax_drawn}

        Raises
        ------
        TypeError
            If the estimator has no ``predict_age``.
        ValueError
            If no age is known and within the range, the clusters have no names, or no
            film of known age has a prediction.
        """
        settings = check_request(estimator, X, y, sex)
        model, X = unwrap(estimator, X)
        predicted = predict_with_sex(model, "predict_age", X, sex)
        return cls.from_predictions(y, predicted, sex=sex, ax=ax, **settings)

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        y_pred: ArrayLike,
        *,
        sex: Any = None,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        ax: Any = None,
    ) -> Self:
        """Draw predicted ages.

        Parameters
        ----------
        {ages}
        y_pred : array-like of shape (n_samples,)
            Predicted ages in months, NaN where there is none.
        {sex}
        {intervals}
        {ax_drawn}

        Raises
        ------
        ValueError
            If the lengths differ, no age is known and within the range, or no film of
            known age has a prediction.
        """
        predicted = check_ages(y_pred)
        ages = check_known_ages(y, len(predicted), age_range)
        if not np.isfinite(ages + predicted).any():
            raise ValueError("no film has both a known age and a prediction")
        sexes = None if sex is None else check_sexes(sex, len(ages))
        return cls(
            ages, predicted, sexes=sexes, interval=interval, age_range=age_range
        ).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the films.

        {drawn_in_axes}
        """
        from matplotlib.patches import Rectangle

        ax = _styles.get_axes(ax, (6.8, 5.4))
        self.ax_, self.figure_ = ax, ax.figure
        edges = age_interval_edges(self.interval, self.age_range)
        shade: dict[str, Any] = {"facecolor": "0.93", "zorder": 0}
        self.squares_ = [
            ax.add_patch(Rectangle((low, low), high - low, high - low, **shade))
            for low, high in pairwise(edges)
        ]
        known = np.isfinite(self.ages) & np.isfinite(self.predicted)
        both = np.concatenate([self.ages[known], self.predicted[known], edges])
        limits = both.min() - 6, both.max() + 6  # months
        line = {"color": _styles.EDGE, "linewidth": 1, "zorder": 1}
        (self.line_,) = ax.plot(limits, limits, label="same age", **line)
        self._draw_films(known)
        ax.set_title(self._compare(known), fontsize=10)
        ax.set(xlim=limits, xticks=edges, xlabel="age, months", aspect="equal")
        ax.set(ylim=limits, yticks=edges, ylabel="predicted age, months")
        ax.tick_params(axis="x", labelrotation=90 if len(edges) > 10 else 0)
        ax.grid(color="0.8", linewidth=0.8)
        ax.set_axisbelow(True)
        _styles.legend_beside(ax)
        return self

    def _draw_films(self, known: np.ndarray) -> None:
        self.points_ = {}
        for name, members, look in _styles.series_by_sex(self.sexes, known):
            places = self.ages[members], self.predicted[members]
            look |= {"label": f"{name} ({members.sum()})", **_styles.DOT}
            self.points_[name] = self.ax_.scatter(*places, **look)

    def _compare(self, known: np.ndarray) -> str:
        """Set `mae_` and `accuracy_`, and return the title, which tells them."""
        true, found = (
            assign_age_intervals(ages, interval=self.interval, age_range=self.age_range)
            for ages in (self.ages, self.predicted)
        )
        correct = (found == true)[true >= 0]
        self.mae_ = float(np.abs(self.ages - self.predicted)[known].mean())
        self.accuracy_ = float(correct.mean()) if len(correct) else float("nan")
        title = f"mean absolute error {self.mae_:.1f} months"
        if len(correct):
            title += f", correct interval {self.accuracy_:.0%}"
        title += f"\n{_styles.count_of(known.sum(), 'film')}"
        n_unknown = int(np.isnan(self.ages).sum())
        n_without = int((~known).sum()) - n_unknown
        others = {"of unknown age": n_unknown, "without a prediction": n_without}
        return f"{title}; {_styles.list_counts(others)}".removesuffix("; ")
