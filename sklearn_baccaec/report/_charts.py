"""The charts, drawn by the package's displays and kept as SVG images."""

import io
from base64 import b64encode
from typing import Any, NamedTuple

import numpy as np

from ..plotting import (
    AgeDifferenceDisplay,
    ClusterCompositionDisplay,
    LatentMapDisplay,
    MaturityDisplay,
)
from ._reported_films import ReportedFilms

MAP_FILMS = 2000  # above which t-SNE takes minutes, and dots hide each other
_MIN_MAP = 3  # films that t-SNE can place
_SEED = 0
_WIDTH = 6.0  # inches: what is written can still be read on a phone
_BAR = 12  # months
_DPI = 200  # of dots, which would be many elements as vectors


class Chart(NamedTuple):
    """A chart as an image, and what is told of it in words."""

    image: str
    n_films: int = 0
    n_all: int = 0  # of which the films are a sample


def draw_charts(films: ReportedFilms) -> dict[str, Chart]:
    """All charts that these films, and what is known of them, allow."""
    import matplotlib.style

    # However the user's own figures look; ids that stay the same from run to run.
    with matplotlib.style.context(["default", {"svg.hashsalt": "baccaec"}]):
        charts = {
            "composition": _draw_composition(films),
            "histogram": _draw_histogram(films),
            "in_sample": _draw_differences(films, films.found.seen),
            "held_out": _draw_differences(films, ~films.found.seen),
            "maturity": _draw_maturity(films),
            "map": _draw_map(films),
        }
    return {name: chart for name, chart in charts.items() if chart is not None}


def _draw_composition(films: ReportedFilms) -> Chart | None:
    if films.cluster_table is None:
        return None
    figure, ax = _make_axes(1.4 + 0.24 * len(films.cluster_table))
    ClusterCompositionDisplay(films.cluster_table).plot(ax)
    return Chart(_to_image(figure))


def _draw_map(films: ReportedFilms) -> Chart | None:
    complete = np.flatnonzero(np.isfinite(films.found.latents).all(axis=1))
    if films.found.maturity is not None or len(complete) < _MIN_MAP:
        return None
    drawn = complete
    if len(complete) > MAP_FILMS:
        rng = np.random.default_rng(_SEED)
        drawn = np.sort(rng.choice(complete, MAP_FILMS, replace=False))
    figure, ax = _make_axes(4.6)
    LatentMapDisplay.from_predictions(
        films.found.latents[drawn],
        films.ages[drawn] if films.ages_given else None,
        films.found.labels[drawn],
        **films.interval_settings,
        random_state=_SEED,
        ax=ax,
    )
    return Chart(_to_image(figure), len(drawn), len(complete))


def _draw_maturity(films: ReportedFilms) -> Chart | None:
    """Maturity against known ages, or else against those that are read from it."""
    maturity, estimated = films.found.maturity, films.table["age"].to_numpy(float)
    ages = films.ages if films.ages_given else estimated
    if maturity is None or not np.isfinite(maturity + ages).any():
        return None
    figure, ax = _make_axes(4.2)
    MaturityDisplay.from_predictions(
        maturity,
        estimated,
        films.ages if films.ages_given else None,
        sex=films.sexes if films.sexes_given else None,
        ax=ax,
    )
    return Chart(_to_image(figure))


def _draw_differences(films: ReportedFilms, chosen: np.ndarray) -> Chart | None:
    """Estimated less known ages, of films that have both."""
    drawn = chosen & np.isfinite(films.errors)
    if not drawn.any():
        return None
    figure, ax = _make_axes(4.2)
    AgeDifferenceDisplay.from_predictions(
        films.ages[drawn],
        films.table["age"].to_numpy(float)[drawn],
        sex=films.sexes[drawn] if films.sexes_given else None,
        ax=ax,
    )
    return Chart(_to_image(figure))


def _draw_histogram(films: ReportedFilms) -> Chart | None:
    if not films.ages_given:
        return None
    figure, ax = _make_axes(3.2)
    known, edges = films.ages[np.isfinite(films.ages)], films.edges
    last = max(edges[-1], known.max()) + _BAR
    ax.hist(known, np.arange(min(edges[0], known.min()), last, _BAR), edgecolor="0.15")
    for edge in edges:
        ax.axvline(edge, color="0.15", linewidth=0.8, linestyle=":")
    ax.set(xlabel="age, months", ylabel=f"films per {_BAR} months")
    return Chart(_to_image(figure))


def _make_axes(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # which pyplot, and so a notebook, never sees

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def _to_image(figure: Any) -> str:
    for ax in figure.axes:
        for dots in ax.collections:
            dots.set_rasterized(True)
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None}
    figure.savefig(buffer, format="svg", dpi=_DPI, metadata=metadata)
    return f"data:image/svg+xml;base64,{b64encode(buffer.getvalue()).decode()}"
