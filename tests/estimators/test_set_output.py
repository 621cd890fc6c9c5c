"""Films or tables in, DataFrames of pandas or polars out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars
import pytest
import sklearn
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import (
    CCAEC,
    VAE,
    HOGComponents,
    HybridClusterer,
    KeyRegionExtractor,
    MaturityCurve,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
    RegionSubsetSearchCV,
)

REGIONS = ("carpus", "radius")
THREE = (*REGIONS, "ulna")
FRAMES = {"pandas": pd.DataFrame, "polars": polars.DataFrame}
METHODS = {
    "ccaec": {},
    "agreement": {
        "method": "agreement",
        "encoder": HOGComponents(2),
        "regions": THREE,
    },
    "pca": {"encoder": PCA(2)},
}
SPLITS = KFold(2, shuffle=True, random_state=0)

pytestmark = pytest.mark.filterwarnings("error::UserWarning")  # of names, or of tables
both_libraries = pytest.mark.parametrize("library", FRAMES)


def check_frame(frame, library, names, values):
    assert isinstance(frame, FRAMES[library])
    assert list(frame.columns) == list(names)
    np.testing.assert_array_equal(np.asarray(frame), values)


@pytest.fixture
def extractor(landmarker):
    return KeyRegionExtractor(REGIONS, landmarker=landmarker, crop_shape=(16, 16))


@pytest.fixture(scope="module")
def crops(films, landmarker):
    return KeyRegionExtractor(
        REGIONS, landmarker=landmarker, crop_shape=(16, 16)
    ).fit_transform(films.data)


# Films
@both_libraries
@pytest.mark.parametrize("convert", [np.asarray, list])
def test_crops(extractor, films, crops, library, convert):
    names = [
        f"{region}_y{y}_x{x}"
        for region in REGIONS
        for y in range(16)
        for x in range(16)
    ]
    extractor.set_output(transform=library)
    for method in (extractor.fit_transform, extractor.transform):
        check_frame(method(convert(films.data)), library, names, crops)


@pytest.mark.parametrize(
    ("library", "method"),
    [("pandas", "ccaec"), ("pandas", "agreement"), ("polars", "pca")],
)
def test_latents(make_model, films, library, method):
    model = make_model(**METHODS[method])
    expected = model.fit_transform(films.data)
    names = model.get_feature_names_out()
    labels = model.labels_
    check_frame(
        model.set_output(transform=library).transform(films.data),
        library,
        names,
        expected,
    )
    frame = clone(model).fit_transform(films.data)  # clones keep what was set
    check_frame(frame, library, names, expected)
    with sklearn.config_context(transform_output=library):
        other = make_model(**METHODS[method]).fit(films.data)
        check_frame(other.transform(films.data), library, names, expected)
        np.testing.assert_array_equal(other.labels_, labels)
        np.testing.assert_array_equal(other.predict(films.data), labels)
        if method == "agreement":
            np.testing.assert_array_equal(other.maturity_, model.maturity_)
            assert other.assign(films.data)["maturity"].notna().all()


@both_libraries
def test_latents_of_films_that_are_set_aside(make_model, films, library):
    model = make_model(on_error="skip").set_output(transform=library).fit(films.data)
    blank = np.zeros_like(films.data[0])
    frame = model.transform([blank, films.data[1]])
    assert np.isnan(np.asarray(frame)[0]).all()
    assert not np.isnan(np.asarray(frame)[1]).any()
    check_frame(
        model.transform([blank]),
        library,
        model.get_feature_names_out(),
        np.full((1, 16), np.nan),
    )


# Pipelines and searches
@pytest.fixture
def pipeline(extractor):
    """Every step that a table goes through."""
    return make_pipeline(
        extractor.set_params(regions=THREE),
        RegionPreprocessor(regions=THREE),
        RegionEncoder(CCAEC(max_steps=2), regions=THREE, random_state=0),
        RegionSelector(["radius", "ulna"], all_regions=THREE),
        RegionConsensus(regions=["radius", "ulna"]),
        KMeans(3, n_init=1, random_state=0),
    )


@both_libraries
def test_pipeline(pipeline, films, library):
    expected = clone(pipeline[:-1]).fit_transform(films.data)
    pipeline.set_output(transform=library).fit(films.data)
    selector, consensus = pipeline["regionselector"], pipeline["regionconsensus"]
    assert list(selector.feature_names_in_) == [
        f"{region}_ccaec{i}" for region in THREE for i in range(8)
    ]
    assert list(consensus.feature_names_in_) == [
        f"{region}_ccaec{i}" for region in ("radius", "ulna") for i in range(8)
    ]
    names = ["regionconsensus0"]
    check_frame(pipeline[:-1].transform(films.data), library, names, expected)
    np.testing.assert_array_equal(pipeline.predict(films.data), pipeline[-1].labels_)


def test_grid_search_over_a_pipeline(pipeline, films):
    search = GridSearchCV(
        pipeline[:-2].set_output(transform="pandas"),
        {"regionselector__regions": [["radius", "ulna"], ["carpus", "ulna"]]},
        scoring=lambda model, X, y=None: -np.asarray(model.transform(X)).std(),
        cv=SPLITS,
        error_score="raise",
    ).fit(films.data)
    regions = sorted(search.best_params_["regionselector__regions"])
    latents = search.transform(films.data)
    names = [f"{region}_ccaec{i}" for region in regions for i in range(8)]
    check_frame(latents, "pandas", names, np.asarray(latents))


@both_libraries
def test_searches_over_models(make_model, films, library):
    model = make_model(encoder=PCA(2)).set_output(transform=library)
    search = (
        GridSearchCV(model, {"n_clusters": [2, 3]}, cv=SPLITS, error_score="raise")
        if library == "pandas"
        else RegionSubsetSearchCV(model, cv=SPLITS, max_regions=1, n_clusters=3)
    )
    search.fit(films.data, films.target)
    check_frame(
        search.transform(films.data),
        library,
        search.best_estimator_.get_feature_names_out(),
        search.best_estimator_.set_output(transform="default").transform(films.data),
    )


def test_search_whatever_is_set_for_all(make_model, films):
    search = RegionSubsetSearchCV(
        make_model(encoder=PCA(2)), cv=SPLITS, max_regions=1, n_clusters=3
    )
    expected = clone(search).fit(films.data, films.target)
    with sklearn.config_context(transform_output="pandas"):
        search.fit(films.data, films.target)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"]
    )
    assert isinstance(search.transform(films.data), np.ndarray)


# Tables
@both_libraries
@pytest.mark.parametrize(
    "step",
    [
        CCAEC(max_steps=2, region_shape=(16, 32)),
        VAE(max_steps=2, region_shape=(16, 32)),
        RegionPreprocessor(),
        RegionEncoder(CCAEC(max_steps=2)),
        HOGComponents(2, remainder=True, region_shape=(16, 32)),
        RegionEncoder(HOGComponents(2)),
        RegionSelector("radius"),
        RegionConsensus(),
        MaturityCurve(min_regions=2),
    ],
    ids=lambda step: type(step).__name__,
)
def test_frames_in_and_out(extractor, films, crops, library, step):
    """Regions are told by the names; the values are those of nameless columns."""
    if isinstance(
        step, (RegionConsensus, MaturityCurve)
    ):  # for latents, of which there are few
        extractor.set_params(crop_shape=(4, 4))
        crops = extractor.fit_transform(films.data)
    frame = extractor.set_output(transform=library).fit_transform(films.data)
    step = clone(step)
    if "random_state" in step.get_params():
        step.set_params(random_state=0)
    named = clone(step).set_output(transform=library).fit(frame)
    assert list(named.feature_names_in_) == list(extractor.get_feature_names_out())
    for parameter in ("regions", "all_regions"):
        if parameter in step.get_params() and step.get_params()[parameter] is None:
            step.set_params(**{parameter: REGIONS})
    check_frame(
        named.transform(frame),
        library,
        named.get_feature_names_out(),
        step.fit(crops).transform(crops),
    )
    wrong = (
        frame.rename({"carpus_y0_x0": "wrist_y0_x0"})
        if library == "polars"
        else (frame.rename(columns={"carpus_y0_x0": "wrist_y0_x0"}))
    )
    with pytest.raises(ValueError, match="feature names"):
        named.transform(wrong)


def test_index_is_kept(crops):
    frame = pd.DataFrame(crops, index=[f"film {i}" for i in range(len(crops))])
    model = RegionEncoder(PCA(2), regions=REGIONS).set_output(transform="pandas")
    assert model.fit_transform(frame.add_prefix("x")).index.equals(frame.index)


# What there is not
def test_unknown_library(extractor, make_model, films):
    for model in (extractor, make_model()):
        with pytest.raises(ValueError, match=r"output config must be .* got xarray"):
            model.set_output(transform="xarray").fit_transform(films.data)


def test_what_transforms_nothing_has_no_output():
    assert not hasattr(HybridClusterer(), "set_output")
    with pytest.raises(ValueError, match="Unable to configure output"):
        make_pipeline(GridSearchCV(PCA(), {}), KMeans()).set_output(transform="pandas")
