"""Scores of the search are those of models fitted by hand; the best wins."""

import numpy as np
import pandas as pd
import pytest
from region_searches import SPLITS, scores_by_hand, split_scores, visited
from sklearn.cluster import MeanShift

from sklearn_baccaec import LandmarkTable, RegionConsensus
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.regions import KEY_REGIONS


def test_scores_are_those_of_models_fitted_by_hand(make_model, whole, films):
    candidates = [(regions, k) for regions, k in visited(whole["random"]) if k == 3]
    by_hand = scores_by_hand(make_model(), candidates, films.data, films.target)
    assert len(np.unique(by_hand)) > 3
    known = dict(zip(candidates, by_hand, strict=True))
    for search in whole.values():
        found = dict(zip(visited(search), split_scores(search), strict=True))
        for candidate in known.keys() & found.keys():
            np.testing.assert_array_equal(found[candidate], known[candidate])


@pytest.fixture(scope="module")
def flawed():
    """24 films: some are blank or lack regions, some ages are unknown or too high."""
    films = make_hand_radiographs(24, film_shape=(160, 120), random_state=1)
    landmarks = films.landmarks
    landmarks[[2, 10, 20], KEY_REGIONS.index("carpus")] = np.nan
    landmarks[[7, 10, 21], KEY_REGIONS.index("radius")] = np.nan
    films.table = LandmarkTable.from_films(films.data, landmarks)
    films.data[[3, 8]] = 9
    films.target[[0, 5]] = np.nan
    films.target[11] = 230
    return films


@pytest.mark.filterwarnings("ignore:.*outside age_range:UserWarning")
@pytest.mark.parametrize("method", ["ccaec", "agreement"])
def test_scores_of_flawed_films(make_model, make_search, flawed, method):
    X, y, sex = flawed.data, flawed.target, flawed.sex
    model = make_model(method=method, landmarker=flawed.table, on_error="skip")
    if method == "agreement":
        model.set_params(consensus=RegionConsensus())
    search = make_search(model, search="backward", max_regions=None, refit=False)
    scores = split_scores(search.fit(X, y, sex=sex))
    by_hand = scores_by_hand(model, visited(search), X, y, sex)
    np.testing.assert_array_equal(scores, by_hand)
    assert len(scores) == 4 + 2 * (method == "ccaec")  # one region cannot agree
    assert len(np.unique(scores)) > 3
    assert (split_scores(search.fit(X, y)) != scores).any()


def test_a_clusterer_that_chooses_the_number_of_clusters(
    make_model, make_search, films
):
    model = make_model(clusterer=MeanShift(bandwidth=100))
    search = make_search(model, n_clusters=None, max_candidates=1)
    search.fit(films.data, films.target)
    assert search.best_params_["n_clusters"] is None
    assert search.best_estimator_.n_clusters_ > 1
    by_hand = scores_by_hand(model, visited(search), films.data, films.target)
    np.testing.assert_array_equal(split_scores(search), by_hand)
    with pytest.raises(ValueError, match="MeanShift chooses the number of clusters"):
        make_search(model, n_clusters=3).fit(films.data, films.target)


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
    found = make_whole(search="backward", n_clusters=(3, 2), refit=False)
    found.fit(films.data, 12 * [100])  # whatever is found is right
    assert (found.cv_results_["rank_test_score"] == 1).all()
    assert len(found.best_params_["regions"]) == 1
    assert found.best_params_["n_clusters"] == 2


def test_without_numbers_the_models_own_is_kept(make_model, make_search, films):
    search = make_search(
        make_model(n_clusters=4, clusterer=None), n_clusters=None, max_candidates=1
    )
    assert search.fit(films.data, films.target).best_estimator_.n_clusters_ == 4
