"""What each region alone is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

from .._utils.blocks import block
from .._utils.files import read_table
from .._utils.regions import REGION_NUMBERS
from .._utils.sklearn_compat import check_matplotlib_support
from ._inputs import as_list, check_request, check_some_ages, find_model
from ._runs import as_runs, cluster_runs, draw_runs, score_run
from ._styles import CHANCE_LINE, SMALL, get_axes, series_style, show_shares

_COLUMNS = ("region", "interval", "run", "accuracy", "chance")


class RegionAccuracyDisplay:
    """Show the majority-label accuracy of each region alone, one line per interval.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one. Narrow intervals
    are harder to hit, by chance as well: the dashed line of the same colour says how
    much. Lines are medians, bands reach from the worst run to the best.

    Parameters
    ----------
    results : DataFrame of shape (n_regions * n_intervals * n_runs, 5)
        Columns ``region``, ``interval`` (width in months), ``run`` (from 0 on),
        ``accuracy`` and ``chance`` (in [0, 1]). Regions are drawn in their order here.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it is drawn.
    figure_ : matplotlib Figure
        The figure of that.
    lines_ : dict of float to matplotlib Line2D
        Median accuracy by the width of the intervals in months.
    chance_lines_ : dict of float to matplotlib Line2D
        Median chance level, dashed.
    bands_ : dict of float to matplotlib PolyCollection or None
        Range of the accuracy over runs; None with a single run.

    See Also
    --------
    AccuracyCurveDisplay : Accuracy against a number, such as that of the clusters.

    References
    ----------
    arXiv:2206.05641, Fig. 7.

    Examples
    --------
    >>> from sklearn_baccaec.plotting import RegionAccuracyDisplay
    >>> display = RegionAccuracyDisplay.from_predictions(
    ...     [30, 60, 80, 200],
    ...     {"radius": [0, 0, 0, 1], "carpus": [0, 0, 1, 2]},
    ...     intervals=[48],
    ... )
    >>> display.results[["region", "interval", "accuracy"]]
       region  interval  accuracy
    0  radius        48      0.75
    1  carpus        48      1.00
    """

    def __init__(self, results: pd.DataFrame) -> None:
        self.results = results

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        intervals: float | Sequence[float] = (12, 24, 36, 48),
        random_states: int | Sequence[int] = (0, 1, 2),
        ax: Any = None,
    ) -> Self:
        """Cluster the latents of each region by themselves, and draw how it goes.

        Parameters
        ----------
        estimator : fitted BoneAgeClusterer
            Or a search that found one, or a Pipeline that ends with one. Its encoder
            gives the latents; clones of its clusterer cluster one region at a time.
            Films that it sets aside count as wrong.
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        intervals : float or sequence of float, default=(12, 24, 36, 48)
            Widths of the age intervals in months; the range is the estimator's.
        random_states : int or sequence of int, default=(0, 1, 2)
            Seeds of the clusterer, one run each; one run if it takes no seed.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : RegionAccuracyDisplay
            Drawn.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it is no BoneAgeClusterer.
        ValueError
            If y is not one age per film, no age is known and within the range, there
            are fewer films than clusters, or intervals or random_states is empty.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        settings = check_request(estimator, X, y)
        settings.pop("interval", None)
        widths = as_list(intervals, "intervals")
        seeds = as_list(random_states, "random_states")
        model, films = find_model(estimator, X)
        latents = _latents_by_region(model, films)
        clusterer = model.pipeline_[-1]
        labels = {
            region: cluster_runs(clusterer, rows, seeds)
            for region, rows in latents.items()
        }
        return cls.from_predictions(y, labels, intervals=widths, ax=ax, **settings)

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        labels_by_region: Mapping[str, Any],
        *,
        intervals: float | Sequence[float] = (12, 24, 36, 48),
        age_range: Sequence[float] = (24, 216),
        ax: Any = None,
    ) -> Self:
        """Score the clusters of each region, and draw the figures.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown.
        labels_by_region : mapping of str to array-like of shape (n_samples,), or list
            Clusters by region, or a list of them, one per run; -1 means set aside and
            counts as wrong.
        intervals : float or sequence of float, default=(12, 24, 36, 48)
            Widths of the age intervals in months.
        age_range : (float, float), default=(24, 216)
            First and last edge of the intervals in months.
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : RegionAccuracyDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the lengths differ, labels are no clusters, no age is known and within
            the range, or no region or no interval is given.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        ages = check_some_ages(y, None, age_range)
        widths = as_list(intervals, "intervals")
        rows = [
            {
                "region": region,
                "interval": interval,
                "run": run,
                **score_run(ages, labels, interval, age_range),
            }
            for region, runs in labels_by_region.items()
            for interval in widths
            for run, labels in enumerate(as_runs(runs))
        ]
        if not rows:
            raise ValueError("there is nothing to draw: labels_by_region is empty")
        return cls(pd.DataFrame(rows)).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the lines.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw. None means a new figure.

        Returns
        -------
        display : RegionAccuracyDisplay
            This one.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.lines import Line2D

        results = read_table(self.results, _COLUMNS)
        regions = results["region"].unique()
        positions = {region: i for i, region in enumerate(regions)}
        ax = get_axes(ax, (max(5.5, 2.2 + 0.38 * len(regions)), 4.6))  # inches
        self.ax_, self.figure_ = ax, ax.figure
        self.lines_, self.chance_lines_, self.bands_ = {}, {}, {}
        for i, (interval, rows) in enumerate(results.groupby("interval")):
            style = series_style(i)
            self.lines_[interval], self.bands_[interval] = draw_runs(
                ax,
                positions,
                rows,
                "region",
                "accuracy",
                label=f"{interval:g} months",
                **style,
            )
            chance = rows.groupby("region")["chance"].median().reindex(regions)
            (self.chance_lines_[interval],) = ax.plot(
                range(len(regions)), chance, markersize=3, **style, **CHANCE_LINE
            )
        names = [
            f"{region.replace('_', ' ')} {REGION_NUMBERS.get(region, '')}".strip()
            for region in regions
        ]
        ax.set_xticks(
            range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor"
        )
        show_shares(ax, "majority-label accuracy")
        ax.set(xlabel="region, and its number in the paper")
        dashed = Line2D([], [], color="0.3", label="chance", **CHANCE_LINE)
        ax.legend(
            handles=[*self.lines_.values(), dashed],
            title="intervals of",
            loc="upper left",
            bbox_to_anchor=(1.01, 1),
            fontsize=SMALL + 1,
            frameon=False,
        )
        return self


def _latents_by_region(model: Any, X: Any) -> dict[str, np.ndarray]:
    """Latents (n_samples, n_components) of every region; NaN where a film has none."""
    from .._clusterer._method_steps import find_usable

    steps = model.pipeline_.steps
    end = [name for name, _ in steps].index("encoder") + 1
    extracted = model._extract(X)
    usable = find_usable(extracted.valid, model.pipeline_)
    encoded = np.asarray(Pipeline(steps[1:end]).transform(extracted.crops[usable]))
    regions = steps[end - 1][1].regions_
    latents = np.full((len(usable), encoded.shape[1]), np.nan)
    latents[usable] = encoded
    return {region: block(latents, i, len(regions)) for i, region in enumerate(regions)}
