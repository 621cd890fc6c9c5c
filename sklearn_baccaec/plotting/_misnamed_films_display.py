"""The films whose named interval is furthest off their age."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .._utils.sklearn_compat import check_matplotlib_support
from ..films import read_film
from ..films._checks import check_films, film_name
from ._film_selection import find_misnamed
from ._inputs import (
    ages_inside,
    check_bounds,
    check_request,
    check_some_ages,
    predict_with_sex,
)
from ._styles import count_of
from ._tiles import check_counts, draw_tile, make_sheet, shorten


class MisnamedFilmsDisplay:
    """Show films whose named interval does not hold their age, furthest off first.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    films : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
        The films; only those shown are read, one at a time.
    ages : ndarray of shape (n_films,)
        Bone ages in months, NaN where unknown.
    bounds : ndarray of shape (n_films, 2)
        Lower and upper edge of the interval that each film was given, in months; NaN
        for a film without one.
    age_range : (float, float), default=(24, 216)
        First and last edge of all intervals in months. An interval holds its lower edge
        and not its upper one, but the last holds both; ages outside are in none, and
        such films are left out.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The sheet.
    axes_ : ndarray of shape (n_rows, n_columns), object
        The tiles; those past the last film are empty. A single empty one if no film is
        misnamed.
    ax_ : matplotlib Axes
        The first tile.
    order_ : ndarray of shape (n_shown,), int
        Positions of the films shown, the furthest off first.
    distance_ : ndarray of shape (n_films,)
        Months from each film's age to the nearest edge of its interval: 0 where that
        holds it, NaN where age or interval is unknown.
    misnamed_ : ndarray of shape (n_films,), bool
        Whether each film's interval does not hold its age.

    See Also
    --------
    IntervalConfusionDisplay : How many films of which interval are misnamed.

    References
    ----------
    arXiv:2206.05641, Fig. 10.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.plotting import MisnamedFilmsDisplay
    >>> films = make_hand_radiographs(3, random_state=0)
    >>> display = MisnamedFilmsDisplay.from_predictions(
    ...     films.data, [30, 80, 200], [[24, 72], [120, 168], [72, 120]]
    ... )
    >>> display.order_, display.distance_
    (array([2, 1]), array([ 0., 40., 80.]))
    """

    def __init__(
        self,
        films: Any,
        ages: np.ndarray,
        bounds: np.ndarray,
        *,
        age_range: Sequence[float] = (24, 216),
    ) -> None:
        self.films = films
        self.ages = ages
        self.bounds = bounds
        self.age_range = age_range

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        sex: Any = None,
        n_films: int = 12,
        n_columns: int = 6,
    ) -> Self:
        """Name films with an estimator, and draw those that it names wrongly.

        Parameters
        ----------
        estimator : fitted clusterer with ``predict_interval``
            Or a search or a Pipeline that ends with one. Its `age_range` says which
            ages count; (24, 216) without one.
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. For clusters
            that were named by sex; leaving it out then warns.
        n_films : int, default=12
            How many films to show at most.
        n_columns : int, default=6
            How many of them side by side.

        Returns
        -------
        display : MisnamedFilmsDisplay
            Drawn.

        Raises
        ------
        TypeError
            If the estimator has no ``predict_interval``.
        ValueError
            If y or sex is not one per film, no age is known and within the range, the
            clusters have no names, or n_films or n_columns is below 1.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        check_counts(n_films, n_columns)
        films = check_films(X)
        settings = check_request(estimator, films, y, sex)
        settings.pop("interval", None)
        bounds = predict_with_sex(estimator, "predict_interval", films, sex)
        return cls.from_predictions(
            films, y, bounds, n_films=n_films, n_columns=n_columns, **settings
        )

    @classmethod
    def from_predictions(
        cls,
        X: Any,
        y: ArrayLike,
        bounds: ArrayLike,
        *,
        age_range: Sequence[float] = (24, 216),
        n_films: int = 12,
        n_columns: int = 6,
    ) -> Self:
        """Draw the films that were named wrongly.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        bounds : array-like of shape (n_samples, 2)
            Intervals in months, as ``BoneAgeClusterer.predict_interval`` returns them;
            NaN for a film without one.
        age_range : (float, float), default=(24, 216)
            First and last edge of all intervals in months.
        n_films : int, default=12
            How many films to show at most.
        n_columns : int, default=6
            How many of them side by side.

        Returns
        -------
        display : MisnamedFilmsDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the lengths differ, bounds are no intervals, no age is known and within
            the range, or n_films or n_columns is below 1.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        check_counts(n_films, n_columns)
        films = check_films(X)
        display = cls(
            films,
            check_some_ages(y, len(films), age_range),
            check_bounds(bounds, len(films)),
            age_range=age_range,
        )
        return display.plot(n_films=n_films, n_columns=n_columns)

    def plot(self, *, n_films: int = 12, n_columns: int = 6) -> Self:
        """Draw the sheet in a new figure.

        Parameters
        ----------
        n_films : int, default=12
            How many films to show at most.
        n_columns : int, default=6
            How many of them side by side.

        Returns
        -------
        display : MisnamedFilmsDisplay
            This one.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        check_counts(n_films, n_columns)
        order, self.distance_, self.misnamed_ = find_misnamed(
            self.ages, self.bounds, self.age_range
        )
        self.order_ = order[:n_films]
        self.figure_, self.axes_ = make_sheet(max(len(self.order_), 1), n_columns)
        self.ax_ = self.axes_[0, 0]
        ages = ages_inside(self.ages, self.age_range)
        self._write_title(int(np.isfinite(ages).sum()))
        low, high = self.bounds.T
        for ax, i in zip(self.axes_.flat, self.order_, strict=False):
            name = shorten(film_name(self.films[i], i))
            ages_said = f"{round(ages[i], 1):g} months,\nnamed {low[i]:g}-{high[i]:g}"
            draw_tile(ax, f"{name}\n{ages_said}", partial(read_film, self.films[i], i))
        return self

    def _write_title(self, n_known: int) -> None:
        n_shown, n_misnamed = len(self.order_), int(self.misnamed_.sum())
        n_named = int(np.isfinite(self.distance_).sum())
        n_nameless = n_known - n_named
        others = f"{n_nameless} without an interval" if n_nameless else ""
        if n_shown:
            title = (
                f"{n_shown} of {count_of(n_misnamed, 'misnamed film')}, furthest off "
                f"first ({n_named} named in all" + (f", {others})" if others else ")")
            )
        else:
            self.ax_.set_axis_off()
            self.figure_.set_size_inches(4, 1)
            title = f"none of {count_of(n_named, 'named film')} is misnamed"
            title += f"\n{others}" if others else ""
        self.figure_.suptitle(title)
