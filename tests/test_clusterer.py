from __future__ import annotations

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans, MeanShift
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_baccaec import (
    CCAEC,
    VAE,
    HybridClusterer,
    KeyRegionExtractor,
    LandmarkTable,
    RegionEncoder,
    RegionPreprocessor,
)
from sklearn_baccaec.cluster import NamedClusterer
from sklearn_baccaec.regions import PAPER_REGIONS

REGIONS = ["carpus", "radius"]


@pytest.fixture(scope="module")
def fitted(make_model, films):
    return make_model().fit(films.data, films.target)


def test_same_as_the_hand_made_pipeline(fitted, films, landmarker):
    pipeline = Pipeline(
        [
            (
                "crop",
                KeyRegionExtractor(REGIONS, landmarker=landmarker, crop_shape=[16, 16]),
            ),
            ("prepare", RegionPreprocessor(regions=REGIONS)),
            (
                "encode",
                RegionEncoder(CCAEC(max_steps=3), regions=REGIONS, random_state=0),
            ),
            ("cluster", KMeans(3, n_init=10, random_state=0)),
        ]
    ).fit(films.data)
    np.testing.assert_array_equal(pipeline[-1].labels_, fitted.labels_)
    np.testing.assert_array_equal(
        pipeline[:-1].transform(films.data), fitted.transform(films.data)
    )
    np.testing.assert_array_equal(
        pipeline.predict(films.data), fitted.predict(films.data)
    )


def test_fitted_model(fitted, films, make_model):
    assert set(fitted.labels_) == {0, 1, 2}
    assert fitted.n_clusters_ == 3
    assert fitted.valid_.shape == fitted.confidence_.shape == (12, 2)
    assert fitted.valid_.all()
    assert list(fitted.reasons_) == [None] * 12
    np.testing.assert_array_equal(fitted.predict(films.data), fitted.labels_)
    latents = fitted.transform(films.data)
    assert latents.shape == (12, 16)
    assert latents.dtype == np.float32
    np.testing.assert_array_equal(
        make_model().fit_predict(films.data, films.target), fitted.labels_
    )


def test_names_and_ages_are_those_of_the_latents(make_model, films):
    model = make_model(interval=24).fit(films.data, films.target, sex=films.sex)
    latents, sex = model.transform(films.data), films.sex
    named = NamedClusterer(n_clusters=3, interval=24, random_state=0)
    named.fit(latents, films.target, sex=sex)
    np.testing.assert_array_equal(model.labels_, named.labels_)
    for mine, expected in [
        (model.cluster_table_, named.cluster_table_),
        (model.cluster_table_by_sex_, named.cluster_table_by_sex_),
        (model.assignments_[[*named.assignments_]], named.assignments_),
    ]:
        pd.testing.assert_frame_equal(mine, expected)
    for mine, expected in zip(
        model.predict_age(films.data, sex=sex, return_range=True),
        named.predict_age(latents, sex=sex, return_range=True),
        strict=True,
    ):
        np.testing.assert_array_equal(mine, expected)
    np.testing.assert_array_equal(
        model.predict_interval(films.data, sex=sex),
        named.predict_interval(latents, sex=sex),
    )
    score = model.score(films.data, films.target, sex=sex)
    assert score == named.score(latents, films.target, sex=sex)
    y = np.where(np.arange(12) < 4, films.target, np.nan)
    np.testing.assert_array_equal(
        model.suggest(films.data, 4, y), named.suggest(latents, 4, y)
    )
    assert model.name_clusters(films.data[:6], films.target[:6]) is model
    named.name_clusters(latents[:6], films.target[:6])
    pd.testing.assert_frame_equal(model.cluster_table_, named.cluster_table_)
    assert not hasattr(model, "cluster_table_by_sex_")
    model.fit(films.data)
    assert not hasattr(model, "cluster_table_")


def test_table_of_assignments(fitted, films):
    table = fitted.assign(films.data)
    pd.testing.assert_frame_equal(table, fitted.assignments_)
    assert list(table) == [
        "film",
        "cluster",
        "interval",
        "age",
        "age_low",
        "age_high",
        "confidence",
        "reason",
    ]
    assert table["film"].tolist() == [f"film {i}" for i in range(12)]
    assert (table["confidence"] == 1).all()
    assert table["reason"].isna().all()


def test_ages_and_sex_never_change_clusters(fitted, make_model, films):
    for y, sex in (
        (None, None),
        (films.target[::-1], films.sex),
        (np.where(films.target > 90, np.nan, 50), ["M"] * 12),
    ):
        model = make_model().fit(films.data, y, sex=sex)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)
        np.testing.assert_array_equal(
            model.transform(films.data), fitted.transform(films.data)
        )


def test_order_and_company_of_films_do_not_matter(fitted, films):
    order = [7, 2, 11, 2]
    part = films.data[order]
    np.testing.assert_array_equal(fitted.predict(part), fitted.labels_[order])
    np.testing.assert_array_equal(
        fitted.transform(part), fitted.transform(films.data)[order]
    )


def test_containers_types_and_sizes(fitted, make_model, films, film_folder):
    paths = sorted(film_folder.glob("*.png"))
    objects = np.empty(12, dtype=object)
    objects[:] = [film.astype(float) for film in films.data]
    for X in (list(films.data), films.data.astype(np.uint16), objects):
        np.testing.assert_array_equal(fitted.predict(X), fitted.labels_)
    table = LandmarkTable(film_folder / "landmarks.csv")
    for X in (paths, list(map(str, paths)), pd.Series(map(str, paths))):
        model = make_model(landmarker=table).fit(X)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)
    mixed = [
        np.pad(film, ((0, i), (0, 2 * i)), "edge") for i, film in enumerate(films.data)
    ]
    mixed = [film.astype([np.uint8, np.float32][i % 2]) for i, film in enumerate(mixed)]
    model = make_model(landmarker=LandmarkTable.from_films(mixed, films.landmarks))
    latents = model.fit(mixed).transform(mixed)
    np.testing.assert_allclose(latents, fitted.transform(films.data), atol=1e-6)


@pytest.mark.parametrize(
    "params",
    [
        {"encoder": VAE(max_steps=2)},
        {"encoder": PCA(2)},
        {"encoder": make_pipeline(StandardScaler(), PCA(2)), "verbose": 1},
        {"encoder": RegionEncoder(PCA(8), overrides={19: VAE(max_steps=1)})},
        {"clusterer": HybridClusterer(3)},
        {"clusterer": GaussianMixture(3, reg_covar=1), "encoder": PCA(2)},
        {"clusterer": make_pipeline(StandardScaler(), KMeans(3)), "n_clusters": None},
        {"preprocessor": "passthrough"},
        {"preprocessor": RegionPreprocessor(threshold_block=None)},
        {"preprocessor": make_pipeline(RegionPreprocessor(regions=REGIONS))},
        {"consensus": PCA(2)},
    ],
)
def test_other_steps(make_model, films, params):
    model = make_model(**params)
    model.fit(films.data, films.target)
    labels = model.predict(films.data)
    assert ((labels >= 0) & (labels < 3)).all()
    kept = model.labels_ >= 0
    assert kept.any()
    columns = 2 if "consensus" in params else len(model.get_feature_names_out())
    assert model.transform(films.data).shape == (12, columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert np.isfinite(model.predict_age(films.data)[kept]).all()


def test_clusterer_that_chooses_its_own_number(make_model, films):
    model = make_model(
        encoder=PCA(2), clusterer=MeanShift(bandwidth=1e-6), n_clusters=None
    )
    model.fit(films.data, films.target)
    assert len(np.unique(model.labels_)) == model.n_clusters_ == 12
    np.testing.assert_array_equal(model.predict_age(films.data), films.target)


@pytest.mark.parametrize("crop_shape", [(12, 20), (20, 12)])
def test_crops_keep_their_shape(make_model, films, crop_shape):
    model = make_model(
        crop_shape=crop_shape,
        preprocessor=RegionPreprocessor(blur=3),
        encoder=CCAEC(max_steps=1),
    )
    steps = model.fit(films.data).pipeline_.named_steps
    assert steps["preprocessor"].region_shape_ == crop_shape
    shapes = [e.region_shape_ for e in steps["encoder"].encoders_.values()]
    assert shapes == [crop_shape] * 2


@pytest.mark.parametrize("regions", [None, "carpus", 19, [19, "ulna"]])
def test_regions(make_model, films, regions):
    model = make_model(regions=regions, encoder=PCA(1)).fit(films.data)
    columns = [f"{region}_pca0" for region in PAPER_REGIONS]
    expected = {"carpus": columns[-1:], 19: columns[-1:], None: columns}
    names = list(model.get_feature_names_out())
    if isinstance(regions, list):
        assert names == ["carpus_pca0", "ulna_pca0"]
    else:
        assert names == expected[regions]


def test_workers_change_nothing(make_model, films):
    one = make_model(encoder=PCA(2)).fit(films.data)
    with joblib.parallel_config("threading"):
        two = make_model(encoder=PCA(2), n_jobs=2).fit(films.data)
        latents = two.transform(films.data)
    np.testing.assert_array_equal(latents, one.transform(films.data))
    np.testing.assert_array_equal(two.labels_, one.labels_)


def test_seeds(make_model, fitted, films):
    first, second = (
        make_model(random_state=np.random.RandomState(4)).fit_transform(films.data)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, fitted.transform(films.data))
