"""Age intervals: the classes that name the clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

__all__ = ["age_interval_edges", "assign_age_intervals", "check_ages", "interval_names"]


def age_interval_edges(
    interval: float = 48, age_range: Sequence[float] = (24, 216)
) -> np.ndarray:
    """Edges of the age intervals, from the youngest to the oldest.

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
        If the width is not above 0, or if the range is reversed, empty, negative or
        not finite.

    References
    ----------
    "An Unsupervised Deep-Learning Method for Bone Age Assessment",
    arXiv:2206.05641, section 2.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import age_interval_edges
    >>> age_interval_edges()
    array([ 24.,  72., 120., 168., 216.])
    >>> age_interval_edges(60, (24, 216))
    array([ 24.,  84., 144., 204., 216.])
    """
    youngest, oldest = age_range
    if not 0 < interval < math.inf:
        raise ValueError(f"interval must be above 0 months and finite, got {interval}")
    if not 0 <= youngest < oldest < math.inf:
        raise ValueError(
            "age_range must be (youngest, oldest) with 0 <= youngest < oldest, in "
            f"months, got {age_range}"
        )
    # The slack keeps a rounding error from adding an interval of no width.
    n_intervals = max(1, math.ceil((oldest - youngest) / interval - 1e-9))
    return np.append(youngest + interval * np.arange(n_intervals), float(oldest))


def interval_names(edges: ArrayLike) -> list[str]:
    """Names of the intervals between edges, such as "24-72".

    Parameters
    ----------
    edges : array-like of shape (n_intervals + 1,)
        Ages in months, increasing.

    Returns
    -------
    names : list of str, of length n_intervals
        Lower and upper edge of each interval. The upper edge belongs to the next
        interval, except in the last one.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import interval_names
    >>> interval_names([24, 72, 120])
    ['24-72', '72-120']
    """
    return [f"{low:g}-{high:g}" for low, high in pairwise(np.asarray(edges))]


def assign_age_intervals(
    ages: ArrayLike, *, interval: float = 48, age_range: Sequence[float] = (24, 216)
) -> np.ndarray:
    """Index of the age interval that each age falls in.

    Parameters
    ----------
    ages : array-like of shape (n_samples,)
        Ages in months, as for :func:`check_ages`. NaN means unknown.
    interval, age_range
        As for :func:`age_interval_edges`.

    Returns
    -------
    intervals : ndarray of shape (n_samples,), dtype intp
        From 0 (youngest) on. An interval holds its lower edge and not its upper one,
        but the last holds both. Unknown ages and ages outside `age_range` get -1.

    Raises
    ------
    ValueError
        As :func:`age_interval_edges` and :func:`check_ages`.

    References
    ----------
    arXiv:2206.05641, section 2 and Table 1.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import assign_age_intervals
    >>> assign_age_intervals([24, 71.5, 72, 216, 217, None])
    array([ 0,  0,  1,  3, -1, -1])
    """
    edges = age_interval_edges(interval, age_range)
    months = check_ages(ages)
    intervals = np.searchsorted(edges, months, side="right") - 1
    intervals[months == edges[-1]] -= 1
    # Ages below the range are at -1 already; NaN is sorted past the last edge.
    intervals[intervals >= len(edges) - 1] = -1
    return intervals


def check_ages(ages: ArrayLike, n_samples: int | None = None) -> np.ndarray:
    """Turn ages into an array of months and refuse what cannot be an age.

    Parameters
    ----------
    ages : array-like of shape (n_samples,)
        Ages in months: finite and not negative. NaN, None and the missing values of
        pandas mean that the age is unknown. Text is accepted if it is a number.
    n_samples : int, default=None
        Number of films the ages must match. None leaves the number unchecked.

    Returns
    -------
    months : ndarray of shape (n_samples,), dtype float64
        A new array with NaN for unknown ages.

    Raises
    ------
    ValueError
        If the ages are not 1-D or not one per film, or if one of them is not a
        number, negative or infinite; the message gives its position.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import check_ages
    >>> check_ages([84, None, "120"])
    array([ 84.,  nan, 120.])
    >>> check_ages([84, -3])
    Traceback (most recent call last):
    ...
    ValueError: y[1] is -3.0: an age in months is finite and not negative
    """
    # A list stays a list of objects: numpy would turn [84, None, "x"] into text.
    values = np.asarray(ages, dtype=None if hasattr(ages, "__array__") else object)
    if values.ndim != 1:
        raise ValueError(
            f"y must hold one age per film (1-D), got an array of shape {values.shape}"
        )
    if n_samples is not None and len(values) != n_samples:
        raise ValueError(f"y has {len(values)} ages for {n_samples} films")

    months = np.array([_to_months(age, place) for place, age in enumerate(values)])
    refused = np.flatnonzero((months < 0) | np.isinf(months))
    if len(refused):
        raise ValueError(
            f"y[{refused[0]}] is {months[refused[0]]}: an age in months is finite and "
            "not negative"
        )
    return months.astype(np.float64)


def _to_months(age: object, place: int) -> float:
    if age is None or age is pd.NA or age is pd.NaT:
        return math.nan
    # Flags and dates turn into floats without an error: y may be the wrong column.
    if not isinstance(age, bool | np.bool_ | np.datetime64 | np.timedelta64):
        try:
            return float(age)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            pass
    raise ValueError(f"y[{place}] is {age!r}: not an age in months")
