"""The method of agreement from films to clusters, and the maturity axis."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.utils import Bunch

from sklearn_baccaec import (
    CCAEC,
    BoneAgeClusterer,
    ContrastiveRegionEncoder,
    LandmarkTable,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
)
from sklearn_baccaec._clusterer import _maturity
from sklearn_baccaec._clusterer._steps import METHODS
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS

# The small networks of most tests have learned nothing, and say so.
pytestmark = pytest.mark.filterwarnings(
    "ignore:the regions have not learned:sklearn.exceptions.ConvergenceWarning"
)

STEPS = ["extractor", "preprocessor", "encoder", "selector", "consensus", "clusterer"]
FOUR = ["index_pip", "index_mcp", "radius", "carpus"]
SMALL = ContrastiveRegionEncoder(4, view_size=16, channels=(4, 8), max_steps=2)


@pytest.fixture(scope="module")
def make_model(make_model):
    """Agreement of four regions by networks that are hardly trained."""
    return partial(make_model, regions=FOUR, method="agreement", encoder=SMALL)


@pytest.fixture(scope="module")
def make_quick(make_model):
    """Agreement of regions that a PCA encodes, which takes no time."""
    return partial(make_model, encoder=PCA(2), on_error="skip")


@pytest.fixture(scope="module")
def fitted(make_model, films):
    return make_model().fit(films.data, films.target)


# Steps
def test_default_steps(films, landmarker, monkeypatch):
    method = METHODS["agreement"]
    encoder = clone(method.encoder).set_params(**SMALL.get_params())
    monkeypatch.setitem(METHODS, "agreement", method._replace(encoder=encoder))
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
    assert type(steps["encoder"]) is ContrastiveRegionEncoder
    assert type(steps["consensus"]) is RegionConsensus
    assert steps["selector"].min_regions == 0.5
    assert type(model.named_clusterer_.clusterer_) is KMeans
    assert steps["encoder"].regions_ == steps["consensus"].regions_ == KEY_REGIONS
    assert steps["encoder"].random_state == steps["clusterer"].random_state == 7
    assert set(model.labels_) == {0, 1, 2}
    columns = steps["consensus"].n_components
    assert model.transform(films.data).shape == (12, columns)
    # What all models start from stays as it is.
    assert encoder.regions is encoder.random_state is method.consensus.regions is None
    assert not hasattr(encoder, "weights_")


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
    assert tuple(model.pipeline_[0].regions) == PAPER_REGIONS
    explicit = clone(model).set_params(method="ccaec").fit(films.data)
    np.testing.assert_array_equal(explicit.labels_, model.labels_)


def test_given_values_win(make_model, films):
    model = make_model(
        regions=["radius", "carpus", "ulna"],
        preprocessor=RegionPreprocessor(threshold_block=None),
        encoder=clone(SMALL).set_params(random_state=5),
        consensus=RegionConsensus(2, regularization=0.25),
        clusterer=GaussianMixture(3, reg_covar=1e-3),
        crop_shape=(12, 20),
    ).fit(films.data, films.target)
    steps = model.pipeline_.named_steps
    assert isinstance(steps["preprocessor"], RegionPreprocessor)
    assert steps["preprocessor"].regions_ == ("radius", "carpus", "ulna")
    assert steps["encoder"].regions_ == ("radius", "carpus", "ulna")
    assert steps["encoder"].region_shape_ == (12, 20)
    assert (steps["encoder"].random_state, steps["encoder"].max_steps) == (5, 2)
    assert steps["consensus"].regularization == 0.25
    assert steps["clusterer"].clusterer_.n_components == 3
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
    assert type(steps["consensus"]) is RegionConsensus
    assert model.maturity_.min() == 0


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
        assert len([*tmp_path.rglob("_train/*/output.pkl")]) == 1
        np.testing.assert_array_equal(
            model.transform(films.data), fitted.transform(films.data)
        )


def test_ages_and_sex_never_change_clusters(make_model, fitted, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", lambda *_, **__: films)
    few = np.where(np.arange(12) < 2, films.target, np.nan)
    for y, sex in ((230 - films.target, films.sex), (few, None), (None, None)):
        model = make_model().fit(films.data, y, sex=sex)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)
        latents = model.transform(films.data)
        np.testing.assert_array_equal(latents, fitted.transform(films.data))


# Maturity
@pytest.fixture(scope="module")
def hands():
    """Films of girls and boys of all ages."""
    return make_hand_radiographs(40, film_shape=(160, 120), random_state=3)


@pytest.fixture(scope="module")
def learned(hands):
    """Networks that have learned something, from films alone."""
    encoder = clone(SMALL).set_params(
        n_components=8, max_steps=40, pose_jitter=0.5, exposure_jitter=0.5
    )
    return BoneAgeClusterer(
        [*FOUR, "ulna"],
        4,
        method="agreement",
        encoder=encoder,
        landmarker=LandmarkTable.from_films(hands.data, hands.landmarks),
        crop_shape=(16, 16),
        random_state=0,
    ).fit(hands.data)


def test_maturity_orders_films_by_age_though_none_was_known(learned, hands):
    assert ((learned.maturity_ >= 0) & (learned.maturity_ <= 1)).all()
    assert (learned.maturity_.min(), learned.maturity_.max()) == (0, 1)
    assert spearmanr(learned.maturity_, hands.target)[0] > 0.7
    unseen = make_hand_radiographs(20, film_shape=(160, 120), random_state=4)
    table = LandmarkTable.from_films(unseen.data, unseen.landmarks)
    model = pickle.loads(pickle.dumps(learned))
    model.landmarker_ = table
    found = model.predict_maturity(unseen.data)
    assert ((found >= 0) & (found <= 1)).all()
    assert spearmanr(found, unseen.target)[0] > 0.6


def test_maturity_of_the_fitted_films_and_of_any_part(learned, hands):
    np.testing.assert_allclose(
        learned.predict_maturity(hands.data), learned.maturity_, atol=1e-6
    )
    order = [30, 3, 3, 17]
    np.testing.assert_allclose(
        learned.predict_maturity(hands.data[order]),
        learned.maturity_[order],
        atol=1e-6,
    )


def test_clusters_differ_in_maturity_and_so_in_age(learned, hands):
    model = pickle.loads(pickle.dumps(learned)).name_clusters(hands.data, hands.target)
    np.testing.assert_array_equal(model.maturity_, learned.maturity_)
    maturity = pd.Series(model.maturity_).groupby(model.labels_).median()
    ages = model.cluster_table_["median_age"].loc[maturity.sort_values().index]
    assert len(ages) == 4
    assert ages.iloc[-1] - ages.iloc[0] > 48


def test_one_component_is_cut_into_clusters(make_quick, films):
    model = make_quick(consensus=RegionConsensus()).fit(films.data, films.target)
    spans = pd.Series(model.maturity_).groupby(model.labels_).agg(["min", "max"])
    spans = spans.sort_values("min")
    assert len(spans) == 3
    assert (spans["max"].to_numpy()[:-1] < spans["min"].to_numpy()[1:]).all()


def test_known_ages_tell_which_end_is_young(make_quick, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", None)  # none are needed
    model = make_quick().fit(films.data, films.target)
    assert spearmanr(model.maturity_, films.target)[0] > 0
    turned = make_quick().fit(films.data, 240 - films.target)
    np.testing.assert_allclose(turned.maturity_, 1 - model.maturity_, atol=1e-12)
    np.testing.assert_allclose(
        turned.predict_maturity(films.data), turned.maturity_, atol=1e-6
    )
    five = np.where(np.isin(np.arange(12), [0, 3, 6, 8, 9]), films.target, np.nan)
    np.testing.assert_array_equal(
        make_quick().fit(films.data, five).maturity_, model.maturity_
    )


@pytest.mark.parametrize("known", [None, 4])
def test_synthetic_films_tell_where_ages_do_not(make_quick, films, known, monkeypatch):
    y = known and np.where(np.arange(12) < known, 240 - films.target, np.nan)
    expected = make_quick().fit(films.data, films.target).maturity_
    calls = []

    def make(*args, **params):
        calls.append(params)
        return films

    monkeypatch.setattr(_maturity, "make_hand_radiographs", make)
    model = make_quick().fit(films.data, y)
    np.testing.assert_array_equal(model.maturity_, expected)
    films = Bunch(**films | {"target": 240 - films.target})
    turned = make_quick().fit(films.data, y)
    np.testing.assert_allclose(turned.maturity_, 1 - expected, atol=1e-12)
    assert len(calls) == 2
    assert calls[0] == calls[1]  # the same films each time
    assert calls[0]["random_state"] is not None


SCORES = hnp.arrays(float, st.integers(1, 9), elements=st.floats(-1e6, 1e6))


@settings(deadline=None)
@given(SCORES, SCORES, st.booleans())
def test_maturity_rises_from_0_to_1_whatever_the_axis(scores, others, rising):
    ends = (scores.min(), scores.max())[:: 1 if rising else -1]
    at_ends = _maturity.place_on_axis(np.sort(scores)[[0, -1]], ends)
    if scores.min() == scores.max():
        np.testing.assert_array_equal(at_ends, [0.5, 0.5])
    else:
        np.testing.assert_array_equal(at_ends, [0, 1] if rising else [1, 0])
        found = _maturity.place_on_axis(np.sort(others), ends)
        assert ((found >= 0) & (found <= 1)).all()
        assert (np.diff(found if rising else -found) >= 0).all()
    assert np.isnan(_maturity.place_on_axis(np.array([np.nan]), ends)).all()


def test_films_set_aside_have_no_maturity(make_quick, films):
    spoilt = list(films.data)
    spoilt[3] = np.full((160, 120), 9, np.uint8)
    model = make_quick().fit(spoilt, films.target)
    bad = np.arange(12) == 3
    for maturity in (model.maturity_, model.predict_maturity(spoilt)):
        np.testing.assert_array_equal(np.isnan(maturity), bad)
    assert (np.nanmin(model.maturity_), np.nanmax(model.maturity_)) == (0, 1)
    assert np.isnan(model.predict_maturity([spoilt[3]])).all()


def test_ages_of_films_set_aside_tell_nothing(make_quick, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", None)  # five are enough
    spoilt = [*np.full((4, 160, 120), 9, np.uint8), *films.data[4:]]
    y = np.where(np.arange(12) < 7, np.nan, films.target)
    model = make_quick().fit(spoilt, y)
    good = make_quick().fit(films.data[4:], y[4:])
    np.testing.assert_allclose(model.maturity_[4:], good.maturity_, atol=1e-12)
    assert spearmanr(model.maturity_[7:], y[7:])[0] > 0


def test_no_maturity_without_a_consensus(make_quick, films):
    for model in (make_quick(consensus="passthrough"), make_quick(consensus=PCA(1))):
        model.fit(films.data, films.target)
        assert not hasattr(model, "maturity_")
        with pytest.raises(ValueError, match=r"no maturity axis.*RegionConsensus"):
            model.predict_maturity(films.data)
    with pytest.raises(NotFittedError):
        make_quick().predict_maturity(films.data)


def test_maturity_comes_with_a_consensus_and_goes_without(make_quick, films):
    model = make_quick(method="ccaec").fit(films.data, films.target)
    assert not hasattr(model, "maturity_")
    with pytest.raises(ValueError, match="method='agreement'"):
        model.predict_maturity(films.data)
    model.set_params(consensus=RegionConsensus()).fit(films.data, films.target)
    assert model.maturity_.shape == (12,)
    model.set_params(method="agreement", consensus=None).fit(films.data, films.target)
    assert model.maturity_.shape == (12,)
    model.set_params(method="ccaec").fit(films.data, films.target)
    assert not hasattr(model, "maturity_")
    with pytest.raises(ValueError, match="no maturity axis"):
        model.predict_maturity(films.data)


def test_pickle_keeps_the_axis(fitted, films):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.maturity_, fitted.maturity_)
    np.testing.assert_array_equal(
        copy.predict_maturity(films.data), fitted.predict_maturity(films.data)
    )
    assert not hasattr(clone(fitted), "maturity_")


# Films that lack regions
LACKING = {2: 1, 5: 2, 7: 3, 9: 4}  # how many of the four regions by film


@pytest.fixture(scope="module")
def partial_landmarker(films):
    landmarks = films.landmarks.copy()
    for film, count in LACKING.items():
        columns = [KEY_REGIONS.index(region) for region in FOUR[:count]]
        landmarks[film, columns] = np.nan
    return LandmarkTable.from_films(films.data, landmarks)


@pytest.fixture(scope="module")
def lacking(make_model, films, partial_landmarker):
    return make_model(landmarker=partial_landmarker, on_error="skip").fit(
        films.data, films.target
    )


def test_films_that_lack_up_to_half_their_regions_get_a_cluster(lacking, films):
    aside = np.isin(np.arange(12), [7, 9])
    np.testing.assert_array_equal(
        12 * [4] - lacking.valid_.sum(axis=1), [LACKING.get(i, 0) for i in range(12)]
    )
    np.testing.assert_array_equal(lacking.labels_ == -1, aside)
    np.testing.assert_array_equal(lacking.predict(films.data), lacking.labels_)
    for values in (
        lacking.maturity_,
        lacking.predict_maturity(films.data),
        lacking.predict_age(films.data),
        lacking.transform(films.data)[:, 0],
    ):
        np.testing.assert_array_equal(np.isnan(values), aside)
    assert lacking.cluster_table_["films"].sum() == 10
    assert "no landmark for index_pip" in lacking.assignments_["reason"][7]


def test_missing_regions_are_not_encoded(lacking, films):
    embeddings = lacking.examine(films.data).region_latents.reshape(12, 4, -1)
    np.testing.assert_array_equal(
        np.isfinite(embeddings), np.repeat(lacking.valid_[..., None], 4, axis=2)
    )


def test_a_film_that_lacks_regions_in_predict_only(
    fitted, lacking, films, partial_landmarker
):
    model = pickle.loads(pickle.dumps(fitted))
    model.set_params(on_error="skip").landmarker_ = partial_landmarker
    found = model.predict_maturity(films.data)
    whole = lacking.valid_.all(axis=1)
    np.testing.assert_allclose(found[whole], fitted.maturity_[whole], atol=1e-6)
    assert np.isfinite(found[[2, 5]]).all()
    assert (found[[2, 5]] != fitted.maturity_[[2, 5]]).all()
    np.testing.assert_array_equal(model.predict(films.data) == -1, np.isnan(found))


@pytest.mark.parametrize(
    ("params", "aside"),
    [
        ({"method": "ccaec", "encoder": CCAEC(max_steps=1)}, [2, 5, 7, 9]),
        ({"consensus": "passthrough"}, [2, 5, 7, 9]),
        ({"method": "ccaec", "consensus": RegionConsensus()}, [7, 9]),
    ],
    ids=["ccaec", "no consensus", "consensus"],
)
def test_the_consensus_says_how_many_regions_a_film_needs(
    make_quick, films, partial_landmarker, params, aside
):
    model = make_quick(landmarker=partial_landmarker, **params)
    labels = model.fit(films.data, films.target).labels_
    np.testing.assert_array_equal(labels == -1, np.isin(np.arange(12), aside))
    np.testing.assert_array_equal(model.predict(films.data), labels)


def test_a_film_that_lacks_a_region_trains_the_others(
    make_quick, films, partial_landmarker
):
    model = make_quick(landmarker=partial_landmarker, consensus="passthrough")
    model.fit(films.data)
    encoders = model.pipeline_["encoder"].encoders_
    assert [encoders[region].n_samples_ for region in FOUR] == [8, 9, 10, 11]


def test_raise_names_the_film_that_lacks_a_region(
    make_model, films, partial_landmarker
):
    with pytest.raises(FilmError, match="film 2: no landmark for index_pip"):
        make_model(landmarker=partial_landmarker).fit(films.data)


def test_equal_ages_tell_no_direction(make_quick, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", lambda *_, **__: films)
    expected = make_quick().fit(films.data, films.target).maturity_
    model = make_quick().fit(films.data, np.full(12, 100.0))
    np.testing.assert_array_equal(model.maturity_, expected)
