"""One film to 19 landmarks: find the hand, look at it upright, judge what was found."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._hand_pose import as_complex, fit_hand_pose, mean_hand_residuals
from .._polarity import is_inverted
from ._film_views import (
    FINDER_SHAPE,
    finder_view,
    hand_centre,
    reduce_film,
    refiner_view,
    transform_points,
)
from ._networks import LandmarkNetworks, Look

Looks = tuple[tuple[float, float], ...]

# Turn (radians) and zoom of the refiner's later views: their mean errs less than one
# look, and where they disagree, none is to be trusted.
LATER_LOOKS = ((0.1, 0.95), (-0.1, 1.04))
MORE_LOOKS = (*LATER_LOOKS, (0.05, 1.08), (-0.05, 0.92), (0.2, 1.0), (-0.2, 1.0))

SURE = 0.8  # mean mass below which the finder looks again, where it points, closer
CLOSER = 1.7
_N_SUREST = 9  # landmarks whose middle it looks at
N_EVIDENCE = 5  # numbers that speak for or against a landmark
REFUSED = 0.5  # mean mass below which the refiner may see a hand of the other side
_LEAST = 1e-3  # weight of a landmark that a network calls absent


@dataclass(frozen=True)
class HandLocation:
    """What was found on one film; arrays are of shape (19,), a number a landmark."""

    points: np.ndarray  # complex, in the film's pixels
    mass: np.ndarray  # mean probability that the refiner's looks give to their peaks
    spread: np.ndarray  # how far these looks differ, in hand lengths
    residuals: np.ndarray  # from the mean hand laid over them, in hand lengths
    # Mean probability that the finder's first look gives to its peaks: at the whole
    # film, where a second hand would be seen.
    finder_mass: float
    right: bool  # whether it is a right hand (or a mirrored left one)
    inverted: bool  # whether bone is dark

    def evidence(self) -> np.ndarray:
        """Evidence (19, 5) for each landmark: its confidence is a function of it."""
        ones = np.ones(len(self.points))
        mass, finder_mass = _log_odds(self.mass), ones * _log_odds(self.finder_mass)
        spread = np.log10(self.spread + 1e-3)
        residuals = np.log10(self.residuals + 1e-2)
        return np.column_stack([ones, mass, spread, finder_mass, residuals])


def locate_hand(
    pixels: np.ndarray, networks: LandmarkNetworks, looks: Looks = LATER_LOOKS
) -> HandLocation:
    """Find the landmarks of a film (H, W); ``looks`` are the refiner's later ones."""
    film, scale = reduce_film(pixels)
    points, mass, finder_mass = _find_hand(film, networks)
    pose = fit_hand_pose(points, mass**2 + _LEAST)
    inverted = is_inverted(film, points, pose.length)
    if inverted:
        film = 255 - film

    view = refiner_view(hand_centre(points, pose), pose)
    first, first_mass = look = networks.look("refiner", film, [view])
    if first_mass.mean() < REFUSED:
        other = replace(pose, right=not pose.right)
        view = refiner_view(hand_centre(points, other), other)
        first, first_mass = _surer(look, networks.look("refiner", film, [view]))
    points, mass = as_complex(first[0]), first_mass[0]
    pose = fit_hand_pose(points, mass**2 + _LEAST)
    centre = hand_centre(points, pose)
    views = [refiner_view(centre, pose, turn=turn, zoom=zoom) for turn, zoom in looks]
    later, later_mass = networks.look("refiner", film, views)
    seen = as_complex(np.concatenate([first, later]))
    weights = np.concatenate([first_mass, later_mass]) + _LEAST
    points = (seen * weights).sum(0) / weights.sum(0)
    mass = weights.mean(0)
    pose = fit_hand_pose(points, mass**2)
    spread = np.sqrt((np.abs(seen - points) ** 2).mean(0)) / max(pose.length, 1.0)
    x, y = (points.real + 0.5) / scale[0] - 0.5, (points.imag + 0.5) / scale[1] - 0.5
    return HandLocation(
        points=x + 1j * y,
        mass=mass,
        spread=spread,
        residuals=mean_hand_residuals(points, pose),
        finder_mass=finder_mass,
        right=pose.right,
        inverted=inverted,
    )


def _find_hand(
    film: np.ndarray, networks: LandmarkNetworks
) -> tuple[np.ndarray, np.ndarray, float]:
    """Points and mass in the finder's better look; mean mass in its first."""
    view = finder_view(film.shape)
    found, mass = look = networks.look("finder", film, [view])
    first_mass = float(mass.mean())
    if first_mass < SURE:
        surest = np.argsort(mass[0])[-_N_SUREST:]
        centre = np.median(transform_points(view, found[0, surest]), axis=0)
        closer = CLOSER * np.column_stack([view[:, :2], view[:, 2] - centre])
        closer[:, 2] += (np.array(FINDER_SHAPE[::-1]) - 1) / 2
        found, mass = _surer(look, networks.look("finder", film, [closer]))
    return as_complex(found[0]), mass[0], first_mass


def _surer(first: Look, again: Look) -> Look:
    """Of two looks, the one with more mass."""
    return again if again[1].mean() > first[1].mean() else first


def _log_odds(mass: Any) -> Any:
    mass = np.clip(mass, 1e-3, 1 - 1e-3)
    return np.log(mass / (1 - mass))
