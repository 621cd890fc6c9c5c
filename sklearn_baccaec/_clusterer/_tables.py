"""Tables of films."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from ..films._checks import film_name


def film_names(films: Sequence[Any]) -> np.ndarray:
    """How tables name films: a file's name, or "film 3"."""
    return np.array([film_name(film, i) for i, film in enumerate(films)], dtype=object)


def tabulate_films(examined: Bunch, assigned: pd.DataFrame) -> pd.DataFrame:
    """Table of films, as `BoneAgeClusterer.assign` returns it.

    ``examined`` is what `BoneAgeClusterer.examine` tells of them, ``assigned`` what
    `NamedClusterer.assign` does.
    """
    reasons = examined.reasons.copy()
    left_out = pd.isna(reasons) & (assigned["cluster"].to_numpy() < 0)
    reasons[left_out] = "the clusterer left it out"
    table = assigned.copy()
    table.insert(0, "film", examined.names)
    if examined.maturity is not None:
        table["maturity"] = examined.maturity
    table["confidence"] = examined.confidence.min(axis=1)
    table["reason"] = pd.Series(reasons, dtype=object)
    return table
