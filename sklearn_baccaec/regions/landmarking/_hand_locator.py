"""Landmarks of one film at a time, wherever the film is at hand."""

from typing import NamedTuple

import numpy as np

from ..._utils.code_version import code_version
from ..._utils.image_backend import optimised_cv2
from ..._utils.parallel import OptionalMemory
from ...films import FilmError
from ...films._open_film import OpenFilm
from ._shared_networks import SharedNetworks

NO_HAND_BELOW = 0.1  # mean confidence


class FoundHand(NamedTuple):
    """Landmarks (n_regions, 3) of a film, its side and its polarity."""

    landmarks: np.ndarray
    right: bool
    inverted: bool


class HandLocator:
    """What finds the landmarks of a film; tasks in other processes can be sent it."""

    def __init__(self, networks: SharedNetworks, memory: OptionalMemory) -> None:
        self.networks = networks
        self._keeps = memory.keeps
        ignored = ["film", "networks"]
        self._find = memory.cache(_find_hand, ignore=ignored, kind=FoundHand)

    def __call__(self, film: OpenFilm) -> np.ndarray:
        """Landmarks (n_regions, 3); `FilmError` says why there are none."""
        return self.find(film).landmarks

    def find(self, film: OpenFilm) -> FoundHand:
        """Find a film's hand; `FilmError`, which is never cached, says why not."""
        key = None
        if self._keeps:
            code = code_version(_find_hand)
            key = f"{code} {self.networks.digest} {film.digest}"
        found = self._find(key, film, self.networks)
        confidence = found.landmarks[:, 2].mean()
        if confidence < NO_HAND_BELOW:
            reason = f"no hand was found (confidence {confidence:.2f})"
            raise FilmError(film.name, reason)
        return found


def _find_hand(key: str | None, film: OpenFilm, networks: SharedNetworks) -> FoundHand:
    """Look at a film; the key holds its content, the weights and this code."""
    from ._hand_location import locate_hand

    pixels, made = film.pixels, networks.get()
    with optimised_cv2():
        location = locate_hand(pixels, made)
    confidence = 1 / (1 + np.exp(-(location.evidence() @ made.calibration)))
    x, y = location.points.real, location.points.imag
    height, width = pixels.shape
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    landmarks = np.column_stack([x, y, confidence * inside])
    return FoundHand(landmarks, location.right, location.inverted)
