"""Which films, and which clusters, sheets show, and in which order."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .._utils.regions import check_regions, region_index
from .._utils.validation import ages_within
from ._styles import count_of


def centre_distances(latents: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Euclidean distance of each film to its cluster's mean; NaN if set aside."""
    # Two films of a cluster are equally far; which is first must not depend on dtype.
    frame = pd.DataFrame(latents, dtype=np.float64)
    centres = frame.groupby(labels).transform("mean")
    distances = np.sqrt(((frame - centres) ** 2).sum(axis=1, skipna=False)).to_numpy()
    return np.where(labels >= 0, distances, np.nan)


def choose_clusters(labels: np.ndarray, clusters: Sequence[int] | None) -> np.ndarray:
    """Clusters to show, which all have a film; None means all that do."""
    present = np.unique(labels[labels >= 0])
    if not len(present):
        raise ValueError("there is nothing to show: every film is set aside")
    chosen = present if clusters is None else np.unique(np.asarray(clusters))
    absent = np.setdiff1d(chosen, present)
    if len(absent) or not len(chosen):
        what = f"cluster {absent[0]} holds no film" if len(absent) else "none is given"
        known = ", ".join(map(str, present))
        raise ValueError(f"clusters: {what}; there are films of {known}")
    return chosen


def describe_cluster(
    labels: np.ndarray, cluster: int, table: pd.DataFrame | None
) -> str:
    """Say the number, the name if there is a table, and the size of a cluster."""
    lines = [f"cluster {cluster}"]
    if table is not None:
        interval = table["interval"].get(cluster)
        lines.append("no name" if pd.isna(interval) else f"{interval} months")
    lines.append(count_of(int((labels == cluster).sum()), "film"))
    return "\n".join(lines)


def nearest_films(
    distances: np.ndarray, labels: np.ndarray, clusters: np.ndarray, n_films: int
) -> list[np.ndarray]:
    """Positions of the films of each cluster, the nearest first, NaN last."""
    nearest = np.argsort(distances, kind="stable")
    return [nearest[labels[nearest] == cluster][:n_films] for cluster in clusters]


def sort_by_age(clusters: np.ndarray, table: pd.DataFrame | None) -> np.ndarray:
    """Clusters by their median age in the table, those without a name last."""
    if table is None:
        return clusters
    named = table[table["interval"].notna()]
    ages = named["median_age"].reindex(clusters).to_numpy(float)
    return clusters[np.argsort(ages, kind="stable")]


def mean_confidence(
    landmarks: np.ndarray, regions: Iterable[str | int] | str | int | None
) -> np.ndarray:
    """Mean confidence (n_films,) over the regions; None means all 19."""
    columns = [region_index(region) for region in check_regions(regions)]
    return landmarks[:, columns, 2].mean(axis=1)


def find_misclassified(
    ages: np.ndarray, bounds: np.ndarray, age_range: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Misclassified films, furthest off first; months off, NaN if unknown; which."""
    low, high = bounds.T
    inside = ages_within(ages, age_range)
    distance = np.maximum(np.maximum(low - inside, inside - high), 0)
    oldest = age_range[1]  # is in the last interval, and not in one beyond it
    at_upper_edge = (inside == high) & (high != oldest)
    at_lower_edge = (inside == low) & (low == oldest)
    misclassified = (distance > 0) | at_upper_edge | at_lower_edge
    order = np.argsort(-distance, kind="stable")  # NaN come last
    return order[misclassified[order]], distance, misclassified


def check_bounds(bounds: ArrayLike, n_samples: int) -> np.ndarray:
    """Edges (n_samples, 2) in months; NaN, NaN for a film without an interval."""
    edges = np.asarray(bounds, dtype=np.float64)
    if edges.shape != (n_samples, 2):
        raise ValueError(
            f"bounds has shape {edges.shape}; expected ({n_samples}, 2), the lower and "
            "upper edge of each film's interval in months"
        )
    valid = np.isnan(edges).all(axis=1) | (edges[:, 0] < edges[:, 1])
    if not valid.all():
        i = valid.argmin()
        raise ValueError(f"bounds[{i}] is {edges[i].tolist()}: not an interval")
    return edges
