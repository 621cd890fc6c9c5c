"""Candidates of a search: a region subset and a number of clusters each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import Pipeline

from .._clusterer import BoneAgeClusterer
from .._utils.regions import KEY_REGIONS, region_index
from .._utils.warning import warn_user
from ..cluster._n_clusters import set_n_clusters

_SAME = 9  # decimals of a score that count: means of equal counts differ by rounding


class Candidate(NamedTuple):
    """A candidate that was scored; ``flaw`` says why a score is NaN."""

    regions: tuple[str, ...]
    n_clusters: int | None
    scores: np.ndarray
    flaw: str | None

    @property
    def loss(self) -> float:
        """What the best has least of: infinite if a fold could not be scored."""
        mean = float(np.mean(self.scores))
        return np.inf if np.isnan(mean) else -round(mean, _SAME)

    @property
    def order(self) -> tuple[float, int, int]:
        """The best has the least: by loss, then fewer regions, then fewer clusters."""
        return self.loss, len(self.regions), self.n_clusters or 0


def make_candidate(
    model: BoneAgeClusterer, regions: tuple[str, ...], n_clusters: int | None
) -> BoneAgeClusterer:
    """Clone the model for some of its regions and a number of clusters."""
    chosen = clone(model).set_params(regions=regions)
    if n_clusters is not None:
        chosen.set_params(n_clusters=n_clusters)
        if chosen.clusterer is not None:
            set_n_clusters(chosen.clusterer, n_clusters)
    overrides = getattr(chosen.encoder, "overrides", None)
    if overrides:  # the encoder refuses those of regions that it does not hold
        held = {
            region: encoder
            for region, encoder in overrides.items()
            if KEY_REGIONS[region_index(region)] in regions
        }
        chosen.encoder.set_params(overrides=held)
    return chosen


def candidate_steps(
    model: BoneAgeClusterer, regions: tuple[str, ...], n_clusters: int | None
) -> Pipeline:
    """Selector, consensus and clusterer of a candidate, on latents of all regions."""
    candidate = make_candidate(model, regions, n_clusters)
    steps = candidate.make_pipeline()
    consensus = steps["consensus"]
    alone = len(regions) == 1 and getattr(consensus, "compares_regions", False)
    if alone and not can_restrict(consensus):
        steps = candidate.set_params(consensus="passthrough").make_pipeline()
    return steps[3:].set_params(
        selector__regions=regions, selector__all_regions=model.regions
    )


def fewest_regions(steps: Pipeline) -> int:
    """Regions that a model of these steps needs: two to compare them, else one."""
    consensus = steps["consensus"]
    compared = 2 if getattr(consensus, "compares_regions", False) else 1
    return max(compared, getattr(consensus, "min_regions", 1))


def can_restrict(consensus: Any) -> bool:
    """Whether what is fitted to all regions can do without some of them."""
    return hasattr(consensus, "restrict")


def tabulate(candidates: Sequence[Candidate], low: int, high: int) -> dict[str, Any]:
    """`cv_results_`: sizes not from ``low`` to ``high`` rank last but for NaN."""
    n = len(candidates)
    scores = np.array([candidate.scores for candidate in candidates])
    sizes = np.array([len(candidate.regions) for candidate in candidates])
    losses = np.array([candidate.loss for candidate in candidates])  # -1 to 0, or inf
    losses[(sizes < low) | (sizes > high)] += 2
    return {
        "params": [
            {"regions": c.regions, "n_clusters": c.n_clusters} for c in candidates
        ],
        "param_regions": np.fromiter((c.regions for c in candidates), object, n),
        "param_n_clusters": np.array([c.n_clusters for c in candidates]),
        "n_regions": sizes,
        **{f"split{i}_test_score": fold for i, fold in enumerate(scores.T)},
        "mean_test_score": scores.mean(axis=1),
        "std_test_score": scores.std(axis=1),
        "rank_test_score": rankdata(losses, method="min").astype(np.int32),
    }


def report_failures(candidates: Sequence[Candidate]) -> None:
    """Warn of candidates without a score, and say why the first has none."""
    failed = [candidate for candidate in candidates if candidate.flaw]
    if failed:
        first = failed[0]
        warn_user(
            f"{len(failed)} of {len(candidates)} candidates could not be fitted in "
            f"every fold and score NaN, first {', '.join(first.regions)} with "
            f"n_clusters={first.n_clusters}, {first.flaw}",
            FitFailedWarning,
        )
