"""Which landmarks are too uncertain to crop at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._utils.regions import KEY_REGIONS
from .._utils.warning import warn_user
from ..films import FilmError

_SHOWN = 3  # films that a warning names


def find_doubts(
    landmarks: np.ndarray, columns: Sequence[int], min_confidence: float
) -> list[str | None]:
    """Why the regions ``columns`` of one film are too uncertain, or None.

    ``landmarks`` (19, 3) are NaN, NaN, 0 where unknown; where the known ones are
    uncertain on the whole, every region is.
    """
    confidence = landmarks[:, 2]
    known = np.isfinite(landmarks[:, 0])
    mean = confidence[known].mean()
    limit = f"min_confidence is {min_confidence:g}"
    if mean < min_confidence:
        doubt = f"the landmarks are uncertain (mean confidence {mean:.2f}, {limit})"
        return [doubt] * len(columns)
    return [
        f"the landmark of {KEY_REGIONS[column]} is uncertain (confidence "
        f"{confidence[column]:.2f}, {limit})"
        if known[column] and confidence[column] < min_confidence
        else None
        for column in columns
    ]


def warn_of_doubts(doubts: Sequence[FilmError], n_films: int) -> None:
    """Name the films that were set aside for their uncertain landmarks."""
    shown = "; ".join(str(doubt) for doubt in doubts[:_SHOWN])
    more = f"; and {len(doubts) - _SHOWN} more" if len(doubts) > _SHOWN else ""
    warn_user(
        f"{len(doubts)} of {n_films} films lack crops, as landmarks are uncertain: "
        f"{shown}{more}. Look at them with plotting.FilmSheetDisplay"
    )
