"""The walk of a search: rounds of candidates, each scored on the encoded films."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product
from typing import Any

from joblib import Parallel, delayed
from tqdm.auto import tqdm

from ._candidates import Candidate, candidate_steps
from ._encoded_folds import EncodedFolds, score_candidate
from ._subset_paths import first_round, next_round, plan_rounds


def score_path(
    search: Any,
    model: Any,
    encoded: EncodedFolds,
    numbers: Sequence[int | None],
    bounds: tuple[int, int],
    seed: int,
) -> list[Candidate]:
    """Score every candidate on the path of a search, within its budget, in order.

    ``numbers`` are those of clusters, ``bounds`` of the subset size of the result.
    """
    kind, most, regions = search.search, search.max_candidates, model.regions
    rounds = plan_rounds(kind, len(regions), *bounds)
    total = min(most, len(numbers) * sum(n for _, n in rounds))
    subsets = first_round(kind, regions, *bounds, most=most, random_state=seed)
    scored: list[Candidate] = []
    with (
        tqdm(
            total=total, desc="candidates", unit="candidate", disable=not search.verbose
        ) as progress,
        Parallel(n_jobs=search.n_jobs, return_as="generator") as parallel,
    ):
        while subsets and len(scored) < total:
            pairs = list(islice(product(subsets, numbers), total - len(scored)))
            found = parallel(
                delayed(score_candidate)(candidate_steps(model, *pair), encoded)
                for pair in pairs
            )
            for pair, (scores, flaw) in zip(pairs, found, strict=True):
                scored.append(Candidate(*pair, scores, flaw))
                progress.update()
            best = min(scored[-len(pairs) :], key=lambda candidate: candidate.order)
            subsets = next_round(kind, regions, best.regions, *bounds)
    return scored
