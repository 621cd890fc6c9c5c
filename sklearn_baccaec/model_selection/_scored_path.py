"""The walk of a search: rounds of candidates, each scored on the encoded films."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from joblib import Parallel, delayed
from tqdm.auto import tqdm

from .._clusterer import BoneAgeClusterer
from ._candidates import Candidate, candidate_steps
from ._encoded_films import EncodedFilms, score_candidate
from ._subset_paths import Search, first_round, next_round, plan_rounds


def score_path(
    model: BoneAgeClusterer,
    films: EncodedFilms,
    numbers: Sequence[int],
    search: Search,
    low: int,
    high: int,
    *,
    max_candidates: int,
    n_jobs: int | None,
    random_state: int,
    verbose: int,
) -> list[Candidate]:
    """Score every candidate on the path, within the budget, in order.

    ``numbers`` are those of clusters; ``low`` and ``high`` bound the subset size of the
    result.
    """
    regions = films.regions
    plan = plan_rounds(search, len(regions), low, high)
    total = min(max_candidates, len(numbers) * sum(n for _, n in plan))
    subsets = first_round(
        search, regions, low, high, most=max_candidates, random_state=random_state
    )
    scored: list[Candidate] = []
    with (
        tqdm(
            total=total, desc="candidates", unit="candidate", disable=not verbose
        ) as progress,
        Parallel(n_jobs=n_jobs, return_as="generator") as parallel,
    ):
        while subsets and len(scored) < total:
            pairs = list(islice(product(subsets, numbers), total - len(scored)))
            found = parallel(
                delayed(score_candidate)(candidate_steps(model, *pair), *pair, films)
                for pair in pairs
            )
            for pair, (scores, flaw) in zip(pairs, found, strict=True):
                scored.append(Candidate(*pair, scores, flaw))
                progress.update()
            best = min(scored[-len(pairs) :], key=lambda candidate: candidate.order)
            subsets = next_round(search, regions, best.regions, low, high)
    return scored
