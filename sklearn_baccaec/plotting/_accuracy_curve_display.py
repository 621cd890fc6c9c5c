"""Accuracy and error against a number: that of the clusters, or of the films."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

from .._utils.files import read_table
from .._utils.sklearn_compat import check_matplotlib_support
from .._utils.wrapped import unwrap, unwrap_search
from ._inputs import as_list, check_request, check_some_ages, find_model, is_model
from ._runs import as_runs, cluster_runs, draw_runs, run_error, score_run
from ._styles import CHANCE_LINE, series_style, show_shares

_COLUMNS = ("x", "run", "accuracy", "chance")
_CURVE = "baccaec accuracy curve"  # marks the lines that further displays count
_LOG_RATIO = 8  # of the largest number to the smallest, above which the axis is log


class AccuracyCurveDisplay:
    """Show majority-label accuracy and error in months against a number.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one. Both figures get
    better with more clusters by construction: the dashed line of the same colour is
    what a random partition reaches. Lines are medians, bands reach from the worst run
    to the best.

    Parameters
    ----------
    results : DataFrame of shape (n_numbers * n_runs, 4 or 5)
        Columns ``x`` (the number), ``run`` (from 0 on), ``accuracy`` and ``chance`` (in
        [0, 1]) and optionally ``mae`` (in months, NaN for a run without a cluster).
    xlabel : str, default="number of clusters"
        What the numbers are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where the accuracy is drawn.
    mae_ax_ : matplotlib Axes or None
        Where the error is drawn, if it is.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    line_ : matplotlib Line2D
        Median accuracy.
    chance_line_ : matplotlib Line2D
        Median chance level, dashed.
    mae_line_ : matplotlib Line2D or None
        Median error in months.

    See Also
    --------
    RegionAccuracyDisplay : Accuracy of each region alone.

    Notes
    -----
    The error is :func:`sklearn_baccaec.metrics.median_age_error` of the very films that
    give the clusters their ages. It is not what the paper calls MAE: see there.

    References
    ----------
    arXiv:2206.05641, Table 3 (number of clusters) and Fig. 8 (number of films).

    Examples
    --------
    >>> from sklearn_baccaec.plotting import AccuracyCurveDisplay
    >>> display = AccuracyCurveDisplay.from_predictions(
    ...     [30, 60, 80, 200], {1: [0, 0, 0, 0], 2: [0, 0, 0, 1]}
    ... )
    >>> display.results.round(2)
       x  run  accuracy  chance   mae
    0  1    0      0.50    0.50  47.5
    1  2    0      0.75    0.62  12.5
    """

    def __init__(
        self, results: pd.DataFrame, *, xlabel: str = "number of clusters"
    ) -> None:
        self.results = results
        self.xlabel = xlabel

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        n_clusters: int | Sequence[int] = (4, 8, 16, 24, 32, 64),
        random_states: int | Sequence[int] = (0, 1, 2),
        ax: Any = None,
        mae_ax: Any = None,
        name: str | None = None,
    ) -> Self:
        """Cluster an estimator's latents anew, into other numbers of clusters.

        Parameters
        ----------
        estimator : fitted BoneAgeClusterer, or Pipeline that ends with a clusterer
            Or a search that found one. Clones of its clusterer cluster what it encodes
            films to. Films that it sets aside count as wrong. Its `interval` and
            `age_range` define the intervals where it has them; otherwise they are 48
            months from 24 to 216.
        X : films or array-like, of length n_samples
            What the estimator encodes.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        n_clusters : int or sequence of int, default=(4, 8, 16, 24, 32, 64)
            Numbers of clusters; those above the number of films are left out.
        random_states : int or sequence of int, default=(0, 1, 2)
            Seeds of the clusterer, one run each; one run if it takes no seed.
        ax : matplotlib Axes or None, default=None
            As for :meth:`plot`.
        mae_ax : matplotlib Axes or None, default=None
            As for :meth:`plot`.
        name : str or None, default=None
            As for :meth:`plot`.

        Returns
        -------
        display : AccuracyCurveDisplay
            Drawn.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If the estimator has no clusterer behind an encoder.
        ValueError
            If y is not one age per film, no age is known and within the range, there
            are fewer films than the smallest number of clusters, or n_clusters or
            random_states is empty.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        numbers = as_list(n_clusters, "n_clusters")
        seeds = as_list(random_states, "random_states")
        settings = check_request(estimator, X, y)
        latents, clusterer = _encode(estimator, X)
        n_films = int(np.isfinite(latents).all(axis=1).sum())
        labels = {
            number: cluster_runs(clusterer, latents, seeds, number)
            for number in numbers
            if number <= n_films
        }
        if not labels:
            raise ValueError(
                f"{n_films} films with latents are fewer than every number in "
                f"n_clusters={tuple(numbers)}"
            )
        return cls.from_predictions(
            y, labels, ax=ax, mae_ax=mae_ax, name=name, **settings
        )

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike | Mapping[Any, ArrayLike],
        labels_by_x: Mapping[Any, Any],
        *,
        xlabel: str = "number of clusters",
        interval: float = 48,
        age_range: Sequence[float] = (24, 216),
        ax: Any = None,
        mae_ax: Any = None,
        name: str | None = None,
    ) -> Self:
        """Score clusters, and draw the figures.

        Parameters
        ----------
        y : array-like of shape (n_samples,), or mapping of float to such
            Bone ages in months, NaN where unknown; a mapping where the films differ
            from number to number.
        labels_by_x : mapping of float to array-like of shape (n_samples,), or list
            Clusters by the number on the x axis, or a list of them, one per run; -1
            means set aside and counts as wrong.
        xlabel : str, default="number of clusters"
            What the numbers are.
        interval : float, default=48
            Width of the age intervals in months.
        age_range : (float, float), default=(24, 216)
            First and last edge of the intervals in months.
        ax : matplotlib Axes or None, default=None
            As for :meth:`plot`.
        mae_ax : matplotlib Axes or None, default=None
            As for :meth:`plot`.
        name : str or None, default=None
            As for :meth:`plot`.

        Returns
        -------
        display : AccuracyCurveDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the lengths differ, labels are no clusters, no age is known and within
            the range, y lacks one of the numbers, or there is none.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        rows = []
        for x, runs in labels_by_x.items():
            if isinstance(y, Mapping) and x not in y:
                raise ValueError(
                    f"y has no ages for {x!r}, but labels_by_x has clusters"
                )
            ages = y[x] if isinstance(y, Mapping) else y
            months = check_some_ages(ages, None, age_range)
            rows += [
                {
                    "x": x,
                    "run": run,
                    **score_run(months, labels, interval, age_range),
                    "mae": run_error(months, labels, age_range),
                }
                for run, labels in enumerate(as_runs(runs))
            ]
        if not rows:
            raise ValueError("there is nothing to draw: labels_by_x is empty")
        display = cls(pd.DataFrame(rows), xlabel=xlabel)
        return display.plot(ax, mae_ax, name=name)

    def plot(
        self, ax: Any = None, mae_ax: Any = None, *, name: str | None = None
    ) -> Self:
        """Draw the curves; several displays can share axes.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw the accuracy, such as `ax_` of another display. None means a
            new figure, with a second panel for the error if there is one.
        mae_ax : matplotlib Axes or None, default=None
            Where to draw the error, such as `mae_ax_` of another display. None: it is
            drawn in a new figure only.
        name : str or None, default=None
            What the legend calls the curve. None means "accuracy".

        Returns
        -------
        display : AccuracyCurveDisplay
            This one.

        Raises
        ------
        ValueError
            If the results lack a column, or `mae_ax` is given without `ax`.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt
        from matplotlib.lines import Line2D

        columns = (*_COLUMNS, "mae") if mae_ax is not None else _COLUMNS
        results = read_table(self.results, columns).sort_values("x", kind="stable")
        if ax is None and mae_ax is not None:
            raise ValueError("mae_ax is given without ax: give both, or ax alone")
        if ax is None and "mae" in results:
            _, (ax, mae_ax) = plt.subplots(
                2, sharex=True, figsize=(5.6, 6), layout="constrained"
            )
        elif ax is None:
            _, ax = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
        self.ax_, self.mae_ax_, self.figure_ = ax, mae_ax, ax.figure

        n_before = sum(line.get_gid() == _CURVE for line in ax.lines)
        style = series_style(n_before)
        positions = {x: x for x in results["x"].unique()}
        self.line_, _ = draw_runs(
            ax, positions, results, "x", "accuracy", label=name or "accuracy", **style
        )
        self.line_.set_gid(_CURVE)
        self.chance_line_, _ = draw_runs(
            ax,
            positions,
            results,
            "x",
            "chance",
            label="_chance",  # the legend has one entry for all
            markersize=3,
            **style,
            **CHANCE_LINE,
        )
        show_shares(ax, "majority-label accuracy")
        dashed = Line2D([], [], color="0.3", label="chance", **CHANCE_LINE)
        named, _ = ax.get_legend_handles_labels()
        ax.legend(handles=[*named, dashed], fontsize=9)
        self.mae_line_ = None
        if mae_ax is not None:
            self.mae_line_, _ = draw_runs(
                mae_ax, positions, results, "x", "mae", **style
            )
            mae_ax.set_ylim(bottom=0, auto=None)  # the top follows later curves
            mae_ax.set_ylabel("MAE, months")
            mae_ax.grid(axis="y", color="0.9")
        lowest = ax if mae_ax is None else mae_ax
        lowest.set_xlabel(self.xlabel)
        numbers = np.unique(
            np.concatenate(
                [line.get_xdata() for line in ax.lines if line.get_gid() == _CURVE]
            )
        )
        for panel in {ax, lowest}:
            _mark_numbers(panel, numbers)
        return self


def _mark_numbers(ax: Any, numbers: np.ndarray) -> None:
    """Put a tick at every number."""
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    if numbers[0] > 0 and numbers[-1] / numbers[0] >= _LOG_RATIO:
        ax.set_xscale("log", base=2)
    ax.xaxis.set_major_locator(FixedLocator(numbers.tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


def _encode(estimator: Any, X: Any) -> tuple[np.ndarray, Any]:
    """Latents, NaN for films set aside, and the clusterer behind them."""
    if isinstance(unwrap_search(estimator), Pipeline):
        clusterer, latents = unwrap(estimator, X)
        if not is_model(clusterer):
            return np.asarray(latents), clusterer
    model, films = find_model(estimator, X)
    return np.asarray(model.transform(films)), model.pipeline_[-1]
