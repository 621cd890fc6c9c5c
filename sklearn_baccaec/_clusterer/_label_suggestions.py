"""Which films to label first."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from scipy.special import betainc
from sklearn.metrics import pairwise_distances
from sklearn.utils import Bunch, check_scalar
from sklearn.utils.validation import check_is_fitted

from .._utils.validation import check_ages
from ..films._films import check_films
from ._cluster_names import ClusterNames


class LabelSuggestionsMixin:
    """Films whose ages would name most, for a model of clusters.

    The class it is mixed into has `_place`, `_names` and `n_clusters_`.
    """

    n_clusters_: int
    _names: ClusterNames

    def _place(self, X: Any) -> Bunch:
        """Cluster and latents of every film."""
        raise NotImplementedError

    def suggest_films_to_label(self, X: Any, n: int, y: Any = None) -> np.ndarray:
        """Choose the films whose ages would name the clusters best.

        First one film of each cluster that no known age names, the largest cluster
        first, the film nearest the cluster's mean; then further films of the clusters
        whose name is the least certain. Read their ages in this order, as far as time
        allows, and give them to `name_clusters`.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films, such as those in `fit`.
        n : int
            Number of films to choose, at least 1.
        y : array-like of shape (n_samples,) or None, default=None
            Ages in months that are known already, NaN where unknown. These films are
            not chosen. None means that the model's own names, if it has any, tell how
            certain each cluster is; which films gave them is then not known, and they
            may be chosen again.

        Returns
        -------
        positions : ndarray of shape (n,), int
            Different positions in X, in the order in which to label. The first of them
            are those that a smaller `n` gives.

        Raises
        ------
        ValueError
            If `n` is below 1 or above the number of films that can be chosen: those
            that have a cluster and no known age.

        Notes
        -----
        Each film is of the cluster where the size (films in X) times the risk of a
        wrong name is the highest. The risk is the probability that the second most
        frequent interval is really more frequent than the first one: of ``a`` and ``b``
        known films, :math:`I_{1/2}(a + 1, b + 1)`, the regularised incomplete beta
        function, by a uniform prior. A film that was chosen before counts as one more
        for the first, as its age is not known yet [1]_: label a few, and ask again.

        Within a cluster each film is the one that brings its films the nearest, by
        squared distance of the latents, to one that was chosen or is known: greedy
        k-medoids, so that films are spread, and none is chosen for being an outlier.
        Memory grows with the square of the films in a cluster: 0.6 GB for 6,000.

        References
        ----------
        .. [1] Ginsbourger, Le Riche & Carraro, "Kriging Is Well-Suited to Parallelize
           Optimization", 2010 ("kriging believer").

        Examples
        --------
        >>> from sklearn.decomposition import PCA
        >>> from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
        >>> from sklearn_baccaec.datasets import make_hand_radiographs
        >>> films = make_hand_radiographs(24, film_shape=(160, 120), random_state=0)
        >>> model = BoneAgeClusterer(
        ...     n_clusters=4,
        ...     landmarker=LandmarkTable.from_films(films.data, films.landmarks),
        ...     encoder=PCA(2),
        ...     crop_shape=(16, 16),
        ...     random_state=0,
        ... ).fit(films.data)
        >>> chosen = model.suggest_films_to_label(films.data, 6)
        >>> sorted(model.labels_[chosen[:4]].tolist())  # one of each cluster
        [0, 1, 2, 3]
        >>> model.name_clusters(films.data[chosen], films.target[chosen])
        BoneAgeClusterer(...)
        """
        check_is_fitted(self)
        films = check_films(X)
        n = check_scalar(n, "n", Integral, min_val=1)
        placed = self._place(films)
        known = np.zeros(len(films), bool)
        counts = self._names.counts
        if y is not None:
            ages = check_ages(y, len(films))
            known = np.isfinite(ages)
            intervals = self._names.true_intervals(ages)
            counts = np.zeros_like(counts)
            naming = (intervals >= 0) & (placed.labels >= 0)
            np.add.at(counts, (placed.labels[naming], intervals[naming]), 1)
        return suggest_films(placed.latents, placed.labels, n, known, counts)


def suggest_films(
    latents: np.ndarray,
    labels: np.ndarray,
    n: int,
    known: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """Choose ``n`` films; see `suggest_films_to_label`.

    Parameters
    ----------
    latents : ndarray of shape (n_samples, n_components)
        NaN for films without a cluster.
    labels : ndarray of shape (n_samples,), int
        Clusters; -1 for films that cannot be chosen.
    n : int
        Number of films.
    known : ndarray of shape (n_samples,), bool
        Films whose age is known.
    counts : ndarray of shape (n_clusters, n_intervals), int
        Known films by cluster and age interval.

    Returns
    -------
    positions : ndarray of shape (n,), int
        Different positions among the films.
    """
    available = (labels >= 0) & ~known
    if n > available.sum():
        raise ValueError(
            f"n={n} is more than the {available.sum()} of {len(labels)} films that "
            "can be chosen: those in a cluster whose age is not known"
        )
    sizes = np.bincount(labels[labels >= 0], minlength=len(counts))
    left = np.bincount(labels[available], minlength=len(counts))
    *_, second, first = np.sort(np.pad(counts, ((0, 0), (1, 0))), axis=1).T
    members = [np.flatnonzero(labels == cluster) for cluster in range(len(counts))]
    orders = [_spread_out(latents[own], known[own]) for own in members]
    positions = []
    for _ in range(n):
        risk = np.where(left > 0, sizes * betainc(first + 1, second + 1, 0.5), -1)
        # Without any name all films of a cluster are lost.
        nameless = (first == 0) & (left > 0)
        cluster = int(np.lexsort((-risk, ~nameless))[0])
        positions.append(members[cluster][next(orders[cluster])])
        left[cluster] -= 1
        first[cluster] += 1
    return np.array(positions)


def _spread_out(points: np.ndarray, known: np.ndarray) -> Iterator[int]:
    """Positions of unknown points, each of which covers most of what is still far."""
    distances = pairwise_distances(points, metric="sqeuclidean")
    gaps = distances[known].min(axis=0, initial=np.inf)
    left = ~known
    while left.any():
        costs = np.minimum(distances, gaps).sum(axis=1)
        chosen = int(np.where(left, costs, np.inf).argmin())
        yield chosen
        gaps = np.minimum(gaps, distances[chosen])
        left[chosen] = False
