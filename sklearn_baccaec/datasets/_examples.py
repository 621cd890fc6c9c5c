"""Films to try things on: real ones where there are some, else synthetic ones."""

from __future__ import annotations

import os
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch, check_random_state, check_scalar

from ._radiographs import load_radiographs
from ._synthetic import make_hand_radiographs

DATA_VARIABLE = "SKLEARN_BACCAEC_DATA"
AGE_CLASSES = np.array([24, 72, 120, 168, 216])  # months; the paper's intervals
FILM_SHAPE = (300, 240)


def load_example_radiographs(
    n_samples: int = 160, *, random_state: int | np.random.RandomState | None = 0
) -> Bunch:
    """Load films of all ages: your own where there are some, else synthetic ones.

    If the environment variable ``SKLEARN_BACCAEC_DATA`` names a folder with films in
    ``images`` and a table ``boneage.csv`` (columns id, boneage, male), films are drawn
    from it; otherwise they are synthetic.

    Parameters
    ----------
    n_samples : int, default=160
        Number of films. Of a folder, as many of each of the paper's four intervals,
        and fewer where there are not enough.
    random_state : int, RandomState instance or None, default=0
        Seed of the draw.

    Returns
    -------
    films : :class:`~sklearn.utils.Bunch`
        data : ndarray of shape (n_samples,), str, or (n_samples, 300, 240), uint8
            Paths of real films, or synthetic ones.
        target : ndarray of shape (n_samples,), float64
            Bone ages from 24 to 216 months.
        sex : ndarray of shape (n_samples,), object
            "F", "M", or None where unknown.
        real : bool
            Whether the films are real.

    Raises
    ------
    FileNotFoundError
        If the folder has no ``images`` or no ``boneage.csv``.
    ValueError
        If no film's age is within the range.

    See Also
    --------
    load_radiographs : Any folder of films.
    make_hand_radiographs : Synthetic films, with their landmarks.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import load_example_radiographs
    >>> films = load_example_radiographs(8)
    >>> len(films.data), len(films.target), len(films.sex)
    (8, 8, 8)
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        films = make_hand_radiographs(
            n_samples, film_shape=FILM_SHAPE, random_state=random_state
        )
        return Bunch(
            data=films.data,
            target=films.target,
            sex=films.sex.astype(object),
            real=False,
        )
    films = load_radiographs(Path(folder) / "images", Path(folder) / "boneage.csv")
    chosen = _draw_evenly(films.target, n_samples, check_random_state(random_state))
    if not len(chosen):
        raise ValueError(
            f"no film in {folder} has a known age from {AGE_CLASSES[0]} to "
            f"{AGE_CLASSES[-1]} months"
        )
    return Bunch(
        data=films.data[chosen],
        target=films.target[chosen],
        sex=films.sex[chosen],
        real=True,
    )


def _draw_evenly(
    ages: np.ndarray, n_samples: int, random: np.random.RandomState
) -> np.ndarray:
    """Positions of films at random, as evenly over the classes as there are."""
    inside = np.flatnonzero((ages >= AGE_CLASSES[0]) & (ages <= AGE_CLASSES[-1]))
    inside = random.permutation(inside)
    classes = np.searchsorted(AGE_CLASSES[1:-1], ages[inside], side="right")
    # The first film of every class, then the second of each, and so on.
    turn = np.zeros(len(inside), int)
    for k in range(len(AGE_CLASSES) - 1):
        members = classes == k
        turn[members] = np.arange(members.sum())
    return np.sort(inside[np.argsort(turn, kind="stable")[:n_samples]])
