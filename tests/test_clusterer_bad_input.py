from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans, MeanShift
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import LandmarkTable, RegionEncoder
from sklearn_baccaec.films import FilmError


@pytest.fixture(scope="module")
def make_model(make_model):
    """The shared models, with an encoder that takes no time."""
    return partial(make_model, encoder=PCA(3))


@pytest.fixture(scope="module")
def fitted(make_model, films):
    return make_model().fit(films.data, films.target)


@pytest.fixture
def spoilt(films):
    """The films, two of which cannot be used."""
    spoilt = list(films.data)
    spoilt[3] = np.full((160, 120), 9, np.uint8)
    spoilt[8] = np.zeros((8, 8))
    return spoilt


def test_films_set_aside(make_model, spoilt, films):
    model = make_model(on_error="skip").fit(spoilt, films.target)
    bad = np.isin(np.arange(12), [3, 8])
    np.testing.assert_array_equal(model.labels_ == -1, bad)
    np.testing.assert_array_equal(model.valid_, np.repeat(~bad, 2).reshape(12, 2))
    assert "constant" in model.reasons_[3]
    assert "8 x 8" in model.reasons_[8]
    np.testing.assert_array_equal(model.predict(spoilt), model.labels_)
    np.testing.assert_array_equal(np.isnan(model.transform(spoilt)).all(axis=1), bad)
    np.testing.assert_array_equal(np.isnan(model.predict_age(spoilt)), bad)
    np.testing.assert_array_equal(np.isnan(model.predict_interval(spoilt)).any(1), bad)
    good = [film for film, b in zip(spoilt, bad, strict=True) if not b]
    expected = model.score(good, films.target[~bad]) * 10 / 12
    assert model.score(spoilt, films.target) == pytest.approx(expected)
    without = make_model().fit(good, films.target[~bad])
    np.testing.assert_array_equal(without.labels_, model.labels_[~bad])


def test_nothing_but_bad_films_to_predict(make_model, spoilt, films):
    model = make_model(on_error="skip").fit(films.data, films.target)
    bad = [spoilt[3], spoilt[8]]
    np.testing.assert_array_equal(model.predict(bad), [-1, -1])
    latents = model.transform(bad)
    assert np.isnan(latents).all()
    assert (latents.shape, latents.dtype) == ((2, 6), model.transform(spoilt).dtype)
    assert model.score(bad, [60, 60]) == 0
    assert np.isnan(model.predict_age(bad)).all()


def test_all_films_bad(make_model):
    bad = [np.full((160, 120), grey, np.uint8) for grey in range(4)]
    with pytest.raises(ValueError, match=r"0 usable films.*n_clusters=3.*4 were set"):
        make_model(on_error="skip").fit(bad)
    with pytest.raises(FilmError, match=r"film 0.*constant"):
        make_model().fit(bad)


def test_fewer_films_than_clusters(make_model, spoilt, films):
    with pytest.raises(ValueError, match="12 films are fewer than n_clusters=13"):
        make_model(n_clusters=13).fit(films.data)
    with pytest.raises(ValueError, match=r"10 usable films.*n_clusters=11.*constant"):
        make_model(n_clusters=11, on_error="skip").fit(spoilt)
    labels = make_model(n_clusters=10, on_error="skip").fit_predict(spoilt)
    assert sorted(labels) == [-1, -1, *range(10)]


def test_bad_film_is_named(fitted, spoilt, film_folder, make_model, tmp_path):
    with pytest.raises(FilmError, match=r"film 3.*constant"):
        fitted.predict(spoilt)
    table = LandmarkTable(film_folder / "landmarks.csv")
    paths = [*sorted(film_folder.glob("*.png")), tmp_path / "a99.png"]
    with pytest.raises(FilmError, match=r"a99.png: there is no such file"):
        make_model(landmarker=table).fit(paths)
    model = make_model(landmarker=table, on_error="skip").fit(paths)
    assert model.labels_[-1] == -1
    assert "no such file" in model.reasons_[-1]


def test_films_without_landmarks(fitted, films, make_model):
    unknown = films.data[:2, ::-1]
    with pytest.raises(FilmError, match="film 0: no landmarks are known"):
        fitted.predict(unknown)
    model = make_model(on_error="skip").fit([*films.data, *unknown])
    np.testing.assert_array_equal(model.labels_[-2:], -1)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([84] * 11, "11 ages for 12 films"),
        ([np.nan] * 12, "all 12 are missing"),
        ([None] * 12, "no known age"),
        (["old"] * 12, r"y\[0\] is 'old'"),
        ([84] * 11 + [-1], r"y\[11\] is -1"),
        ([84] * 11 + [np.inf], r"y\[11\] is inf"),
        ([7] * 6 + [230] * 6, "no age in y is within age_range"),
        (np.full((12, 1), 84), "1-D"),
        (84, "1-D"),
        ([True] * 12, "not an age"),
    ],
)
def test_bad_ages(make_model, fitted, films, y, message):
    for method in (make_model().fit, fitted.score, fitted.name_clusters):
        with pytest.raises(ValueError, match=message):
            method(films.data, y)


def test_missing_ages(fitted, films):
    for method in (fitted.score, fitted.name_clusters):
        with pytest.raises(ValueError, match="y is None"):
            method(films.data, None)


@pytest.mark.filterwarnings("error")
def test_ages_outside_the_range_warn_where_the_user_calls(make_model, films):
    y = np.where(np.arange(12) < 2, 10, films.target)
    model = make_model()
    for call in (model.fit, model.name_clusters):
        with pytest.warns(UserWarning, match="2 of 12 ages") as caught:
            call(films.data, y)
        assert [warning.filename for warning in caught] == [__file__]
        assert model.cluster_table_["films"].sum() == 12
        assert model.cluster_table_.filter(like="-").to_numpy().sum() == 10


@pytest.mark.parametrize(
    ("sex", "message"),
    [
        (["F"] * 11, "11 codes for 12 films"),
        (["X"] * 12, r"sex\[0\] is 'X'"),
        ("F", "1-D.*got 'F'"),
    ],
)
def test_bad_sexes_are_refused_before_any_film_is_read(
    make_model, fitted, films, sex, message
):
    model = pickle.loads(pickle.dumps(fitted))
    model.landmarker_ = table = LandmarkTable(pd.DataFrame())  # none is looked up
    for method in (make_model(landmarker=table).fit, model.name_clusters, model.score):
        with pytest.raises(ValueError, match=message):
            method(films.data, films.target, sex=sex)
    for method in (model.predict_age, model.predict_interval, model.assign):
        with pytest.raises(ValueError, match=message):
            method(films.data, sex=sex)


def test_sex_is_given_by_keyword(make_model, fitted, films):
    model = make_model()
    for method in (
        model.fit,
        model.fit_predict,
        model.fit_transform,
        fitted.name_clusters,
        fitted.score,
    ):
        with pytest.raises(TypeError, match="sex as a keyword"):
            method(films.data, films.target, films.sex)
    for method in (fitted.predict_age, fitted.predict_interval, fitted.assign):
        with pytest.raises(TypeError, match="sex as a keyword"):
            method(films.data, films.sex)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"regions": ["carpus", "elbow"]}, "unknown region 'elbow'"),
        ({"regions": ["carpus", 19]}, "twice: carpus"),
        ({"regions": []}, "regions is empty"),
        ({"regions": [0]}, "unknown region 0"),
        ({"landmarker": "landmarks.csv"}, "landmarker"),
        ({"n_clusters": 0}, "n_clusters"),
        ({"interval": 0}, "interval"),
        ({"age_range": (216, 24)}, "youngest < oldest"),
        ({"age_range": (24,)}, "age_range"),
        ({"age_range": ("young", "old")}, "age_range"),
        ({"crop_shape": (16,)}, "crop_shape"),
        ({"crop_shape": (0, 16)}, "crop_shape"),
        ({"on_error": "ignore"}, "on_error"),
        ({"encoder": "ccaec"}, "encoder"),
        ({"clusterer": AgglomerativeClustering()}, "clusterer"),
        ({"clusterer": KMeans(8)}, "n_clusters=3, but .* has 8"),
        ({"clusterer": MeanShift()}, "MeanShift chooses"),
        ({"encoder": RegionEncoder(PCA(3), regions=["carpus"])}, "regions"),
        ({"encoder": RegionEncoder(PCA(3), regions=["radius", "carpus"])}, "regions"),
    ],
    ids=str,
)
def test_wrong_parameters(make_model, films, params, message):
    with pytest.raises(ValueError, match=message):
        make_model(**params).fit(films.data, films.target)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "no films"),
        ("films/a.png", "one path"),
        (np.zeros((160, 120)), "2 dimensions"),
        (pd.DataFrame({"path": ["a.png"]}), "DataFrame"),
        (7, "int"),
    ],
    ids=["empty", "path", "one film", "table", "number"],
)
def test_no_films(make_model, fitted, X, message):
    for method in (make_model().fit, fitted.predict, fitted.transform):
        with pytest.raises(ValueError, match=message):
            method(X)


@pytest.mark.parametrize(
    "method", ["predict", "transform", "predict_age", "predict_interval", "assign"]
)
def test_not_fitted(make_model, films, method):
    with pytest.raises(NotFittedError):
        getattr(make_model(), method)(films.data)


def test_methods_with_ages_before_fit(make_model, films):
    for method in (make_model().score, make_model().name_clusters):
        with pytest.raises(NotFittedError):
            method(films.data, films.target)
    with pytest.raises(NotFittedError):
        make_model().get_feature_names_out()


def test_unnamed_model_cannot_score(make_model, films):
    model = make_model().fit(films.data)
    for method in (model.predict_age, model.predict_interval):
        with pytest.raises(ValueError, match="name_clusters"):
            method(films.data)
    with pytest.raises(ValueError, match="name_clusters"):
        model.score(films.data, films.target)


def test_crops_of_another_size(make_model, films):
    model = make_model().fit(films.data)
    model.pipeline_[0].set_params(crop_shape=(20, 20))
    with pytest.raises(ValueError, match=r"800 features.*expecting 512"):
        model.predict(films.data)


def test_failed_refit_keeps_the_fitted_model(make_model, films, spoilt):
    model = make_model().fit(films.data, films.target)
    labels = model.predict(films.data)
    with pytest.raises(FilmError):
        model.fit(spoilt)
    np.testing.assert_array_equal(model.predict(films.data), labels)
    assert np.isfinite(model.predict_age(films.data)).all()
