"""How many films a training of the landmark networks takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Numbers of films.

    Parameters
    ----------
    least : int
        Films of one's own; fewer teach a network their own peculiarities.
    most : int
        More teach it little, and would fill the memory.
    n_synthetic : int
        Drawn films, which are used beside them.
    n_calibration : int
        Spoiled films that the confidence is calibrated on.
    """

    least: int = 50
    most: int = 1000
    n_synthetic: int = 2400
    n_calibration: int = 500
