"""Which films train, name the clusters and are scored.

In-sample, as in the paper: the films of its class mix do all three. Held out: a random
60% of all films in range train and name, the others are scored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sklearn_baccaec.metrics import assign_age_intervals

CLASS_MIX = np.array([211, 213, 260, 276])  # films per interval in the paper
PAPER_SIZES = (960, 1440, 1920)  # Fig. 8
TRAIN_SHARE = 0.6
HELD_OUT_SEED = 500  # plus the run's own: which films are held out


@dataclass(frozen=True)
class Split:
    """Positions of films: those that train and name, and those that are scored."""

    train: np.ndarray
    scored: np.ndarray

    @property
    def held_out(self) -> bool:
        """Whether films are scored that took no part in anything before."""
        return self.train is not self.scored


def draw_class_mix(
    ages: np.ndarray, seed: int = 0, n_films: int | None = None
) -> np.ndarray:
    """Positions of films in the paper's class mix, as many as there are if not said."""
    intervals = assign_age_intervals(ages)
    available = np.bincount(intervals[intervals >= 0], minlength=len(CLASS_MIX))
    most = np.floor(CLASS_MIX * (available / CLASS_MIX).min() + 0.5).astype(int)
    counts = np.minimum(most, available)
    if n_films is not None and n_films < counts.sum():
        counts = _apportion(CLASS_MIX / CLASS_MIX.sum() * n_films)
    generator = np.random.default_rng(seed)
    drawn = [
        generator.choice(np.flatnonzero(intervals == k), count, replace=False)
        for k, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(drawn))


def _apportion(shares: np.ndarray) -> np.ndarray:
    """Whole numbers with the same sum, by largest remainders."""
    counts = np.floor(shares + 1e-9).astype(int)  # but for a rounding error
    missing = round(shares.sum()) - counts.sum()
    counts[np.argsort(counts - shares, kind="stable")[:missing]] += 1
    return counts


def data_sizes(ages: np.ndarray) -> tuple[int, ...]:
    """Sizes of Fig. 8: the paper's if there are enough films, else thirds."""
    most = len(draw_class_mix(ages))
    if most >= PAPER_SIZES[-1]:
        return PAPER_SIZES
    return round(most / 3), round(2 * most / 3), most


def in_sample(ages: np.ndarray, n_films: int | None = None) -> Split:
    """Films of the paper's class mix; by default its 960, or all that there are."""
    if n_films is None:
        sizes = data_sizes(ages)
        n_films = sizes[0] if sizes == PAPER_SIZES else sizes[-1]
    films = draw_class_mix(ages, n_films=n_films)
    return Split(films, films)


def held_out(ages: np.ndarray, seed: int, share: float = 1.0) -> Split:
    """Films in range: a share of 60% to train on, and the other 40%."""
    films = np.flatnonzero(assign_age_intervals(ages) >= 0)
    films = np.random.default_rng(HELD_OUT_SEED + seed).permutation(films)
    n_train = int(TRAIN_SHARE * len(films))
    return Split(films[: round(share * n_train)], np.sort(films[n_train:]))
