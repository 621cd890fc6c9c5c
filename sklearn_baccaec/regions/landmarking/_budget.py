"""How many films a training of the landmark networks takes."""

from typing import NamedTuple


class Budget(NamedTuple):
    """Numbers of films."""

    least: int = 50  # of one's own; fewer teach a network their own peculiarities
    most: int = 1000  # of one's own; more teach it little, and would fill the memory
    n_synthetic: int = 2400  # drawn, which are used beside them
    n_calibration: int = 500  # spoiled, on which the confidence is calibrated
