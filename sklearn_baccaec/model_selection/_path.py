"""The path of a search: subsets of regions, round by round, and their scores."""

from collections.abc import Sequence
from itertools import islice, product
from math import comb
from typing import Any, Literal

import numpy as np
from joblib import Parallel, delayed
from sklearn.pipeline import Pipeline
from tqdm.auto import tqdm

from ._candidates import Candidate, candidate_steps, fewest_regions
from ._folds import EncodedFolds, score_candidate

Subset = tuple[str, ...]
Search = Literal["forward", "backward", "random"]


def find_bounds(
    search: Any, model: Any, pipeline: Pipeline, numbers: Sequence[int | None]
) -> tuple[int, int]:
    """Fewest and most regions of the result; refuses what must fail later."""
    n_regions, needed = len(model.regions), fewest_regions(pipeline)
    low = max(search.min_regions, needed)
    high = min(search.max_regions or n_regions, n_regions)
    if low > high:
        few = needed > search.min_regions
        why = f" (agreement needs {needed} regions)" if few else ""
        raise ValueError(
            f"no subset of the {n_regions} candidate regions is within min_regions="
            f"{search.min_regions} and max_regions={search.max_regions}{why}"
        )
    candidate_steps(model, model.regions[:low], numbers[0])
    plan = _plan_rounds(search.search, n_regions, low, high)
    before = len(numbers) * sum(n for size, n in plan if not low <= size <= high)
    if before >= search.max_candidates:
        raise ValueError(
            f"max_candidates={search.max_candidates} is spent before a subset of {low} "
            f"to {high} regions: the path there has {before} candidates"
        )
    return low, high


def score_path(
    search: Any,
    model: Any,
    encoded: EncodedFolds,
    numbers: Sequence[int | None],
    bounds: tuple[int, int],
    seed: int,
) -> list[Candidate]:
    """Score all candidates on a path, in order; ``bounds`` are of the result's size."""
    kind, most, regions = search.search, search.max_candidates, model.regions
    planned = sum(n for _, n in _plan_rounds(kind, len(regions), *bounds))
    total = min(most, len(numbers) * planned)
    scored: list[Candidate] = []
    best: Subset = ()
    with (
        tqdm(
            total=total, desc="candidates", unit="candidate", disable=not search.verbose
        ) as progress,
        Parallel(n_jobs=search.n_jobs, return_as="generator") as parallel,
    ):
        while len(scored) < total:
            if kind == "random":  # all in one round
                subsets = draw_subsets(regions, *bounds, most, seed)
            else:
                subsets = _neighbours(kind, regions, best)
            pairs = list(islice(product(subsets, numbers), total - len(scored)))
            found = parallel(
                delayed(score_candidate)(candidate_steps(model, *pair), encoded)
                for pair in pairs
            )
            for pair, (scores, flaw) in zip(pairs, found, strict=True):
                scored.append(Candidate(*pair, scores, flaw))
                progress.update()
            tried = scored[-len(pairs) :]
            best = min(tried, key=lambda candidate: candidate.order).regions
    return scored


def _plan_rounds(
    search: Search, n_regions: int, low: int, high: int
) -> list[tuple[int, int]]:
    """Size and number of subsets of every round; greedy paths begin at one, or all."""
    if search == "forward":
        return [(size, n_regions - size + 1) for size in range(1, high + 1)]
    if search == "backward":
        smaller = [(size, size + 1) for size in range(n_regions - 1, low - 1, -1)]
        return [(n_regions, 1), *smaller]
    return [(size, comb(n_regions, size)) for size in range(low, high + 1)]


def _neighbours(search: Search, regions: Subset, best: Subset) -> list[Subset]:
    """Subsets next to the best of the last round, which is empty before the first."""
    if search == "backward":
        smaller = [tuple(name for name in best if name != left) for left in best]
        return smaller or [regions]
    return [
        tuple(name for name in regions if name in best or name == added)
        for added in regions
        if added not in best
    ]


def draw_subsets(
    regions: Subset, low: int, high: int, most: int, seed: int
) -> list[Subset]:
    """Distinct subsets, whose sizes are uniform among those not exhausted."""
    rng = np.random.RandomState(seed)
    left = dict(_plan_rounds("random", len(regions), low, high))
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
