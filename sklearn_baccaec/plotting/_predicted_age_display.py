"""Predicted against true ages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._utils.sklearn_compat import check_matplotlib_support
from .._utils.validation import check_ages, check_sexes
from ..metrics import age_interval_edges, assign_age_intervals
from ._inputs import check_request, check_some_ages, predict_with_sex
from ._styles import EDGE, SMALL, UNKNOWN, count_of, get_axes, list_counts, series_style

_SEX_NAMES = {0: "girls", 1: "boys", -1: "sex unknown"}


class PredictedAgeDisplay:
    """Show predicted against true bone ages on the grid of the age intervals.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one. In the shaded
    squares the prediction is in the right interval.

    Parameters
    ----------
    ages : ndarray of shape (n_samples,)
        True bone ages in months, NaN where unknown.
    predicted : ndarray of shape (n_samples,)
        Predicted ages in months, NaN where there is none.
    sexes : ndarray of shape (n_samples,) or None, default=None
        0 for female, 1 for male, -1 for unknown; None: one series of films.
    interval : float, default=48
        Width of the age intervals in months.
    age_range : (float, float), default=(24, 216)
        First and last edge of the intervals in months.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it is drawn.
    figure_ : matplotlib Figure
        The figure of that.
    points_ : dict of str to matplotlib PathCollection
        The films: "girls", "boys" and "sex unknown", or "films" without sexes.
    line_ : matplotlib Line2D
        Where both ages are the same.
    squares_ : list of n_intervals matplotlib Rectangle
        The right intervals.
    mae_ : float
        Mean absolute error in months, of films with both ages.
    share_right_ : float
        Share of the films of an age within `age_range` whose prediction is in the
        right interval, in [0, 1]; those without one count as wrong. NaN if there is no
        such age.

    See Also
    --------
    IntervalConfusionDisplay : The same by named interval.

    Notes
    -----
    The error in months is an addition: the paper (arXiv:2206.05641, section 4.1) scores
    intervals, and gives no formula for the MAE in its Table 3.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import PredictedAgeDisplay
    >>> display = PredictedAgeDisplay.from_predictions(
    ...     [30, 80, 200, 90], [40, 80, 150, None]
    ... )
    >>> print(display.ax_.get_title())
    mean absolute error 20.0 months, right interval 50%
    3 films; 1 without a prediction
    """

    def __init__(
        self,
        ages: np.ndarray,
        predicted: np.ndarray,
        *,
        sexes: np.ndarray | None = None,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
    ) -> None:
        self.ages = ages
        self.predicted = predicted
        self.sexes = sexes
        self.interval = interval
        self.age_range = age_range

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, sex: Any = None, ax: Any = None
    ) -> Self:
        """Predict the ages of films, and draw them.

        Parameters
        ----------
        estimator : fitted clusterer with ``predict_age``
            Or a search or a Pipeline that ends with one. Its `interval` and `age_range`
            define the intervals where it has them; otherwise they are 48 months from 24
            to 216.
        X : films or array-like, of length n_samples
            What the estimator predicts from.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. The estimator
            gets it too, for clusters that were named by sex; leaving it out then warns.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : PredictedAgeDisplay
            Drawn.

        Raises
        ------
        TypeError
            If the estimator has no ``predict_age``.
        ValueError
            If y or sex is not one per film, no age is known and within the range, the
            clusters have no names, or no film of known age has a prediction.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        settings = check_request(estimator, X, y, sex)
        predicted = predict_with_sex(estimator, "predict_age", X, sex)
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
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        y_pred : array-like of shape (n_samples,)
            Predicted ages in months, NaN where there is none.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male.
        interval : float, default=48
            Width of the age intervals in months.
        age_range : (float, float), default=(24, 216)
            First and last edge of the intervals in months.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : PredictedAgeDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the lengths differ, no age is known and within the range, or no film of
            known age has a prediction.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        predicted = check_ages(y_pred)
        ages = check_some_ages(y, len(predicted), age_range)
        if not np.isfinite(ages + predicted).any():
            raise ValueError("no film has both a known age and a prediction")
        display = cls(
            ages,
            predicted,
            sexes=None if sex is None else check_sexes(sex, len(ages)),
            interval=interval,
            age_range=age_range,
        )
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the films.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : PredictedAgeDisplay
            This one.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.patches import Rectangle

        ax = get_axes(ax, (6.8, 5.4))
        self.ax_, self.figure_ = ax, ax.figure
        edges = age_interval_edges(self.interval, self.age_range)
        self.squares_ = [
            ax.add_patch(
                Rectangle((low, low), width, width, facecolor="0.93", zorder=0)
            )
            for low, width in zip(edges[:-1], np.diff(edges), strict=True)
        ]
        known = np.isfinite(self.ages) & np.isfinite(self.predicted)
        both = np.concatenate([self.ages[known], self.predicted[known], edges])
        limits = both.min() - 6, both.max() + 6  # months
        (self.line_,) = ax.plot(
            limits, limits, color=EDGE, linewidth=1, label="same age", zorder=1
        )
        self._draw_films(known)
        self._compare(known)
        ax.set_title(self._title(known), fontsize=10)
        ax.set(
            xlim=limits,
            ylim=limits,
            xticks=edges,
            yticks=edges,
            aspect="equal",
            xlabel="age, months",
            ylabel="predicted age, months",
        )
        ax.tick_params(axis="x", labelrotation=90 if len(edges) > 10 else 0)
        ax.grid(color="0.8", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.legend(
            loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=SMALL, frameon=False
        )
        return self

    def _draw_films(self, known: np.ndarray) -> None:
        dot = {"s": 26, "alpha": 0.75, "linewidths": 0.5, "edgecolors": EDGE}
        self.points_ = {}
        if self.sexes is None:
            groups = [("films", known, series_style(0))]
        else:
            styles = {0: series_style(1), 1: series_style(0)}
            styles[-1] = {"color": UNKNOWN, "marker": "v"}
            groups = [
                (name, known & (self.sexes == code), styles[code])
                for code, name in _SEX_NAMES.items()
            ]
        for name, members, style in groups:
            if members.any():
                self.points_[name] = self.ax_.scatter(
                    self.ages[members],
                    self.predicted[members],
                    label=f"{name} ({members.sum()})",
                    **style,
                    **dot,
                )

    def _compare(self, known: np.ndarray) -> None:
        settings: dict[str, Any] = {
            "interval": self.interval,
            "age_range": self.age_range,
        }
        true = assign_age_intervals(self.ages, **settings)
        right = (assign_age_intervals(self.predicted, **settings) == true)[true >= 0]
        self.mae_ = float(np.abs(self.ages - self.predicted)[known].mean())
        self.share_right_ = float(right.mean()) if len(right) else float("nan")

    def _title(self, known: np.ndarray) -> str:
        n_unknown = int(np.isnan(self.ages).sum())
        others = list_counts(
            {
                "of unknown age": n_unknown,
                "without a prediction": int((~known).sum()) - n_unknown,
            }
        )
        title = f"mean absolute error {self.mae_:.1f} months"
        if not np.isnan(self.share_right_):
            title += f", right interval {self.share_right_:.0%}"
        title += f"\n{count_of(known.sum(), 'film')}"
        return title + (f"; {others}" if others else "")
