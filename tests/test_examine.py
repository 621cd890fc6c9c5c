"""Films looked at once: what is told of them, and that no film is read twice."""

from __future__ import annotations

import pickle
from functools import partial

import cv2
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from sklearn_baccaec import (
    KeyRegionExtractor,
    LandmarkTable,
    MaturityCurve,
    NamedClusterer,
    RegionSubsetSearchCV,
)
from sklearn_baccaec.regions import KEY_REGIONS

REGIONS = ("carpus", "radius", "ulna")
BLANK = np.full((160, 120), 9, np.uint8)
STEPS = ["extractor", "preprocessor", "encoder", "selector", "consensus", "clusterer"]


@pytest.fixture(scope="module")
def make_model(make_model):
    """Models of films that may be set aside, with an encoder that takes no time."""
    return partial(make_model, regions=REGIONS, encoder=PCA(2), on_error="skip")


@pytest.fixture(scope="module")
def fitted(make_model, films):
    """Model of the first ten films."""
    return make_model().fit(films.data[:10], films.target[:10])


@pytest.fixture(scope="module")
def axis(make_model, films):
    """Model with a maturity axis."""
    consensus = MaturityCurve(min_regions=2)
    model = make_model(method="agreement", consensus=consensus)
    return model.fit(films.data[:10], films.target[:10])


@pytest.fixture
def spoilt(films):
    """Films of which one is blank, and one lacks a region."""
    return [films.data[0], BLANK, films.data[11]]


@pytest.fixture
def partial_table(films):
    """Landmarks of all films, but for one in the last."""
    landmarks = films.landmarks.copy()
    landmarks[11, KEY_REGIONS.index("ulna")] = np.nan
    return LandmarkTable.from_films(films.data, landmarks)


# What is told
def test_all_that_is_told_of_films(fitted, films):
    examined = fitted.examine(films.data)
    extracted = fitted.pipeline_[0].extract(films.data)
    assert {*examined} == {
        *extracted,
        "films",
        "names",
        "region_latents",
        "latents",
        "labels",
        "maturity",
        "reliability",
        "digests",
        "seen",
    }
    for name, values in extracted.items():
        np.testing.assert_array_equal(examined[name], values)
    for film, given in zip(examined.films, films.data, strict=True):
        assert film is given or np.shares_memory(film, given)
    assert examined.names.tolist() == [f"film {i}" for i in range(12)]
    assert (examined.crops.shape, examined.crops.dtype) == ((12, 3 * 256), np.uint8)
    assert examined.valid.shape == examined.confidence.shape == (12, 3)
    assert examined.landmarks.shape == (12, 19, 3)
    np.testing.assert_allclose(examined.landmarks[..., :2], films.landmarks)
    assert examined.reasons.tolist() == [None] * 12
    assert examined.handedness.tolist() == list(films.side)
    assert examined.region_latents.shape == examined.latents.shape == (12, 6)
    np.testing.assert_array_equal(examined.latents, fitted.transform(films.data))
    np.testing.assert_array_equal(examined.labels, fitted.predict(films.data))
    assert examined.labels[:10].tolist() == fitted.labels_.tolist()
    assert examined.maturity is None
    assert examined.seen.tolist() == [True] * 10 + [False] * 2


def test_films_set_aside(fitted, axis, spoilt, partial_table):
    for model, lacking_aside in ((fitted, True), (axis, False)):
        model = pickle.loads(pickle.dumps(model))
        model.landmarker_ = partial_table
        examined = model.examine(spoilt)
        aside = [False, True, lacking_aside]
        assert examined.valid.tolist() == [[1] * 3, [0] * 3, [1, 1, 0]]
        assert "constant" in examined.reasons[1]
        assert "no landmark for ulna" in examined.reasons[2]
        assert not examined.crops[1].any()
        np.testing.assert_array_equal(examined.labels < 0, aside)
        missing = np.isnan(examined.latents)
        np.testing.assert_array_equal(missing.all(axis=1), aside)
        np.testing.assert_array_equal(missing.any(axis=1), aside)
        missing = np.isnan(examined.region_latents).reshape(3, 3, 2).all(axis=2)
        np.testing.assert_array_equal(missing, ~examined.valid)
        assert examined.seen.tolist() == [True, False, False]
    np.testing.assert_array_equal(np.isnan(examined.maturity), aside)


def test_maturity_and_file_names(axis, films, film_folder):
    examined = axis.examine(films.data)
    np.testing.assert_array_equal(examined.maturity, axis.predict_maturity(films.data))
    np.testing.assert_allclose(examined.maturity[:10], axis.maturity_, atol=1e-6)
    np.testing.assert_array_equal(examined.maturity, examined.latents[:, 0])
    assert examined.region_latents.shape == (12, 6)
    paths = sorted(film_folder.glob("*.png"))
    model = pickle.loads(pickle.dumps(axis))
    model.landmarker_ = LandmarkTable(film_folder / "landmarks.csv")
    of_files = model.examine(paths)
    assert of_files.names.tolist() == [path.name for path in paths]
    assert of_files.films == paths
    np.testing.assert_array_equal(of_files.crops, examined.crops)
    # A file is the film that was given as an array.
    np.testing.assert_array_equal(of_files.seen, examined.seen)


def test_films_that_named_the_clusters_were_seen(fitted, films):
    model = pickle.loads(pickle.dumps(fitted))
    model.name_clusters(films.data[[2, 11]], films.target[[2, 11]])
    expected = [True] * 10 + [False, True]
    assert model.examine(films.data).seen.tolist() == expected
    model.name_clusters(films.data[:2], films.target[:2])  # these names only
    assert model.examine(films.data).seen.tolist() == [True] * 10 + [False] * 2
    assert fitted.examine(films.data).seen.sum() == 10


# What predicts
@pytest.mark.parametrize("kind", ["fitted", "axis"])
def test_pipeline_is_what_predicts(request, kind, films, spoilt, partial_table):
    model = pickle.loads(pickle.dumps(request.getfixturevalue(kind)))
    for landmarker in (model.landmarker_, partial_table):
        model.landmarker_ = landmarker
        for X in (films.data, spoilt):
            expected = model.predict(X)
            np.testing.assert_array_equal(model.pipeline_.predict(X), expected)
            latents = model.pipeline_[:-1].transform(X)
            np.testing.assert_array_equal(latents, model.transform(X))
    assert model.predict(spoilt)[1] == -1
    assert model.pipeline_[0].regions_ == REGIONS
    assert list(model.pipeline_.named_steps) == STEPS
    assert model.pipeline_[-1] is model.named_clusterer_


def test_another_landmarker_takes_the_place(fitted, films):
    model = pickle.loads(pickle.dumps(fitted))
    shifted = LandmarkTable.from_films(films.data, films.landmarks + 9)
    model.landmarker_ = shifted
    assert model.landmarker_ is model.pipeline_[0].landmarker is shifted
    latents = model.transform(films.data)
    assert not np.allclose(latents, fitted.transform(films.data))
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.transform(films.data), latents)
    assert model.landmarker is not shifted  # the parameter, for the next fit


def test_steps_before_any_fit(make_model, films):
    model = make_model(n_clusters=None)
    pipeline = model.make_pipeline()
    assert isinstance(pipeline, Pipeline)
    assert list(pipeline.named_steps) == STEPS
    assert pipeline["consensus"] == "passthrough"
    assert isinstance(pipeline["clusterer"], NamedClusterer)
    assert not hasattr(model, "pipeline_")
    with pytest.raises(NotFittedError):
        pipeline[-1].predict([[0.0]])
    pipeline = clone(pipeline).set_params(clusterer__n_clusters=3)
    model.set_params(n_clusters=3).fit(films.data)
    labels = pipeline.fit_predict(films.data)
    np.testing.assert_array_equal(labels, model.labels_)
    np.testing.assert_array_equal(
        pipeline[:-1].transform(films.data), model.transform(films.data)
    )


@pytest.mark.parametrize("method", ["ccaec", "agreement"])
def test_fit_transform_is_fit_and_transform(make_model, films, method):
    X = [*films.data[:11], BLANK]
    model = make_model(method=method)
    latents = model.fit_transform(X, films.target, sex=films.sex)
    other = make_model(method=method).fit(X, films.target, sex=films.sex)
    np.testing.assert_array_equal(latents, model.transform(X))
    np.testing.assert_array_equal(latents, other.transform(X))
    np.testing.assert_array_equal(model.labels_, other.labels_)
    assert np.isnan(latents[11]).all()
    assert model.cluster_table_by_sex_["films"].sum() == 11


# Once a call
@pytest.fixture
def decoded(monkeypatch):
    """Number of files that were decoded."""
    counts, imdecode = [], cv2.imdecode
    monkeypatch.setattr(
        cv2, "imdecode", lambda *args: counts.append(1) or imdecode(*args)
    )
    return counts


@pytest.mark.parametrize("method", ["ccaec", "agreement"])
def test_each_call_decodes_a_film_once(make_model, film_folder, films, decoded, method):
    paths, y = sorted(film_folder.glob("*.png")), films.target
    table = LandmarkTable(film_folder / "landmarks.csv")
    regions = ["carpus", "radius", "index_mcp"]
    model = make_model(method=method, regions=regions, landmarker=table)
    calls = [
        partial(model.fit, paths, y),
        partial(model.fit, paths, y, sex=films.sex),
        partial(model.fit_transform, paths, y),
        partial(model.fit_predict, paths, y),
        partial(model.predict, paths),
        partial(model.transform, paths),
        partial(model.predict_interval, paths),
        partial(model.predict_age, paths, return_range=True),
        partial(model.assign, paths),
        partial(model.score, paths, y),
        partial(model.examine, paths),
        partial(model.suggest, paths, 3),
        partial(model.name_clusters, paths, y),
    ]
    if method == "agreement":
        calls.append(partial(model.predict_maturity, paths))
    for call in calls:
        decoded.clear()
        call()
        assert len(decoded) == len(paths), call.func.__name__


def test_what_is_known_of_the_films_in_fit_needs_none(fitted, monkeypatch):
    monkeypatch.setattr(KeyRegionExtractor, "extract", None)
    assert len(fitted.assignments_) == len(fitted.labels_) == 10
    assert fitted.cluster_table_["films"].sum() == 10


# Sex
@pytest.mark.filterwarnings("error::UserWarning")
def test_leaving_sex_out_warns_where_each_has_a_name(make_model, films):
    model = make_model().fit(films.data, films.target, sex=films.sex)
    y, unknown = films.target, [None] * 12
    for call in (
        model.predict_age,
        model.predict_interval,
        model.assign,
        partial(model.score, y=y),
    ):
        with pytest.warns(UserWarning, match="named for each sex.*sex=") as caught:
            found = call(films.data)
        assert [warning.filename for warning in caught] == [__file__]
        np.testing.assert_array_equal(found, call(films.data, sex=unknown))
        call(films.data, sex=films.sex)
    model.name_clusters(films.data, y)
    model.predict_age(films.data)


def test_not_fitted(make_model, films):
    for method in ("examine", "predict_maturity"):
        with pytest.raises(NotFittedError):
            getattr(make_model(), method)(films.data)


def test_a_film_without_crops_is_known_by_its_file_alone(make_model, films, tmp_path):
    blank = np.full((160, 120), 9, np.uint8)
    spoilt = [*films.data[:11], blank]
    model = make_model(encoder=PCA(2), on_error="skip").fit(spoilt)
    assert model.examine(spoilt).seen.tolist() == [True] * 11 + [False]
    assert cv2.imwrite(str(tmp_path / "blank.png"), blank)
    paths = [*films.data[:11], tmp_path / "blank.png"]
    assert model.fit(paths).examine(paths).seen.all()


def test_bad_requests_are_refused_before_any_film_is_read(fitted, films, monkeypatch):
    monkeypatch.setattr(KeyRegionExtractor, "extract", None)
    for n, y, message in [(0, None, "n == 0"), (2, [50], "1 ages for 12 films")]:
        with pytest.raises(ValueError, match=message):
            fitted.suggest(films.data, n, y)
    with pytest.raises(ValueError, match="sample_weight"):
        fitted.score(films.data, films.target, sample_weight=[1])


def test_a_frozen_encoder_stays_a_step(make_model, films):
    trained = make_model(encoder=PCA(2)).fit(films.data)
    frozen = FrozenEstimator(trained.pipeline_["encoder"])
    model = make_model(encoder=frozen).fit(films.data)
    np.testing.assert_array_equal(
        model.transform(films.data), trained.transform(films.data)
    )


def test_films_that_are_there_twice_are_told(make_model, films):
    twice = [*films.data, films.data[3], films.data[3].copy(), films.data[5]]
    expected = r"there twice: 2 \('film 3 = film 12 = film 13', 'film 5 = film 14'\)"
    with pytest.warns(UserWarning, match=expected):
        make_model().fit(twice)
    search = RegionSubsetSearchCV(
        make_model(), n_clusters=2, cv=2, max_candidates=1, refit=False
    )
    with pytest.warns(UserWarning, match="there twice: 2"):
        search.fit(twice, np.r_[films.target, 60, 60, 90])
