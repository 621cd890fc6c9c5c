"""Films to look at: which ones, and what is written beside them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from ..plotting._film_selection import (
    centre_distances,
    find_misclassified,
    mean_confidence,
    nearest_films,
    sort_by_age,
)
from ._examined_films import ExaminedFilms
from ._pictures import Picture, show_crop, show_film
from ._run_facts import tell_region

MOST_SIDE_BY_SIDE = 6  # films of a cluster
MOST_TYPICAL = 96  # films of all clusters, however many there are
MOST_TILES = 12
MOST_ROWS = 50
_TELLING = ("carpus", "radius", "middle_mcp")  # regions whose crops are shown first
_MOST_CROPS = 3


class Tile(NamedTuple):
    """A film with what is said of it; no picture if it cannot be read."""

    name: str
    lines: list[str]
    picture: Picture | None
    crops: list[tuple[str, str]]  # region and image


class TypicalFilms(NamedTuple):
    """The films nearest the centre of a cluster."""

    cluster: int
    title: str
    n_films: int
    tiles: list[Tile]


class FilmList(NamedTuple):
    """Some films of many."""

    n_films: int
    tiles: list[Tile]


def show_typical(films: ExaminedFilms) -> list[TypicalFilms]:
    """Films nearest the centres, from the youngest cluster to the oldest."""
    present = np.unique(films.labels[films.labels >= 0])
    clusters = sort_by_age(present, films.names.table if films.named else None)
    n_each = min(MOST_SIDE_BY_SIDE, max(1, MOST_TYPICAL // max(len(clusters), 1)))
    distances = centre_distances(films.latents, films.labels)
    nearest = nearest_films(distances, films.labels, clusters, n_each)
    return [
        TypicalFilms(
            int(cluster),
            _title_of(films, int(cluster)),
            int((films.labels == cluster).sum()),
            [
                Tile(
                    films.table["film"][i],
                    _tell_age(films, i),
                    show_film(films.films[i], i),
                    _show_crops(films, i),
                )
                for i in shown
            ],
        )
        for cluster, shown in zip(clusters, nearest, strict=True)
    ]


def choose_crops(films: ExaminedFilms) -> list[str]:
    """Regions whose crops are shown: those that tell most by eye, if there are any."""
    regions = films.model.pipeline_[0].regions
    return sorted(regions, key=lambda region: region not in _TELLING)[:_MOST_CROPS]


def show_doubtful(films: ExaminedFilms) -> list[Tile]:
    """Films with a cluster whose landmarks are the least certain."""
    confidence = mean_confidence(films.landmarks, films.model.pipeline_[0].regions)
    order = np.argsort(confidence, kind="stable")
    return [
        _tile_with_landmarks(
            films,
            i,
            [f"confidence {confidence[i]:.2f}", f"cluster {films.labels[i]}"],
        )
        for i in order[~films.set_aside[order]][:MOST_TILES]
    ]


def show_set_aside(films: ExaminedFilms) -> FilmList:
    """Films without a cluster, and why."""
    aside = np.flatnonzero(films.set_aside)
    return FilmList(
        len(aside),
        [_tile_with_landmarks(films, i, []) for i in aside[:MOST_ROWS]],
    )


def show_misnamed(films: ExaminedFilms) -> FilmList:
    """Films whose named interval does not hold their age, furthest off first."""
    if films.ages is None or not films.named:
        return FilmList(0, [])
    bounds = films.names.bounds_of(films.labels, films.sexes)
    order, _, misnamed = find_misclassified(films.ages, bounds, films.names.age_range)
    tiles = []
    for i in order[:MOST_TILES]:
        low, high = bounds[i]
        lines = [
            f"{films.ages[i]:.0f} months",
            f"named {low:g}-{high:g}",
            "in-sample" if films.took_part[i] else "held out",
        ]
        picture = show_film(films.films[i], i)
        tiles.append(Tile(films.table["film"][i], lines, picture, []))
    return FilmList(int(misnamed.sum()), tiles)


def _tile_with_landmarks(films: ExaminedFilms, i: int, lines: list[str]) -> Tile:
    reason = films.table["reason"][i]
    return Tile(
        films.table["film"][i],
        lines if pd.isna(reason) else [*lines, reason],
        show_film(films.films[i], i, films.landmarks[i]),
        [],
    )


def _title_of(films: ExaminedFilms, cluster: int) -> str:
    entry = films.names.table.loc[cluster]
    if pd.isna(entry["interval"]):
        return "no name"
    return f"{entry['interval']} months, median {entry['median_age']:.0f}"


def _tell_age(films: ExaminedFilms, i: int) -> list[str]:
    if films.ages is None or np.isnan(films.ages[i]):
        return []
    return [f"{films.ages[i]:.0f} months"]


def _show_crops(films: ExaminedFilms, i: int) -> list[tuple[str, str]]:
    """Cut-out regions of a film, those that there are."""
    regions = films.model.pipeline_[0].regions
    columns = [(region, regions.index(region)) for region in choose_crops(films)]
    return [
        (tell_region(region), show_crop(films.crops[i, column]))
        for region, column in columns
        if films.valid[i, column]
    ]
