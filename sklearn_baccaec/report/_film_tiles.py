"""Films to look at: which ones, their pictures, and what is written beside them."""

from base64 import b64encode
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._clusterer._steps import shallow_copy
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
from ..regions import LandmarkTable
from ._film_table import tell_difference
from ._reported_films import ReportedFilms
from ._run_facts import tell_region

MOST_SIDE_BY_SIDE = 6  # films of a cluster
MOST_TYPICAL = 96  # films of all clusters, however many there are
MOST_TILES = 12
_TELLING = ("carpus", "radius", "middle_mcp")  # regions whose crops are shown first
_MOST_CROPS = 3
_FILM_SIDE = 240  # pixels of the longer side
_QUALITY = 72  # of JPEG, in percent


class Tile(NamedTuple):
    """A film by its position, and what is said of it."""

    film: int
    lines: list[str]


class FilmGroup(NamedTuple):
    """Some films of many."""

    n_films: int
    tiles: list[Tile]
    title: str = ""


def show_films(films: ReportedFilms) -> dict[str, Any]:
    """Find the films on the page, and `pictures` by position, None if unreadable."""
    typical = _find_typical(films)
    others = {
        "doubtful": _find_doubtful(films),
        "set_aside": _find_set_aside(films),
        "misclassified": _find_misclassified(films),
    }
    groups = (*typical, *others.values())
    cropped = {tile.film for group in typical for tile in group.tiles}
    pictures = {
        i: _show_film(films, i, with_crops=i in cropped)
        for i in sorted({tile.film for group in groups for tile in group.tiles})
    }
    return {"typical": typical, **others, "pictures": pictures}


def choose_crops(films: ReportedFilms) -> list[str]:
    """Regions whose crops are shown: those that tell most by eye, if there are any."""
    return sorted(films.regions, key=lambda name: name not in _TELLING)[:_MOST_CROPS]


def _find_typical(films: ReportedFilms) -> list[FilmGroup]:
    """Films nearest the centres, from the youngest cluster to the oldest."""
    labels = films.found.labels
    clusters = _order_clusters(films)
    n_each = min(MOST_SIDE_BY_SIDE, max(1, MOST_TYPICAL // max(len(clusters), 1)))
    distances = centre_distances(films.found.latents, labels)
    nearest = nearest_films(distances, labels, clusters, n_each)
    return [
        FilmGroup(
            int((labels == cluster).sum()),
            [Tile(i, _tell_age(films, i)) for i in members],
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
        said = f"confidence {confidence[i]:.2f}", *_tell_reason(films, i)
        tiles.append(Tile(i, [*said]))
    return FilmGroup(len(order), tiles)


def _find_set_aside(films: ReportedFilms) -> FilmGroup:
    aside = np.flatnonzero(films.set_aside).tolist()
    tiles = [Tile(i, _tell_reason(films, i)) for i in aside[:MOST_TILES]]
    return FilmGroup(len(aside), tiles)


def _find_misclassified(films: ReportedFilms) -> FilmGroup:
    """Films whose age their interval does not hold, furthest off first."""
    if not films.ages_given or films.age_source is None:
        return FilmGroup(0, [])
    bounds = films.clusterer.predict_interval(films.found.latents, sex=films.sexes)
    order, _, _ = find_misclassified(films.ages, bounds, films.clusterer.age_range)
    tiles = []
    for i in order[:MOST_TILES].tolist():
        kind = "in-sample" if films.found.seen[i] else "held-out"
        error = f"error {tell_difference(films.errors[i])}"
        said = f"interval {films.table['interval'][i]}", error, kind
        tiles.append(Tile(i, [*_tell_age(films, i), *said]))
    return FilmGroup(len(order), tiles)


def _order_clusters(films: ReportedFilms) -> np.ndarray:
    """Clusters that hold films, from young to old as far as that is known."""
    labels = films.found.labels
    clusters = np.unique(labels[labels >= 0])
    if films.named or films.found.maturity is None:
        return sort_by_age(clusters, films.cluster_table)
    medians = pd.Series(films.found.maturity).groupby(labels).median()
    return clusters[np.argsort(medians[clusters].to_numpy(), kind="stable")]


def _title_of(films: ReportedFilms, cluster: int) -> str:
    if films.by_axis:
        median = films.table["age"][films.found.labels == cluster].median()
        return f"Cluster {cluster}: median age {median:.0f} months"
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


class Picture(NamedTuple):
    """A film, and the landmarks on it in the picture's own pixels."""

    image: str
    width: int
    height: int
    digits: list[tuple[str, str]]  # points of a line, and its colour
    dots: list[tuple[str, str, str]]  # x, y and colour
    crops: list[tuple[str, str]]  # region and image


def _show_film(films: ReportedFilms, i: int, *, with_crops: bool) -> Picture | None:
    """Picture of a film; None if it cannot be read."""
    try:
        pixels = read_film(films.found.films[i], i)
    except FilmError:
        return None
    landmarks = films.found.landmarks[i]
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
    crops = _show_crops(films, pixels, landmarks) if with_crops else []
    return Picture(_to_image(np.rint(grey)), width, height, digits, dots, crops)


def _show_crops(
    films: ReportedFilms, pixels: np.ndarray, landmarks: np.ndarray
) -> list[tuple[str, str]]:
    """Region and image, of the crops that there are of a film."""
    extractor = shallow_copy(films.model.pipeline_[0]).set_params(
        regions=choose_crops(films),
        landmarker=LandmarkTable.from_films([pixels], landmarks[None]),
        on_error="skip",
        memory=None,
        n_jobs=1,
        verbose=0,
    )
    found = extractor.extract([pixels])
    crops = found.crops.reshape(-1, *extractor.crop_shape)
    return [
        (tell_region(name), _to_image(crop))
        for name, crop, valid in zip(
            extractor.regions, crops, found.valid[0], strict=True
        )
        if valid
    ]


def _to_image(pixels: np.ndarray) -> str:
    """Address that holds an image of 8 bit."""
    quality = [load_cv2().IMWRITE_JPEG_QUALITY, _QUALITY]
    _, code = load_cv2().imencode(".jpg", pixels.astype(np.uint8), quality)
    return f"data:image/jpeg;base64,{b64encode(code.tobytes()).decode()}"
