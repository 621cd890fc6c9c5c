"""Films to look at: which ones, their pictures, and what is written beside them."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._utils.image_backend import load_cv2
from ..films import FilmError, read_film
from ..plotting._drawing import (
    confidence_colours,
    contrast_limits,
    digit_lines,
    shrink_with_landmarks,
)
from ..plotting._film_selection import (
    centre_distances,
    find_misclassified,
    mean_confidence,
    nearest_films,
    sort_by_age,
)
from ._reported_films import ReportedFilms
from ._run_facts import tell_region

MOST_SIDE_BY_SIDE = 6  # films of a cluster
MOST_TYPICAL = 96  # films of all clusters, however many there are
MOST_TILES = 12
MOST_ROWS = 50
_TELLING = ("carpus", "radius", "middle_mcp")  # regions whose crops are shown first
_MOST_CROPS = 3
_FILM_SIDE = 240  # pixels of the longer side
_QUALITY = 72  # of JPEG, in percent


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
    """Find the films on the page, and `pictures` by position, None if unreadable."""
    typical = _find_typical(films)
    aside = np.flatnonzero(films.set_aside).tolist()
    rows = [Tile(i, _tell_reason(films, i)) for i in aside[:MOST_ROWS]]
    others = {
        "doubtful": _find_doubtful(films),
        "set_aside": FilmGroup(len(aside), rows),
        "misclassified": _find_misclassified(films),
    }
    groups = (*typical, *others.values())
    pictures = {
        i: _show_film(films.found.films[i], i, films.found.landmarks[i])
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
    """Region and image, of the crops that there are."""
    crops = films.found.crops[i].reshape(-1, *films.model.pipeline_[0].crop_shape)
    places = [(name, films.regions.index(name)) for name in choose_crops(films)]
    return [
        (tell_region(name), _to_image(crops[place]))
        for name, place in places
        if films.found.valid[i, place]
    ]


class Picture(NamedTuple):
    """A film, and the landmarks on it in the picture's own pixels."""

    image: str
    width: int
    height: int
    digits: list[tuple[str, str]]  # points of a line, and its colour
    dots: list[tuple[str, str, str]]  # x, y and colour


def _show_film(film: Any, i: int, landmarks: np.ndarray) -> Picture | None:
    """Picture of a film; None if it cannot be read."""
    try:
        pixels = read_film(film, i)
    except FilmError:
        return None
    thumbnail, points = shrink_with_landmarks(pixels, landmarks, _FILM_SIDE)
    low, high = contrast_limits(thumbnail)
    grey = np.clip((thumbnail - low) * (255 / max(high - low, 1e-6)), 0, 255)
    points[:, :2] += 0.5  # in SVG, the film's edge is at 0
    digits = [
        (" ".join(f"{x:.1f},{y:.1f}" for x, y in joints), colour)
        for joints, colour in digit_lines(points)
    ]
    known = points[np.isfinite(points[:, 0])]
    colours = confidence_colours(known[:, 2])
    dots = [
        (f"{x:.1f}", f"{y:.1f}", colour)
        for (x, y, _), colour in zip(known, colours, strict=True)
    ]
    height, width = grey.shape
    return Picture(_to_image(np.rint(grey)), width, height, digits, dots)


def _to_image(pixels: np.ndarray) -> str:
    """Address that holds an image of 8 bit."""
    quality = [load_cv2().IMWRITE_JPEG_QUALITY, _QUALITY]
    _, code = load_cv2().imencode(".jpg", pixels.astype(np.uint8), quality)
    return f"data:image/jpeg;base64,{b64encode(code.tobytes()).decode()}"
