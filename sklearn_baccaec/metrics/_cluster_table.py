"""What the clusters hold: the paper's Table 1, and an error in months."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .._utils.docstrings import fill_docstrings
from .._utils.validation import check_ages, check_labels
from ._intervals import age_interval_edges, interval_names, place_in_intervals

_SHARES = np.array([0.1, 0.5, 0.9])  # of the ages in a cluster: its range and median


@fill_docstrings
def cluster_table(
    ages: ArrayLike,
    labels: ArrayLike,
    *,
    interval: float = 48,
    age_range: Sequence[float] = (24, 216),
    n_clusters: int | None = None,
) -> pd.DataFrame:
    """Count the films of each age interval in each cluster: arXiv:2206.05641, Table 1.

    Parameters
    ----------
    ages : array-like of shape (n_samples,)
        Bone ages in months; NaN means unknown.
    {given_labels}
    {intervals}
    n_clusters : int, default=None
        Number of rows, so that clusters without a film have one too. None means the
        largest label plus one.

    Returns
    -------
    table : DataFrame with one row per cluster (index "cluster")
        - one column per interval, such as "24-72": films with an age inside;
        - "films": all films, those of unknown age or outside `age_range` included;
        - "interval": name of the interval with the most films, the younger one in a
          tie; missing if no film is in an interval;
        - "accuracy": its share of the films in an interval, in [0, 1], or NaN;
        - "median_age": median of the known ages in months, or NaN;
        - "age_low", "age_high": range of the 80% in their middle, or NaN.

    Raises
    ------
    ValueError
        As :func:`assign_age_intervals`, and for labels that are not integers from -1 to
        ``n_clusters - 1``, or lengths that differ.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import cluster_table
    >>> table = cluster_table([30, 60, 80, 200, None], [0, 0, 0, 1, 1])
    >>> table[["24-72", "72-120", "films", "interval", "median_age"]]
             24-72  72-120  films interval  median_age
    cluster
    0            2       1      3    24-72        60.0
    1            0       0      2  168-216       200.0
    """
    clusters = check_labels(labels)
    months = check_ages(ages, n_samples=len(clusters))
    largest = int(clusters.max(initial=-1))
    if n_clusters is None:
        n_clusters = largest + 1
    elif largest >= n_clusters:
        raise ValueError(f"labels go up to {largest}, but n_clusters is {n_clusters}")
    edges = age_interval_edges(interval, age_range)
    return tabulate_clusters(*count_films(months, clusters, n_clusters, edges), edges)


def count_films(
    ages: np.ndarray, labels: np.ndarray, n_clusters: int, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Films by cluster and interval, films by cluster, and spread of their ages.

    The spread (n_clusters, 3) is the range of the middle 80% in months, the median
    between its ends; NaN where no age is known.
    """
    intervals = place_in_intervals(ages, edges)
    inside = (labels >= 0) & (intervals >= 0)
    counts = np.zeros((n_clusters, len(edges) - 1), dtype=int)
    np.add.at(counts, (labels[inside], intervals[inside]), 1)
    films = np.bincount(labels[labels >= 0], minlength=n_clusters)
    by_cluster = pd.Series(ages, dtype=float).groupby(labels)
    spread = by_cluster.quantile(_SHARES).unstack()
    spread = spread.reindex(range(n_clusters)).reindex(_SHARES, axis=1)
    return counts, films, spread.to_numpy(dtype=float)


def tabulate_clusters(
    counts: np.ndarray, films: np.ndarray, spread: np.ndarray, edges: np.ndarray
) -> pd.DataFrame:
    """Table, as `cluster_table` returns it, of what `count_films` counted."""
    names = interval_names(edges)
    index = pd.RangeIndex(len(counts), name="cluster")
    table = pd.DataFrame(counts, index=index, columns=names)
    n_inside = table.sum(axis=1)
    named = n_inside > 0
    dominating = pd.Series([names[i] for i in counts.argmax(axis=1)], index, dtype=str)
    table["films"] = films
    table["interval"] = dominating.where(named)
    table["accuracy"] = counts.max(axis=1) / n_inside.where(named)
    table["median_age"] = spread[:, 1]
    table["age_low"], table["age_high"] = spread[:, 0], spread[:, 2]
    return table


def median_age_error(
    ages: ArrayLike,
    labels: ArrayLike,
    cluster_ages: Mapping[int, float] | ArrayLike | None = None,
) -> float:
    """Mean distance between the age of a film and the median age of its cluster.

    Parameters
    ----------
    ages : array-like of shape (n_samples,)
        Bone ages in months; NaN means unknown, and such films are left out.
    labels : array-like of int of shape (n_samples,)
        Cluster of each film. Films labelled -1 are left out.
    cluster_ages : mapping or array-like of shape (n_clusters,), default=None
        Age in months of each cluster by its id, learned on other films: this makes the
        error a held-out one. Films of a cluster without an age are left out. None
        takes the median of these very films, which flatters small clusters.

    Returns
    -------
    error : float
        In months, at least 0.

    Raises
    ------
    ValueError
        If no film is left, the lengths differ, or ages or labels are invalid.

    Notes
    -----
    The "MAE" in Table 3 of arXiv:2206.05641 (98.25 for 4 clusters down to 17.38 for
    64), given without a formula, cannot be an error in months: ages from 24 to 216
    months are on average at most 96 from their median. The two are not comparable.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import median_age_error
    >>> median_age_error([30, 60, 90, 200, 204], [0, 0, 0, 1, 1])
    12.8
    >>> median_age_error([40, 190], [0, 1], cluster_ages={0: 60, 1: 202})
    16.0
    """
    clusters = check_labels(labels)
    months = check_ages(ages, n_samples=len(clusters))
    if cluster_ages is None:
        centres = pd.Series(months).groupby(clusters).median()
    else:
        centres = pd.Series(cluster_ages, dtype=float)
    distances = np.abs(months - centres.reindex(clusters).to_numpy())[clusters >= 0]
    distances = distances[~np.isnan(distances)]
    if not len(distances):
        raise ValueError("no film has both a known age and a cluster with an age")
    return float(distances.mean())
