"""Months along a maturity curve, told by drawn hands instead of known ages."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import linalg
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression

from .._utils.validation import SEXES
from ..datasets._sex_scale import from_girls_months
from ._region_curves import GRID

PENALTY = 0.1  # of the real films' noise, beside the spread of the drawn hands

# Months from which a film's age is told by its own scale, and half of the range that
# holds 80% of the films from there on; measured on 719 RSNA films.
_RANGES = {0: 15.0, 48: 18.0, 96: 18.0, 120: 14.0, 144: 11.0}
# Months of girls below which only the order is reliable: so nearly all films below 48
# are found.
_YOUNG = 56.0
_LAST = {"F": 168.0, "M": 192.0}  # months from which hands hardly differ


@dataclass(frozen=True, eq=False)
class CurveMonths:
    """Months of girls at every place on a curve.

    Drawn hands, whose months come from published tables, show what changes with
    maturity, but not how films look. So each region learns from them which direction of
    its latents tells months, penalised by the noise of real films about their curve;
    then it reads that curve along this direction. The regions' votes are averaged.

    Attributes
    ----------
    months : ndarray of shape (n_places,)
        They never fall along the grid.
    votes : ndarray of shape (n_regions, n_places)
        What each region says by itself: how far they differ is seen without an age. No
        rows where no region was asked.
    """

    months: np.ndarray
    votes: np.ndarray

    @classmethod
    def learn(cls, hands: np.ndarray, months: np.ndarray, curve: Any) -> Self:
        """Learn from drawn hands what months the places on a curve are.

        Parameters
        ----------
        hands : ndarray of shape (n_hands, n_regions * width)
            Latents of drawn hands, by the encoders whose latents the curve learned.
        months : ndarray of shape (n_hands,)
            On the scale of girls.
        curve : MaturityCurve
            Fitted to real films; it rises with maturity.
        """
        regions = hands.reshape(len(hands), len(curve.regions_), -1).astype(float)
        places = norm.pdf(GRID, *curve.axis_scale)  # where films are
        places /= places.sum()
        votes, weights = [], []
        for i, (line, noise) in enumerate(
            zip(curve.curves_, curve.noise_, strict=True)
        ):
            centre = regions[:, i].mean(axis=0)
            own = regions[:, i] - centre
            spread = own.T @ own / len(own) + PENALTY * noise
            covariance = own.T @ (months - months.mean()) / len(own)
            direction = linalg.solve(spread, covariance, assume_a="pos")
            vote = (line - centre) @ direction + months.mean()
            signal = places @ (vote - places @ vote) ** 2
            rises = np.cov(vote, GRID, aweights=places)[0, 1] > 0
            votes.append(vote)
            weights.append(rises * signal / (signal + direction @ noise @ direction))
        pooled = np.average(votes, axis=0, weights=weights)
        rising = IsotonicRegression().fit(GRID, pooled, sample_weight=places)
        return cls(rising.predict(GRID), np.array(votes))

    @classmethod
    def of_films(cls, t: np.ndarray, months: np.ndarray) -> Self:
        """Months along another axis, of films whose months of girls are known.

        Parameters
        ----------
        t, months : ndarray of shape (n_samples,)
            NaN for films that do not count.
        """
        known = np.isfinite(t) & np.isfinite(months)
        rising = IsotonicRegression(out_of_bounds="clip").fit(t[known], months[known])
        return cls(rising.predict(GRID), np.empty((0, len(GRID))))

    def half_range(self, ages: np.ndarray) -> np.ndarray:
        """Half of the 80% range (n_samples,) about months on a film's own scale."""
        steps = np.searchsorted([*_RANGES], ages, side="right") - 1
        return np.array([*_RANGES.values()])[steps]

    def is_young(self, t: np.ndarray) -> np.ndarray:
        """Whether only the order of films (n_samples,) at these places is reliable."""
        return np.interp(t, GRID, self.months) < _YOUNG

    def is_open(self, ages: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Whether months (n_samples,) are "at least": later hands look the same."""
        limits = np.array([_LAST[sex] for sex in SEXES])
        return ages >= limits[sexes.astype(int)]

    def predict(self, t: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        """Months (n_samples,) on every film's own scale.

        Of unknown sex (any code but 0, female, and 1, male) they are the mean of both.
        """
        girls = np.interp(t, GRID, self.months)
        of_both = [from_girls_months(girls, sex=[sex] * len(girls)) for sex in SEXES]
        by_code = np.vstack([*of_both, np.mean(of_both, axis=0)])
        codes = np.where(np.isin(sexes, range(len(SEXES))), sexes, -1).astype(int)
        return by_code[codes, np.arange(len(girls))]
