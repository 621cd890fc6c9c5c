"""Clusters as users hand them over."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def check_labels(labels: ArrayLike) -> np.ndarray:
    """Clusters (n_samples,) as integers from 0 on, -1 for none.

    Raises
    ------
    ValueError
        If they are not 1-D, or no such integers.
    """
    ids = np.asarray(labels)
    if ids.ndim == 1 and ids.dtype.kind in "iu":
        ids = ids.astype(np.intp, copy=False)
        if ids.min(initial=-1) >= -1:
            return ids
    raise ValueError("labels must be 1-D: integers from 0 on, -1 for no cluster")
