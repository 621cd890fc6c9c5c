"""Ages read from an axis, and the range in which most known ages lie around them."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import PredefinedSplit, cross_val_predict

MIN_KNOWN_AGES = 2  # that a regressor needs
MIN_RANGE_AGES = 30  # that tell how far ages lie from what it says
RANGE = 0.8  # share of the ages in the range
FEW_AGES_WIDTHS = 20.0, 25.0  # half of it in months, for fewer ages: sex known, unknown

_FOLDS = 5  # in which residuals are found


@dataclass(frozen=True)
class AxisAges:
    """What a regressor says of ages, and how far known ages lie from it.

    Columns are latents and, in the last one, the sex: 0 (female), 1 (male), -1
    (unknown).

    Attributes
    ----------
    regressor : regressor
        Fitted to all films of known age.
    widths : ndarray of shape (2,)
        Half of the range in months, of films whose sex is known, and of others; NaN
        for those of the regressor's prior.
    n_known : int
        Number of known ages.
    """

    regressor: Any
    widths: np.ndarray
    n_known: int

    @classmethod
    def learn(
        cls, regressor: Any, columns: np.ndarray, ages: np.ndarray
    ) -> Self | None:
        """Learn from the films of known age; None if there are too few of them."""
        known = np.isfinite(ages) & np.isfinite(columns).all(axis=1)
        n_known, prior = int(known.sum()), getattr(regressor, "prior", None)
        few = FEW_AGES_WIDTHS if prior is None else (np.nan, np.nan)
        if prior is not None and not n_known:
            return cls(clone(regressor), np.array(few), 0)
        if prior is None and n_known < MIN_KNOWN_AGES:
            return None
        columns, ages = columns[known], ages[known]
        of_known_sex = columns[:, -1] >= 0
        blind = np.column_stack([columns[:, :-1], np.full(len(columns), -1)])
        widths = [
            _find_width(regressor, columns[of_known_sex], ages[of_known_sex]),
            _find_width(regressor, blind, ages),
        ]
        widths = [few[i] if width is None else width for i, width in enumerate(widths)]
        return cls(clone(regressor).fit(columns, ages), np.array(widths), n_known)

    @property
    def has_prior(self) -> bool:
        """Whether there are months without a known age."""
        return getattr(self.regressor, "prior", None) is not None

    @property
    def source(self) -> str:
        """Where ages come from, in words."""
        known = f"{self.n_known} known age{'' if self.n_known == 1 else 's'}"
        if not self.has_prior:
            return f"{known} along the maturity axis"
        return "drawn hands, without a label" + (f"; {known}" if self.n_known else "")

    def estimate(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Age (n_samples,) and range (n_samples, 2) in months; NaN without latents."""
        ages, sexes = self._tell(columns), columns[:, -1]
        width = np.where(sexes >= 0, *self.widths)[:, None]
        ranges = ages[:, None] + width * (-1, 1)
        if self.has_prior:
            own, is_open = self._prior_ranges(columns)
            ranges = np.where(np.isnan(width), own, ranges)
            ranges[is_open, 1] = np.inf
        return ages, np.maximum(ranges, 0)

    def _prior_ranges(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ranges (n_samples, 2) of the prior, and which of them have no upper end.

        They reach across both sexes where it is unknown.
        """
        ends, is_open = [], np.zeros(len(columns), bool)
        for code in (0, 1):
            sexes = np.where(columns[:, -1] < 0, code, columns[:, -1])
            ages = self._tell(np.column_stack([columns[:, :-1], sexes]))
            half = self.regressor.prior.half_range(ages)
            ends.append((ages - half, ages + half))
            is_open |= self.regressor.prior.is_open(ages, sexes)
        lows, highs = zip(*ends, strict=True)
        return np.column_stack([np.minimum(*lows), np.maximum(*highs)]), is_open

    def _tell(self, columns: np.ndarray) -> np.ndarray:
        ages = np.full(len(columns), np.nan)
        placed = np.isfinite(columns).all(axis=1)
        if placed.any():
            ages[placed] = self.regressor.predict(columns[placed])
        return ages


def _find_width(regressor: Any, columns: np.ndarray, ages: np.ndarray) -> float | None:
    """Distance within which films lie from a regressor that has not seen them.

    Films take turns, so that each fold reaches from end to end of the first column.
    None for too few films.
    """
    if len(ages) < MIN_RANGE_AGES:
        return None
    turns = columns[:, 0].argsort(kind="stable").argsort() % _FOLDS
    folds = PredefinedSplit(turns)
    predicted = cross_val_predict(clone(regressor), columns, ages, cv=folds)
    distances = np.sort(np.abs(ages - predicted))
    place = int(np.ceil(RANGE * (len(ages) + 1)))  # with the film that is asked for
    return float(distances[place - 1])
