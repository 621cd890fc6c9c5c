"""Ages in months, as users hand them over."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


def check_ages(
    ages: ArrayLike, n_samples: int | None = None, names: Sequence[str] | None = None
) -> np.ndarray:
    """Turn ages into an array of months and refuse what cannot be an age.

    Parameters
    ----------
    ages : array-like of shape (n_samples,)
        Ages in months: finite and not negative. NaN, None and the missing values of
        pandas mean that the age is unknown. Text is accepted if it is a number.
    n_samples : int, default=None
        Number of films the ages must match. None leaves the number unchecked.
    names : sequence of str, default=None
        What messages call each age; None means "y[0]", "y[1]" and so on.

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
    if np.ma.isMaskedArray(ages):
        ages = ages.tolist()  # None where masked
    values = np.asarray(ages, dtype=None if hasattr(ages, "__array__") else object)
    if values.ndim != 1:
        raise ValueError(
            f"y must hold one age per film (1-D), got an array of shape {values.shape}"
        )
    if n_samples is not None and len(values) != n_samples:
        raise ValueError(f"y has {len(values)} ages for {n_samples} films")

    called = [f"y[{place}]" for place in range(len(values))] if names is None else names
    months = np.array([_to_months(*pair) for pair in zip(values, called, strict=True)])
    refused = np.flatnonzero((months < 0) | np.isinf(months))
    if len(refused):
        raise ValueError(
            f"{called[refused[0]]} is {months[refused[0]]}: an age in months is finite "
            "and not negative"
        )
    return months.astype(np.float64)


def _to_months(age: object, name: str) -> float:
    if age is None or age is pd.NA or age is pd.NaT:
        return math.nan
    # Flags and dates turn into floats without an error: y may be the wrong column.
    if not isinstance(
        age, bool | np.bool_ | np.datetime64 | np.timedelta64 | np.complexfloating
    ):
        try:
            return float(age)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            pass
    raise ValueError(f"{name} is {age!r}: not an age in months")
