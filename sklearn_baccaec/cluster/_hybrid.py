from numbers import Integral
from typing import ClassVar, Self

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import AgglomerativeClustering, Birch, KMeans
from sklearn.metrics import pairwise_distances_argmin
from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import (
    DocumentationLinkMixin,
    Interval,
    fit_context,
    validate_data,
)


@fill_docstrings
class HybridClusterer(DocumentationLinkMixin, ClusterMixin, BaseEstimator):
    """K-means, Ward and Birch vote; films on which they differ are set aside.

    Each method makes the same number of clusters. Those of Ward and Birch are matched
    one to one to those of K-means so that the most films agree. A film keeps its
    cluster if the vote is unanimous.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters of each method.
    n_init : int, default=10
        Number of starts of K-means, the best of which votes.
    random_state : int, RandomState instance or None, default=None
        Seed of K-means. Ward and Birch draw nothing.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        Cluster of each film, or -1 for a film set aside.
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        Centroid of the unanimous films of each cluster, or its K-means centre if it
        has none.
    unanimous_share_ : float in [0, 1]
        Share of the films with a unanimous vote.
    {features_in}

    See Also
    --------
    sklearn.cluster.KMeans : The method of the paper (arXiv:2206.05641); keeps all.

    Notes
    -----
    Ward's memory grows with the square of the films: about 0.6 GB for 12,611. The vote
    says most in few dimensions; in many, Birch joins few films and agrees with Ward.

    References
    ----------
    "An unsupervised deep-learning method for fingerprint classification: the CCAE
    network and the hybrid clustering strategy", arXiv:2109.05526, by the same group,
    which carried the vote on to galaxies (arXiv:2112.13957, USmorph).

    Examples
    --------
    >>> from sklearn_baccaec.cluster import HybridClusterer
    >>> X = [[0.0, 0.1], [0.1, 0.0], [0.2, 0.1], [5.0, 5.1], [5.1, 5.0], [5.2, 5.1]]
    >>> clusterer = HybridClusterer(n_clusters=2, random_state=0).fit(X)
    >>> clusterer.unanimous_share_
    1.0
    >>> bool(clusterer.predict([[0.3, 0.3]])[0] == clusterer.labels_[0])
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_init: int = 10,
        random_state: int | RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Let the three methods cluster the films and vote.

        Parameters
        ----------
        {latents}
        {ignored_y}

        Returns
        -------
        self : object
            Fitted clusterer.

        Raises
        ------
        ValueError
            If there are fewer films than clusters, or fewer than 2.
        """
        films = validate_data(
            self, X, dtype=[np.float64, np.float32], ensure_min_samples=2
        )
        kmeans = KMeans(
            self.n_clusters, n_init=self.n_init, random_state=self.random_state
        ).fit(films)
        ward = AgglomerativeClustering(self.n_clusters).fit_predict(films)
        birch = self._fit_birch(films, kmeans.inertia_)

        reference = kmeans.labels_
        unanimous = self._agrees(ward, reference) & self._agrees(birch, reference)
        self.labels_ = np.where(unanimous, reference, -1)
        self.unanimous_share_ = float(unanimous.mean())
        self.cluster_centers_ = kmeans.cluster_centers_.copy()
        for cluster in np.unique(reference[unanimous]):
            self.cluster_centers_[cluster] = films[self.labels_ == cluster].mean(axis=0)
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Find the nearest cluster of each film.

        No film is set aside, and a film on a border may get another one than in `fit`.

        Parameters
        ----------
        {latents}

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Index of the nearest of `cluster_centers_`, never -1.
        """
        check_is_fitted(self)
        films = validate_data(self, X, dtype=self.cluster_centers_.dtype, reset=False)
        return pairwise_distances_argmin(films, self.cluster_centers_)

    def _fit_birch(self, films: np.ndarray, inertia: float) -> np.ndarray:
        """Cluster by Birch, whose threshold is a length in the space of the films.

        Half the radius of a K-means cluster is small enough for several subclusters in
        each cluster, and large enough to join close films: Birch on single films is
        Ward again. If too few subclusters are left, every distinct film becomes one.
        """
        centred = films - films.mean(axis=0)  # far from 0, Birch loses its digits
        half_radius = np.sqrt(inertia / len(films)) / 2
        smallest = np.finfo(films.dtype).tiny
        for threshold in (max(half_radius, smallest), smallest):
            birch = Birch(threshold=threshold, n_clusters=None).fit(centred)
            n_subclusters = len(birch.subcluster_centers_)
            if n_subclusters > self.n_clusters:
                birch.set_params(n_clusters=self.n_clusters).partial_fit()
            if n_subclusters >= self.n_clusters:
                break
        return birch.predict(centred)

    def _agrees(self, labels: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Match the clusters one to one so that the most films agree; say which do."""
        overlap = np.zeros((self.n_clusters, self.n_clusters), dtype=int)
        np.add.at(overlap, (labels, reference), 1)
        matched = linear_sum_assignment(overlap, maximize=True)[1]
        return matched[labels] == reference
