"""A search for the regions and the number of clusters that tell ages best."""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metadata_routing import UNUSED, MetadataRouter, MethodMapping

from .._clusterer import BoneAgeClusterer
from .._clusterer._film_keys import film_keys, warn_of_copies
from .._utils.docstrings import fill_docstrings
from .._utils.regions import check_regions
from .._utils.sklearn_compat import (
    N_JOBS,
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
    num_samples,
)
from .._utils.validation import (
    SEXES,
    ages_within,
    check_known_ages,
    check_sexes,
    sex_by_keyword,
)
from .._utils.warning import warn_user
from ..films._checks import check_films
from ..metrics import age_interval_edges
from ..metrics._intervals import place_in_intervals
from ._best_model import of_best_estimator
from ._candidates import make_candidate, report_failures, tabulate
from ._folds import check_usable, encode_folds, largest_class_score, make_folds
from ._path import Search, find_bounds, score_path

_AT_LEAST_ONE = [Interval(Integral, 1, None, closed="left")]


@sex_by_keyword
@fill_docstrings
class RegionSubsetSearchCV(DocumentationLinkMixin, MetaEstimatorMixin, BaseEstimator):
    """Choose key regions and the number of clusters by cross-validation.

    The score of a candidate is :meth:`BoneAgeClusterer.score` on films that neither
    trained nor named its clusters.

    Parameters
    ----------
    estimator : BoneAgeClusterer or None, default=None
        Unfitted model, whose `regions` are the candidates: None means all 19, whatever
        the method. Its `n_clusters`, or that of its clusterer, is not used. None means
        ``BoneAgeClusterer()``.
    n_clusters : int, sequence of int or None, default=(8, 16, 32)
        Numbers of clusters to try. None means the estimator's clusterer's own, such as
        one that chooses the number itself.
    search : {"forward", "backward", "random"}, default="forward"
        Add the region that scores best, from one on; leave one out, from all regions
        on; or draw distinct subsets, whose sizes are uniform. Every subset is scored
        with each number of clusters; its best score is the subset's.
    max_candidates : int, default=600
        Most pairs of a subset and a number of clusters, even if a round ends early. A
        greedy path through 19 regions has 190 subsets: 570 pairs with three numbers.
    max_regions : int or None, default=None
        Most regions of the result; None means all candidates.
    min_regions : int, default=1
        Fewest regions of the result. A consensus that compares regions needs two, and
        :class:`MaturityCurve` its own `min_regions`: with them 1 means that.
    cv : int, splitter or iterable of (train, test), default=3
        A number means shuffled folds, stratified by age interval: films of unknown age
        are a stratum of their own, and one with fewer films than folds joins the
        largest. A splitter is given the intervals as y, -1 where unknown, and groups.
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
        As in `GridSearchCV`, in the order of scoring: ``params``, ``param_regions``,
        ``param_n_clusters``, ``n_regions``, ``split0_test_score`` and so on,
        ``mean_test_score``, ``std_test_score``, ``rank_test_score``. Candidates of a
        size that may not be chosen rank after all others; those that could not be
        fitted have NaN and the last rank.
    best_index_ : int
        Position of the best in `cv_results_`. Ties go to fewer regions, then clusters.
    best_params_ : dict
        ``regions``, a tuple of str, and ``n_clusters``, an int or None.
    best_score_ : float
        Mean score of the best, in [0, 1]. Chosen as the highest, it is too high: use
        `score` on other films, or nest the search in `cross_val_score`.
    best_estimator_ : BoneAgeClusterer
        The best, fitted to all films; only with `refit`, and set last.
    largest_class_ : float
        Mean score over the folds, in [0, 1], of always guessing the most frequent
        interval of the training films, the younger one in a tie.
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
    `max_regions` forbid them as the result. A single region has nothing to be compared
    with, so its latents are clustered without a consensus that compares regions.

    Films are cropped once for the search and once for the refit; encoders are trained
    once per fold, on all candidate regions. Independent encoders give exactly the
    scores of a :class:`BoneAgeClusterer` of the candidate's regions. A
    :class:`MaturityCurve` is fitted once per fold too, to all candidate regions, and
    those that a subset lacks leave its sum (even where fewer than its `min_regions`
    are left). In the refit it learns from the chosen regions alone. An encoder that
    learns from all regions together learns from
    all candidates in the search, and from the chosen ones alone in the refit.

    With the estimator's `memory` and an integer seed nothing is cropped or trained
    twice, and an interrupted search goes on where it stopped, except for the scoring.

    With metadata routing enabled, `fit` and `score` request `sex`, and `groups` go to
    `cv` if it requests them, as group splitters do.

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
        "n_clusters": [*_AT_LEAST_ONE, "array-like", None],
        "search": [StrOptions({"forward", "backward", "random"})],
        "max_candidates": _AT_LEAST_ONE,
        "max_regions": [*_AT_LEAST_ONE, None],
        "min_regions": _AT_LEAST_ONE,
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
    __metadata_request__fit: ClassVar[dict] = {"sex": True, "groups": UNUSED}
    __metadata_request__score: ClassVar[dict] = {"sex": True}

    def __init__(
        self,
        estimator: BoneAgeClusterer | None = None,
        *,
        n_clusters: int | Sequence[int] | None = (8, 16, 32),
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

    @fit_context(prefer_skip_nested_validation=False, restores=False)
    def fit(self, X: Any, y: Any, *, sex: Any = None, groups: Any = None) -> Self:
        """Score candidates, and fit the best one to all films.

        Parameters
        ----------
        {films}
        {ages}
            Films of unknown age, or outside the estimator's `age_range`, train the
            encoders but are not scored.
        {sex}
            With it, each cluster has one name for each sex, in the search too.
        groups : array-like of shape (n_samples,) or None, default=None
            Handed to `cv`, such as one number for each child, whose films a
            :class:`~sklearn.model_selection.StratifiedGroupKFold` keeps together. A
            number of folds ignores them, with a warning.

        Returns
        -------
        self : RegionSubsetSearchCV

        Raises
        ------
        FilmError
            If a film cannot be used and the estimator has ``on_error="raise"``.
        ValueError
            If a parameter is wrong; ages, sexes or groups are invalid or do not match
            the films; a fold has too few films that are usable or of known age; or no
            candidate could be fitted in every fold.

        Warns
        -----
        FitFailedWarning
            If some candidates could not be fitted in every fold.
        """
        films = check_films(X)
        seed = _as_seed(self.random_state)
        numbers = _check_numbers(self.n_clusters)
        model = self._make_model(seed)
        pipeline = model.make_pipeline()
        bounds = low, high = find_bounds(self, model, pipeline, numbers)
        edges = age_interval_edges(model.interval, model.age_range)
        ages = check_known_ages(y, len(films), model.age_range)
        ages = ages_within(ages, model.age_range)
        intervals = place_in_intervals(ages, edges)
        sexes = np.array([*SEXES, None], object)[check_sexes(sex, len(films))]
        if groups is not None and num_samples(groups) != len(films):
            raise ValueError(
                f"groups holds {num_samples(groups)} values for {len(films)} films"
            )
        folds = make_folds(self.cv, intervals, groups, seed)

        crops = pipeline[0].fit_transform(films)
        warn_of_copies(films, film_keys(films, crops))
        check_usable(films, pipeline[0], folds, numbers[0] or 1)
        encoded = encode_folds(pipeline, crops, ages, sexes, folds)
        candidates = score_path(self, model, encoded, numbers, bounds, seed)
        report_failures(candidates)
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
        self.__dict__.pop("best_estimator_", None)  # it is that of an earlier search
        self.__dict__.update(
            cv_results_=results,
            best_index_=best,
            best_params_=results["params"][best],
            best_score_=float(results["mean_test_score"][best]),
            n_splits_=len(folds),
            largest_class_=largest_class_score(intervals, folds),
        )
        if self.refit:
            chosen = make_candidate(model, *candidates[best][:2])
            self.best_estimator_ = chosen.fit(films, y, sex=sex)
        return self

    predict = of_best_estimator("predict")
    predict_interval = of_best_estimator("predict_interval")
    predict_age = of_best_estimator("predict_age")
    transform = of_best_estimator("transform")
    assign = of_best_estimator("assign")
    score = of_best_estimator("score")

    def get_metadata_routing(self) -> MetadataRouter:
        """Say where metadata goes: sex to the search itself, the rest to `cv`.

        Returns
        -------
        routing : :class:`~sklearn.utils.metadata_routing.MetadataRouter`
            As scikit-learn's user guide describes.
        """
        to_splitter = MethodMapping().add(caller="fit", callee="split")
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(splitter=self.cv, method_mapping=to_splitter)

    def _make_model(self, seed: int) -> Any:
        """Clone the estimator with all candidate regions and a seed that stays."""
        model = BoneAgeClusterer() if self.estimator is None else clone(self.estimator)
        if hasattr(getattr(self.estimator, "landmarker", None), "weights_"):
            warn_user(
                "the search clones the landmarker, and what it has learned is lost: "
                "give it as FrozenEstimator(landmarker), or save its weights"
            )
        own = model.random_state
        if self.n_clusters is not None:
            model.set_params(n_clusters=None)
        return model.set_params(
            regions=check_regions(model.regions),
            random_state=seed if own is None else _as_seed(own),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "best_estimator_" if self.refit else "cv_results_")

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


def _check_numbers(n_clusters: Any) -> list[int] | list[None]:
    """Distinct numbers of clusters, the smallest first; None is the clusterer's own."""
    if n_clusters is None:
        return [None]
    numbers = list(np.atleast_1d(n_clusters))
    if not numbers or not all(isinstance(n, Integral) and int(n) > 0 for n in numbers):
        raise ValueError(
            f"n_clusters is {n_clusters!r}; expected one or more positive integers"
        )
    return sorted({int(number) for number in numbers})
