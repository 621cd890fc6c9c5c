"""Films on a plane, near each other where their latents are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.manifold import TSNE
from sklearn.utils import check_consistent_length

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import num_samples
from .._utils.validation import check_ages, check_labels
from .._utils.wrapped import interval_settings
from ..metrics import age_interval_edges, assign_age_intervals
from ..metrics._intervals import interval_names
from . import _styles
from ._inputs import examine

_MIN_FILMS = 3  # that t-SNE can place
_PERPLEXITIES = (2, 30)  # for few films, and for many


@fill_docstrings
@dataclass(eq=False, repr=False)
class LatentMapDisplay:
    """Show films as a t-SNE map of their latents, coloured by age interval.

    Neighbours mean something; distances between far groups and the axes do not.

    Parameters
    ----------
    embedding : ndarray of shape (n_samples, 2)
        Where each film lies, without unit; NaN for a film that is not drawn.
    ages : ndarray of shape (n_samples,) or None, default=None
        Bone ages in months, NaN where unknown; None: all dots have one colour.
    labels : ndarray of shape (n_samples,) or None, default=None
        Cluster of each film, whose number is written on the map; -1 means set aside.
    {intervals}

    Attributes
    ----------
    {axes_drawn}
    points_ : dict of str to matplotlib PathCollection
        The films by what the legend calls them: an interval such as "24-72",
        "unknown" (or outside the range), "set aside", or "films" without ages.
    text_ : dict of int to matplotlib Text
        The clusters' numbers, at the median position of their films.

    References
    ----------
    arXiv:2206.05641, Figs. 6 and 9.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec.plotting import LatentMapDisplay
    >>> latents = np.arange(12.0).reshape(6, 2)
    >>> display = LatentMapDisplay.from_predictions(
    ...     latents, [30, 40, 80, 130, 200, None], [0, 0, 0, 1, 1, 1]
    ... )
    >>> display.embedding.shape, list(display.points_)[-1]
    ((6, 2), 'unknown')
    """

    embedding: np.ndarray
    ages: np.ndarray | None = None
    labels: np.ndarray | None = None
    _: KW_ONLY
    interval: float = 48
    age_range: Sequence[float] = (24, 216)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike | None = None,
        *,
        random_state: int | np.random.RandomState | None = 0,
        ax: Any = None,
    ) -> Self:
        """Encode and cluster films with an estimator, once, and draw their map.

        Parameters
        ----------
        {clusterer_and_films}
        {optional_ages}
        random_state : int, RandomState instance or None, default=0
            Seed of the map.
        {ax_drawn}

        Raises
        ------
        ValueError
            If fewer than three films can be used.
        """
        if y is not None:  # before a film is read
            check_ages(y, num_samples(X))
        found = examine(estimator, X)
        settings = {"random_state": random_state, **interval_settings(estimator)}
        return cls.from_predictions(found.latents, y, found.labels, ax=ax, **settings)

    @classmethod
    def from_predictions(
        cls,
        latents: ArrayLike,
        y: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        *,
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        random_state: int | np.random.RandomState | None = 0,
        ax: Any = None,
    ) -> Self:
        """Draw the map of latents.

        Parameters
        ----------
        latents : array-like of shape (n_samples, n_components)
            What films were encoded to. Rows with NaN are left out.
        {optional_ages}
        labels : array-like of int of shape (n_samples,) or None, default=None
            Cluster of each film; -1 means set aside.
        {intervals}
        random_state : int, RandomState instance or None, default=0
            Seed of the map.
        {ax_drawn}

        Raises
        ------
        ValueError
            If the lengths differ, labels are invalid, the latents are not a table, or
            fewer than three of their rows are complete.
        """
        rows = np.asarray(latents, dtype=np.float64)
        if rows.ndim != 2:
            raise ValueError(f"latents must be 2-D, got an array of shape {rows.shape}")
        ages = None if y is None else check_ages(y, len(rows))
        clusters = None if labels is None else check_labels(labels)
        check_consistent_length(rows, clusters)
        age_interval_edges(interval, age_range)
        places = _embed(rows, random_state)
        display = cls(places, ages, clusters, interval=interval, age_range=age_range)
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the map.

        {drawn_in_axes}
        """
        from matplotlib.patheffects import withStroke

        ax = _styles.get_axes(ax, (6.8, 5.2))
        self.ax_, self.figure_ = ax, ax.figure
        drawn = np.isfinite(self.embedding).all(axis=1)
        self.points_ = {}
        for name, members, style in self._groups():
            places = self.embedding[members & drawn]
            if len(places):
                self.points_[name] = ax.scatter(*places.T, label=name, **style)
        outline = [withStroke(linewidth=3, foreground="white")]
        style = {"ha": "center", "va": "center", "fontweight": "bold"}
        style |= {"fontsize": _styles.SMALL + 1, "path_effects": outline}
        self.text_ = {}
        labels = np.full(len(drawn), -1) if self.labels is None else self.labels
        for cluster in np.unique(labels[drawn & (labels >= 0)]).tolist():
            middle = np.median(self.embedding[drawn & (labels == cluster)], axis=0)
            self.text_[cluster] = ax.text(*middle, f"{cluster}", **style)
        title = f"t-SNE map of {_styles.count_of(drawn.sum(), 'film')}"
        n_left_out = int((~drawn).sum())
        ax.set_title(title + (f" ({n_left_out} left out)" if n_left_out else ""))
        ax.set(xticks=[], yticks=[], xlabel="t-SNE 1", ylabel="t-SNE 2")
        if self.ages is not None or "set aside" in self.points_:
            _styles.legend_beside(ax, None if self.ages is None else "age, months")
        return self

    def _groups(self) -> list[tuple[Any, ...]]:
        """Names, members and looks of what the legend tells apart."""
        labels = np.zeros(len(self.embedding)) if self.labels is None else self.labels
        aside = labels < 0
        dot = {"s": 28, "edgecolors": _styles.EDGE, "linewidths": 0.5}
        cross = {"color": "0.4", "marker": "x", "s": 22, "linewidths": 1}
        last = ("set aside", aside, cross)
        if self.ages is None:
            return [("films", ~aside, {"color": _styles.COLOURS[0], **dot}), last]
        intervals = assign_age_intervals(
            self.ages, interval=self.interval, age_range=self.age_range
        )
        names = interval_names(age_interval_edges(self.interval, self.age_range))
        colours = _styles.interval_colours(len(names))
        groups = [
            (name, ~aside & (intervals == i), {"color": colours[i], **dot})
            for i, name in enumerate(names)
        ]
        unknown = {"color": _styles.UNKNOWN, "s": 10, "linewidths": 0}  # told by size
        return [*groups, ("unknown", ~aside & (intervals < 0), unknown), last]


def _embed(latents: np.ndarray, random_state: Any) -> np.ndarray:
    """t-SNE (n_samples, 2) of complete rows, NaN for the others."""
    complete = np.isfinite(latents).all(axis=1)
    n_films = int(complete.sum())
    if n_films < _MIN_FILMS:
        raise ValueError(
            f"a map takes at least {_MIN_FILMS} films with latents, got {n_films}"
        )
    rows = latents[complete]
    # PCA gives two directions only if there are two, and if films differ at all.
    spread = rows.shape[1] > 1 and np.ptp(rows, axis=0).any()
    embedding = np.full((len(latents), 2), np.nan)
    embedding[complete] = TSNE(
        perplexity=float(np.clip((n_films - 1) / 3, *_PERPLEXITIES)),
        init="pca" if spread else "random",
        random_state=random_state,
    ).fit_transform(rows)
    return embedding
