"""What one film gives: its row of crops, and how it went."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .._utils.regions import KEY_REGIONS
from ..films import FilmError
from ..films._checks import Film
from ..films._open_film import OpenFilm
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
    """What one film gives, of each region that is asked for."""

    landmarks: np.ndarray  # (19, 3), of all regions; NaN, NaN, 0 where unknown
    crops: np.ndarray  # (n_regions, height, width), uint8; zeros where there is none
    valid: np.ndarray  # (n_regions,), bool: which crops there are
    confidence: np.ndarray  # (n_regions,); 0 where a crop could not be made
    handedness: str = ""  # "L", "R" or "" where it is not known
    doubt: str | None = None  # why a region is set aside as uncertain
    failure: str | None = None  # why one that is certain, or the film, is of no use
    reason: str | None = None  # the first of both, or a note on a film without


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
        doubts = self._find_doubts(row.landmarks)
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
        row.reason = row.reason or made.note
        return row

    def _find_doubts(self, landmarks: np.ndarray) -> list[str | None]:
        """Why each region's landmark, or the whole film, is too uncertain, or None."""
        confidence = landmarks[:, 2]
        known = np.isfinite(landmarks[:, 0])
        mean = confidence[known].mean()
        limit = f"min_confidence is {self.min_confidence:g}"
        if mean < self.min_confidence:
            doubt = f"the landmarks are uncertain (mean confidence {mean:.2f}, {limit})"
            return [doubt] * len(self.columns)
        return [
            f"the landmark of {KEY_REGIONS[column]} is uncertain (confidence "
            f"{confidence[column]:.2f}, {limit})"
            if known[column] and confidence[column] < self.min_confidence
            else None
            for column in self.columns
        ]
