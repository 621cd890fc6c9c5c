"""The films that are most typical of each cluster."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import check_scalar

from .._utils.regions import check_regions
from .._utils.sklearn_compat import check_matplotlib_support
from .._utils.validation import check_labels
from .._utils.wrapped import interval_settings, last_model
from ..films import FilmError, read_film
from ..films._checks import check_films, film_name, is_path
from ..metrics import cluster_table
from ._film_selection import centre_distances, nearest_films, sort_by_age
from ._inputs import ages_inside, check_request, check_some_ages, find_model
from ._styles import SMALL, count_of
from ._tiles import draw_tile, shorten

_TILE = (1.25, 1.6)  # inches
_LONGEST_NAME = 16  # characters that fit above a tile
_ROW_TITLE_WIDTH = 1.2  # inches


class ClusterGalleryDisplay:
    """Show the films, or crops, nearest the centre of each cluster: a row per cluster.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    images : sequence of paths, 2-D arrays or None, of length n_samples
        Films or crops; those given by their path are read when they are shown. None is
        an image that there is not.
    labels : ndarray of shape (n_samples,), int
        Cluster of each film; films with -1 are in no row.
    distances : ndarray of shape (n_samples,)
        How far each film is from the centre of its cluster, in any unit; films with
        NaN come last.
    table : DataFrame or None, default=None
        What the clusters hold, as :func:`sklearn_baccaec.metrics.cluster_table` returns
        it: it names the rows and sorts them by age. None: they have their numbers.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The gallery.
    axes_ : ndarray of shape (n_rows, n_films), object
        The tiles; those past the last film of a cluster are empty.
    ax_ : matplotlib Axes
        The first tile.
    clusters_ : ndarray of shape (n_rows,), int
        The clusters from the top down: the youngest median age first, those without a
        name last, by their number.
    shown_ : list of n_rows ndarray, int
        Positions of the films in each row, the nearest first.
    text_ : list of n_rows matplotlib Text
        What is written beside each row.

    See Also
    --------
    ClusterCompositionDisplay : How many films of which age the clusters hold.

    References
    ----------
    arXiv:2206.05641, section 4.1 and Table 1: how clusters are named.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.plotting import ClusterGalleryDisplay
    >>> films = make_hand_radiographs(4, random_state=0)
    >>> display = ClusterGalleryDisplay.from_predictions(
    ...     films.data, [0, 1, 1, 1], [0.0, 0.3, 0.1, 0.2], n_films=2
    ... )
    >>> display.shown_
    [array([0]), array([2, 3])]
    """

    def __init__(
        self,
        images: Sequence[Any],
        labels: np.ndarray,
        distances: np.ndarray,
        *,
        table: pd.DataFrame | None = None,
    ) -> None:
        self.images = images
        self.labels = labels
        self.distances = distances
        self.table = table

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike | None = None,
        *,
        region: str | int | None = None,
        n_films: int = 6,
        clusters: Sequence[int] | None = None,
    ) -> Self:
        """Cluster films with an estimator, and draw those nearest the centres.

        A centre is the mean latent of the cluster's films in X, whatever the clusterer.

        Parameters
        ----------
        estimator : fitted clusterer with ``transform`` and ``predict``
            If its clusters are named (`cluster_table_`), so are the rows. Crops take a
            BoneAgeClusterer.
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,) or None, default=None
            Bone ages in months, NaN where unknown: they name the rows instead.
        region : str, int or None, default=None
            Key region whose crop is shown, by name or by the paper's number; before
            the preprocessor. None means whole films.
        n_films : int, default=6
            How many films of a cluster to show at most.
        clusters : sequence of int or None, default=None
            Clusters to show. None means all that have a film.

        Returns
        -------
        display : ClusterGalleryDisplay
            Drawn.

        Raises
        ------
        ValueError
            If y is not one age per film or no age is known, the region is unknown, a
            cluster has no film, or n_films is below 1.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        films = check_films(X)
        if y is not None:
            check_request(estimator, films, y)
        if region is not None:
            check_regions(region)
        latents = np.asarray(estimator.transform(films), dtype=np.float64)
        labels = check_labels(estimator.predict(films))
        if y is None:
            table = getattr(last_model(estimator), "cluster_table_", None)
        else:
            table = _tabulate(y, labels, **interval_settings(estimator))
        return cls.from_predictions(
            films if region is None else _crop(*find_model(estimator, films), region),
            labels,
            centre_distances(latents, labels),
            table=table,
            n_films=n_films,
            clusters=clusters,
        )

    @classmethod
    def from_predictions(
        cls,
        images: Sequence[Any],
        labels: ArrayLike,
        distances: ArrayLike,
        *,
        table: pd.DataFrame | None = None,
        n_films: int = 6,
        clusters: Sequence[int] | None = None,
    ) -> Self:
        """Draw the films nearest the centres.

        Parameters
        ----------
        images : sequence of paths, 2-D arrays or None, of length n_samples
            Films or crops of any size; None is an image that there is not.
        labels : array-like of int of shape (n_samples,)
            Cluster of each film; -1 means set aside.
        distances : array-like of shape (n_samples,)
            How far each film is from the centre of its cluster, in any unit; NaN
            where it is not known.
        table : DataFrame or None, default=None
            As :func:`sklearn_baccaec.metrics.cluster_table` returns it.
        n_films : int, default=6
            How many films of a cluster to show at most.
        clusters : sequence of int or None, default=None
            Clusters to show. None means all that have a film.

        Returns
        -------
        display : ClusterGalleryDisplay
            Drawn.

        Raises
        ------
        ValueError
            If the lengths differ, labels are no clusters, a cluster has no film, all
            films are set aside, or n_films is below 1.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        given = list(images)
        ids, lengths = np.asarray(labels), np.asarray(distances, dtype=np.float64)
        if ids.shape != (len(given),) or lengths.shape != ids.shape:
            raise ValueError(
                f"labels has shape {ids.shape} and distances {lengths.shape}; expected "
                f"({len(given)},), one per image"
            )
        display = cls(given, check_labels(ids), lengths, table=table)
        return display.plot(n_films=n_films, clusters=clusters)

    def plot(self, *, n_films: int = 6, clusters: Sequence[int] | None = None) -> Self:
        """Draw the gallery in a new figure.

        Parameters
        ----------
        n_films : int, default=6
            How many films of a cluster to show at most.
        clusters : sequence of int or None, default=None
            Clusters to show. None means all that have a film.

        Returns
        -------
        display : ClusterGalleryDisplay
            This one.

        Raises
        ------
        ValueError
            If a cluster has no film, all films are set aside, or n_films is below 1.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        check_scalar(n_films, "n_films", Integral, min_val=1)
        self.clusters_ = self._order(clusters)
        self.shown_ = nearest_films(
            self.distances, self.labels, self.clusters_, n_films
        )
        n_columns = max(map(len, self.shown_))
        width, height = _TILE
        self.figure_, self.axes_ = plt.subplots(
            len(self.shown_),
            n_columns,
            squeeze=False,
            figsize=(_ROW_TITLE_WIDTH + width * n_columns, height * len(self.shown_)),
            layout="constrained",
        )
        self.ax_ = self.axes_[0, 0]
        self.text_ = []
        images = list(self.images)  # by position, whatever index they have
        for row, cluster, films in zip(
            self.axes_, self.clusters_, self.shown_, strict=True
        ):
            for ax in row[len(films) :]:
                ax.set_axis_off()
            for ax, i in zip(row, films, strict=False):
                _draw_image(ax, images[i], i)
            self.text_.append(self._write_title(row[0], cluster))
        return self

    def _order(self, clusters: Sequence[int] | None) -> np.ndarray:
        """Clusters to show, from the youngest to the oldest and the nameless."""
        present = np.unique(self.labels[self.labels >= 0])
        if not len(present):
            raise ValueError("there is nothing to show: every film is set aside")
        chosen = present if clusters is None else np.unique(np.asarray(clusters))
        absent = np.setdiff1d(chosen, present)
        if len(absent) or not len(chosen):
            what = (
                f"cluster {absent[0]} holds no film" if len(absent) else "none is given"
            )
            raise ValueError(
                f"clusters: {what}; there are films of {', '.join(map(str, present))}"
            )
        return sort_by_age(chosen, self.table)

    def _write_title(self, ax: Any, cluster: int) -> Any:
        lines = [f"cluster {cluster}"]
        if self.table is not None:
            interval = self.table["interval"].get(cluster)
            lines.append("no name" if pd.isna(interval) else f"{interval} months")
        n_films = int((self.labels == cluster).sum())
        lines.append(count_of(n_films, "film"))
        return ax.annotate(
            "\n".join(lines),
            (0, 0.5),
            xycoords="axes fraction",
            xytext=(-8, 0),  # points
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=SMALL + 1,
        )


def _draw_image(ax: Any, image: Any, i: int) -> None:
    name = film_name(image, i)

    def read() -> np.ndarray:
        if image is None:
            raise FilmError(name, "not cropped")
        return read_film(image, i) if is_path(image) else np.asarray(image, np.float32)

    draw_tile(ax, shorten(name, _LONGEST_NAME), read)


def _tabulate(
    y: ArrayLike,
    labels: np.ndarray,
    *,
    interval: float = 48,
    age_range: Sequence[float] = (24, 216),
) -> pd.DataFrame:
    """Table of the clusters by the ages within the range."""
    ages = ages_inside(check_some_ages(y, len(labels), age_range), age_range)
    return cluster_table(ages, labels, interval=interval, age_range=age_range)


def _crop(model: Any, films: Sequence[Any], region: str | int) -> list[Any]:
    """Crops of a region as the model cuts them; None where there is none."""
    from .._clusterer._method_steps import make_extractor

    shape = model.pipeline_[0].crop_shape
    extractor = make_extractor(model, check_regions(region), shape)
    # Films that cannot be used were refused, or set aside, by the model before.
    extracted = extractor.set_params(on_error="skip").extract(films)
    crops = extracted.crops.reshape(-1, *shape)
    return [
        crop if valid else None
        for crop, valid in zip(crops, extracted.valid[:, 0], strict=True)
    ]
