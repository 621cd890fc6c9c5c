"""The maturity axis: films along it, which end is young, and ages learned from it."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.utils import Bunch

from sklearn_baccaec import (
    AgeRegressor,
    BoneAgeClusterer,
    HOGComponents,
    LandmarkTable,
    MaturityCurve,
    RegionConsensus,
)
from sklearn_baccaec._clusterer import _maturity
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import cluster_table

FOUR = ["index_pip", "index_mcp", "radius", "carpus"]
AXES = [MaturityCurve(), RegionConsensus()]
MIRROR = {MaturityCurve: lambda places: 1 - places, RegionConsensus: np.negative}


@pytest.fixture(scope="module")
def make_quick(make_model):
    """Agreement of four regions that a PCA encodes, which takes no time."""
    params = {"regions": FOUR, "method": "agreement", "encoder": PCA(2)}
    return partial(make_model, **params, on_error="skip")


@pytest.fixture(scope="module")
def hands():
    """Films of girls and boys of all ages."""
    return make_hand_radiographs(60, film_shape=(160, 120), random_state=3)


@pytest.fixture(scope="module")
def learned(hands):
    """Model of five regions that has learned from films alone."""
    return BoneAgeClusterer(
        [*FOUR, "ulna"],
        4,
        method="agreement",
        encoder=HOGComponents(32, remainder=True),
        landmarker=LandmarkTable.from_films(hands.data, hands.landmarks),
        crop_shape=(16, 16),
        random_state=0,
    ).fit(hands.data)


@pytest.fixture(scope="module")
def unseen():
    """Films that no model has learned from, and a table of their landmarks."""
    films = make_hand_radiographs(20, film_shape=(160, 120), random_state=4)
    films.table = LandmarkTable.from_films(films.data, films.landmarks)
    return films


# Films along the axis
def test_maturity_orders_films_by_age_though_none_was_known(learned, hands, unseen):
    maturity = learned.maturity_
    assert spearmanr(maturity, hands.target)[0] > 0.9
    assert spearmanr(learned.pipeline_["consensus"].t_, hands.target)[0] > 0.9
    assert maturity.mean() == pytest.approx(0.5, abs=0.03)
    assert maturity.std() == pytest.approx(1 / 6, abs=0.03)
    model = pickle.loads(pickle.dumps(learned))
    model.landmarker_ = unseen.table
    found = model.predict_maturity(unseen.data)
    assert ((found >= -0.2) & (found <= 1.2)).all()
    assert spearmanr(found, unseen.target)[0] > 0.8


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


def test_maturity_is_the_first_latent_column(make_quick, films):
    for consensus in (*AXES, RegionConsensus(2)):
        model = make_quick(consensus=consensus).fit(films.data, films.target)
        latents = model.transform(films.data)
        np.testing.assert_array_equal(model.predict_maturity(films.data), latents[:, 0])
        np.testing.assert_allclose(model.maturity_, latents[:, 0], atol=1e-6)
        assert latents.shape[1] == getattr(consensus, "n_components", 1)
        np.testing.assert_array_equal(
            model.pipeline_[:-1].transform(films.data), latents
        )
        np.testing.assert_array_equal(model.assignments_["maturity"], model.maturity_)


def test_clusters_differ_in_maturity_and_so_in_age(learned, hands):
    model = pickle.loads(pickle.dumps(learned)).name_clusters(hands.data, hands.target)
    np.testing.assert_array_equal(model.maturity_, learned.maturity_)
    maturity = pd.Series(model.maturity_).groupby(model.labels_).median()
    ages = model.cluster_table_["median_age"].loc[maturity.sort_values().index]
    assert len(ages) == 4
    assert ages.is_monotonic_increasing
    assert ages.iloc[-1] - ages.iloc[0] > 96


@pytest.mark.parametrize("consensus", AXES, ids=repr)
def test_one_component_is_cut_into_clusters(make_quick, films, consensus):
    model = make_quick(consensus=consensus).fit(films.data, films.target)
    spans = pd.Series(model.maturity_).groupby(model.labels_).agg(["min", "max"])
    spans = spans.sort_values("min")
    assert len(spans) == 3
    assert (spans["max"].to_numpy()[:-1] < spans["min"].to_numpy()[1:]).all()
    centers = model.named_clusterer_.clusterer_.cluster_centers_
    means = pd.Series(model.maturity_).groupby(model.labels_).mean()
    np.testing.assert_allclose(centers[:, 0], means)  # the axis is not turned later


# Which end is young
@pytest.mark.parametrize("consensus", AXES, ids=repr)
def test_known_ages_tell_which_end_is_young(make_quick, films, monkeypatch, consensus):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", None)  # none are needed
    make, mirror = partial(make_quick, consensus=consensus), MIRROR[type(consensus)]
    model = make().fit(films.data, films.target)
    assert spearmanr(model.maturity_, films.target)[0] > 0.8
    turned = make().fit(films.data, 240 - films.target)
    np.testing.assert_allclose(turned.maturity_, mirror(model.maturity_), atol=1e-9)
    for method in ("predict_maturity", "transform"):
        places, expected = (getattr(one, method)(films.data) for one in (turned, model))
        np.testing.assert_allclose(places, mirror(expected), atol=1e-6)
    if hasattr(model.pipeline_["consensus"], "t_"):
        places, expected = (one.pipeline_["consensus"].t_ for one in (turned, model))
        np.testing.assert_allclose(places, mirror(expected), atol=1e-9)
        assert spearmanr(expected, films.target)[0] > 0.6
    five = np.where(np.isin(np.arange(12), [0, 3, 6, 8, 9]), films.target, np.nan)
    np.testing.assert_array_equal(
        make().fit(films.data, five).maturity_, model.maturity_
    )


@pytest.mark.parametrize("consensus", AXES, ids=repr)
@pytest.mark.parametrize("known", [None, 4])
def test_synthetic_films_tell_where_ages_do_not(
    make_quick, films, known, monkeypatch, consensus
):
    make, mirror = partial(make_quick, consensus=consensus), MIRROR[type(consensus)]
    y = known and np.where(np.arange(12) < known, 240 - films.target, np.nan)
    expected = make().fit(films.data, films.target).maturity_
    calls = []

    def draw(*args, **params):
        calls.append(params)
        return films

    monkeypatch.setattr(_maturity, "make_hand_radiographs", draw)
    model = make().fit(films.data, y)
    np.testing.assert_array_equal(model.maturity_, expected)
    films = Bunch(**films | {"target": 240 - films.target})
    turned = make().fit(films.data, y)
    np.testing.assert_allclose(turned.maturity_, mirror(expected), atol=1e-9)
    assert len(calls) == 2
    assert calls[0] == calls[1]  # the same films each time
    assert calls[0]["random_state"] is not None


def test_equal_ages_tell_no_direction(make_quick, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", lambda *_, **__: films)
    expected = make_quick().fit(films.data, films.target).maturity_
    model = make_quick().fit(films.data, np.full(12, 100.0))
    np.testing.assert_array_equal(model.maturity_, expected)


FINITE = st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(st.data())
def test_direction_is_that_of_five_or_more_known_ages(data):
    n = data.draw(st.integers(1, 15))
    scores = data.draw(hnp.arrays(float, n, elements=FINITE | st.just(np.nan)))
    ages = data.draw(hnp.arrays(float, n, elements=FINITE | st.just(np.nan)))
    known = np.isfinite(scores) & np.isfinite(ages)
    assume(np.isfinite(scores).any())
    # No drawn film can be asked for here: there are no steps.
    if np.nanmin(scores) == np.nanmax(scores):
        assert _maturity.is_rising(scores, ages, None, None)
        return
    assume(known.sum() >= 5 and min(np.ptp(scores[known]), np.ptp(ages[known])) > 0)
    rising = spearmanr(scores[known], ages[known])[0]
    assert _maturity.is_rising(scores, ages, None, None) == (rising >= 0)
    assert _maturity.is_rising(-scores, ages, None, None) == (rising <= 0)


def test_films_set_aside_have_no_maturity(make_quick, films):
    spoilt = list(films.data)
    spoilt[3] = np.full((160, 120), 9, np.uint8)
    model = make_quick().fit(spoilt, films.target)
    bad = np.arange(12) == 3
    for maturity in (model.maturity_, model.predict_maturity(spoilt)):
        np.testing.assert_array_equal(np.isnan(maturity), bad)
    assert np.isnan(model.predict_maturity([spoilt[3]])).all()


@pytest.mark.filterwarnings("ignore:the 5 known ages do not rise:UserWarning")
def test_ages_of_films_set_aside_tell_nothing(make_quick, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", None)  # five are enough
    spoilt = [*np.full((4, 160, 120), 9, np.uint8), *films.data[4:]]
    y = np.where(np.arange(12) < 7, np.nan, films.target)
    model = make_quick().fit(spoilt, y)
    good = make_quick().fit(films.data[4:], y[4:])
    np.testing.assert_allclose(model.maturity_[4:], good.maturity_, atol=1e-12)
    assert spearmanr(model.maturity_[7:], y[7:])[0] > 0


# With a consensus, and without
def test_no_maturity_without_a_consensus(make_quick, films):
    for model in (make_quick(consensus="passthrough"), make_quick(consensus=PCA(1))):
        model.fit(films.data, films.target)
        assert not hasattr(model, "maturity_")
        assert "maturity" not in model.assign(films.data)
        with pytest.raises(ValueError, match=r"no maturity axis.*MaturityCurve"):
            model.predict_maturity(films.data)
    with pytest.raises(NotFittedError):
        make_quick().predict_maturity(films.data)


def test_maturity_comes_with_a_consensus_and_goes_without(make_quick, films):
    model = make_quick(method="ccaec").fit(films.data, films.target)
    assert not hasattr(model, "maturity_")
    with pytest.raises(ValueError, match="method='agreement'"):
        model.predict_maturity(films.data)
    for consensus in AXES:
        model.set_params(method="ccaec", consensus=consensus)
        assert model.fit(films.data, films.target).maturity_.shape == (12,)
    model.set_params(method="agreement", consensus=None).fit(films.data, films.target)
    assert model.maturity_.shape == (12,)
    model.set_params(method="ccaec").fit(films.data, films.target)
    assert not hasattr(model, "maturity_")
    with pytest.raises(ValueError, match="no maturity axis"):
        model.predict_maturity(films.data)


@pytest.mark.parametrize("consensus", AXES, ids=repr)
def test_pickle_keeps_the_axis(make_quick, films, consensus):
    fitted = make_quick(consensus=consensus).fit(films.data, 240 - films.target)
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.maturity_, fitted.maturity_)
    np.testing.assert_array_equal(
        copy.predict_maturity(films.data), fitted.predict_maturity(films.data)
    )
    assert not hasattr(clone(fitted), "maturity_")


# Ages that are learned from the places of unseen films
@pytest.fixture(scope="module")
def named(make_quick, films):
    return make_quick().fit(films.data, films.target, sex=films.sex)


def test_ages_are_learned_from_places_by_curves_that_have_not_seen_the_film(
    named, films
):
    t = named.pipeline_["consensus"].t_
    assert np.abs(t - named.maturity_).max() > 0.01
    sex = np.where(films.sex == "M", 1, 0)
    reader = AgeRegressor().fit(np.column_stack([t, sex]), films.target)
    expected = reader.predict(np.column_stack([named.maturity_, sex]))
    ages = named.predict_age(films.data, sex=films.sex)
    np.testing.assert_allclose(ages, expected, rtol=1e-6)
    # Names are those of the films that are in a cluster.
    table = cluster_table(films.target, named.labels_, n_clusters=3)
    pd.testing.assert_frame_equal(named.cluster_table_, table.sort_values("median_age"))


def test_naming_by_films_of_fit_is_as_if_fit_had_known_their_ages(
    make_quick, named, films, monkeypatch
):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", lambda *_, **__: films)
    model = make_quick().fit(films.data, sex=films.sex)
    model.name_clusters(films.data, films.target, sex=films.sex)
    pd.testing.assert_frame_equal(model.assignments_, named.assignments_)
    pd.testing.assert_frame_equal(model.cluster_table_, named.cluster_table_)
    # By their latents they would be told too well.
    sure = clone(model.named_clusterer_).fit(model.transform(films.data), sex=films.sex)
    sure.name_clusters(model.transform(films.data), films.target, sex=films.sex)
    assert (sure.assignments_["age"] != model.assignments_["age"]).any()
    # Some films, in another order, are found again.
    order = [7, 2, 11, 4]
    some = np.where(np.isin(np.arange(12), order), films.target, np.nan)
    model.name_clusters(films.data[order], films.target[order], sex=films.sex[order])
    expected = make_quick().fit(films.data, some, sex=films.sex)
    pd.testing.assert_frame_equal(model.assignments_, expected.assignments_)


def test_naming_by_unseen_films_is_by_their_latents(make_quick, hands, unseen):
    first = [*hands.data, *unseen.data]
    landmarks = [*hands.landmarks, *unseen.landmarks]
    model = make_quick(landmarker=LandmarkTable.from_films(first, landmarks))
    model.fit(hands.data, hands.target)
    t = model.pipeline_["consensus"].t_
    both = [*hands.data[:3], *unseen.data]
    ages = [*hands.target[:3], *unseen.target]
    model.name_clusters(both, ages)
    places = [*t[:3], *model.predict_maturity(unseen.data)]
    unknown = np.full(len(both), -1)
    reader = AgeRegressor().fit(np.column_stack([places, unknown]), ages)
    columns = np.column_stack([model.maturity_, np.full(len(hands.data), -1)])
    np.testing.assert_allclose(
        model.assignments_["age"], reader.predict(columns), rtol=1e-6
    )


@pytest.mark.filterwarnings("error::UserWarning")
def test_ages_that_contradict_the_axis_warn(make_quick, films):
    model = make_quick().fit(films.data, films.target)
    turned = make_quick().fit(films.data, 240 - films.target)  # so is the axis
    message = "the 12 known ages do not rise along the maturity axis"
    for one, ages in ((model, 240 - films.target), (turned, films.target)):
        with pytest.warns(UserWarning, match=message) as caught:
            one.name_clusters(films.data, ages)
        assert [warning.filename for warning in caught] == [__file__]
    from_both_ends = 40 + 20 * np.abs(model.maturity_.argsort().argsort() - 5.5)
    with pytest.warns(UserWarning, match=message) as caught:
        make_quick().fit(films.data, from_both_ends)
    assert [warning.filename for warning in caught] == [__file__]
    model.name_clusters(films.data[:4], 240 - films.target[:4])  # too few to tell


def test_two_known_ages_are_enough(make_quick, films, monkeypatch):
    monkeypatch.setattr(_maturity, "make_hand_radiographs", lambda *_, **__: films)
    few = np.where(np.isin(np.arange(12), [0, 3]), films.target, np.nan)
    model = make_quick().fit(films.data, few)
    ages = model.predict_age(films.data)
    assert len(set(ages)) == 12
    np.testing.assert_array_equal(
        ages.argsort(), model.predict_maturity(films.data).argsort()
    )
    one = np.where(np.arange(12) == 3, films.target, np.nan)
    model.name_clusters(films.data, one)
    with pytest.warns(UserWarning, match="no known age names"):
        ages = model.predict_age(films.data)
    known = model.predict(films.data) == model.labels_[3]
    np.testing.assert_array_equal(ages, np.where(known, films.target[3], np.nan))
