"""A search for the regions and the number of clusters that tell ages best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags

from .._clusterer import BoneAgeClusterer
from .._clusterer._method_steps import make_steps
from .._utils.regions import check_regions
from .._utils.sklearn_compat import (
    N_JOBS,
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
)
from .._utils.validation import check_ages, check_sexes
from ..films._checks import check_films
from ..metrics import assign_age_intervals
from ._age_folds import make_folds
from ._best_model import BestModelMixin
from ._candidates import (
    candidate_steps,
    fewest_regions,
    make_candidate,
    report_failures,
    tabulate,
)
from ._encoded_films import encode_films
from ._scored_path import score_path
from ._subset_paths import Search, plan_rounds


class RegionSubsetSearchCV(
    DocumentationLinkMixin, BestModelMixin, MetaEstimatorMixin, BaseEstimator
):
    """Choose key regions and the number of clusters by cross-validation.

    The score of a candidate is :meth:`BoneAgeClusterer.score` on films that neither
    trained nor named its clusters. Encoders are trained once per fold, on all
    candidate regions, and not once per subset: a candidate selects columns, clusters
    and names.

    Parameters
    ----------
    estimator : BoneAgeClusterer or None, default=None
        Unfitted model, whose `regions` are the candidates: None means all 19, whatever
        the method. Its `n_clusters` is not used. None means ``BoneAgeClusterer()``.
    n_clusters : int or sequence of int, default=(8, 16, 32)
        Numbers of clusters to try.
    search : {"forward", "backward", "random"}, default="forward"
        Add the region that scores best, from one on; leave one out, from all regions
        on; or draw distinct subsets, whose sizes are uniform. Every subset is scored
        with each number of clusters, and the best of them stands for it.
    max_candidates : int, default=600
        Budget: pairs of a subset and a number of clusters that are scored. Where it is
        spent the search ends, in the midst of a round too. A whole greedy path from
        19 regions has 190 subsets: 570 pairs with three numbers.
    max_regions : int or None, default=None
        Most regions of the result; None means all candidates.
    min_regions : int, default=1
        Fewest regions of the result. Agreement needs two, and 1 means 2 with it.
    cv : int, splitter or iterable of (train, test), default=3
        A number means shuffled folds, stratified by age interval: films of unknown age
        are a stratum of their own, and one with fewer films than folds joins the
        largest. A splitter is given the intervals as y, -1 where unknown.
    refit : bool, default=True
        Fit the best candidate to all films.
    n_jobs : int or None, default=None
        Candidates scored at once. The results do not depend on it. Cropping and
        training take the `n_jobs` of the estimator.
    random_state : int, RandomState instance or None, default=None
        Seed of folds and of random subsets, and of the estimator if it has none: the
        search and the refit then share it.
    verbose : int, default=0
        Show a progress bar of the candidates if positive; `estimator` has its own.

    Attributes
    ----------
    cv_results_ : dict of str to list or ndarray
        As of `GridSearchCV`, in the order of scoring: ``params``, ``param_regions``,
        ``param_n_clusters``, ``n_regions``, ``split0_test_score`` and so on,
        ``mean_test_score``, ``std_test_score``, ``rank_test_score``. Candidates of a
        size that may not be chosen rank after all that may; one that could not be
        fitted has NaN and the last rank.
    best_index_ : int
        Position of the best in `cv_results_`. Ties go to fewer regions, then to fewer
        clusters.
    best_params_ : dict
        ``regions``, a tuple of str, and ``n_clusters``, an int.
    best_score_ : float
        Mean score of the best, in [0, 1]. It is the best of many, and too good for it:
        score other films, or nest the search in `cross_val_score`.
    best_estimator_ : BoneAgeClusterer
        The best, fitted to all films; only with `refit`. If the refit is interrupted,
        the other attributes are there.
    largest_class_ : float
        What always guessing the most frequent interval of the training films, the
        younger one in a tie, scores on the test films, in [0, 1]: mean over folds.
    n_splits_ : int
        Number of folds.

    See Also
    --------
    RegionSelector : Columns of some regions, for a grid search over given subsets.

    Notes
    -----
    The paper, arXiv 2206.05641, compares region subsets and numbers of clusters by the
    labels of the very films it scores (Sections 4.2, 4.3 and Table 2).

    A greedy path begins at one region, or at all, even where `min_regions` or
    `max_regions` forbid them as the result. A single region agrees with nothing, so its
    latents are clustered without the consensus.

    With independent encoders and an integer seed, scores are those of a model of the
    candidate's regions, fitted and scored on the fold, if no film lacks a region:
    encoders learn from films that have all candidate regions.
    :class:`ContrastiveRegionEncoder` learns from all candidate regions together in the
    search, and from the chosen ones alone in the refit.

    Films are cropped once for the search and once for the refit; with the estimator's
    `memory`, and an integer seed, nothing is cropped or trained twice, and an
    interrupted search goes on where it stopped, but for the scoring.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklearn_baccaec import BoneAgeClusterer, RegionSubsetSearchCV
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(12, random_state=0)
    >>> model = BoneAgeClusterer(
    ...     ["carpus", "radius", "ulna"], encoder=PCA(2), crop_shape=(16, 16)
    ... )
    >>> search = RegionSubsetSearchCV(model, n_clusters=(2, 3), random_state=0)
    >>> search.fit(films.data, films.target).predict_age(films.data).shape
    (12,)
    >>> len(search.cv_results_["params"])  # 3 + 2 + 1 subsets, twice
    12
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [BoneAgeClusterer, None],
        "n_clusters": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "search": [StrOptions({"forward", "backward", "random"})],
        "max_candidates": [Interval(Integral, 1, None, closed="left")],
        "max_regions": [Interval(Integral, 1, None, closed="left"), None],
        "min_regions": [Interval(Integral, 1, None, closed="left")],
        "cv": [
            Interval(Integral, 2, None, closed="left"),
            HasMethods(["split", "get_n_splits"]),
            Iterable,
        ],
        "refit": ["boolean"],
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator: BoneAgeClusterer | None = None,
        *,
        n_clusters: int | Sequence[int] = (8, 16, 32),
        search: Search = "forward",
        max_candidates: int = 600,
        max_regions: int | None = None,
        min_regions: int = 1,
        cv: Any = 3,
        refit: bool = True,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.n_clusters = n_clusters
        self.search = search
        self.max_candidates = max_candidates
        self.max_regions = max_regions
        self.min_regions = min_regions
        self.cv = cv
        self.refit = refit
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, *, sex: Any = None) -> Self:
        """Score candidates, and fit the best one to all films.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,)
            Bone ages in months, NaN where unknown. Films of unknown age, or outside
            the estimator's `age_range`, train the encoders but are not scored.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. With it, each
            cluster has one name per sex, in the search too.

        Returns
        -------
        self : object
            Fitted search.

        Raises
        ------
        FilmError
            If a film cannot be used and the estimator has ``on_error="raise"``.
        ValueError
            If a parameter is wrong, ages or sexes do not match the films, a fold has
            too few films that are usable or of known age, or no candidate could be
            fitted.
        """
        films = check_films(X)
        seed = _as_seed(self.random_state)
        numbers = _check_numbers(self.n_clusters)
        model = self._make_model(seed, numbers[0])
        regions = check_regions(model.regions)
        low, high = self._check_bounds(model, regions, len(numbers))
        if y is None:
            raise ValueError("y is None, but candidates are compared by bone ages")
        ages = check_ages(y, len(films))
        intervals = assign_age_intervals(
            ages, interval=model.interval, age_range=model.age_range
        )
        if not (intervals >= 0).any():
            raise ValueError(
                f"no age in y is known and within age_range={model.age_range} months, "
                "but candidates are compared by ages"
            )
        sexes = check_sexes(sex, len(films))
        folds = make_folds(self.cv, intervals, seed)

        encoded = encode_films(model, films, folds, ages, sexes)
        candidates = score_path(
            model,
            encoded,
            numbers,
            self.search,
            low,
            high,
            max_candidates=self.max_candidates,
            n_jobs=self.n_jobs,
            random_state=seed,
            verbose=self.verbose,
        )
        report_failures(candidates, stacklevel=4)
        best = min(
            (i for i, c in enumerate(candidates) if low <= len(c.regions) <= high),
            key=lambda i: candidates[i].order,
        )
        if candidates[best].flaw:
            raise ValueError(
                "no candidate could be fitted in every fold; the first of the right "
                f"size failed in {candidates[best].flaw}"
            )
        results = tabulate(candidates, low, high)
        if hasattr(self, "best_estimator_"):
            del self.best_estimator_  # it is that of an earlier search
        self.cv_results_ = results
        self.best_index_ = best
        self.best_params_ = results["params"][best]
        self.best_score_ = float(results["mean_test_score"][best])
        self.n_splits_ = len(folds)
        self.largest_class_ = float(
            np.mean(
                [_guess(intervals[train], intervals[test]) for train, test in folds]
            )
        )
        if self.refit:
            chosen = make_candidate(model, *candidates[best][:2])
            self.best_estimator_ = chosen.fit(films, y, sex=sex)
        return self

    def _make_model(self, seed: int, n_clusters: int) -> BoneAgeClusterer:
        """Clone the estimator with all candidate regions and a seed that stays."""
        model = BoneAgeClusterer() if self.estimator is None else clone(self.estimator)
        model._validate_params()
        own = model.random_state
        return model.set_params(
            regions=check_regions(model.regions),
            n_clusters=n_clusters,
            random_state=seed if own is None else _as_seed(own),
        )

    def _check_bounds(
        self, model: BoneAgeClusterer, regions: tuple[str, ...], n_numbers: int
    ) -> tuple[int, int]:
        """Fewest and most regions of the result; refuses what must fail later."""
        steps = make_steps(model)[1]
        if getattr(steps["encoder"], "train_regions", None) is not None:
            raise ValueError(
                "the encoder has train_regions, but the search encodes all candidate "
                "regions; leave train_regions out"
            )
        needed = fewest_regions(steps)
        low, high = max(self.min_regions, needed), len(regions)
        if self.max_regions is not None:
            high = min(self.max_regions, high)
        if low > high:
            raise ValueError(
                f"no subset of the {len(regions)} candidate regions is within "
                f"min_regions={self.min_regions} and max_regions={self.max_regions}"
                + " (agreement needs two regions)"
                * (needed > self.min_regions)
            )
        candidate_steps(model, regions[:low], model.n_clusters)  # no regions of its own
        plan = plan_rounds(self.search, len(regions), low, high)
        before = n_numbers * sum(n for size, n in plan if not low <= size <= high)
        if before >= self.max_candidates:
            raise ValueError(
                f"max_candidates={self.max_candidates} is spent before a subset of "
                f"{low} to {high} regions: the path there has {before} candidates"
            )
        return low, high

    def __sklearn_tags__(self) -> Any:
        tags, films = super().__sklearn_tags__(), get_tags(BoneAgeClusterer())
        tags.estimator_type = films.estimator_type
        tags.input_tags = films.input_tags
        tags.target_tags.required = True
        return tags


def _as_seed(random_state: int | np.random.RandomState | None) -> int:
    """Return the integer itself, or one draw."""
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _check_numbers(n_clusters: Any) -> list[int]:
    """Distinct numbers of clusters, the smallest first."""
    numbers = list(np.atleast_1d(n_clusters))
    if not numbers or not all(isinstance(n, Integral) and int(n) > 0 for n in numbers):
        raise ValueError(
            f"n_clusters is {n_clusters!r}; expected one or more positive integers"
        )
    return sorted({int(number) for number in numbers})


def _guess(train: np.ndarray, test: np.ndarray) -> float:
    """Share of the most frequent training interval in the test films of known age."""
    guessed = np.bincount(train[train >= 0]).argmax()
    return float((test[test >= 0] == guessed).mean())
