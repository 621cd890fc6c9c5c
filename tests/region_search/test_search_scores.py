"""Scores of the search are those of models fitted by hand; the best wins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from region_searches import (
    SPLITS,
    scores_by_hand,
    split_scores,
    subsets_of,
    visited,
)
from sklearn.model_selection import (
    KFold,
)

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.regions import KEY_REGIONS


def test_scores_are_those_of_models_fitted_by_hand(make_model, whole, films):
    splits = list(SPLITS.split(films.data))
    candidates = [(regions, k) for regions, k in visited(whole["random"]) if k == 3]
    by_hand = scores_by_hand(
        make_model(), candidates, films.data, films.target, None, splits
    )
    assert len(np.unique(by_hand)) > 3
    known = dict(zip(candidates, by_hand, strict=True))
    for search in whole.values():
        found = dict(zip(visited(search), split_scores(search), strict=True))
        for candidate in known.keys() & found.keys():
            np.testing.assert_array_equal(found[candidate], known[candidate])


def test_scores_with_sex_unknown_ages_and_films_set_aside(
    make_model, make_search, films
):
    spoilt = list(films.data)
    spoilt[3] = spoilt[8] = np.full((160, 120), 9, np.uint8)
    ages = films.target.copy()
    ages[[0, 5]] = np.nan
    ages[10] = 230  # out of range
    splits = list(KFold(3, shuffle=True, random_state=1).split(spoilt))
    model = make_model(on_error="skip")
    found = make_search(model, cv=splits, refit=False)
    found.fit(spoilt, ages, sex=films.sex)
    with pytest.warns(UserWarning, match="outside"):
        by_hand = scores_by_hand(model, visited(found), spoilt, ages, films.sex, splits)
    np.testing.assert_array_equal(split_scores(found), by_hand)
    common = make_search(model, cv=splits, refit=False).fit(spoilt, ages)
    assert (split_scores(common) != split_scores(found)).any()


def test_films_set_aside_are_wrong(make_model, make_search, films):
    everywhere = (np.arange(12), np.arange(12))  # one interval: all else is right
    search = make_search(make_model(on_error="skip"), cv=[everywhere])
    spoilt = list(films.data)
    spoilt[3] = np.full((160, 120), 9, np.uint8)
    search.fit(spoilt, 12 * [100])
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], 11 / 12)
    assert search.best_estimator_.labels_[3] == -1
    assert search.largest_class_ == 1


def test_a_test_film_needs_the_regions_of_the_candidate_only(
    make_model, make_search, films
):
    train, test = np.arange(9), np.arange(9, 12)
    landmarks = films.landmarks.copy()
    landmarks[10, KEY_REGIONS.index("carpus")] = np.nan
    model = make_model(
        landmarker=LandmarkTable.from_films(films.data, landmarks), on_error="skip"
    )
    found = make_search(model, cv=[(train, test)], search="random", max_regions=2)
    found.fit(films.data, 12 * [100])
    for (regions, _), score in zip(
        visited(found), found.cv_results_["mean_test_score"], strict=True
    ):
        assert score == pytest.approx(2 / 3 if "carpus" in regions else 1)


def test_agreement_scores_are_those_of_models_fitted_by_hand(
    make_model, make_search, films
):
    model = make_model(method="agreement")
    found = make_search(model, search="backward", max_regions=None)
    found.fit(films.data, films.target)
    assert min(len(regions) for regions in subsets_of(found)) == 2
    splits = list(SPLITS.split(films.data))
    by_hand = scores_by_hand(
        model, visited(found), films.data, films.target, None, splits
    )
    np.testing.assert_array_equal(split_scores(found), by_hand)


def test_results(fitted, films):
    results = pd.DataFrame(fitted.cv_results_)
    scores = split_scores(fitted)
    assert len(results) == (3 + 2 + 1) * 2
    np.testing.assert_allclose(results["mean_test_score"], scores.mean(axis=1))
    np.testing.assert_allclose(results["std_test_score"], scores.std(axis=1))
    assert list(results["param_regions"]) == [regions for regions, _ in visited(fitted)]
    assert list(results["param_n_clusters"]) == [k for _, k in visited(fitted)]
    assert list(results["n_regions"]) == [len(r) for r in results["param_regions"]]
    best = results.loc[fitted.best_index_]
    assert best["rank_test_score"] == 1
    assert best["mean_test_score"] == fitted.best_score_ == scores.mean(axis=1).max()
    assert best["params"] == fitted.best_params_
    assert fitted.n_splits_ == 2
    intervals = assign_age_intervals(films.target)
    shares = [
        (intervals[test] == np.bincount(intervals[train]).argmax()).mean()
        for train, test in SPLITS.split(films.data)
    ]
    assert fitted.largest_class_ == pytest.approx(np.mean(shares))


def test_largest_class_is_that_of_the_training_films(make_search, films):
    ages = np.array(6 * [100.0] + [30, 30, 30, 100, np.nan, 300])
    found = make_search(cv=[(np.arange(6), np.arange(6, 12))], refit=False)
    assert found.fit(films.data, ages).largest_class_ == 1 / 4


def test_sizes_that_may_not_be_chosen_rank_after_the_others(make_whole, films):
    found = make_whole(search="backward", max_regions=1, refit=False)
    results = pd.DataFrame(found.fit(films.data, 12 * [100]).cv_results_)
    allowed = results["n_regions"] == 1
    assert (results["rank_test_score"][allowed] == 1).all()
    assert (results["rank_test_score"][~allowed] == allowed.sum() + 1).all()
    assert allowed[found.best_index_]


def test_ties_go_to_fewer_regions_then_to_fewer_clusters(make_whole, films):
    found = make_whole(search="backward", n_clusters=(3, 2))
    found.fit(films.data, 12 * [100])  # whatever is found is right
    assert (found.cv_results_["rank_test_score"] == 1).all()
    assert len(found.best_params_["regions"]) == 1
    assert found.best_params_["n_clusters"] == 2
