"""Ages in months, from the maturity axis or the cluster, and their quartiles."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.isotonic import IsotonicRegression
from sklearn_baccaec._clusterer._age_calibration import MIN_KNOWN_AGES, AgeCalibration

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.datasets import make_hand_radiographs

N_FILMS = 40


@pytest.fixture(scope="module")
def hands():
    """40 films, 20 of each sex."""
    bunch = make_hand_radiographs(N_FILMS, film_shape=(160, 120), random_state=3)
    bunch.data.setflags(write=False)
    bunch.sex = np.array(["F", "M"] * (N_FILMS // 2))
    return bunch


@pytest.fixture(scope="module")
def make_axis(make_model, hands):
    """Models with a maturity axis, of regions that a PCA encodes."""
    return partial(
        make_model,
        regions=["index_pip", "index_mcp", "radius", "carpus"],
        method="agreement",
        encoder=PCA(2),
        landmarker=LandmarkTable.from_films(hands.data, hands.landmarks),
        on_error="skip",
    )


@pytest.fixture(scope="module")
def fitted(make_axis, hands):
    return make_axis().fit(hands.data, hands.target)


@pytest.fixture(scope="module")
def by_sex(make_axis, hands):
    return make_axis().fit(hands.data, hands.target, sex=hands.sex)


def curve(maturity, ages):
    return IsotonicRegression(out_of_bounds="clip").fit(maturity, ages)


# -- read from the axis
def test_age_is_the_isotonic_regression_on_maturity(fitted, hands):
    expected = curve(fitted.maturity_, hands.target).predict(fitted.maturity_)
    ages = fitted.predict_age(hands.data)
    np.testing.assert_allclose(ages, expected, rtol=1e-6)
    assert len(set(ages)) > fitted.n_clusters_
    assert (np.diff(ages[fitted.maturity_.argsort()]) >= -1e-6).all()
    np.testing.assert_allclose(fitted.assignments_["age"], ages)
    # Names are of the clusters, as ever.
    low, high = fitted.predict_interval(hands.data).T
    for cluster, interval in fitted.cluster_table_["interval"].items():
        own = fitted.labels_ == cluster
        assert {f"{a:g}-{b:g}" for a, b in zip(low[own], high[own], strict=True)} == {
            interval
        }


def test_quartiles_are_those_of_ages_that_the_curve_has_not_seen(make_axis, hands):
    fitted = make_axis(n_clusters=4).fit(hands.data, hands.target)
    ages, quartiles = fitted.predict_age(hands.data, return_quartiles=True)
    np.testing.assert_array_equal(ages, fitted.predict_age(hands.data))
    maturity = fitted.maturity_
    fold = maturity.argsort().argsort() % 5
    unseen = np.zeros(N_FILMS)
    for k in range(5):
        seen = fold != k
        unseen[~seen] = curve(maturity[seen], hands.target[seen]).predict(
            maturity[~seen]
        )
    distances = pd.Series(hands.target - unseen)
    sizes = np.bincount(fitted.labels_)
    assert sizes.max() >= MIN_KNOWN_AGES > sizes.min()  # both cases are here
    for cluster, size in enumerate(sizes):
        own = fitted.labels_ == cluster
        chosen = distances[own] if size >= MIN_KNOWN_AGES else distances
        expected = chosen.quantile([0.25, 0.75]).to_numpy()
        found = quartiles[own] - ages[own, None]
        np.testing.assert_allclose(found, np.tile(expected, (size, 1)), atol=1e-4)
    table = fitted.assign(hands.data)
    np.testing.assert_allclose(table[["age_low", "age_high"]], quartiles)
    pd.testing.assert_frame_equal(table, fitted.assignments_)


def test_each_sex_has_its_own_curve(by_sex, fitted, hands):
    ages = by_sex.predict_age(hands.data, hands.sex)
    for sex in "FM":
        own = hands.sex == sex
        expected = curve(by_sex.maturity_[own], hands.target[own])
        np.testing.assert_allclose(ages[own], expected.predict(by_sex.maturity_[own]))
    np.testing.assert_allclose(by_sex.assignments_["age"], ages)
    # Of unknown sex, films are read as if none had one.
    for some, all_films in zip(
        by_sex.predict_age(hands.data, return_quartiles=True),
        fitted.predict_age(hands.data, return_quartiles=True),
        strict=True,
    ):
        np.testing.assert_array_equal(some, all_films)


def test_a_sex_of_few_films_is_read_by_the_curve_of_all(make_axis, fitted, hands):
    few = np.arange(N_FILMS) < 2 * (MIN_KNOWN_AGES - 1)
    sex = np.where(few | (hands.sex == "M"), hands.sex, None)
    model = make_axis().fit(hands.data, hands.target, sex=sex)
    girls = hands.sex == "F"
    np.testing.assert_array_equal(
        model.predict_age(hands.data, hands.sex)[girls],
        fitted.predict_age(hands.data)[girls],
    )
    own = curve(model.maturity_[~girls], hands.target[~girls])
    np.testing.assert_allclose(
        model.predict_age(hands.data, hands.sex)[~girls],
        own.predict(model.maturity_[~girls]),
    )


def test_a_cluster_without_a_name_has_ages_on_the_axis(make_axis, hands):
    model = make_axis().fit(hands.data)
    y = np.where(model.labels_ == 0, np.nan, hands.target)
    model.name_clusters(hands.data, y)
    nameless = model.labels_ == 0
    with pytest.warns(UserWarning, match="no known age names"):
        bounds = model.predict_interval(hands.data)
    np.testing.assert_array_equal(np.isnan(bounds[:, 0]), nameless)
    ages, quartiles = model.predict_age(hands.data, return_quartiles=True)
    assert np.isfinite(ages).all()
    assert np.isfinite(quartiles).all()
    assert model.assignments_["interval"].isna().tolist() == nameless.tolist()


def test_naming_again_learns_ages_again(fitted, make_axis, hands):
    model = clone(fitted).fit(hands.data)
    model.name_clusters(hands.data, hands.target)
    np.testing.assert_allclose(
        model.predict_age(hands.data), fitted.predict_age(hands.data), rtol=1e-6
    )
    model.name_clusters(hands.data, np.full(N_FILMS, 50.0))
    np.testing.assert_allclose(model.predict_age(hands.data), 50)
    model.name_clusters(hands.data[:3], hands.target[:3])
    assert set(model.predict_age(hands.data[:3])) <= set(
        model.cluster_table_["median_age"]
    )
    model.fit(hands.data)
    assert model.assignments_[["age", "age_low", "age_high"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="no names"):
        model.predict_age(hands.data)


def test_ages_out_of_range_teach_nothing(make_axis, fitted, hands):
    model = clone(fitted).fit(hands.data)
    y = hands.target.copy()
    y[:5] = 400
    with pytest.warns(UserWarning, match="outside age_range"):
        model.name_clusters(hands.data, y)
    expected = curve(model.maturity_[5:], y[5:]).predict(model.maturity_)
    np.testing.assert_allclose(model.predict_age(hands.data), expected, rtol=1e-6)


def test_films_set_aside_have_no_age(fitted, hands):
    blank = np.full((160, 120), 9, np.uint8)
    ages, quartiles = fitted.predict_age([hands.data[0], blank], return_quartiles=True)
    assert np.isnan(ages).tolist() == [False, True]
    assert np.isnan(quartiles).tolist() == [[False] * 2, [True] * 2]
    assert fitted.assign([blank])[["age", "age_low"]].isna().all(axis=None)


def test_pickle_keeps_the_ages(by_sex, hands):
    copy = pickle.loads(pickle.dumps(by_sex))
    for one, other in zip(
        copy.predict_age(hands.data, hands.sex, return_quartiles=True),
        by_sex.predict_age(hands.data, hands.sex, return_quartiles=True),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_saved_model_keeps_the_ages(by_sex, hands, tmp_path):
    by_sex.save(tmp_path / "model.skops")
    loaded = type(by_sex).load(tmp_path / "model.skops")
    loaded.set_params(landmarker=by_sex.landmarker)
    for one, other in zip(
        loaded.predict_age(hands.data, hands.sex, return_quartiles=True),
        by_sex.predict_age(hands.data, hands.sex, return_quartiles=True),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


# -- of the cluster
@pytest.mark.parametrize("least", [MIN_KNOWN_AGES - 1, MIN_KNOWN_AGES])
def test_few_ages_fall_back_to_the_cluster(make_axis, hands, least):
    y = np.where(np.arange(N_FILMS) < least, hands.target, np.nan)
    model = make_axis(n_clusters=2).fit(hands.data, y)
    medians = pd.Series(y).groupby(model.labels_).median()
    on_axis = curve(model.maturity_[:least], y[:least]).predict(model.maturity_)
    expected = medians[model.labels_] if least < MIN_KNOWN_AGES else on_axis
    np.testing.assert_allclose(model.predict_age(hands.data), expected, rtol=1e-6)


def test_without_an_axis_age_and_quartiles_are_the_clusters(make_axis, hands):
    model = make_axis(consensus="passthrough").fit(
        hands.data, hands.target, sex=hands.sex
    )
    table = pd.DataFrame({"age": hands.target, "label": model.labels_})
    expected = table.groupby("label")["age"].quantile([0.25, 0.5, 0.75]).unstack()
    expected = expected.loc[model.labels_].to_numpy()
    ages, quartiles = model.predict_age(hands.data, return_quartiles=True)
    np.testing.assert_allclose(ages, expected[:, 1])
    np.testing.assert_allclose(quartiles, expected[:, [0, 2]])
    table["sex"] = hands.sex
    keys = ["label", "sex"]
    expected = table.groupby(keys)["age"].quantile([0.25, 0.5, 0.75]).unstack()
    expected = expected.loc[list(zip(model.labels_, hands.sex, strict=True))].to_numpy()
    ages, quartiles = model.predict_age(hands.data, hands.sex, return_quartiles=True)
    np.testing.assert_allclose(ages, expected[:, 1])
    np.testing.assert_allclose(quartiles, expected[:, [0, 2]])
    np.testing.assert_allclose(
        model.cluster_table_by_sex_[["lower_quartile", "upper_quartile"]].dropna(),
        table.groupby(["sex", "label"])["age"].quantile([0.25, 0.75]).unstack(),
    )


def test_a_sex_that_names_its_cluster_nowhere_has_the_quartiles_of_all(
    make_model, films
):
    model = make_model(encoder=PCA(2)).fit(films.data, films.target, sex=["M"] * 12)
    found = model.predict_age(films.data, ["F"] * 12, return_quartiles=True)
    expected = model.predict_age(films.data, return_quartiles=True)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_unknown_ages_have_no_quartiles(make_model, films):
    model = make_model(encoder=PCA(2)).fit(films.data)
    y = np.where(model.labels_ == 0, films.target, np.nan)
    model.name_clusters(films.data, y)
    with pytest.warns(UserWarning, match="no known age names"):
        ages, quartiles = model.predict_age(films.data, return_quartiles=True)
    np.testing.assert_array_equal(np.isnan(ages), model.labels_ != 0)
    np.testing.assert_array_equal(np.isnan(quartiles).all(axis=1), model.labels_ != 0)


# -- the curve
@st.composite
def known_films(draw):
    n = draw(st.integers(MIN_KNOWN_AGES, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    maturity = generator.random(n).round(draw(st.integers(0, 6)))
    ages = 24 + 150 * maturity + generator.normal(0, draw(st.floats(0, 30)), n)
    labels = (3 * maturity).astype(int).clip(0, 2)
    return ages.clip(24, 216), labels, generator.integers(-1, 2, n), maturity


@settings(deadline=None, max_examples=40)
@given(known_films())
def test_ages_rise_with_maturity_within_those_known(known):
    ages, labels, sexes, maturity = known
    found = AgeCalibration.learn(ages, labels, sexes, maturity, 3)
    new = np.linspace(0, 1, 101)
    for sex in (-1, 0, 1):
        months, quartiles = found.estimate(new, np.zeros(101, int), np.full(101, sex))
        assert (np.diff(months) >= 0).all() or (np.diff(months) <= 0).all()
        assert ages.min() - 1e-9 <= months.min() <= months.max() <= ages.max() + 1e-9
        assert (quartiles[:, 0] <= quartiles[:, 1]).all()
        assert np.isfinite(quartiles).all()


@settings(deadline=None, max_examples=20)
@given(known_films(), st.randoms(use_true_random=False))
def test_the_order_of_known_films_does_not_matter(known, random):
    if len(set(known[3])) < len(known[3]):
        return  # equally mature films may share a fold or not
    order = random.sample(range(len(known[0])), len(known[0]))
    one = AgeCalibration.learn(*known, 3)
    other = AgeCalibration.learn(*(values[order] for values in known), 3)
    np.testing.assert_allclose(one.spread, other.spread)
    for a, b in zip(one.curves, other.curves, strict=True):
        np.testing.assert_allclose(a, b)


def test_on_a_constant_axis_all_are_as_old_as_the_mean():
    ages = np.linspace(50, 150, 20)
    constant = np.full(20, 0.5)
    labels = np.zeros(20, int)
    found = AgeCalibration.learn(ages, labels, labels - 1, constant, 1)
    months, quartiles = found.estimate(np.array([0.5, 1]), labels[:2], labels[:2])
    np.testing.assert_allclose(months, 100)
    assert ((quartiles > [60, 110]) & (quartiles < [90, 140])).all()


def test_an_axis_that_lies_the_wrong_way_round_tells_ages_all_the_same():
    generator = np.random.default_rng(0)
    maturity = generator.random(60)
    ages = 200 - 150 * maturity + generator.normal(0, 3, 60)
    labels = np.zeros(60, int)
    found = AgeCalibration.learn(ages, labels, labels - 1, maturity, 1)
    months, _ = found.estimate(maturity, labels, labels - 1)
    assert np.abs(months - ages).mean() < 5


def test_half_of_unseen_ages_lie_between_the_quartiles():
    generator = np.random.default_rng(0)

    def sample(n):
        maturity = generator.random(n)
        ages = 40 + 150 * maturity + generator.normal(0, 12, n)
        return ages, (3 * maturity).astype(int), np.full(n, -1), maturity

    for n in (20, 60, 200):
        shares = []
        for _ in range(20):
            found = AgeCalibration.learn(*sample(n), 3)
            ages, labels, sexes, maturity = sample(400)
            low, high = found.estimate(maturity, labels, sexes)[1].T
            shares.append(np.mean((ages >= low) & (ages <= high)))
        assert 0.4 < np.mean(shares) < 0.6


def test_too_few_ages_make_no_curve():
    ages = np.full(30, np.nan)
    ages[:MIN_KNOWN_AGES] = 100
    labels = np.zeros(30, int)
    labels[0] = -1  # set aside
    sexes, maturity = labels * 0 - 1, np.linspace(0, 1, 30)
    assert AgeCalibration.learn(ages, labels, sexes, maturity, 1) is None
    labels[0] = 0
    assert AgeCalibration.learn(ages, labels, sexes, maturity, 1) is not None
