"""Tables of films."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .._utils.validation import check_sexes
from ..cluster import NamedClusterer
from ..films._checks import film_name
from ._reliability import note_doubts


def film_names(films: Sequence[Any]) -> np.ndarray:
    """How tables name films: a file's name, or "film 3"."""
    return np.array([film_name(film, i) for i, film in enumerate(films)], dtype=object)


def assign_films(named: NamedClusterer, examined: Bunch, sex: Any) -> pd.DataFrame:
    """Table of examined films, as `BoneAgeClusterer.assign` returns it."""
    assigned = named.assign(examined.latents, sex=sex)
    return tabulate_films(examined, named, assigned, check_sexes(sex, len(assigned)))


def tabulate_films(
    examined: Bunch, named: NamedClusterer, assigned: pd.DataFrame, sexes: np.ndarray
) -> pd.DataFrame:
    """Put together what `BoneAgeClusterer.examine` and `NamedClusterer.assign` say."""
    sentences = [[] if reason is None else [reason] for reason in examined.reasons]
    for i in np.flatnonzero(assigned["cluster"] < 0):
        sentences[i] = sentences[i] or ["the clusterer left it out"]
    if examined.maturity is not None:
        doubts = note_doubts(named, examined.maturity, examined.reliability, sexes)
        sentences = [[*a, *b] for a, b in zip(sentences, doubts, strict=True)]
    reasons = ["; ".join(of_film) or None for of_film in sentences]
    table = assigned.copy()
    table.insert(0, "film", examined.names)
    if examined.maturity is not None:
        table["maturity"] = examined.maturity
    table["confidence"] = examined.confidence.min(axis=1)
    table["reason"] = pd.Series(reasons, dtype=object)
    table.attrs["age_source"] = named.age_source_
    return table
