"""Which intervals are taken for which."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

from .._utils.sklearn_compat import check_matplotlib_support
from ..metrics import age_interval_edges, assign_age_intervals
from ..metrics._intervals import interval_names
from ._inputs import check_bounds, check_request, check_some_ages, predict_with_sex
from ._styles import get_axes

_NONE = "none"  # column of films that got no interval


class IntervalConfusionDisplay(ConfusionMatrixDisplay):
    """Show how many films of each age interval were given which interval.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    confusion_matrix : ndarray of shape (n_labels, n_labels)
        Films by true interval (rows) and named interval (columns), or shares of them.
    display_labels : sequence of str of length n_labels, or None, default=None
        Names of the intervals, such as "24-72". A last one of "none" is for films
        without an interval: it has a column, but its row, always 0, is not drawn.
    accuracy : float or None, default=None
        Share of films in the right interval, in [0, 1], for the title.
    chance : float or None, default=None
        What the same names reach if they are shuffled among the films, in [0, 1], for
        the title.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it is drawn.
    figure_ : matplotlib Figure
        The figure of that.
    im_ : matplotlib AxesImage
        The matrix.
    text_ : ndarray of shape (n_rows, n_labels), object, or None
        The numbers written in it, if they are; n_rows leaves "none" out.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : What it is built on.
    MisnamedFilmsDisplay : The films that are furthest off.

    References
    ----------
    arXiv:2206.05641, section 4.1, where films are right if their cluster's interval is.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import IntervalConfusionDisplay
    >>> display = IntervalConfusionDisplay.from_predictions(
    ...     [30, 60, 200], [[24, 72], [72, 120], [168, 216]]
    ... )
    >>> display.confusion_matrix
    array([[1, 1, 0, 0],
           [0, 0, 0, 0],
           [0, 0, 0, 0],
           [0, 0, 0, 1]])
    """

    text_: np.ndarray | None

    def __init__(
        self,
        confusion_matrix: np.ndarray,
        *,
        display_labels: Sequence[str] | None = None,
        accuracy: float | None = None,
        chance: float | None = None,
    ) -> None:
        super().__init__(confusion_matrix, display_labels=display_labels)
        self.accuracy = accuracy
        self.chance = chance

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        sex: Any = None,
        normalize: Literal["true", "pred", "all"] | None = None,
        ax: Any = None,
    ) -> Self:
        """Name films with an estimator, and compare the names with their ages.

        Parameters
        ----------
        estimator : fitted clusterer with ``predict_interval``
            Or a search or a Pipeline that ends with one. Its `interval` and `age_range`
            define the intervals where it has them; otherwise they are 48 months from 24
            to 216.
        X : films or array-like, of length n_samples
            What the estimator predicts from.
        y : array-like of shape (n_samples,)
            Bone ages in months. Films of unknown age (NaN) or outside the range are
            left out.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. For clusters
            that were named by sex; leaving it out then warns.
        normalize : {"true", "pred", "all"} or None, default=None
            Show shares of the row, of the column or of all films. None: their number.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : IntervalConfusionDisplay
            Drawn.

        Raises
        ------
        TypeError
            If the estimator has no ``predict_interval``.
        ValueError
            If y or sex is not one per film, no age is known and within the range, or
            the clusters have no names.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        settings = check_request(estimator, X, y, sex)
        bounds = predict_with_sex(estimator, "predict_interval", X, sex)
        return cls.from_predictions(y, bounds, normalize=normalize, ax=ax, **settings)

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        bounds: ArrayLike,
        *,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        normalize: Literal["true", "pred", "all"] | None = None,
        ax: Any = None,
    ) -> Self:
        """Compare named intervals with ages.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Bone ages in months. Films of unknown age (NaN) or outside the range are
            left out.
        bounds : array-like of shape (n_samples, 2)
            Intervals in months, as ``BoneAgeClusterer.predict_interval`` returns them;
            NaN for a film without one.
        interval : float, default=48
            Width of the age intervals in months.
        age_range : (float, float), default=(24, 216)
            First and last edge of the intervals in months.
        normalize : {"true", "pred", "all"} or None, default=None
            Show shares of the row, of the column or of all films. None: their number.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : IntervalConfusionDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the lengths differ, bounds are none of these intervals, or no age is
            known and within the range.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        ages = check_some_ages(y, None, age_range)
        edges = age_interval_edges(interval, age_range)
        true = assign_age_intervals(ages, interval=interval, age_range=age_range)
        named = _find_intervals(check_bounds(bounds, len(ages)), edges)[true >= 0]
        true = true[true >= 0]
        names = interval_names(edges)
        nameless = named < 0
        if nameless.any():
            named = np.where(nameless, len(names), named)
            names = [*names, _NONE]
        codes = range(len(names))
        shares = [np.bincount(x, minlength=len(names)) / len(x) for x in (true, named)]
        with warnings.catch_warnings():  # one interval alone is no mistake
            warnings.filterwarnings("ignore", "A single label was found")
            matrix = confusion_matrix(true, named, labels=codes, normalize=normalize)
        display = cls(
            matrix,
            display_labels=names,
            accuracy=float((true == named).mean()),
            chance=float(np.dot(*shares)),
        )
        return display.plot(ax=ax)

    def plot(
        self,
        *,
        include_values: bool = True,
        cmap: Any = "Blues",
        xticks_rotation: Literal["vertical", "horizontal"] | float = "horizontal",
        values_format: str | None = None,
        ax: Any = None,
        colorbar: bool = False,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the matrix.

        Parameters
        ----------
        include_values : bool, default=True
            Write the numbers.
        cmap : str or matplotlib Colormap, default="Blues"
            Colours, the higher the darker.
        xticks_rotation : {"vertical", "horizontal"} or float, default="horizontal"
            Rotation of the names below, in degrees.
        values_format : str or None, default=None
            Format of the numbers. None: whole films, or per cent.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.
        colorbar : bool, default=False
            Draw a bar of the colours.
        im_kw : dict or None, default=None
            Passed on to ``imshow``.
        text_kw : dict or None, default=None
            Passed on to ``text``.

        Returns
        -------
        display : IntervalConfusionDisplay
            This one.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        labels = self.display_labels
        n_labels = len(self.confusion_matrix)
        n_rows = n_labels - (labels is not None and labels[-1] == _NONE)
        if values_format is None and self.confusion_matrix.dtype.kind == "f":
            values_format = ".0%"
        figsize = (2 + 0.62 * n_labels, 1.4 + 0.62 * n_rows)  # inches
        super().plot(
            include_values=include_values,
            cmap=cmap,
            xticks_rotation=xticks_rotation,
            values_format=values_format,
            ax=get_axes(ax, figsize),
            colorbar=colorbar,
            im_kw=im_kw,
            text_kw=text_kw,
        )
        self.ax_.set_ylim(n_rows - 0.5, -0.5)  # nothing is truly of no interval
        self.ax_.set_yticks(range(n_rows))
        if self.text_ is not None:
            for text in self.text_[n_rows:].flat:
                text.remove()
            self.text_ = self.text_[:n_rows]
        self.ax_.set(
            xlabel="named interval, months", ylabel="interval of the age, months"
        )
        if self.accuracy is not None and self.chance is not None:
            self.ax_.set_title(
                f"right {self.accuracy:.1%} (chance {self.chance:.1%})", fontsize=11
            )
        return self


def _find_intervals(bounds: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Index of each film's interval; -1 without one."""
    same = np.isclose(bounds[:, np.newaxis], np.column_stack([edges[:-1], edges[1:]]))
    matches = same.all(axis=2)  # (n_samples, n_intervals)
    unknown = np.isnan(bounds).any(axis=1)
    wrong = np.flatnonzero(~matches.any(axis=1) & ~unknown)
    if len(wrong):
        raise ValueError(
            f"bounds[{wrong[0]}] is {bounds[wrong[0]].tolist()}: none of the intervals "
            f"{', '.join(interval_names(edges))}"
        )
    return np.where(unknown, -1, matches.argmax(axis=1))
