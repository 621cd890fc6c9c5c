"""Accuracy and chance level: by number of clusters or films, or by region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .._utils.blocks import block
from .._utils.docstrings import fill_docstrings
from .._utils.regions import REGION_NUMBERS
from .._utils.tables import read_table
from . import _styles
from ._accuracy_runs import COLUMNS, cluster_runs, draw_runs, score_runs
from ._inputs import check_request, examine

_LINE = "baccaec accuracy"  # marks the lines that further displays count
_LOG_RATIO = 8  # of the largest number to the smallest, above which the axis is log


@fill_docstrings
@dataclass(eq=False, repr=False)
class AccuracyDisplay:
    """Show majority-label accuracy against a number, or of each region alone.

    Accuracy and error get better with more clusters, and accuracy with wider intervals,
    by construction: the dashed line of the same colour is the chance level, what a
    random partition reaches. Lines are medians over runs, bands their range.

    Parameters
    ----------
    results : DataFrame of shape (n_x * n_intervals * n_runs, 5 or 6)
        Columns ``x`` (a number, or a name such as a region's), ``interval`` (width in
        months), ``run`` (from 0 on), ``accuracy`` and ``chance`` (in [0, 1]), maybe
        ``mae`` (months, NaN for a run without a cluster). Names are drawn in order.
    xlabel : str, default="number of clusters"
        What the numbers or names are.

    Attributes
    ----------
    {axes_drawn}
    mae_ax_ : matplotlib Axes or None
        Where the error is drawn, if it is.
    lines_ : dict of float to matplotlib Line2D
        Median accuracy by the width of the intervals in months.
    chance_lines_ : dict of float to matplotlib Line2D
        Median chance level likewise, dashed.
    mae_line_ : matplotlib Line2D or None
        Median error in months.

    Notes
    -----
    The error is :func:`sklearn_baccaec.metrics.median_age_error`, in-sample. It is not
    what the paper calls MAE: see there.

    References
    ----------
    arXiv:2206.05641, Table 3 (numbers of clusters), Figs. 7 (regions) and 8 (films).

    Examples
    --------
    >>> from sklearn_baccaec.plotting import AccuracyDisplay
    >>> display = AccuracyDisplay.from_predictions(
    ...     [30, 60, 80, 200], {1: [0, 0, 0, 0], 2: [0, 0, 0, 1]}
    ... )
    >>> display.results.round(2)
       x  interval  run  accuracy  chance   mae
    0  1        48    0      0.50    0.50  47.5
    1  2        48    0      0.75    0.62  12.5
    """

    results: pd.DataFrame
    _: KW_ONLY
    xlabel: str = "number of clusters"

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        by: Literal["n_clusters", "region"] = "n_clusters",
        n_clusters: int | Sequence[int] = (4, 8, 16, 24, 32, 64),
        intervals: float | Sequence[float] | None = None,
        random_states: int | Sequence[int] = (0, 1, 2),
        ax: Any = None,
        mae_ax: Any = None,
        name: str | None = None,
    ) -> Self:
        """Cluster the latents of an estimator anew, and draw how accurate that is.

        Films are read and encoded once. Those that are set aside count as wrong.

        Parameters
        ----------
        {clusterer_and_films}
        {ages}
        by : {"n_clusters", "region"}, default="n_clusters"
            Cluster all latents into several numbers of clusters, or, for a
            BoneAgeClusterer, those of each region by themselves into its own number.
        n_clusters : int or sequence of int, default=(4, 8, 16, 24, 32, 64)
            Numbers of clusters; those above the number of films are left out.
        intervals : float, sequence of float or None, default=None
            Widths of the age intervals in months. None means that of the estimator.
        random_states : int or sequence of int, default=(0, 1, 2)
            Seeds of the clusterer, one run each; one run if it takes no seed.
        ax, mae_ax, name
            As for :meth:`plot`.

        {drawn}

        Raises
        ------
        TypeError
            If ``by="region"`` and it is not a BoneAgeClusterer.
        ValueError
            If by is unknown, no age is known and within the range, there are fewer
            films than clusters, or a list is empty.
        """
        if by not in ("n_clusters", "region"):
            raise ValueError(f"by is {by!r}; expected 'n_clusters' or 'region'")
        settings = check_request(estimator, X, y)
        interval = settings.pop("interval")
        widths = _as_list(interval if intervals is None else intervals, "intervals")
        numbers = _as_list(n_clusters, "n_clusters")
        seeds = _as_list(random_states, "random_states")
        found = examine(estimator, X)
        cases: dict[Any, tuple[np.ndarray, int | None]]
        if by == "region":
            settings["xlabel"] = "region, and its number in the paper"
            cases = {x: (rows, None) for x, rows in _latents_by_region(found).items()}
        else:
            n_films = int(np.isfinite(found.latents).all(axis=1).sum())
            cases = {n: (found.latents, n) for n in numbers if n <= n_films}
            if not cases:
                raise ValueError(
                    f"{n_films} films with latents are fewer than every number in "
                    f"n_clusters={tuple(numbers)}"
                )
        labels = {
            x: cluster_runs(found.clusterer, latents, seeds, number)
            for x, (latents, number) in cases.items()
        }
        return cls.from_predictions(
            y, labels, intervals=widths, ax=ax, mae_ax=mae_ax, name=name, **settings
        )

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike | Mapping[Any, ArrayLike],
        labels_by_x: Mapping[Any, Any],
        *,
        xlabel: str = "number of clusters",
        intervals: float | Sequence[float] = 48,
        age_range: Sequence[float] = (24, 216),
        ax: Any = None,
        mae_ax: Any = None,
        name: str | None = None,
    ) -> Self:
        """Score clusters, and draw the figures.

        Parameters
        ----------
        y : array-like of shape (n_samples,), or mapping of the keys below to such
            Bone ages in months, NaN where unknown; a mapping where the films differ.
        labels_by_x : mapping of float or str to array-like of shape (n_samples,)
            Clusters by x, or a list of them, one per run; -1, set aside, is wrong.
        xlabel : str, default="number of clusters"
            What the numbers or names are.
        intervals : float or sequence of float, default=48
            Widths of the age intervals in months.
        {age_range}
        ax, mae_ax, name
            As for :meth:`plot`.

        {drawn}

        Raises
        ------
        ValueError
            If lengths differ, labels are invalid, no age is known and within the range,
            y lacks one of the keys, or there is no key or no interval.
        """
        widths = _as_list(intervals, "intervals")
        rows = []
        for x, runs in labels_by_x.items():
            by_x = y if isinstance(y, Mapping) else {x: y}
            if x not in by_x:
                raise ValueError(f"y has no ages for {x!r}, a key of labels_by_x")
            rows += score_runs(x, by_x[x], runs, widths, age_range)
        if not rows:
            raise ValueError("there is nothing to draw: labels_by_x is empty")
        results = pd.DataFrame(rows, columns=list(COLUMNS))
        return cls(results, xlabel=xlabel).plot(ax, mae_ax, name=name)

    def plot(
        self, ax: Any = None, mae_ax: Any = None, *, name: str | None = None
    ) -> Self:
        """Draw the lines; several displays of numbers can share axes.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw the accuracy, such as `ax_` of another display. None means a
            new figure, with a second panel for the error if there is one by number.
        mae_ax : matplotlib Axes or None, default=None
            Where to draw the error, likewise. None: it is drawn in a new figure only.
        name : str or None, default=None
            Name in the legend, with the width if there are several. None: "accuracy".

        {drawn}
        """
        if ax is None and mae_ax is not None:
            raise ValueError("mae_ax is given without ax: give both, or ax alone")
        needed = COLUMNS if mae_ax is not None else COLUMNS[:-1]
        results = read_table(self.results, needed)
        numeric = pd.api.types.is_numeric_dtype(results["x"])
        found = np.sort(results["x"].unique()) if numeric else results["x"].unique()
        places = {x: x if numeric else i for i, x in enumerate(found)}
        if ax is None and numeric and "mae" in results:
            ax, mae_ax = _styles.get_axes(None, (6.2, 6), n_rows=2)
        ax = _styles.get_axes(ax, (5.6 if numeric else 2.4 + 0.38 * len(found), 4.4))
        self.ax_, self.mae_ax_, self.figure_ = ax, mae_ax, ax.figure
        n_before = sum(line.get_gid() == _LINE for line in ax.lines)
        self.lines_, self.chance_lines_, self.mae_line_ = {}, {}, None
        widths = np.unique(results["interval"])
        for i, width in enumerate(widths, start=n_before):
            rows, style = results[results["interval"] == width], _styles.series_style(i)
            label = name or ("accuracy" if len(widths) == 1 else "")
            if len(widths) > 1:
                label = f"{label} {width:g} months".strip()
            line = draw_runs(ax, places, rows, "accuracy", label=label, **style)
            line.set_gid(_LINE)
            if mae_ax is not None and self.mae_line_ is None:  # alike for all widths
                self.mae_line_ = draw_runs(mae_ax, places, rows, "mae", **style)
            style |= {"markersize": 3, "label": "_chance", **_styles.CHANCE_LINE}
            self.chance_lines_[width] = draw_runs(ax, places, rows, "chance", **style)
            self.lines_[width] = line
        self._write(numeric)
        return self

    def _write(self, numeric: bool) -> None:
        from matplotlib import ticker
        from matplotlib.lines import Line2D

        ax, lowest = self.ax_, self.mae_ax_ or self.ax_
        ax.set(ylim=(0, 1), ylabel="majority-label accuracy")  # cut off, gains mislead
        ax.yaxis.set_major_formatter(ticker.PercentFormatter(1))
        ax.set_axisbelow(True)
        for panel in {ax, lowest}:
            panel.grid(axis="y", color="0.9")
        if self.mae_ax_ is not None:
            self.mae_ax_.set_ylim(bottom=0, auto=None)  # the top follows later curves
            self.mae_ax_.set_ylabel("MAE, months")
        dashed = Line2D([], [], color="0.3", label="chance", **_styles.CHANCE_LINE)
        named, _ = ax.get_legend_handles_labels()
        _styles.legend_beside(ax, handles=[*named, dashed])
        lowest.set_xlabel(self.xlabel)
        if numeric:
            drawn = [line.get_xdata() for line in ax.lines if line.get_gid() == _LINE]
            numbers = np.unique(np.concatenate(drawn))
            for panel in {ax, lowest}:
                if numbers[0] > 0 and numbers[-1] / numbers[0] >= _LOG_RATIO:
                    panel.set_xscale("log", base=2)
                panel.xaxis.set_major_locator(ticker.FixedLocator(numbers.tolist()))
                panel.xaxis.set_minor_locator(ticker.NullLocator())
                panel.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
            return
        names = self.results["x"].unique()
        words = [f"{name} {REGION_NUMBERS.get(name, '')}".strip() for name in names]
        style = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
        ax.set_xticks(range(len(words)), [w.replace("_", " ") for w in words], **style)


def _as_list(values: Any, name: str) -> list[Any]:
    """One or several numbers as a list, which is not empty."""
    found = list(values) if isinstance(values, Iterable) else [values]
    if not found:
        raise ValueError(f"{name} is empty: give at least one")
    return found


def _latents_by_region(found: Any) -> dict[str, np.ndarray]:
    """Latents (n_samples, n_components) of every region; NaN where a film has none."""
    if "region_latents" not in found:
        raise TypeError(
            f"{type(found.clusterer).__name__} is not a BoneAgeClusterer, and has no "
            "latents of regions; use from_predictions"
        )
    latents = found.region_latents
    regions = found.model.pipeline_["selector"].all_regions  # those that are encoded
    return {region: block(latents, i, len(regions)) for i, region in enumerate(regions)}
