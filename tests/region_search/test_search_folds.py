"""Folds and seeds of the search, and the model that it ends with."""

import pickle

import numpy as np
import pandas as pd
import pytest
from region_searches import REGIONS, scores_by_hand, split_scores, subsets_of, visited
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, ShuffleSplit, StratifiedKFold

from sklearn_baccaec import RegionConsensus, RegionEncoder


def test_folds_are_shuffled_and_stratified(make_search, films):
    ages = np.repeat([60, 100, 190, np.nan], [5, 3, 1, 3])
    strata = np.repeat([0, 1, 0, -1], [5, 3, 1, 3])  # a small one joins the largest
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    given = make_search(cv=list(folds.split(films.data, strata)), refit=False)
    found = make_search(cv=3, refit=False).fit(films.data, ages)
    np.testing.assert_array_equal(
        split_scores(found), split_scores(given.fit(films.data, ages))
    )
    others = make_search(cv=3, refit=False, random_state=3).fit(films.data, ages)
    assert (split_scores(others) != split_scores(found)).any()


def test_a_splitter_sees_intervals_and_may_leave_films_out(make_search, films):
    ages = np.repeat([60, 100], 6)
    stratified = StratifiedKFold(2).split(films.data, np.repeat([0, 1], 6))
    by_splitter = make_search(cv=StratifiedKFold(2), refit=False).fit(films.data, ages)
    by_hand = make_search(cv=list(stratified), refit=False).fit(films.data, ages)
    np.testing.assert_array_equal(split_scores(by_splitter), split_scores(by_hand))
    few = ShuffleSplit(3, train_size=6, test_size=2, random_state=0)
    found = make_search(cv=few, refit=False).fit(films.data, films.target)
    assert found.n_splits_ == 3
    assert np.isin(split_scores(found), [0, 0.5, 1]).all()


def test_groups_are_handed_to_cv(make_search, films):
    groups = list("aabbccddeeff")
    folds = GroupKFold(2).split(films.data, groups=groups)
    given = make_search(cv=list(folds), refit=False).fit(films.data, films.target)
    search = make_search(cv=GroupKFold(2), refit=False)
    found = search.fit(films.data, films.target, groups=groups)
    np.testing.assert_array_equal(split_scores(found), split_scores(given))
    with pytest.raises(ValueError, match="groups"):
        search.fit(films.data, films.target)
    with pytest.raises(ValueError, match="groups holds 11 values for 12 films"):
        search.fit(films.data, films.target, groups=groups[1:])


def test_seed(make_model, make_search, films):
    model = make_model(random_state=None)
    params = {"search": "random", "max_regions": None, "max_candidates": 4}
    searches = [
        make_search(model, random_state=seed, **params).fit(films.data, films.target)
        for seed in (7, 7, 8)
    ]
    for search in searches:
        assert search.best_estimator_.random_state == search.random_state
    assert visited(searches[0]) == visited(searches[1]) != visited(searches[2])
    np.testing.assert_array_equal(*map(split_scores, searches[:2]))


@pytest.mark.parametrize("seed", [0, 3, None])
def test_the_model_keeps_a_seed_of_its_own(make_model, make_search, films, seed):
    own = np.random.RandomState(seed) if seed else seed
    model, given = make_model(random_state=own), np.random.RandomState(5)
    search = make_search(model, max_candidates=1, random_state=given)
    found = search.fit(films.data, films.target).best_estimator_.random_state
    expected = np.random.RandomState(seed or 5).randint(2**31 - 1)
    assert found == (0 if seed == 0 else expected)


# The best model


def test_best_estimator_is_the_best_candidate_of_all_films(
    make_model, make_search, films
):
    model = make_model(clusterer=None)
    search = make_search(model).fit(films.data, films.target, sex=films.sex)
    best = model.set_params(**search.best_params_)
    best.fit(films.data, films.target, sex=films.sex)
    X, y, by_sex = films.data, films.target, {"sex": films.sex}
    for method in ("predict", "transform"):
        found, wanted = (getattr(each, method)(X) for each in (search, best))
        np.testing.assert_array_equal(found, wanted)
    for method in ("predict_interval", "predict_age"):
        found, wanted = (getattr(each, method)(X, **by_sex) for each in (search, best))
        np.testing.assert_array_equal(found, wanted)
    assert search.score(X, y, **by_sex) == best.score(X, y, **by_sex)
    pd.testing.assert_frame_equal(search.assign(X, **by_sex), best.assign(X, **by_sex))
    with pytest.raises(TypeError, match="sex as a keyword"):
        search.predict_age(films.data, films.sex)


def test_without_refit_there_is_no_model(make_search, fitted, films):
    search = pickle.loads(pickle.dumps(fitted))
    search.set_params(refit=False).fit(films.data, films.target)
    for name in ("predict", "predict_age", "transform", "score", "best_estimator_"):
        assert hasattr(fitted, name)
        assert not hasattr(search, name)
    assert search.best_params_ == fitted.best_params_
    with pytest.raises(AttributeError) as caught:
        search.predict(films.data)
    assert "refit=False" in str(caught.value.__cause__)
    with pytest.raises(NotFittedError):
        make_search().predict(films.data)


def test_overrides_go_with_their_region(make_model, make_search, films):
    overrides = {"carpus": PCA(2, whiten=True), 1: PCA(2)}
    encoder = RegionEncoder(PCA(2), overrides=overrides)
    model = make_model(encoder=encoder, regions=("thumb_ip", *REGIONS))
    search = make_search(model, max_regions=1).fit(films.data, films.target)
    best = search.best_estimator_
    assert set(best.pipeline_["encoder"].encoders_) == set(best.regions)
    assert set(best.encoder.overrides) <= {"carpus", 1}
    assert len(best.encoder.overrides) == len({"carpus", "thumb_ip"} & {*best.regions})
    assert set(model.encoder.overrides) == {"carpus", 1}


def test_a_consensus_starts_from_single_regions(make_model, make_search, films):
    model = make_model(consensus=RegionConsensus(regularization=0.5))
    search = make_search(model, max_regions=None).fit(films.data, films.target)
    assert [len(regions) for regions in subsets_of(search)] == [1, 1, 1, 2, 2, 3]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.best_params_["regions"]) > 1
    single = make_search().fit(films.data, films.target)
    np.testing.assert_array_equal(split_scores(search)[:3], split_scores(single))


def test_other_steps_stay_with_a_single_region(make_model, make_search, films):
    model = make_model(consensus=PCA(1))
    search = make_search(model, max_regions=1).fit(films.data, films.target)
    by_hand = scores_by_hand(model, visited(search), films.data, films.target)
    np.testing.assert_array_equal(split_scores(search), by_hand)
