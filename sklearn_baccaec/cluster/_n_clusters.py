"""How many clusters: said by the model or by its clusterer, never by both."""

from numbers import Integral
from typing import Any

from sklearn.base import clone
from sklearn.cluster import KMeans

from .._utils.wrapped import last_model

DEFAULT_N_CLUSTERS = 16  # of the paper's best result
_NAMES = ("n_clusters", "n_components")


def make_clusterer(
    clusterer: Any, n_clusters: int | None, random_state: Any
) -> tuple[Any, int | None]:
    """Clone of a clusterer, and the number of clusters that it is to find.

    ``clusterer`` may be None (K-means) or a pipeline that ends with one. A number of
    None means the clusterer's own, and stays None if it chooses the number itself.

    Raises
    ------
    ValueError
        If a number is given where the clusterer has another one, or takes none.
    """
    if clusterer is None:
        n_clusters = DEFAULT_N_CLUSTERS if n_clusters is None else n_clusters
        return KMeans(n_clusters, n_init=10, random_state=random_state), n_clusters
    made = clone(clusterer)
    last = last_model(made)
    if last.get_params(deep=False).get("random_state", 0) is None:
        last.set_params(random_state=random_state)
    own = _number_of(last)
    if n_clusters is None or own == n_clusters:
        return made, own
    if own is not None:
        raise ValueError(
            f"n_clusters={n_clusters}, but the clusterer {last!r} has {own}; give the "
            "number once"
        )
    return set_n_clusters(made, n_clusters), n_clusters


def set_n_clusters(clusterer: Any, n_clusters: int) -> Any:
    """Give a clusterer, or the one that a pipeline ends with, its number of clusters.

    Raises
    ------
    ValueError
        If it takes none.
    """
    last = last_model(clusterer)
    for name in _NAMES:
        if name in last.get_params(deep=False):
            last.set_params(**{name: n_clusters})
            return clusterer
    raise ValueError(
        f"n_clusters={n_clusters}, but {type(last).__name__} chooses the number of "
        "clusters itself; leave n_clusters out"
    )


def _number_of(clusterer: Any) -> int | None:
    params = clusterer.get_params(deep=False)
    own = next((params[name] for name in _NAMES if name in params), None)
    return int(own) if isinstance(own, Integral) else None
