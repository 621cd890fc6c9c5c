"""How many films there are of each age."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_scalar

from .._utils.sklearn_compat import check_matplotlib_support
from .._utils.validation import check_ages, check_labels
from ..metrics import age_interval_edges, assign_age_intervals
from ..metrics._intervals import interval_names
from ._inputs import check_request, check_some_ages
from ._styles import EDGE, SMALL, count_of, get_axes, interval_colours, list_counts

_LEAST_GAP = 0.06  # of the axis, between the edges that are written below it
_MOST_NAMES = 8  # intervals above which there is room for their numbers only


class AgeHistogramDisplay:
    """Show how many films there are of each age, coloured by interval.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    counts : ndarray of shape (n_intervals, n_bins), int
        Films of each interval in each bin; a bin across an edge belongs to both.
    bin_edges : ndarray of shape (n_bins + 1,)
        Ages in months, increasing.
    interval_edges : ndarray of shape (n_intervals + 1,)
        Ages in months, increasing.
    n_unknown : int, default=0
        Films of unknown age, which are not drawn.
    n_outside : int, default=0
        Films whose age is outside the intervals, which are not drawn either.
    n_set_aside : int, default=0
        Films in no cluster, of any age, which are not drawn either.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it is drawn.
    figure_ : matplotlib Figure
        The figure of that.
    interval_counts_ : ndarray of shape (n_intervals,), int
        Films of each interval.
    bars_ : list of n_intervals matplotlib BarContainer
        The bars, one set per interval.
    edge_lines_ : list of n_intervals + 1 matplotlib Line2D
        The edges of the intervals.
    text_ : list of n_intervals matplotlib Text
        The number of films above each interval.

    See Also
    --------
    ClusterCompositionDisplay : The same intervals within each cluster.

    References
    ----------
    arXiv:2206.05641, Fig. 1.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import AgeHistogramDisplay
    >>> display = AgeHistogramDisplay.from_predictions([30, 40, 80, 200, None])
    >>> display.interval_counts_
    array([2, 1, 0, 1])
    """

    def __init__(
        self,
        counts: np.ndarray,
        bin_edges: np.ndarray,
        interval_edges: np.ndarray,
        *,
        n_unknown: int = 0,
        n_outside: int = 0,
        n_set_aside: int = 0,
    ) -> None:
        self.counts = counts
        self.bin_edges = bin_edges
        self.interval_edges = interval_edges
        self.n_unknown = n_unknown
        self.n_outside = n_outside
        self.n_set_aside = n_set_aside

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        bin_width: float = 12,
        ax: Any = None,
    ) -> Self:
        """Count the films that an estimator can use, by its own intervals.

        Parameters
        ----------
        estimator : fitted clusterer
            Its `interval` and `age_range` define the intervals where it has them;
            otherwise they are 48 months from 24 to 216. Films that it sets aside (-1)
            are left out.
        X : films or array-like, of length n_samples
            What the estimator predicts from.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        bin_width : float, default=12
            Width of a bar in months, above 0.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : AgeHistogramDisplay
            Drawn.

        Raises
        ------
        ValueError
            If y is not one age per film, or no film that can be used has a known age
            within the range.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        settings = check_request(estimator, X, y)
        _check_width(bin_width)
        used = check_labels(estimator.predict(X)) >= 0
        ages = check_ages(y, len(used))[used]
        display = cls._count(ages, bin_width=bin_width, **settings)
        display.n_set_aside = int((~used).sum())
        return display.plot(ax)

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        *,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        bin_width: float = 12,
        ax: Any = None,
    ) -> Self:
        """Count films by age.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        interval : float, default=48
            Width of the age intervals in months.
        age_range : (float, float), default=(24, 216)
            First and last edge of the intervals in months.
        bin_width : float, default=12
            Width of a bar in months, above 0.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : AgeHistogramDisplay
            Drawn.

        Raises
        ------
        ValueError
            If y holds no ages, or none within the range, or for a width or a range
            that cannot be.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        _check_width(bin_width)
        display = cls._count(
            y, interval=interval, age_range=age_range, bin_width=bin_width
        )
        return display.plot(ax)

    @classmethod
    def _count(
        cls,
        y: ArrayLike,
        *,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        bin_width: float,
    ) -> Self:
        """Count films by age, without drawing them."""
        ages = check_some_ages(y, None, age_range)
        edges = age_interval_edges(interval, age_range)
        intervals = assign_age_intervals(ages, interval=interval, age_range=age_range)
        n_bins = max(1, int(np.ceil((edges[-1] - edges[0]) / bin_width - 1e-9)))
        bins = edges[0] + bin_width * np.arange(n_bins + 1)
        bins[-1] = max(bins[-1], edges[-1])  # whatever is lost by rounding
        counts = [
            np.histogram(ages[intervals == i], bins)[0] for i in range(len(edges) - 1)
        ]
        n_unknown = int(np.isnan(ages).sum())
        return cls(
            np.array(counts),
            bins,
            edges,
            n_unknown=n_unknown,
            n_outside=int((intervals < 0).sum()) - n_unknown,
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : AgeHistogramDisplay
            This one.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        ax = get_axes(ax, (6.4, 4))
        self.ax_, self.figure_ = ax, ax.figure
        self.interval_counts_ = self.counts.sum(axis=1)
        edges, names = self.interval_edges, interval_names(self.interval_edges)
        widths = np.diff(self.bin_edges)
        self.bars_ = []
        for i, colour in enumerate(interval_colours(len(names))):
            # Only its own bins: bars of no height elsewhere would still have edges.
            own = (self.bin_edges[1:] > edges[i]) & (self.bin_edges[:-1] < edges[i + 1])
            bars = ax.bar(
                self.bin_edges[:-1][own],
                self.counts[i, own],
                widths[own],
                bottom=self.counts[:i, own].sum(axis=0),
                align="edge",
                color=colour,
                edgecolor=EDGE,
                linewidth=0.8,
            )
            self.bars_.append(bars)
        self.edge_lines_ = [
            ax.axvline(edge, color=EDGE, linewidth=0.8, linestyle=":", zorder=0)
            for edge in edges
        ]
        brief = len(names) > _MOST_NAMES
        self.text_ = [
            ax.text(
                middle,
                1.01,  # of the height of the axes
                f"{count}" if brief else f"{name}:\n{count_of(count, 'film')}",
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=SMALL,
            )
            for name, middle, count in zip(
                names, (edges[:-1] + edges[1:]) / 2, self.interval_counts_, strict=True
            )
        ]
        ax.set(
            xlabel="age, months",
            ylabel=f"films per {widths[0]:g} months",
            xticks=_apart(edges),
        )
        ax.set_title(self._title(), pad=16 if brief else 27)  # points, above the text
        return self

    def _title(self) -> str:
        left_out = list_counts(
            {
                "set aside": self.n_set_aside,
                "of unknown age": self.n_unknown,
                "outside these ages": self.n_outside,
            }
        )
        title = count_of(self.interval_counts_.sum(), "film")
        return title + (f" ({left_out} left out)" if left_out else "")


def _check_width(bin_width: float) -> None:
    check_scalar(bin_width, "bin_width", Real, min_val=0, include_boundaries="neither")


def _apart(edges: np.ndarray) -> list[float]:
    """First and last edge, and those between that can be read beside the others."""
    first, *between, last = edges.tolist()
    gap = _LEAST_GAP * (last - first)
    kept = [first]
    for edge in between:
        if edge - kept[-1] >= gap and last - edge >= gap:
            kept.append(edge)
    return [*kept, last]
