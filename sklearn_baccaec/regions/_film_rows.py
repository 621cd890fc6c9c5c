"""What one film gives: its row of crops, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .._utils.regions import KEY_REGIONS
from ..films import FilmError
from ..films._checks import Film
from ..films._open_film import OpenFilm
from ._confidence_gate import find_doubts
from ._crops import FilmCropper

Locator = Callable[[OpenFilm], np.ndarray]
"""Finds the landmarks (n_regions, 3) of a film, or raises `FilmError`."""


@dataclass(eq=False)  # what Dask is sent has to have a hash
class KnownLandmarks:
    """Landmarks of a film that were found before, or why there are none."""

    landmarks: np.ndarray
    reason: str | None

    def __call__(self, film: OpenFilm) -> np.ndarray:
        if self.reason is not None:
            raise FilmError(film.name, self.reason)
        return self.landmarks


@dataclass
class FilmRow:
    """What one film gives.

    Parameters
    ----------
    landmarks : ndarray of shape (n_regions_known, 3)
        Of all regions there are; NaN, NaN, 0 where unknown.
    crops : ndarray of shape (n_regions, height, width), uint8
        Of the regions asked for; zeros where there is none.
    valid : ndarray of shape (n_regions,), bool
        Which crops there are.
    confidence : ndarray of shape (n_regions,)
        Of their landmarks; 0 where a crop could not be made.
    handedness : str
        "L", "R" or "".
    doubt, failure : str or None
        Why a region is set aside as uncertain, and why one that is certain, or the
        film, cannot be used.
    reason : str or None
        The first of both.
    """

    landmarks: np.ndarray
    crops: np.ndarray
    valid: np.ndarray
    confidence: np.ndarray
    handedness: str = ""
    doubt: str | None = None
    failure: str | None = None
    reason: str | None = None


@dataclass(eq=False)  # what Dask is sent has to have a hash
class RowMaker:
    """Looks at one film, which is decoded once at most."""

    columns: Sequence[int]  # positions of the regions asked for
    min_confidence: float
    crop: FilmCropper

    def __call__(self, film: Film, index: int, locate: Locator) -> FilmRow:
        """Locate and crop a film."""
        n_regions = len(self.columns)
        row = FilmRow(
            landmarks=np.full((len(KEY_REGIONS), 3), (np.nan, np.nan, 0)),
            crops=np.zeros((n_regions, *self.crop.crop_shape), np.uint8),
            valid=np.zeros(n_regions, bool),
            confidence=np.zeros(n_regions),
        )
        opened = OpenFilm(film, index)
        try:
            row.landmarks = locate(opened)
            made = self.crop(opened, row.landmarks)
        except FilmError as error:
            row.failure = row.reason = error.reason
            return row
        row.handedness = "LR"[made.right]
        doubts = find_doubts(row.landmarks, self.columns, self.min_confidence)
        for i, (column, doubt) in enumerate(zip(self.columns, doubts, strict=True)):
            flaw = made.reasons[column]
            if flaw is None:
                row.confidence[i] = row.landmarks[column, 2]
            if doubt is None and flaw is None:
                row.valid[i], row.crops[i] = True, made.crops[column]
                continue
            row.reason = row.reason or doubt or flaw
            if doubt is not None:
                # Uncertain landmarks may lie outside the film: no failure of its own.
                row.doubt = row.doubt or doubt
            else:
                row.failure = row.failure or flaw
        return row
