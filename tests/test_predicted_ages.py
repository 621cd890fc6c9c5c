"""Ages in months, from a regressor or the cluster, and their quartiles."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from given_labels import GivenLabels
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression

from sklearn_baccaec.cluster import IsotonicAgeRegressor, NamedClusterer

LEAST = 10  # known ages that a regressor needs, a sex, or a cluster for its quartiles
N = 40
SEX = np.array(["F", "M"] * (N // 2))


def draw(n, n_clusters=3, noise=12, seed=0):
    """Places on the axis, and ages that rise along it."""
    generator = np.random.default_rng(seed)
    axis = n_clusters * generator.random(n)
    ages = 40 + 150 / n_clusters * axis + generator.normal(0, noise, n)
    return np.column_stack([axis, generator.random(n)]), ages.clip(24, 216)


def make_model():
    """Clusters are cut from the axis at whole numbers."""
    return NamedClusterer(GivenLabels(), age_regressor=IsotonicAgeRegressor())


def curve(X, ages):
    return IsotonicRegression(out_of_bounds="clip").fit(X[:, 0], ages)


@pytest.fixture(scope="module")
def data():
    X, ages = draw(N)
    sizes = np.bincount(X[:, 0].astype(int))
    assert sizes.max() >= LEAST
    return X, ages + 10 * (SEX == "M")


@pytest.fixture(scope="module")
def X(data):
    return data[0]


@pytest.fixture(scope="module")
def y(data):
    return data[1]


@pytest.fixture(scope="module")
def fitted(X, y):
    return make_model().fit(X, y)


@pytest.fixture(scope="module")
def by_sex(X, y):
    return make_model().fit(X, y, sex=SEX)


# By the regressor
def test_age_is_what_the_regressor_says(fitted, X, y):
    ages = fitted.predict_age(X)
    np.testing.assert_allclose(ages, curve(X, y).predict(X[:, 0]))
    assert len(set(ages)) > fitted.n_clusters_
    np.testing.assert_array_equal(fitted.assignments_["age"], ages)
    # Names are of the clusters, as ever.
    plain = NamedClusterer(GivenLabels()).fit(X, y)
    np.testing.assert_array_equal(fitted.predict_interval(X), plain.predict_interval(X))
    pd.testing.assert_frame_equal(fitted.cluster_table_, plain.cluster_table_)


def test_regressor_sees_latents_and_sex(X, y):
    model = NamedClusterer(GivenLabels(), age_regressor=LinearRegression())
    model.fit(X, y, sex=[None, *SEX[1:]])
    codes = np.where(SEX == "M", 1, 0)
    codes[0] = -1
    columns = np.column_stack([X, codes])
    expected = LinearRegression().fit(columns, y).predict(columns)
    found = model.predict_age(X, sex=[None, *SEX[1:]])
    np.testing.assert_allclose(found, expected)
    assert not hasattr(model.age_regressor, "coef_")


def test_quartiles_are_those_of_ages_that_the_regressor_has_not_seen(X, y):
    X = X.copy()
    few = X[:, 0] > 2
    X[few, 0] /= np.where(np.arange(few.sum()) < LEAST - 1, 1, 2)  # to cluster 1
    fitted = make_model().fit(X, y)
    ages, quartiles = fitted.predict_age(X, return_quartiles=True)
    fold = X[:, 0].argsort().argsort() % 5
    unseen = np.zeros(N)
    for k in range(5):
        seen = fold != k
        unseen[~seen] = curve(X[seen], y[seen]).predict(X[~seen, 0])
    distances = y - unseen
    sizes = np.bincount(fitted.labels_)
    assert sizes.max() >= LEAST > sizes.min()  # both cases are here
    for cluster, size in enumerate(sizes):
        own = fitted.labels_ == cluster
        chosen = distances[own] if size >= LEAST else distances
        found = quartiles[own] - ages[own, None]
        expected = np.tile(np.quantile(chosen, [0.25, 0.75]), (size, 1))
        np.testing.assert_allclose(found, expected)
    table = fitted.assign(X)
    np.testing.assert_array_equal(table[["age_low", "age_high"]], quartiles)
    pd.testing.assert_frame_equal(table, fitted.assignments_)


def test_each_sex_has_its_own_curve(by_sex, fitted, X, y):
    ages = by_sex.predict_age(X, sex=SEX)
    for sex in "FM":
        own = sex == SEX
        np.testing.assert_allclose(ages[own], curve(X[own], y[own]).predict(X[own, 0]))
    np.testing.assert_array_equal(by_sex.assignments_["age"], ages)
    # Of unknown sex, films are read as if none had one.
    for some, all_films in zip(
        by_sex.predict_age(X, sex=[None] * N, return_quartiles=True),
        fitted.predict_age(X, return_quartiles=True),
        strict=True,
    ):
        np.testing.assert_array_equal(some, all_films)


def test_a_sex_of_few_films_is_read_by_the_curve_of_all(fitted, X, y):
    girls = SEX == "F"
    few = np.arange(N) < 2 * (LEAST - 1)
    model = make_model().fit(X, y, sex=np.where(few | ~girls, SEX, None))
    found = model.predict_age(X, sex=SEX, return_quartiles=True)
    expected = fitted.predict_age(X, return_quartiles=True)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one[girls], other[girls])
    own = curve(X[~girls], y[~girls]).predict(X[~girls, 0])
    np.testing.assert_allclose(found[0][~girls], own)


@pytest.mark.filterwarnings("error")
def test_a_cluster_without_a_name_has_ages_all_the_same(X, y):
    nameless = X[:, 0] < 1
    model = make_model().fit(X, np.where(nameless, np.nan, y))
    with pytest.warns(UserWarning, match="no known age names"):
        bounds = model.predict_interval(X)
    np.testing.assert_array_equal(np.isnan(bounds[:, 0]), nameless)
    ages, quartiles = model.predict_age(X, return_quartiles=True)
    assert np.isfinite(ages).all()
    assert np.isfinite(quartiles).all()
    assert model.assignments_["interval"].isna().tolist() == nameless.tolist()


def test_naming_again_learns_ages_again(fitted, X, y):
    model = clone(fitted).fit(X)
    assert model.assignments_[["age", "age_low", "age_high"]].isna().all(axis=None)
    model.name_clusters(X, y)
    np.testing.assert_array_equal(model.predict_age(X), fitted.predict_age(X))
    model.name_clusters(X, np.full(N, 50.0))
    np.testing.assert_allclose(model.predict_age(X), 50)
    model.name_clusters(X[:3], y[:3])  # too few for the regressor
    assert set(model.predict_age(X[:3])) <= {*model.cluster_table_["median_age"]}
    with pytest.warns(UserWarning, match="2 of 40 ages are outside"):
        model.name_clusters(X, [400, 400, *y[2:]])
    expected = curve(X[2:], y[2:]).predict(X[:, 0])
    np.testing.assert_allclose(model.predict_age(X), expected)


def test_films_set_aside_have_no_age_and_teach_nothing(X, y):
    missing = np.arange(N) < 3
    model = make_model().fit(np.where(missing[:, None], np.nan, X), y)
    ages, quartiles = model.predict_age(X, return_quartiles=True)
    without = make_model().fit(X[3:], y[3:])
    for one, other in zip(
        (ages, quartiles), without.predict_age(X, return_quartiles=True), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    rows = np.array([X[0], [np.nan, np.nan]])
    ages, quartiles = model.predict_age(rows, return_quartiles=True)
    assert np.isnan(ages).tolist() == [False, True]
    assert np.isnan(quartiles).tolist() == [[False] * 2, [True] * 2]


def test_pickle_keeps_the_ages(by_sex, X):
    copy = pickle.loads(pickle.dumps(by_sex))
    pd.testing.assert_frame_equal(copy.assign(X, sex=SEX), by_sex.assignments_)


@pytest.mark.parametrize("least", [LEAST - 1, LEAST])
def test_few_ages_fall_back_to_the_cluster(X, y, least):
    known = np.where(np.arange(N) < least, y, np.nan)
    model = make_model().fit(X, known)
    medians = pd.Series(known).groupby(model.labels_).median()
    read = curve(X[:least], y[:least]).predict(X[:, 0])
    expected = medians[model.labels_] if least < LEAST else read
    np.testing.assert_allclose(model.predict_age(X), expected)


def test_films_are_read_from_the_maturity_axis_where_there_is_one(make_model, films):
    ages = films.target
    model = make_model(method="agreement", encoder=PCA(2), n_clusters=2)
    model.fit(films.data, ages)
    expected = curve(model.maturity_[:, None], ages).predict(model.maturity_)
    np.testing.assert_allclose(model.predict_age(films.data), expected, rtol=1e-5)
    model.set_params(consensus="passthrough").fit(films.data, ages)
    medians = pd.Series(ages).groupby(model.labels_).transform("median")
    np.testing.assert_array_equal(model.predict_age(films.data), medians)


# The isotonic regressor
@st.composite
def known_films(draw):
    n = draw(st.integers(LEAST, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    maturity = generator.random(n).round(draw(st.integers(0, 6)))
    ages = 24 + 150 * maturity + generator.normal(0, draw(st.floats(0, 30)), n)
    sexes = np.array(["F", "M", None], dtype=object)[generator.integers(-1, 2, n)]
    return 3 * maturity[:, None], ages.clip(24, 216), sexes


@settings(deadline=None, max_examples=40)
@given(known_films())
def test_ages_rise_with_maturity_within_those_known(known):
    X, ages, sexes = known
    model = make_model().fit(X, ages, sex=sexes)
    new = np.linspace(0, 3, 101)[:, None]
    new = new[np.isin(new.astype(int).ravel(), model.labels_)]
    for sex in ("F", "M", None):
        months, quartiles = model.predict_age(
            new, sex=[sex] * len(new), return_quartiles=True
        )
        assert (np.diff(months) >= 0).all() or (np.diff(months) <= 0).all()
        assert ages.min() - 1e-9 <= months.min() <= months.max() <= ages.max() + 1e-9
        assert (quartiles[:, 0] <= quartiles[:, 1]).all()
        assert np.isfinite(quartiles).all()


@settings(deadline=None, max_examples=20)
@given(known_films(), st.randoms(use_true_random=False))
def test_the_order_of_known_films_does_not_matter(known, random):
    X, ages, sexes = known
    if len(set(X.ravel())) < len(X):
        return  # equally mature films may share a fold or not
    order = random.sample(range(len(X)), len(X))
    one = make_model().fit(X, ages, sex=sexes).assign(X, sex=sexes)
    other = make_model().fit(X[order], ages[order], sex=sexes[order])
    pd.testing.assert_frame_equal(other.assign(X, sex=sexes), one)


def test_isotonic_regression_for_each_sex_and_for_all():
    X, ages = draw(60)
    sexes = np.repeat([0, 1, -1], [LEAST, LEAST - 1, 41])
    columns = np.column_stack([X, sexes])  # the column between is ignored
    model = IsotonicAgeRegressor().fit(columns, ages)
    everyone = curve(X, ages).predict(X[:, 0])
    girls = curve(X[:LEAST], ages[:LEAST]).predict(X[:, 0])
    for sex, expected in [(0, girls), (1, everyone), (-1, everyone), (7, everyone)]:
        columns[:, -1] = sex
        np.testing.assert_allclose(model.predict(columns), expected)
    alone = IsotonicAgeRegressor().fit(X[:, :1], ages)
    np.testing.assert_allclose(alone.predict(X[:, :1]), everyone)


def test_on_a_constant_axis_all_are_as_old_as_the_mean():
    ages = np.linspace(50, 150, 20)
    model = make_model().fit(np.full((20, 1), 0.5), ages)
    months, quartiles = model.predict_age([[0.5], [0.9]], return_quartiles=True)
    np.testing.assert_allclose(months, 100)
    assert ((quartiles > [60, 110]) & (quartiles < [90, 140])).all()


def test_an_axis_that_lies_the_wrong_way_round_tells_ages_all_the_same():
    X, ages = draw(60, noise=3)
    turned = make_model().fit(X, 240 - ages)
    assert np.abs(turned.predict_age(X) - (240 - ages)).mean() < 5


def test_half_of_unseen_ages_lie_between_the_quartiles():
    unseen, true = draw(400, seed=99)
    for n in (20, 200):
        shares = []
        for seed in range(15):
            model = make_model().fit(*draw(n, seed=seed))
            low, high = model.predict_age(unseen, return_quartiles=True)[1].T
            shares.append(np.mean((true >= low) & (true <= high)))
        assert 0.4 < np.mean(shares) < 0.6
