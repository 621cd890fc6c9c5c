"""Films with their ages and sexes, which say in one line what they are."""

import numpy as np
from sklearn.utils import Bunch

from .._utils.validation import SEXES, check_sexes


class FilmBunch(Bunch):
    """Bunch of films: ``data``, ``target`` (months), ``sex`` and others."""

    def __repr__(self) -> str:
        n_films = len(self.data)
        ages = self.target[np.isfinite(self.target)]
        range_ = "no ages"
        if len(ages):
            low, high = f"{ages.min():.4g}", f"{ages.max():.4g}"
            range_ = f"{_count(len(ages), 'age')} from {low} to {high} months"
            if low == high:
                range_ = f"{_count(len(ages), 'age')} of {low} months"
        codes = check_sexes(self.sex, n_films)
        girls, boys = (int((codes == code).sum()) for code in range(len(SEXES)))
        sexes = "no sexes"
        if girls or boys:
            sexes = f"{_count(girls, 'girl')}, {_count(boys, 'boy')}"
        return f"{_count(n_films, 'film')}, {range_}, {sexes}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
