from __future__ import annotations

import pickle
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
    np.testing.assert_array_equal(make_model().fit_transform(films.data), latents)


def test_ages_and_intervals_are_those_of_the_cluster(fitted, films):
    ages = fitted.predict_age(films.data)
    bounds = fitted.predict_interval(films.data)
    edges = np.array([24, 72, 120, 168, 216])
    true = np.digitize(films.target, edges) - 1
    right = []
    for cluster in range(3):
        inside = fitted.labels_ == cluster
        assert set(ages[inside]) == {np.median(films.target[inside])}
        mode = np.bincount(true[inside], minlength=4).argmax()
        np.testing.assert_array_equal(
            bounds[inside], [edges[mode : mode + 2]] * inside.sum()
        )
        right.extend(true[inside] == mode)
    assert fitted.score(films.data, films.target) == pytest.approx(np.mean(right))
    assert fitted.cluster_table_["films"].sum() == 12


def test_ages_never_change_clusters(fitted, make_model, films):
    rng = np.random.default_rng(0)
    for y in (
        None,
        rng.permutation(films.target),
        np.where(films.target > 90, np.nan, 50),
    ):
        model = make_model().fit(films.data, y)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)
        np.testing.assert_array_equal(
            model.transform(films.data), fitted.transform(films.data)
        )


def test_refit_without_ages_drops_the_names(make_model, films):
    model = make_model().fit(films.data, films.target)
    model.fit(films.data)
    assert not hasattr(model, "cluster_table_")
    for method in (model.predict_age, model.predict_interval):
        with pytest.raises(ValueError, match="no names"):
            method(films.data)
    model.name_clusters(films.data[:6], films.target[:6])
    assert model.cluster_table_["films"].sum() == 6


def test_naming_again_replaces_the_names(fitted, films):
    model = pickle.loads(pickle.dumps(fitted))
    assert model.name_clusters(films.data, 30 + 0 * films.target) is model
    assert set(model.predict_age(films.data)) == {30}
    np.testing.assert_array_equal(model.labels_, fitted.labels_)


def test_unnamed_clusters_warn_and_give_nan(make_model, films, fitted):
    named = fitted.labels_ == fitted.labels_[0]
    y = np.where(named, films.target, np.nan)
    model = make_model().fit(films.data, y)
    with pytest.warns(UserWarning, match=f"{(~named).sum()} of 12 films"):
        ages = model.predict_age(films.data)
    np.testing.assert_array_equal(np.isnan(ages), ~named)
    with pytest.warns(UserWarning, match="no known age"):
        bounds = model.predict_interval(films.data)
    np.testing.assert_array_equal(np.isnan(bounds).all(axis=1), ~named)


def test_score_leaves_unknown_ages_out_and_warns_of_ages_outside(fitted, films):
    y = films.target.copy()
    y[::2] = np.nan
    known = ~np.isnan(y)
    expected = fitted.score(films.data[known], y[known])
    assert fitted.score(films.data, y) == expected
    y[::2] = 220
    with pytest.warns(UserWarning, match="6 of 12 ages are outside"):
        assert fitted.score(films.data, y) == expected


def test_score_goes_by_the_names_learned_before(fitted, films):
    model = pickle.loads(pickle.dumps(fitted))
    model.set_params(interval=24)
    assert model.score(films.data, films.target) == fitted.score(
        films.data, films.target
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
        {"clusterer": HybridClusterer()},
        {"clusterer": GaussianMixture(3, reg_covar=1)},
        {"clusterer": make_pipeline(StandardScaler(), KMeans(3))},
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
    model = make_model(encoder=PCA(2), clusterer=MeanShift(bandwidth=1e-6))
    model.fit(films.data, films.target)
    assert len(np.unique(model.labels_)) == model.n_clusters_ == 12
    np.testing.assert_array_equal(model.predict_age(films.data), films.target)


@pytest.mark.parametrize("crop_shape", [(12, 20), (8, 32), (20, 12)])
def test_crops_keep_their_shape(make_model, films, crop_shape):
    model = make_model(crop_shape=crop_shape, preprocessor=RegionPreprocessor(blur=3))
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


def test_workers_and_seeds(make_model, fitted, films):
    with joblib.parallel_config("threading"):
        two = make_model(n_jobs=2).fit(films.data)
    np.testing.assert_array_equal(
        two.transform(films.data), fitted.transform(films.data)
    )
    np.testing.assert_array_equal(two.labels_, fitted.labels_)
    first, second = (
        make_model(random_state=np.random.RandomState(4)).fit_transform(films.data)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, fitted.transform(films.data))
