"""Which ages each cluster holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .._utils.docstrings import fill_docstrings
from .._utils.validation import ages_within, check_known_ages, check_labels
from ..metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
)
from . import _styles
from ._inputs import check_request


@fill_docstrings
@dataclass(eq=False, repr=False)
class ClusterCompositionDisplay:
    """Show the films of each age interval in each cluster, youngest cluster on top.

    The films drawn name the clusters, so the accuracy in the title rises with their
    number by construction: the chance level stands beside it.

    Parameters
    ----------
    table : DataFrame of shape (n_clusters, ...)
        Of :func:`sklearn_baccaec.metrics.cluster_table`, for ages within the range.
    accuracy : float or None, default=None
        Majority-label accuracy in [0, 1]; None leaves it out of the title.
    chance : float or None, default=None
        What a random partition reaches, in [0, 1]; None likewise.
    n_set_aside : int, default=0
        Films of known age in no cluster; they count as wrong.
    n_unknown : int, default=0
        Films of unknown age or outside the intervals, which are not drawn.

    Attributes
    ----------
    {axes_drawn}
    clusters_ : ndarray of shape (n_drawn,), int
        Clusters from the top down, by the median of the ages drawn; none without any.
    bars_ : list of n_intervals matplotlib BarContainer
        The bars of each interval, in the order of `clusters_`.
    text_ : list of n_drawn matplotlib Text
        The share of the interval that names the cluster.

    See Also
    --------
    sklearn_baccaec.metrics.cluster_table : The same as a table.

    References
    ----------
    arXiv:2206.05641, Table 1.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import ClusterCompositionDisplay
    >>> display = ClusterCompositionDisplay.from_predictions(
    ...     [30, 60, 80, 200, 210], [1, 1, 1, 0, 0]
    ... )
    >>> display.clusters_
    array([1, 0])
    >>> display.text_[0].get_text()
    '67% of 3'
    """

    table: pd.DataFrame
    accuracy: float | None = None
    chance: float | None = None
    _: KW_ONLY
    n_set_aside: int = 0
    n_unknown: int = 0

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, ax: Any = None
    ) -> Self:
        """Cluster films with an estimator, and draw what its clusters hold.

        Parameters
        ----------
        {clusterer_and_films}
        {ages}
        {ax_drawn}

        Raises
        ------
        ValueError
            If no age is known and within the range.
        """
        settings = check_request(estimator, X, y)
        return cls.from_predictions(y, estimator.predict(X), ax=ax, **settings)

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        labels: ArrayLike,
        *,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        ax: Any = None,
    ) -> Self:
        """Draw what clusters hold.

        Parameters
        ----------
        {ages}
        {given_labels}
        {intervals}
        {ax_drawn}

        Raises
        ------
        ValueError
            If lengths differ, labels are invalid, or no age in the range is known.
        """
        clusters = check_labels(labels)
        ages = ages_within(check_known_ages(y, len(clusters), age_range), age_range)
        table = cluster_table(ages, clusters, interval=interval, age_range=age_range)
        intervals = assign_age_intervals(ages, interval=interval, age_range=age_range)
        display = cls(
            table,
            majority_label_accuracy(intervals, clusters),
            chance_majority_label_accuracy(intervals, clusters),
            n_set_aside=int(((clusters < 0) & (intervals >= 0)).sum()),
            n_unknown=int((intervals < 0).sum()),
        )
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the bars.

        {drawn_in_axes}
        """
        table = self.table[self.table["interval"].notna()]
        table = table.sort_values("median_age", kind="stable")
        counts = table.iloc[:, : table.columns.get_loc("films")]
        totals, ends = counts.sum(axis=1), counts.cumsum(axis=1)
        ax = _styles.get_axes(ax, (7.2, 1.4 + 0.26 * max(len(table), 4)))  # inches
        self.ax_, self.figure_ = ax, ax.figure
        self.clusters_ = table.index.to_numpy()
        rows = np.arange(len(table))
        style = {"height": 0.8, "edgecolor": _styles.EDGE, "linewidth": 0.5}
        colours = _styles.interval_colours(counts.shape[1])
        self.bars_ = []
        for name, colour in zip(counts, colours, strict=True):
            look = {"color": colour, "label": f"{name}", **style}
            left = ends[name] - counts[name]
            self.bars_.append(ax.barh(rows, counts[name], left=left, **look))
        style = {"xytext": (3, 0), "textcoords": "offset points"}  # to the right
        style |= {"va": "center", "fontsize": _styles.SMALL}
        self.text_ = [
            ax.annotate(f"{share:.0%} of {total}", (total, row), **style)
            for row, share, total in zip(rows, table["accuracy"], totals, strict=True)
        ]
        names = [f"cluster {i}: {name}" for i, name in table["interval"].items()]
        ax.set_yticks(rows, names, fontsize=9)
        ax.set(xlabel="films of known age", ylim=(max(len(table), 1) - 0.5, -0.5))
        ax.set_xlim(0, 1.22 * max([1, *totals]))  # room for the shares
        ax.set_title(self._title(int(totals.sum()), len(table)), fontsize=10)
        _styles.legend_beside(ax, "age, months")
        return self

    def _title(self, n_films: int, n_clusters: int) -> str:
        films = _styles.count_of(n_films, "film")
        title = f"{films} in {_styles.count_of(n_clusters, 'cluster')}"
        if self.accuracy is not None and self.chance is not None:
            title = f"accuracy {self.accuracy:.1%} (chance {self.chance:.1%}): {title}"
        others = {
            "set aside (counted as wrong)": self.n_set_aside,
            "of no known age in the range (left out)": self.n_unknown,
        }
        return f"{title}\n{_styles.list_counts(others)}".strip()
