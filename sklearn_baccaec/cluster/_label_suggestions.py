"""Which films to label first."""

from collections.abc import Iterator

import numpy as np
from scipy.special import betainc
from scipy.stats import rankdata
from sklearn.metrics import pairwise_distances


def suggest_along_axis(places: np.ndarray, n: int, known: np.ndarray) -> np.ndarray:
    """Choose ``n`` films that halve the widest gaps of rank between known ones.

    ``places`` (n_samples,) are those on an axis, NaN for films that are not chosen.
    """
    available = np.isfinite(places) & ~known
    _check_number(n, available)
    ranks = rankdata(places, nan_policy="omit") - 0.5
    ranks /= np.isfinite(places).sum()
    told = [0.0, *ranks[known & np.isfinite(places)], 1.0]
    positions = []
    for _ in range(n):
        ends = np.sort(told)
        widest = np.diff(ends).argmax()
        middle = ends[widest : widest + 2].mean()
        distances = np.where(available, np.abs(ranks - middle), np.inf)
        positions.append(int(distances.argmin()))
        available[positions[-1]] = False
        told.append(ranks[positions[-1]])
    return np.array(positions)


def suggest_films(
    latents: np.ndarray,
    labels: np.ndarray,
    n: int,
    known: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """Choose ``n`` films, as `NamedClusterer.suggest` does; return their positions.

    ``known`` (n_samples,) are films of known age, ``counts`` (n_clusters, n_intervals)
    those that name the clusters. Films with the label -1 are not chosen.
    """
    available = (labels >= 0) & ~known
    _check_number(n, available)
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


def _check_number(n: int, available: np.ndarray) -> None:
    if n > available.sum():
        raise ValueError(
            f"n={n} is more than the {available.sum()} of {len(available)} films that "
            "can be chosen: those in a cluster whose age is not known"
        )


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
