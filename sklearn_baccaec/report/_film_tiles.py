"""Films to look at: which ones, and what is written beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..plotting._film_selection import (
    centre_distances,
    find_misclassified,
    mean_confidence,
    nearest_films,
    sort_by_age,
)
from ._pictures import show_film, to_image
from ._reported_films import ReportedFilms
from ._run_facts import tell_region

MOST_SIDE_BY_SIDE = 6  # films of a cluster
MOST_TYPICAL = 96  # films of all clusters, however many there are
MOST_TILES = 12
MOST_ROWS = 50
_TELLING = ("carpus", "radius", "middle_mcp")  # regions whose crops are shown first
_MOST_CROPS = 3


class Tile(NamedTuple):
    """A film by its position, and what is said of it."""

    film: int
    lines: list[str]
    crops: Iterable[tuple[str, str]] = ()  # region and image


class FilmGroup(NamedTuple):
    """Some films of many."""

    n_films: int
    tiles: list[Tile]
    title: str = ""


def show_films(films: ReportedFilms) -> dict[str, Any]:
    """Find the groups of films on the page, and read each film once.

    `pictures` has a picture of each by its position, None if it cannot be read.
    """
    typical = _find_typical(films)
    others = {
        "doubtful": _find_doubtful(films),
        "set_aside": _find_set_aside(films),
        "misclassified": _find_misclassified(films),
    }
    groups = (*typical, *others.values())
    pictures = {
        i: show_film(films.found.films[i], i, films.found.landmarks[i])
        for i in sorted({tile.film for group in groups for tile in group.tiles})
    }
    return {"typical": typical, **others, "pictures": pictures}


def choose_crops(films: ReportedFilms) -> list[str]:
    """Regions whose crops are shown: those that tell most by eye, if there are any."""
    return sorted(films.regions, key=lambda name: name not in _TELLING)[:_MOST_CROPS]


def _find_typical(films: ReportedFilms) -> list[FilmGroup]:
    """Films nearest the centres, from the youngest cluster to the oldest."""
    labels = films.found.labels
    clusters = sort_by_age(np.unique(labels[labels >= 0]), films.cluster_table)
    n_each = min(MOST_SIDE_BY_SIDE, max(1, MOST_TYPICAL // max(len(clusters), 1)))
    distances = centre_distances(films.found.latents, labels)
    nearest = nearest_films(distances, labels, clusters, n_each)
    return [
        FilmGroup(
            int((labels == cluster).sum()),
            [Tile(i, _tell_age(films, i), _show_crops(films, i)) for i in members],
            _title_of(films, cluster),
        )
        for cluster, members in zip(clusters, nearest, strict=True)
    ]


def _find_doubtful(films: ReportedFilms) -> FilmGroup:
    """Films with a cluster whose landmarks are the least certain."""
    confidence = mean_confidence(films.found.landmarks, films.regions)
    order = np.argsort(confidence, kind="stable")
    order = order[~films.set_aside[order]].tolist()
    tiles = []
    for i in order[:MOST_TILES]:
        said = f"confidence {confidence[i]:.2f}", f"cluster {films.found.labels[i]}"
        tiles.append(Tile(i, [*said, *_tell_reason(films, i)]))
    return FilmGroup(len(order), tiles)


def _find_set_aside(films: ReportedFilms) -> FilmGroup:
    """Films without a cluster, and why."""
    aside = np.flatnonzero(films.set_aside).tolist()
    shown = [Tile(i, _tell_reason(films, i)) for i in aside[:MOST_ROWS]]
    return FilmGroup(len(aside), shown)


def _find_misclassified(films: ReportedFilms) -> FilmGroup:
    """Films whose age their interval does not hold, furthest off first."""
    if not films.ages_given or not films.named:
        return FilmGroup(0, [])
    bounds = films.clusterer.predict_interval(films.found.latents, sex=films.sexes)
    order, _, _ = find_misclassified(films.ages, bounds, films.clusterer.age_range)
    tiles = []
    for i in order[:MOST_TILES].tolist():
        kind = "in-sample" if films.found.seen[i] else "held-out"
        said = f"predicted {films.table['interval'][i]}", kind
        tiles.append(Tile(i, [*_tell_age(films, i), *said]))
    return FilmGroup(len(order), tiles)


def _title_of(films: ReportedFilms, cluster: int) -> str:
    table = films.cluster_table
    if table is None or pd.isna(table.loc[cluster, "interval"]):
        return f"Cluster {cluster}: no name"
    name, median = table.loc[cluster, ["interval", "median_age"]]
    return f"Cluster {cluster}: {name} months, median {median:.0f}"


def _tell_age(films: ReportedFilms, i: int) -> list[str]:
    return [] if np.isnan(films.ages[i]) else [f"{films.ages[i]:.0f} months"]


def _tell_reason(films: ReportedFilms, i: int) -> list[str]:
    reason = films.table["reason"][i]
    return [] if pd.isna(reason) else [reason]


def _show_crops(films: ReportedFilms, i: int) -> list[tuple[str, str]]:
    """Cut-out regions of a film, those that there are."""
    shape = films.model.pipeline_[0].crop_shape
    crops = films.found.crops[i].reshape(-1, *shape)
    return [
        (tell_region(region), to_image(crops[films.regions.index(region)]))
        for region in choose_crops(films)
        if films.found.valid[i, films.regions.index(region)]
    ]
