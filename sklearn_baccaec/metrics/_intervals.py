"""Age intervals: the classes that name the clusters."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from .._utils.docstrings import fill_docstrings
from .._utils.validation import check_ages

_MOST_INTERVALS = 1000


def age_interval_edges(
    interval: float = 48, age_range: Sequence[float] = (24, 216)
) -> np.ndarray:
    """Edges of the age intervals of arXiv:2206.05641, section 2.

    Parameters
    ----------
    interval : float, default=48
        Width of an interval in months, above 0.
    age_range : (float, float), default=(24, 216)
        Youngest and oldest age in months, ``0 <= youngest < oldest``. The last
        interval ends at the oldest age, even if that makes it narrower.

    Returns
    -------
    edges : ndarray of shape (n_intervals + 1,)
        Ages in months, increasing.

    Raises
    ------
    ValueError
        If the width is not above 0 or makes more than 1,000 intervals, or if the range
        is reversed, empty, negative or not finite.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import age_interval_edges
    >>> age_interval_edges()
    array([ 24.,  72., 120., 168., 216.])
    >>> age_interval_edges(60, (24, 216))
    array([ 24.,  84., 144., 204., 216.])
    """
    try:
        youngest, oldest = (float(age) for age in age_range)
    except (TypeError, ValueError):
        youngest = oldest = math.nan
    if not 0 < interval < math.inf:
        raise ValueError(f"interval must be above 0 months and finite, got {interval}")
    if not 0 <= youngest < oldest < math.inf:
        raise ValueError(
            "age_range must be (youngest, oldest) with 0 <= youngest < oldest, in "
            f"months, got {age_range}"
        )
    if (oldest - youngest) / interval > _MOST_INTERVALS:
        raise ValueError(
            f"interval={interval} makes more than {_MOST_INTERVALS} intervals of "
            f"age_range={age_range}"
        )
    # The slack keeps a rounding error from adding an interval of no width.
    n_intervals = max(1, math.ceil((oldest - youngest) / interval - 1e-9))
    return np.append(youngest + float(interval) * np.arange(n_intervals), oldest)


def interval_names(edges: ArrayLike) -> list[str]:
    """Names of the intervals between increasing edges in months, such as "24-72"."""
    return [tell_interval(low, high) for low, high in pairwise(np.asarray(edges))]


def tell_interval(low: float, high: float) -> str:
    """Interval in words, such as "24-72", or "over 216" where it has no end."""
    return f"over {low:g}" if np.isinf(high) else f"{low:g}-{high:g}"


def tell_intervals(bounds: np.ndarray) -> np.ndarray:
    """Intervals (n_samples, 2) in words, None where they are NaN."""
    told = [None if np.isnan(low) else tell_interval(low, high) for low, high in bounds]
    return np.array(told, dtype=object)


@fill_docstrings
def assign_age_intervals(
    ages: ArrayLike, *, interval: float = 48, age_range: Sequence[float] = (24, 216)
) -> np.ndarray:
    """Index of the age interval that each age falls in (arXiv:2206.05641, Table 1).

    Parameters
    ----------
    ages : array-like of shape (n_samples,)
        Ages in months: finite and not negative. NaN, None and the missing values of
        pandas mean unknown. Text is accepted if it is a number.
    {intervals}

    Returns
    -------
    intervals : ndarray of shape (n_samples,), dtype intp
        From 0 (youngest) on. An interval holds its lower edge and not its upper one,
        but the last holds both. Unknown ages and ages outside `age_range` get -1.

    Raises
    ------
    ValueError
        As :func:`age_interval_edges`, and if an age is not one; the message gives its
        position.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import assign_age_intervals
    >>> assign_age_intervals([24, 71.5, 72, 216, 217, None])
    array([ 0,  0,  1,  3, -1, -1])
    """
    edges = age_interval_edges(interval, age_range)
    return place_in_intervals(check_ages(ages), edges)


def place_in_intervals(ages: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Index of the interval of every age; -1 where it is unknown or outside."""
    intervals = np.searchsorted(edges, ages, side="right") - 1
    intervals[ages == edges[-1]] -= 1
    # Ages below the range are at -1 already; NaN is sorted past the last edge.
    intervals[intervals >= len(edges) - 1] = -1
    return intervals


def bounds_of_ages(ages: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Edges (n_samples, 2) of the interval that holds every age, or NaN.

    Ages below or above all intervals have one from 0 on, or one without an end.
    """
    place = np.searchsorted(edges, ages, side="right")
    place[ages == edges[-1]] -= 1
    lower, upper = np.append(0, edges), np.append(edges, np.inf)
    bounds = np.column_stack([lower[place], upper[place]])
    return np.where(np.isnan(ages)[:, None], np.nan, bounds)
