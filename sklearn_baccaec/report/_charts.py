"""The charts, drawn by the package's displays and kept as SVG images."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..metrics import age_interval_edges
from ..metrics._intervals import interval_names
from ..plotting import (
    ClusterCompositionDisplay,
    LatentMapDisplay,
    PredictedAgeDisplay,
)
from ._examined_films import ExaminedFilms

MAP_FILMS = 2000  # above which t-SNE takes minutes, and dots hide each other
MAP_SEED = 0
_WIDTH = 6.0  # inches: what is written can still be read on a phone
_BAR = 12  # months
_DPI = 200  # of dots, which would be many elements as vectors


class Chart(NamedTuple):
    """A chart as an image, and what it shows in words."""

    image: str
    alt: str
    caption: str


def draw_charts(films: ExaminedFilms) -> list[Chart]:
    """All charts that these films, and what is known of them, allow."""
    import matplotlib.style

    # However the user's own figures look; ids that stay the same from run to run.
    with matplotlib.style.context(["default", {"svg.hashsalt": "baccaec"}]):
        return list(_draw(films))


def _draw(films: ExaminedFilms) -> Iterator[Chart]:
    if films.named:
        yield _draw_composition(films)
    if np.isfinite(films.latents).all(axis=1).sum() >= 3:
        yield _draw_map(films)
    yield from _draw_ages(films, films.took_part, "in-sample")
    yield from _draw_ages(films, ~films.took_part, "held out")
    if films.ages is not None:
        yield _draw_histogram(films, films.ages)


def _draw_composition(films: ExaminedFilms) -> Chart:
    figure, ax = _make_axes(1.4 + 0.24 * len(films.names.table))
    display = ClusterCompositionDisplay(films.names.table).plot(ax)
    return Chart(
        _to_image(figure),
        f"Bars: films of each age interval in {len(display.clusters_)} clusters, from "
        "young to old. The numbers are those of the table of clusters.",
        "Known ages in each cluster, which named it: the share of the interval that "
        "dominates it, and the number of films.",
    )


def _draw_map(films: ExaminedFilms) -> Chart:
    complete = np.flatnonzero(np.isfinite(films.latents).all(axis=1))
    n_films, sample = len(complete), ""
    if n_films > MAP_FILMS:
        rng = np.random.default_rng(MAP_SEED)
        complete = np.sort(rng.choice(complete, MAP_FILMS, replace=False))
        sample = f" A random sample of {MAP_FILMS:,} of the {n_films:,} films."
    figure, ax = _make_axes(4.6)
    LatentMapDisplay.from_predictions(
        films.latents[complete],
        None if films.ages is None else films.ages[complete],
        films.labels[complete],
        interval=films.names.interval,
        age_range=films.names.age_range,
        random_state=MAP_SEED,
        ax=ax,
    )
    colour = "" if films.ages is None else ", coloured by age interval"
    return Chart(
        _to_image(figure),
        f"Map of {len(complete)} films as dots{colour}, with the numbers of the "
        "clusters.",
        "t-SNE map of the latents, with the numbers of the clusters. Which films are "
        f"neighbours means something, distances between far groups do not.{sample}",
    )


def _draw_histogram(films: ExaminedFilms, ages: np.ndarray) -> Chart:
    figure, ax = _make_axes(3.2)
    edges = age_interval_edges(films.names.interval, films.names.age_range)
    known = ages[np.isfinite(ages)]
    ax.hist(known, np.arange(edges[0], edges[-1] + _BAR, _BAR), edgecolor="0.15")
    for edge in edges:
        ax.axvline(edge, color="0.15", linewidth=0.8, linestyle=":")
    ax.set(xlabel="age, months", ylabel=f"films per {_BAR} months")
    numbers = np.histogram(known, edges)[0]
    counts = ", ".join(
        f"{name}: {number} film{'s' * (number != 1)}"
        for name, number in zip(interval_names(edges), numbers, strict=True)
    )
    return Chart(
        _to_image(figure),
        f"Histogram of ages in months. {counts}.",
        "Known ages of the films in this report.",
    )


def _draw_ages(films: ExaminedFilms, chosen: np.ndarray, kind: str) -> Iterator[Chart]:
    """Estimated against known age, of films that have both."""
    if films.ages is None:
        return
    estimated = films.table["age"].to_numpy(float)
    drawn = chosen & np.isfinite(films.ages + estimated)
    if not (drawn & films.known).any():
        return
    figure, ax = _make_axes(4.8)
    display = PredictedAgeDisplay.from_predictions(
        films.ages[drawn],
        estimated[drawn],
        sex=films.sexes_or_none(drawn),
        interval=films.names.interval,
        age_range=films.names.age_range,
        ax=ax,
    )
    ax.set_title(kind)  # the figures of accuracy stand in a part of their own
    errors = f"{display.mae_:.1f} months on average over {drawn.sum():,} films"
    others = {
        "in-sample": "These films were in fit or named the clusters, so that new films "
        "will lie further off.",
        "held out": "These films took part in nothing.",
    }
    yield Chart(
        _to_image(figure),
        f"Estimated against known age, {kind}: dots around the diagonal, off by "
        f"{errors}.",
        f"Estimated against known age, {kind}: off by {errors}. {others[kind]} In the "
        "shaded squares both are in one interval.",
    )


def _make_axes(height: float) -> tuple[Any, Any]:
    """Figure that pyplot, and so a notebook, does not know of; inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def _to_image(figure: Any) -> str:
    """Figure as an address that holds it."""
    for ax in figure.axes:
        for dots in ax.collections:
            dots.set_rasterized(True)
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="svg", dpi=_DPI, metadata={"Date": None, "Creator": None}
    )
    return f"data:image/svg+xml;base64,{b64encode(buffer.getvalue()).decode()}"
