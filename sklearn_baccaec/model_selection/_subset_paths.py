"""Which region subsets a search visits, round by round."""

from __future__ import annotations

from math import comb
from typing import Literal

import numpy as np

Subset = tuple[str, ...]
Search = Literal["forward", "backward", "random"]


def plan_rounds(
    search: Search, n_regions: int, low: int, high: int
) -> list[tuple[int, int]]:
    """Subset size, and number of subsets, of every round without a budget.

    Sizes from ``low`` to ``high`` are those that may be chosen. Greedy paths begin at
    one region, or at all, even so.
    """
    if search == "forward":
        return [(size, n_regions - size + 1) for size in range(1, high + 1)]
    if search == "backward":
        smaller = [(size, size + 1) for size in range(n_regions - 1, low - 1, -1)]
        return [(n_regions, 1), *smaller]
    return [(size, comb(n_regions, size)) for size in range(low, high + 1)]


def first_round(
    search: Search,
    regions: Subset,
    low: int,
    high: int,
    *,
    most: int,
    random_state: int,
) -> list[Subset]:
    """Subsets that a search begins with; at most ``most`` random ones."""
    if search == "forward":
        return [(region,) for region in regions]
    if search == "backward":
        return [regions]
    return _draw(regions, low, high, most, random_state)


def next_round(
    search: Search, regions: Subset, best: Subset, low: int, high: int
) -> list[Subset]:
    """Subsets next to the best of the last round; none at the end of the path."""
    if search == "forward" and len(best) < high:
        return [
            tuple(region for region in regions if region in best or region == added)
            for added in regions
            if added not in best
        ]
    if search == "backward" and len(best) > low:
        return [tuple(region for region in best if region != left) for left in best]
    return []


def _draw(
    regions: Subset, low: int, high: int, most: int, random_state: int
) -> list[Subset]:
    """Distinct subsets, whose sizes are uniform among those not exhausted."""
    rng = np.random.RandomState(random_state)
    left = dict(plan_rounds("random", len(regions), low, high))
    drawn: dict[Subset, None] = {}
    while left and len(drawn) < most:
        size = int(rng.choice(list(left)))
        subset: Subset = ()
        while not subset or subset in drawn:
            places = np.sort(rng.choice(len(regions), size, replace=False))
            subset = tuple(regions[place] for place in places)
        drawn[subset] = None
        left[size] -= 1
        if not left[size]:
            del left[size]
    return list(drawn)
