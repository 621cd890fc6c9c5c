"""Films or crops side by side: the uncertain, the misclassified, the typical."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import check_scalar

from .._utils.blocks import block
from .._utils.docstrings import fill_docstrings
from .._utils.regions import KEY_REGIONS, check_regions, region_index
from .._utils.validation import ages_within, check_ages, check_known_ages, check_labels
from ..films._checks import check_films
from ..metrics import cluster_table
from ..metrics._intervals import tell_interval
from ._drawing import draw_tile, make_sheet
from ._film_selection import (
    centre_distances,
    check_bounds,
    choose_clusters,
    describe_cluster,
    find_misclassified,
    mean_confidence,
    nearest_films,
    sort_by_age,
)
from ._inputs import check_request, examine, find_landmarks, predict_with_sex
from ._styles import SMALL, count_of, list_counts


@fill_docstrings
@dataclass(eq=False, repr=False)
class FilmSheetDisplay:
    """Show films or crops as thumbnails side by side, to check them at a glance.

    :meth:`from_landmarks` shows the least certain landmarks, :meth:`from_intervals`
    misclassified films, :meth:`from_labels` those nearest the centre of each cluster,
    and :meth:`from_estimator` either of the last two from a fitted model.

    Parameters
    ----------
    films : sequence of paths, 2-D arrays or None, of length n_films
        Films or crops, read one at a time if shown; None is a crop that is not there.
    groups : mapping of str to array-like of int
        Positions of the films, in order, by the words beside them; each on a new row.
    captions : mapping of int to str or None, default=None
        What is written above films, by their position, besides their names.
    landmarks : ndarray of shape (n_films, 19, 3) or None, default=None
        x, y in pixels and confidence in [0, 1], which are drawn as dots, with lines
        that join the joints of each digit; NaN, NaN, 0 where unknown.
    title : str, default=""
        What is written above the sheet.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The sheet.
    axes_ : ndarray of shape (n_rows, n_columns), object
        The tiles; those past the last film of a group are empty.
    order_ : ndarray of shape (n_shown,), int
        Positions of the films shown, in order.
    text_ : list of matplotlib Text
        What is written beside each group; empty if that is nothing.

    See Also
    --------
    KeyRegionDisplay : One film, with its landmarks and crops.
    ClusterCompositionDisplay : How many films of which age the clusters hold.

    References
    ----------
    arXiv:2206.05641, Table 1 and Fig. 10.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.plotting import FilmSheetDisplay
    >>> films = make_hand_radiographs(4, random_state=0)
    >>> films.landmarks[2, :5] = float("nan")
    >>> FilmSheetDisplay.from_landmarks(films.data, films.landmarks, n_films=2).order_
    array([2, 0])
    >>> labels, distances = [0, 1, 1, 1], [0.0, 0.3, 0.1, 0.2]
    >>> FilmSheetDisplay.from_labels(films.data, labels, distances, n_films=2).order_
    array([0, 2, 3])
    """

    films: Sequence[Any]
    groups: Mapping[str, ArrayLike]
    _: KW_ONLY
    captions: Mapping[int, str] | None = None
    landmarks: np.ndarray | None = None
    title: str = ""

    @classmethod
    def from_landmarks(
        cls,
        X: Any,
        landmarks: Any = None,
        *,
        landmarker: Any = None,
        regions: Iterable[str | int] | str | int | None = None,
        n_films: int = 40,
        n_columns: int = 8,
    ) -> Self:
        """Draw the films whose landmarks are the least certain, with the landmarks.

        Parameters
        ----------
        {films}
        landmarks : array-like of shape (n_samples, 19, 2 or 3), default=None
            x, y in pixels and optionally confidence in [0, 1]; NaN where unknown, which
            counts as a confidence of 0. None: the landmarker finds them.
        {landmarker}
        {regions}
            The regions whose mean confidence counts. None means all 19.
        n_films, n_columns : int, default=40 and 8
            How many films to show at most, and how many of them side by side.

        {drawn}

        Raises
        ------
        ValueError
            For invalid landmarks, both landmarks and a landmarker, unknown regions, or
            n_films or n_columns below 1.
        """
        _check_counts(n_films, n_columns)
        check_regions(regions)
        films = check_films(X)
        found = find_landmarks(films, landmarks, landmarker)
        confidence = mean_confidence(found, regions)
        order = np.argsort(confidence, kind="stable")[:n_films]
        captions = {i: f"{confidence[i]:.2f}" for i in order}
        title = f"The {len(order)} least certain of {count_of(len(films), 'film')}"
        return cls(
            films, {"": order}, captions=captions, landmarks=found, title=title
        ).plot(n_columns=n_columns)

    @classmethod
    def from_intervals(
        cls,
        films: Sequence[Any],
        y: ArrayLike,
        bounds: ArrayLike,
        *,
        age_range: Sequence[float] = (24, 216),
        n_films: int = 12,
        n_columns: int = 6,
    ) -> Self:
        """Draw the films whose interval does not hold their age, furthest off first.

        Parameters
        ----------
        films : sequence of paths, 2-D arrays or None, of length n_samples
            Films or crops of any size; None is a crop that does not exist.
        {ages}
        bounds : array-like of shape (n_samples, 2)
            Lower and upper edge of each film's interval in months, NaN for none, as of
            ``BoneAgeClusterer.predict_interval``. An interval holds its lower edge and
            not its upper one, but the last of `age_range` holds both.
        {age_range}
            Films of other ages are in none of them, and left out.
        n_films, n_columns : int, default=12 and 6
            How many films to show at most, and how many of them side by side.

        {drawn}

        Raises
        ------
        ValueError
            If the lengths differ, bounds are not intervals, no age is known and within
            the range, or n_films or n_columns is below 1.
        """
        _check_counts(n_films, n_columns)
        given = check_films(films)
        ages = ages_within(check_known_ages(y, len(given), age_range), age_range)
        edges = check_bounds(bounds, len(given))
        order, distance, misclassified = find_misclassified(ages, edges, age_range)
        shown = order[:n_films]
        captions = {
            i: f"{round(ages[i], 1):g} months,\npredicted {tell_interval(low, high)}"
            for i, (low, high) in zip(shown, edges[shown], strict=True)
        }
        n_found = int(np.isfinite(distance).sum())
        n_without = int(np.isfinite(ages).sum()) - n_found
        known = list_counts({"with an interval": n_found, "without one": n_without})
        title = f"no misclassified film ({known})"
        if len(shown):
            number = count_of(misclassified.sum(), "misclassified film")
            title = f"{len(shown)} of {number}, furthest off first\n({known})"
        display = cls(given, {"": shown}, captions=captions, title=title)
        return display.plot(n_columns=n_columns)

    @classmethod
    def from_labels(
        cls,
        films: Sequence[Any],
        labels: ArrayLike,
        distances: ArrayLike,
        *,
        table: pd.DataFrame | None = None,
        clusters: Sequence[int] | None = None,
        n_films: int = 6,
    ) -> Self:
        """Draw the films nearest the centre of each cluster, a row per cluster.

        Parameters
        ----------
        films : sequence of paths, 2-D arrays or None, of length n_samples
            Films or crops of any size; None is a crop that does not exist.
        {given_labels}
        distances : array-like of shape (n_samples,)
            From each film to its cluster's centre, in any unit; those of NaN are last.
        table : DataFrame or None, default=None
            Of :func:`sklearn_baccaec.metrics.cluster_table`; names the rows and sorts
            them by median age, those without a name last. None: they have numbers.
        clusters : sequence of int or None, default=None
            Clusters to show. None means all that have a film.
        n_films : int, default=6
            How many films of a cluster to show at most.

        {drawn}

        Raises
        ------
        ValueError
            If the lengths differ, labels are invalid, a cluster has no film, all films
            are set aside, or n_films is below 1.
        """
        _check_counts(n_films)
        given = check_films(films)
        ids, lengths = np.asarray(labels), np.asarray(distances, dtype=np.float64)
        if ids.shape != (len(given),) or lengths.shape != ids.shape:
            raise ValueError(
                f"labels has shape {ids.shape} and distances {lengths.shape}; expected "
                f"({len(given)},), one per film"
            )
        ids = check_labels(ids)
        chosen = sort_by_age(choose_clusters(ids, clusters), table)
        shown = nearest_films(lengths, ids, chosen, n_films)
        titles = [describe_cluster(ids, cluster, table) for cluster in chosen]
        return cls(given, dict(zip(titles, shown, strict=True))).plot(n_columns=n_films)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike | None = None,
        *,
        kind: Literal["clusters", "misclassified"] = "clusters",
        sex: Any = None,
        region: str | int | None = None,
        clusters: Sequence[int] | None = None,
        n_films: int | None = None,
    ) -> Self:
        """Cluster films with an estimator, and draw what is typical or misclassified.

        Parameters
        ----------
        estimator : fitted BoneAgeClusterer
            Or a search or a Pipeline from films on that ends with a clusterer.
        {films}
            Each is read once, and once more if it is shown.
        {optional_ages}
            For "clusters" they name the rows; without them, the names are those that
            the estimator has. For "misclassified" at least one has to be known.
        kind : {"clusters", "misclassified"}, default="clusters"
            What to show: as :meth:`from_labels`, with the mean latents of the clusters'
            films in X as centres, or as :meth:`from_intervals`.
        {sex}
            For "misclassified", where the clusters were named by sex.
        region : str, int or None, default=None
            Show a BoneAgeClusterer's crops of this (name or number). None: whole films.
        clusters : sequence of int or None, default=None
            For "clusters": those to show. None means all that have a film.
        n_films : int or None, default=None
            Most films shown. None means 6 of each cluster, or 12 misclassified ones.

        {drawn}

        Raises
        ------
        TypeError
            If the estimator has no ``predict_interval``, or no crops of regions.
        ValueError
            If kind or region is unknown, or as for the other constructors.
        """
        misclassified = kind == "misclassified"
        if not misclassified and kind != "clusters":
            raise ValueError(
                f"kind is {kind!r}; expected 'clusters' or 'misclassified'"
            )
        if n_films is None:
            n_films = 12 if misclassified else 6
        _check_counts(n_films)
        if region is not None:
            region = KEY_REGIONS[region_index(region)]
        settings: dict[str, Any] = {}
        if y is not None or misclassified:
            settings = check_request(estimator, X, y, sex)
        found = examine(estimator, X)
        latents, labels, clusterer = found.latents, found.labels, found.clusterer
        films = X if region is None else _crops_of(found, region)
        if misclassified:
            bounds = predict_with_sex(clusterer, "predict_interval", latents, sex)
            if np.isnan(bounds).all():
                raise ValueError("no film is in a cluster that has a name")
            assert y is not None  # else the request was refused
            return cls.from_intervals(
                films, y, bounds, age_range=settings["age_range"], n_films=n_films
            )
        table = getattr(clusterer, "cluster_table_", None)
        if y is not None:
            ages = ages_within(check_ages(y), settings["age_range"])
            table = cluster_table(ages, labels, **settings)
        distances = centre_distances(latents, labels)
        return cls.from_labels(
            films, labels, distances, table=table, clusters=clusters, n_films=n_films
        )

    def plot(self, *, n_columns: int = 8) -> Self:
        """Draw the sheet in a new figure.

        Parameters
        ----------
        n_columns : int, default=8
            How many films side by side at most.

        {drawn}
        """
        _check_counts(1, n_columns)
        groups = [np.asarray(members, dtype=int) for members in self.groups.values()]
        n_columns = min(n_columns, max([1, *map(len, groups)]))
        heights = [max(1, -(-len(members) // n_columns)) for members in groups]
        titled = any(self.groups)
        self.figure_, self.axes_ = make_sheet(sum(heights), n_columns, titled)
        self.order_ = np.concatenate(groups)
        self.text_ = []
        captions, films = self.captions or {}, list(self.films)
        beside = {"xytext": (-8, 0), "textcoords": "offset points"}
        style = {"ha": "right", "va": "center", "fontsize": SMALL + 1, **beside}
        rows = np.split(self.axes_, np.cumsum(heights)[:-1])
        for words, members, tiles in zip(self.groups, groups, rows, strict=True):
            for ax, i in zip(tiles.flat, members, strict=False):
                landmarks = None if self.landmarks is None else self.landmarks[i]
                draw_tile(ax, films[i], i, captions.get(i, ""), landmarks)
            if words:
                place = {"xy": (0, 0.5), "xycoords": "axes fraction", **style}
                self.text_.append(tiles[0, 0].annotate(words, **place))
        self.figure_.suptitle(self.title)
        return self


def _check_counts(n_films: int, n_columns: int = 1) -> None:
    check_scalar(n_films, "n_films", Integral, min_val=1)
    check_scalar(n_columns, "n_columns", Integral, min_val=1)


def _crops_of(found: Any, region: str) -> list[Any]:
    """Crops of one of a model's regions; None where there is none."""
    if "crops" not in found:
        raise TypeError(
            f"{type(found.clusterer).__name__} is not a BoneAgeClusterer, and cuts no "
            "crops: give them to from_labels or from_intervals"
        )
    extractor = found.model.pipeline_["extractor"]
    regions = list(extractor.regions)
    if region not in regions:
        known = ", ".join(regions)
        raise ValueError(f"the model has no crops of {region!r}, only of {known}")
    i = regions.index(region)
    crops = block(found.crops, i, len(regions)).reshape(-1, *extractor.crop_shape)
    valid = found.valid[:, i]
    return [crop if valid[j] else None for j, crop in enumerate(crops)]
