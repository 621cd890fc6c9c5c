"""The method of agreement from films to clusters, and films that lack regions."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from sklearn_baccaec import (
    CCAEC,
    AgeRegressor,
    BoneAgeClusterer,
    HOGComponents,
    LandmarkTable,
    MaturityCurve,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
    load_model,
    load_pretrained,
    save_model,
)
from sklearn_baccaec._clusterer import _maturity
from sklearn_baccaec._clusterer._steps import METHODS
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS

STEPS = ["extractor", "preprocessor", "encoder", "selector", "consensus", "clusterer"]
FOUR = ["index_pip", "index_mcp", "radius", "carpus"]
SIX = [*FOUR, "ulna", "thumb_ip"]
SMALL = HOGComponents(4, remainder=True)


@pytest.fixture(scope="module")
def make_model(make_model):
    """Agreement of four regions, of which few components are kept."""
    return partial(make_model, regions=FOUR, method="agreement", encoder=SMALL)


@pytest.fixture(scope="module")
def make_quick(make_model):
    """Agreement of regions that a PCA encodes, which takes no time."""
    return partial(make_model, encoder=PCA(2), on_error="skip")


@pytest.fixture(scope="module")
def fitted(make_model, films):
    return make_model().fit(films.data, films.target)


# Steps
@pytest.mark.filterwarnings(
    "ignore:n_components=64 is more than can be found:UserWarning"
)
def test_default_steps(films, landmarker):
    model = BoneAgeClusterer(
        n_clusters=3,
        method="agreement",
        landmarker=landmarker,
        crop_shape=(16, 16),
        random_state=7,
    )
    model.fit(films.data, films.target)
    steps = model.pipeline_.named_steps
    assert list(steps) == STEPS
    assert model.valid_.shape == (12, 19)
    assert tuple(steps["extractor"].regions) == KEY_REGIONS
    assert steps["extractor"].crop_scale == 0.5
    assert steps["preprocessor"] == "passthrough"
    assert type(steps["encoder"]) is RegionEncoder
    for encoder in steps["encoder"].encoders_.values():
        assert type(encoder) is HOGComponents
        assert encoder.remainder
    assert type(steps["consensus"]) is MaturityCurve
    assert steps["selector"].min_regions == 3
    assert type(model.named_clusterer_.clusterer_) is KMeans
    reader = model.named_clusterer_.age_regressor
    assert type(reader) is AgeRegressor
    assert (reader.center, reader.scale) == (0.5, 1 / 6)
    assert steps["encoder"].regions_ == steps["consensus"].regions_ == KEY_REGIONS
    for step in ("encoder", "consensus", "clusterer"):
        assert steps[step].random_state == 7
    assert set(model.labels_) == {0, 1, 2}
    assert steps["consensus"].n_features_in_ == 19 * (11 + 1)
    assert model.transform(films.data).shape == (12, 1)
    assert list(model.get_feature_names_out()) == ["maturitycurve0"]
    # What all models start from stays as it is.
    method = METHODS["agreement"]
    assert method.encoder.regions is method.encoder.random_state is None
    assert method.consensus.regions is method.consensus.random_state is None
    assert not hasattr(method.encoder, "encoders_")
    assert not hasattr(method.consensus, "t_")


def test_ccaec_stays_the_default(films, landmarker, monkeypatch):
    method = METHODS["ccaec"]
    assert type(method.encoder) is RegionEncoder
    monkeypatch.setitem(
        METHODS, "ccaec", method._replace(encoder=RegionEncoder(PCA(1)))
    )
    model = BoneAgeClusterer(
        n_clusters=3, landmarker=landmarker, crop_shape=(16, 16), random_state=0
    )
    model.fit(films.data)
    assert list(model.pipeline_.named_steps) == STEPS
    assert model.pipeline_["consensus"] == "passthrough"
    assert type(model.pipeline_["preprocessor"]) is RegionPreprocessor
    assert tuple(model.pipeline_[0].regions) == PAPER_REGIONS
    assert model.pipeline_[0].crop_scale == 1
    assert model.pipeline_[-1].age_regressor is None
    explicit = clone(model).set_params(method="ccaec").fit(films.data)
    np.testing.assert_array_equal(explicit.labels_, model.labels_)


def test_given_values_win(make_model, films):
    model = make_model(
        regions=["radius", "carpus", "ulna"],
        preprocessor=RegionPreprocessor(threshold_block=None),
        encoder=RegionEncoder(HOGComponents(3), random_state=5),
        consensus=RegionConsensus(2, regularization=0.25),
        clusterer=GaussianMixture(3, reg_covar=1e-3),
        crop_shape=(12, 20),
        crop_scale=0.75,
    ).fit(films.data, films.target)
    steps = model.pipeline_.named_steps
    assert isinstance(steps["preprocessor"], RegionPreprocessor)
    assert steps["preprocessor"].regions_ == ("radius", "carpus", "ulna")
    assert steps["extractor"].crop_scale == 0.75
    assert steps["encoder"].regions_ == ("radius", "carpus", "ulna")
    for encoder in steps["encoder"].encoders_.values():
        assert encoder.region_shape_ == (12, 20)
        assert (encoder.n_components_, encoder.remainder) == (3, False)
    assert steps["encoder"].random_state == 5
    assert steps["consensus"].regularization == 0.25
    assert steps["clusterer"].clusterer_.n_components == 3
    assert steps["clusterer"].age_regressor.center == 0
    assert model.transform(films.data).shape == (12, 2)
    assert list(model.get_feature_names_out()) == [
        "regionconsensus0",
        "regionconsensus1",
    ]
    assert model.encoder.regions is None  # given ones are not changed


def test_encoder_of_one_region_is_repeated_for_each(make_quick, films):
    model = make_quick().fit(films.data, films.target)
    steps = model.pipeline_.named_steps
    assert type(steps["encoder"]) is RegionEncoder
    assert type(steps["consensus"]) is MaturityCurve
    assert model.maturity_.shape == (12,)


def test_two_regions_are_too_few_for_the_curve(make_quick, films):
    for regions, message in (
        (FOUR[:2], "X holds 2 regions, but a film needs min_regions=3"),
        ("carpus", r"one region only \(carpus\)"),
    ):
        with pytest.raises(ValueError, match=message):
            make_quick(regions=regions).fit(films.data, films.target)
    model = make_quick(regions=FOUR[:2], consensus=MaturityCurve(min_regions=2))
    assert model.fit(films.data, films.target).maturity_.shape == (12,)


@pytest.mark.parametrize("method", ["Agreement", "", None, 1])
def test_unknown_method(make_quick, films, method):
    with pytest.raises(ValueError, match=r"'method' parameter.*agreement"):
        make_quick(method=method).fit(films.data)


def test_seeds(make_model, fitted, films):
    again = make_model().fit(films.data, films.target)
    np.testing.assert_array_equal(again.maturity_, fitted.maturity_)
    np.testing.assert_array_equal(again.labels_, fitted.labels_)
    other = make_model(random_state=1).fit(films.data, films.target)
    assert not np.allclose(other.maturity_, fitted.maturity_)


def test_a_second_fit_trains_nothing(make_model, fitted, films, tmp_path):
    for y, n_clusters in ((films.target, 3), (240 - films.target, 2)):
        model = make_model(memory=tmp_path, n_clusters=n_clusters).fit(films.data, y)
        assert len([*tmp_path.rglob("_fit_region/*/output.pkl")]) == 4
        places = fitted.transform(films.data)
        expected = places if n_clusters == 3 else 1 - places
        np.testing.assert_allclose(model.transform(films.data), expected, atol=1e-9)


@pytest.mark.parametrize("method", ["agreement", "ccaec"])
def test_crop_scale_reaches_crops_cache_and_file(
    make_model, films, film_folder, reads, tmp_path, method
):
    paths = sorted(film_folder.glob("*.png"))
    crops = {}
    make = partial(
        make_model,
        method=method,
        encoder=PCA(2),
        landmarker=LandmarkTable(film_folder / "landmarks.csv"),
        memory=tmp_path / "cache",
    )
    for scale in (None, 0.7):
        model = make(crop_scale=scale).fit(paths, films.target)
        own = {"agreement": 0.5, "ccaec": 1}[method] if scale is None else scale
        assert model.pipeline_[0].crop_scale == own
        save_model(model, tmp_path / "model.skops")
        loaded = load_model(tmp_path / "model.skops")
        assert loaded.crop_scale == scale
        assert loaded.pipeline_[0].crop_scale == own
        loaded.landmarker_ = model.landmarker
        crops[scale] = model.examine(paths).crops
        np.testing.assert_array_equal(loaded.examine(paths).crops, crops[scale])
    assert (crops[None] != crops[0.7]).mean() > 0.5
    reads.clear()
    for scale, expected in crops.items():  # both are in the cache
        model = make(crop_scale=scale).fit(paths, films.target)
        np.testing.assert_array_equal(model.examine(paths).crops, expected)
    assert reads == []


@pytest.mark.parametrize("crop_scale", [0, -1, 4.5, np.nan, "half"])
def test_wrong_crop_scales(make_quick, films, crop_scale):
    message = "'crop_scale' parameter of BoneAgeClusterer"
    with pytest.raises(ValueError, match=message):
        make_quick(crop_scale=crop_scale).fit(films.data)


def test_ages_and_sex_never_change_clusters(make_model, fitted, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", lambda *_, **__: films)
    few = np.where(np.arange(12) < 2, films.target, np.nan)
    rank = films.target.argsort().argsort()
    for y, sex in ((50.0 + 9 * rank, films.sex), (few, None), (None, None)):
        model = make_model().fit(films.data, y, sex=sex)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)
        latents = model.transform(films.data)
        np.testing.assert_array_equal(latents, fitted.transform(films.data))
    turned = make_model().fit(films.data, 240 - films.target, sex=films.sex)
    assert adjusted_rand_score(turned.labels_, fitted.labels_) == 1


# Films that lack regions
LACKING = {2: 1, 5: 3, 7: 4, 9: 6}  # how many of the six regions by film


@pytest.fixture(scope="module")
def partial_landmarker(films):
    landmarks = films.landmarks.copy()
    for film, count in LACKING.items():
        columns = [KEY_REGIONS.index(region) for region in SIX[:count]]
        landmarks[film, columns] = np.nan
    return LandmarkTable.from_films(films.data, landmarks)


@pytest.fixture(scope="module")
def whole(make_model, films):
    """Model of six regions, which no film lacks."""
    return make_model(regions=SIX).fit(films.data, films.target)


@pytest.fixture(scope="module")
def lacking(make_model, films, partial_landmarker):
    params = {"landmarker": partial_landmarker, "on_error": "skip"}
    return make_model(regions=SIX, **params).fit(films.data, films.target)


def test_films_that_lack_up_to_half_their_regions_get_a_cluster(lacking, films):
    aside = np.isin(np.arange(12), [7, 9])
    np.testing.assert_array_equal(
        12 * [6] - lacking.valid_.sum(axis=1), [LACKING.get(i, 0) for i in range(12)]
    )
    np.testing.assert_array_equal(lacking.labels_ == -1, aside)
    np.testing.assert_array_equal(lacking.predict(films.data), lacking.labels_)
    for values in (
        lacking.maturity_,
        lacking.pipeline_["consensus"].t_,
        lacking.predict_maturity(films.data),
        lacking.predict_age(films.data),
        lacking.transform(films.data)[:, 0],
    ):
        np.testing.assert_array_equal(np.isnan(values), aside)
    assert lacking.cluster_table_["films"].sum() == 10
    assert "no landmark for index_pip" in lacking.assignments_["reason"][7]


def test_missing_regions_are_not_encoded(lacking, films):
    embeddings = lacking.examine(films.data).region_latents.reshape(12, 6, -1)
    assert embeddings.shape[2] == 5  # four components and what they leave out
    np.testing.assert_array_equal(
        np.isfinite(embeddings), np.repeat(lacking.valid_[..., None], 5, axis=2)
    )


def test_a_film_that_lacks_regions_in_predict_only(
    whole, lacking, films, partial_landmarker
):
    model = pickle.loads(pickle.dumps(whole))
    model.set_params(on_error="skip").landmarker_ = partial_landmarker
    found = model.predict_maturity(films.data)
    full = lacking.valid_.all(axis=1)
    np.testing.assert_allclose(found[full], whole.maturity_[full], atol=1e-6)
    assert np.isfinite(found[[2, 5]]).all()
    assert (found[[2, 5]] != whole.maturity_[[2, 5]]).all()
    np.testing.assert_array_equal(model.predict(films.data) == -1, np.isnan(found))
    assert np.isnan(found).tolist() == [i in (7, 9) for i in range(12)]


@pytest.mark.parametrize(
    ("params", "aside"),
    [
        ({"method": "ccaec", "encoder": CCAEC(max_steps=1)}, [2, 5, 7, 9]),
        ({"consensus": "passthrough"}, [2, 5, 7, 9]),
        ({"method": "ccaec", "consensus": RegionConsensus()}, [7, 9]),
        ({"consensus": MaturityCurve()}, [7, 9]),
        ({"consensus": MaturityCurve(min_regions=1)}, [9]),
        ({"consensus": MaturityCurve(min_regions=4)}, [5, 7, 9]),
        ({"regions": SIX[:4]}, [5, 7, 9]),  # of four, three are needed
        ({"regions": SIX[:4], "consensus": RegionConsensus()}, [5, 7, 9]),
        ({"regions": SIX[1:5]}, [5, 7, 9]),
        ({"regions": SIX[1:5], "consensus": RegionConsensus()}, [7, 9]),
    ],
    ids=str,
)
def test_the_consensus_says_how_many_regions_a_film_needs(
    make_quick, films, partial_landmarker, params, aside
):
    params = {"regions": SIX, "landmarker": partial_landmarker, **params}
    model = make_quick(**params)
    labels = model.fit(films.data, films.target).labels_
    np.testing.assert_array_equal(labels == -1, np.isin(np.arange(12), aside))
    np.testing.assert_array_equal(model.predict(films.data), labels)


def test_too_few_films_with_enough_regions_are_told_before_any_training(
    make_quick, films, partial_landmarker, monkeypatch
):
    monkeypatch.setattr(RegionEncoder, "fit", None)
    model = make_quick(regions=SIX, landmarker=partial_landmarker, n_clusters=11)
    with pytest.raises(ValueError, match=r"10 usable films.*n_clusters=11"):
        model.fit(films.data)


def test_a_film_that_lacks_a_region_trains_the_others(
    make_quick, films, partial_landmarker
):
    model = make_quick(
        regions=SIX, landmarker=partial_landmarker, consensus="passthrough"
    ).fit(films.data)
    encoders = model.pipeline_["encoder"].encoders_
    trained = [encoders[region].n_samples_ for region in SIX]
    assert trained == [8, 9, 9, 10, 11, 11]


def test_raise_names_the_film_that_lacks_a_region(
    make_model, films, partial_landmarker
):
    with pytest.raises(FilmError, match="film 2: no landmark for index_pip"):
        make_model(landmarker=partial_landmarker).fit(films.data)


# Months without an age
@pytest.fixture(scope="module")
def ageless(films):
    table = LandmarkTable.from_films(films.data, films.landmarks)
    regions = ["carpus", "radius", "ulna", "index_pip"]  # in another order
    model = BoneAgeClusterer(
        regions, 3, method="agreement", landmarker=table, random_state=0
    )
    with pytest.warns(
        UserWarning, match=r"a curve of 12 films is uncertain.*pretrained"
    ):
        return model.fit(films.data)


def test_months_without_an_age_are_the_pretrained_ones(ageless, films):
    named = ageless.named_clusterer_
    assert named.age_source_ == "drawn hands, without a label"
    months = ageless.predict_age(films.data, sex=films.sex)
    assert spearmanr(months, films.target)[0] > 0.7
    girls = named.age_regressor_.predict([[t, 0] for t in ageless.maturity_])
    own = load_pretrained(
        regions=["index_pip", "radius", "ulna", "carpus"],
        landmarker=ageless.landmarker_,
    )
    expected = own.predict_age(films.data, sex=["F"] * len(films.data))
    assert np.abs(girls - expected).mean() < 0.2 * np.ptp(expected)
    assert abs(np.mean(girls) - np.mean(expected)) < 10


@pytest.mark.parametrize(
    "params", [{"crop_shape": (32, 32)}, {"crop_scale": 1.0}, {"encoder": PCA(4)}]
)
def test_other_crops_or_encoders_have_no_months_without_an_age(ageless, films, params):
    model = clone(ageless).set_params(**params).fit(films.data)
    with pytest.raises(ValueError, match="give ages to fit"):
        model.predict_age(films.data)
