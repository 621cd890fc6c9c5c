"""Sexes as users hand them over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

SEXES = ("F", "M")


def check_sexes(sex: Any, n_samples: int) -> np.ndarray:
    """Turn sexes into positions in `SEXES`; -1 where unknown.

    Parameters
    ----------
    sex : array-like of shape (n_samples,) or None
        "F" or "M"; None, NaN and the missing values of pandas mean unknown; booleans
        mean male. None means that all are unknown.
    n_samples : int
        Number of films that the sexes must match.

    Returns
    -------
    codes : ndarray of shape (n_samples,), int
        0 for female, 1 for male, -1 for unknown.

    Raises
    ------
    ValueError
        If the sexes are not 1-D or not one per film, or one is none of these codes.

    Examples
    --------
    >>> from sklearn_baccaec._utils.sexes import check_sexes
    >>> check_sexes(["F", True, None], 3)
    array([ 0,  1, -1])
    """
    if sex is None:
        return np.full(n_samples, -1)
    if isinstance(sex, str) or not hasattr(sex, "__len__"):
        raise ValueError(f"sex must hold one code per film (1-D), got {sex!r}")
    # A list stays a list of objects: numpy would turn ["F", True] into text.
    if np.ma.isMaskedArray(sex):
        sex = sex.tolist()  # None where masked
    values = np.asarray(sex, dtype=None if hasattr(sex, "__array__") else object)
    if values.ndim != 1:
        raise ValueError(
            f"sex must hold one code per film (1-D), got an array of shape "
            f"{values.shape}"
        )
    if len(values) != n_samples:
        raise ValueError(f"sex holds {len(values)} codes for {n_samples} films")
    return np.array(
        [_code(value, i) for i, value in enumerate(values)], dtype=int
    ).reshape(n_samples)


def _code(value: Any, index: int) -> int:
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, str) and value in SEXES:
        return SEXES.index(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return -1
    raise ValueError(
        f'sex[{index}] is {value!r}: expected "F", "M", True (male), False (female), '
        "or None or NaN where it is unknown"
    )
