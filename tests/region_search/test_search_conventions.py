"""The search as an estimator, and what it refuses."""

import pickle

import numpy as np
import pytest
import sklearn
from region_searches import REGIONS, SPLITS, split_scores, subsets_of, visited
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
from sklearn_baccaec.encoders import RegionEncoder
from sklearn_baccaec.maturity import MaturityCurve, RegionConsensus
from sklearn_baccaec.regions import KEY_REGIONS


def test_parameters_clone_and_pickle(make_search, fitted, films):
    copy = clone(fitted)
    assert not hasattr(copy, "cv_results_")
    assert copy.get_params()["estimator__encoder__n_components"] == 2
    copy.set_params(estimator__encoder__n_components=1, max_candidates=3)
    copy.fit(films.data, films.target)
    assert copy.transform(films.data).shape[1] == len(copy.best_params_["regions"])
    assert fitted.estimator.encoder.n_components == 2
    assert not hasattr(fitted.estimator, "labels_")
    loaded = pickle.loads(pickle.dumps(fitted))
    assert visited(loaded) == visited(fitted)
    np.testing.assert_array_equal(
        loaded.predict_age(films.data), fitted.predict_age(films.data)
    )
    assert "BoneAgeClusterer" in fitted._repr_html_()


def test_tags(fitted):
    tags, films = get_tags(fitted), get_tags(fitted.estimator)
    assert tags.input_tags == films.input_tags
    assert tags.estimator_type == films.estimator_type == "clusterer"
    assert tags.target_tags.required


def test_all_regions_are_candidates_by_default(make_model, make_search, films):
    model = make_model(regions=None)  # seven for this method, were it fitted
    search = make_search(model, max_candidates=8, refit=False)
    search.fit(films.data, films.target)
    assert subsets_of(search) == [(region,) for region in KEY_REGIONS[:8]]


def test_nested_in_cross_validation(make_search, films):
    search = make_search(cv=2, max_candidates=2)
    scores = cross_val_score(search, films.data, films.target, cv=SPLITS)
    for score, (train, test) in zip(scores, SPLITS.split(films.data), strict=True):
        search.fit(films.data[train], films.target[train])
        assert search.score(films.data[test], films.target[test]) == score


def test_sex_and_groups_are_routed(make_search, films):
    groups, outer = np.arange(12) // 2, GroupKFold(2)
    search = make_search(n_clusters=2, cv=GroupKFold(2), max_candidates=1)
    params = {"params": {"sex": films.sex, "groups": groups}, "error_score": "raise"}
    with sklearn.config_context(enable_metadata_routing=True):
        scores = cross_val_score(search, films.data, films.target, cv=outer, **params)
    splits = outer.split(films.data, groups=groups)
    for score, (train, test) in zip(scores, splits, strict=True):
        X, y, sex = films.data[train], films.target[train], films.sex[train]
        search.fit(X, y, sex=sex, groups=groups[train])
        X, y, sex = films.data[test], films.target[test], films.sex[test]
        assert score == search.score(X, y, sex=sex)


def test_paths_of_films(make_model, make_search, fitted, films, film_folder):
    model = make_model(landmarker=LandmarkTable(film_folder / "landmarks.csv"))
    search = make_search(model, n_clusters=(2, 3), refit=False)
    search.fit(sorted(film_folder.glob("*.png")), list(films.target))
    np.testing.assert_array_equal(split_scores(search), split_scores(fitted)[:6])


# What cannot be


def test_candidates_that_cannot_be_fitted_are_last(make_search, films):
    with pytest.warns(
        FitFailedWarning,
        match=r"3 of 6.*index_mcp with n_clusters=7, fold 0: .*=6 usable",
    ):
        search = make_search(n_clusters=(2, 7)).fit(films.data, films.target)
    results = search.cv_results_
    failed = np.array([k == 7 for _, k in visited(search)])
    np.testing.assert_array_equal(np.isnan(results["mean_test_score"]), failed)
    assert (results["rank_test_score"][failed] == 4).all()
    assert search.best_params_["n_clusters"] == 2


def test_nothing_can_be_fitted(make_model, make_search, films):
    with pytest.raises(ValueError, match=r"fold 0 has 6 usable.*fewer than n_clust.*7"):
        make_search(n_clusters=7).fit(films.data, films.target)
    spoilt = [np.full((160, 120), 9, np.uint8), *films.data[1:]]
    model = make_model(on_error="skip")
    with pytest.raises(ValueError, match=r"5 usable.*first set aside, film 0: "):
        make_search(model, n_clusters=6, cv=[(range(6), range(6, 12))]).fit(
            spoilt, films.target
        )
    model = make_model(clusterer=KMeans(tol=-1))
    with (
        pytest.warns(FitFailedWarning, match="3 of 3"),
        pytest.raises(ValueError, match=r"no candidate.*'tol' parameter"),
    ):
        make_search(model).fit(films.data, films.target)


def test_training_films_of_known_age_that_are_all_set_aside(
    make_model, make_search, films
):
    spoilt = [np.full((160, 120), 9, np.uint8), *films.data[1:]]
    ages = np.array([100, *(5 * [np.nan]), *(6 * [100])])
    model = make_model(on_error="skip")
    search = make_search(model, cv=[(np.arange(6), np.arange(6, 12))])
    with (
        pytest.warns(FitFailedWarning, match="3 of 3"),
        pytest.raises(ValueError, match="no usable training film is of known age"),
    ):
        search.fit(spoilt, ages)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"estimator": KMeans()}, "'estimator' parameter.*BoneAgeClusterer"),
        ({"estimator": BoneAgeClusterer}, "'estimator' parameter"),
        ({"estimator": BoneAgeClusterer("thumb")}, "unknown region 'thumb'"),
        ({"estimator": BoneAgeClusterer(interval=-1)}, "'interval' parameter"),
        ({"n_clusters": 0}, "'n_clusters' parameter"),
        ({"n_clusters": ()}, "one or more positive integers"),
        ({"n_clusters": (2, 0)}, "one or more positive integers"),
        ({"n_clusters": (2, 2.5)}, "one or more positive integers"),
        ({"search": "grid"}, "'search' parameter"),
        ({"max_candidates": 0}, "'max_candidates' parameter"),
        ({"min_regions": 0}, "'min_regions' parameter"),
        ({"min_regions": 4, "max_regions": None}, "no subset of the 3.*min_regions=4"),
        ({"min_regions": 3, "max_regions": 2}, "min_regions=3 and max_regions=2"),
        ({"min_regions": 3, "max_regions": 9, "max_candidates": 5}, "before.*5 cand"),
        ({"cv": 1}, "'cv' parameter"),
        ({"cv": 13}, "12 films are fewer than cv=13"),
        ({"cv": []}, "no folds"),
        ({"cv": None}, "'cv' parameter"),
    ],
    ids=str,
)
def test_wrong_parameters(make_search, films, params, message):
    search = make_search().set_params(**params)
    with pytest.raises(ValueError, match=message):
        search.fit(films.data, films.target)


def test_steps_that_hold_other_regions(make_model, make_search, films):
    encoder = RegionEncoder(PCA(2), regions=REGIONS)
    with pytest.raises(ValueError, match="leave its regions out"):
        make_search(make_model(encoder=encoder)).fit(films.data, films.target)
    consensus = MaturityCurve(regions=REGIONS[:2])
    with pytest.raises(ValueError, match="leave its regions out"):
        make_search(make_model(consensus=consensus)).fit(films.data, films.target)


@pytest.mark.parametrize(
    ("consensus", "regions", "needed"),
    [
        (RegionConsensus(), "carpus", 2),
        (MaturityCurve(), REGIONS[:2], 3),
        (MaturityCurve(min_regions=1), "carpus", 2),
    ],
    ids=repr,
)
def test_fewer_regions_than_agreement_needs(
    make_model, make_search, films, consensus, regions, needed
):
    model = make_model(method="agreement", regions=regions, consensus=consensus)
    search = make_search(model, max_regions=None)
    message = rf"the \d candidate.*min_regions=1.*agreement needs {needed} regions"
    with pytest.raises(ValueError, match=message):
        search.fit(films.data, films.target)
    model.set_params(regions=REGIONS)
    search.set_params(max_regions=needed - 1)
    with pytest.raises(ValueError, match=f"agreement needs {needed} regions"):
        search.fit(films.data, films.target)


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        (None, "y is None"),
        (12 * [np.nan], "y holds no known age"),
        (12 * [300], "no age in y is within age_range"),
        (11 * [100], "11 ages for 12 films"),
        ([*(8 * [np.nan]), 90, 90, 90, 90], "fold 0 of 3 has no test film"),
        ([90, 90, 90, 90, *(8 * [np.nan])], "fold 0 of 3 has no training film"),
    ],
)
def test_wrong_ages(make_search, films, ages, message):
    halves = [(np.arange(4, 12), np.arange(4))]
    search = make_search(cv=halves + list(SPLITS.split(films.data)))
    with pytest.raises(ValueError, match=message):
        search.fit(films.data, ages)


def test_wrong_sexes_and_films(make_search, films):
    with pytest.raises(ValueError, match="11 codes for 12 films"):
        make_search().fit(films.data, films.target, sex=films.sex[1:])
    with pytest.raises(ValueError, match="no films"):
        make_search().fit([], [])


def interrupted(*args, **kwargs):
    raise KeyboardInterrupt


def test_an_interrupt_changes_nothing(fitted, films, monkeypatch):
    search = pickle.loads(pickle.dumps(fitted))
    before = dict(vars(search))
    monkeypatch.setattr(KMeans, "fit_predict", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search.fit(films.data, films.target)
    assert vars(search) == before


def test_an_interrupted_refit_keeps_the_scores(make_search, fitted, films, monkeypatch):
    search = make_search(refit=False).fit(films.data, films.target)
    expected = search.cv_results_["mean_test_score"]
    search = pickle.loads(pickle.dumps(fitted)).set_params(**search.get_params())
    search.set_params(refit=True)
    monkeypatch.setattr(BoneAgeClusterer, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search.fit(films.data, films.target)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected)
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    for call in (check_is_fitted, lambda found: found.predict(films.data)):
        with pytest.raises(NotFittedError):
            call(search)
