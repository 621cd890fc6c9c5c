"""Ages in months from a regressor, the range around them, and their intervals."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from given_labels import GivenLabels
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

from sklearn_baccaec import MaturityCurve, RegionConsensus
from sklearn_baccaec._clusterer._maturity import warn_of_contradiction
from sklearn_baccaec.cluster import AgeRegressor, NamedClusterer
from sklearn_baccaec.metrics import assign_age_intervals, cluster_table

LEAST = 30  # known ages that tell how far ages lie from what the regressor says
FEW = 20.0, 25.0  # months to either side for fewer: of known sex, of unknown sex
N = 80
SEX = np.array(["F", "M"] * (N // 2))
EDGES = np.array([24, 72, 120, 168, 216])

READER = AgeRegressor(center=1.5, scale=0.5)


def draw(n, seed=0, noise=9, apart=0):
    """Places on the axis, ages that rise along it, and sexes that are so far apart."""
    generator = np.random.default_rng(seed)
    axis = (1.5 + 0.5 * generator.normal(size=n)).clip(0, 2.999)
    sexes = np.resize(["F", "M"], n)
    ages = 120 + 70 * (axis - 1.5) + apart / 2 * np.where(sexes == "M", 1, -1)
    ages += generator.normal(0, noise, n)
    return np.column_stack([axis, generator.random(n)]), ages.clip(24, 216), sexes


def make_model():
    """Clusters are cut from the axis at whole numbers."""
    return NamedClusterer(GivenLabels(), age_regressor=READER)


def with_sex(X, sex):
    codes = {"F": 0, "M": 1}
    return np.column_stack([X, [codes.get(code, -1) for code in sex]])


def read(X, ages, sex, rows, codes):
    """Ages of rows, by the regressor alone."""
    return clone(READER).fit(with_sex(X, sex), ages).predict(with_sex(rows, codes))


def find_width(X, ages, sex):
    """Least distance that holds 80% of ages of films that were not learned from.

    The film that is asked for counts as one more.
    """
    fold = X[:, 0].argsort().argsort() % 5
    distances = np.zeros(len(X))
    for k in range(5):
        own, others = fold == k, fold != k
        found = read(X[others], ages[others], sex[others], X[own], sex[own])
        distances[own] = np.abs(ages[own] - found)
    held = [(distances <= distance).sum() for distance in distances]
    return min(distances[np.array(held) >= 0.8 * (len(X) + 1)])


@pytest.fixture(scope="module")
def data():
    X, ages, _ = draw(N, apart=20)
    assert set(X[:, 0].astype(int)) == {0, 1, 2}
    return X, ages


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


# Ages
def test_age_is_what_the_regressor_says(fitted, X, y):
    ages = fitted.predict_age(X)
    unknown = [None] * N
    np.testing.assert_allclose(ages, read(X, y, unknown, X, unknown))
    assert len(set(ages)) == N > fitted.n_clusters_
    np.testing.assert_array_equal(fitted.assignments_["age"], ages)
    # Clusters and their names are what they are without a regressor.
    plain = NamedClusterer(GivenLabels()).fit(X, y)
    np.testing.assert_array_equal(fitted.labels_, plain.labels_)
    pd.testing.assert_frame_equal(fitted.cluster_table_, plain.cluster_table_)
    table = cluster_table(y, fitted.labels_, n_clusters=3)
    pd.testing.assert_frame_equal(fitted.cluster_table_, table)


def test_regressor_sees_latents_and_sex(X, y):
    model = NamedClusterer(GivenLabels(), age_regressor=LinearRegression())
    model.fit(X, y, sex=[None, *SEX[1:]])
    columns = with_sex(X, [None, *SEX[1:]])
    expected = LinearRegression().fit(columns, y).predict(columns)
    found = model.predict_age(X, sex=[None, *SEX[1:]])
    np.testing.assert_allclose(found, expected)
    assert not hasattr(model.age_regressor, "coef_")


def test_each_sex_is_read_by_its_own_films(by_sex, X, y):
    for code in ("F", "M", None):
        found = by_sex.predict_age(X, sex=[code] * N)
        np.testing.assert_allclose(found, read(X, y, SEX, X, [code] * N))
    girls, boys, all_films = (
        by_sex.predict_age(X, sex=[s] * N) for s in ("F", "M", None)
    )
    assert (girls + 5 < all_films).all()  # boys are 20 months older
    assert (all_films + 5 < boys).all()
    ages = by_sex.predict_age(X, sex=SEX)
    np.testing.assert_array_equal(by_sex.assignments_["age"], ages)


def test_two_known_ages_are_enough_and_one_is_not(X, y):
    for n in (1, 2):
        known = np.where(np.arange(N) < n, y, np.nan)
        model = make_model().fit(X, known)
        medians = pd.Series(known).groupby(model.labels_).median()
        by_axis = read(X[:n], y[:n], [None] * n, X, [None] * N)
        expected = by_axis if n == 2 else medians[model.labels_]
        if n == 1:
            with pytest.warns(UserWarning, match="no known age names"):
                found = model.predict_age(X)
            assert np.isnan(found).any()
        else:
            found = model.predict_age(X)
            assert np.isfinite(found).all()
        np.testing.assert_allclose(found, expected)


@pytest.mark.filterwarnings("error")
def test_a_cluster_without_a_name_has_ages_all_the_same(X, y):
    nameless = X[:, 0] < 1
    model = make_model().fit(X, np.where(nameless, np.nan, y))
    label = model.labels_[nameless][0]
    assert pd.isna(model.cluster_table_.loc[label, "interval"])
    ages, ranges = model.predict_age(X, return_range=True)
    for found in (ages, ranges, model.predict_interval(X)):
        assert np.isfinite(found).all()
    assert model.assignments_.notna().all(axis=None)


def test_naming_again_learns_ages_again(fitted, X, y):
    unknown = [None] * N
    model = clone(fitted).fit(X)
    assert model.assignments_.drop(columns="cluster").isna().all(axis=None)
    model.name_clusters(X, y)
    pd.testing.assert_frame_equal(model.assign(X), fitted.assignments_)
    model.name_clusters(X[:3], y[:3])  # these films only
    expected = read(X[:3], y[:3], unknown[:3], X, unknown)
    ages, ranges = model.predict_age(X, return_range=True)
    np.testing.assert_allclose(ages, expected)
    np.testing.assert_allclose(ranges[:, 1] - ages, FEW[1])
    model.name_clusters(X[:1], y[:1])  # too few for the regressor
    with pytest.warns(UserWarning, match="no known age names"):
        assert np.nanmax(model.predict_age(X)) == y[0]
    with pytest.warns(UserWarning, match="2 of 80 ages are outside"):
        model.name_clusters(X, [400, 400, *y[2:]])
    expected = read(X[2:], y[2:], unknown[2:], X, unknown)
    np.testing.assert_allclose(model.predict_age(X), expected)


def test_films_set_aside_have_no_age_and_teach_nothing(X, y):
    missing = np.arange(N) < 3
    model = make_model().fit(np.where(missing[:, None], np.nan, X), y, sex=SEX)
    without = make_model().fit(X[3:], y[3:], sex=SEX[3:])
    pd.testing.assert_frame_equal(model.assign(X, sex=SEX), without.assign(X, sex=SEX))
    np.testing.assert_array_equal(model.assignments_["age"].isna(), missing)
    rows = np.array([X[0], [np.nan, np.nan]])
    ages, ranges = model.predict_age(rows, sex=["F", "F"], return_range=True)
    assert np.isnan(ages).tolist() == [False, True]
    assert np.isnan(ranges).tolist() == [[False] * 2, [True] * 2]
    bounds = model.predict_interval(rows, sex=["F", "F"])
    assert np.isnan(bounds).tolist() == [[False] * 2, [True] * 2]
    assert model.assign(rows, sex=["F", "F"])["interval"].isna().tolist() == [0, 1]


def test_pickle_keeps_the_ages(by_sex, X):
    copy = pickle.loads(pickle.dumps(by_sex))
    pd.testing.assert_frame_equal(copy.assign(X, sex=SEX), by_sex.assignments_)


# Range
@pytest.mark.parametrize("n", [LEAST, N])
@pytest.mark.parametrize("n_unknown", [0, 20])
def test_range_is_that_of_ages_that_the_regressor_has_not_seen(n, n_unknown):
    X, y, codes = draw(n + n_unknown, seed=3, apart=30)
    sex = np.where(np.arange(len(X)) < n, codes, None)
    model = make_model().fit(X, y, sex=sex)
    of_known = find_width(X[:n], y[:n], sex[:n])
    of_all = find_width(X, y, np.full(len(X), None))
    assert of_all > of_known
    ages, ranges = model.predict_age(X, sex=sex, return_range=True)
    width = np.where(np.arange(len(X)) < n, of_known, of_all)
    np.testing.assert_allclose(ranges[:, 1] - ages, width)
    np.testing.assert_allclose(ranges[:, 0], np.maximum(ages - width, 0))
    blind, ranges = model.predict_age(X, sex=[None] * len(X), return_range=True)
    np.testing.assert_allclose(ranges[:, 1] - blind, of_all)
    table = model.assign(X, sex=[None] * len(X))
    np.testing.assert_array_equal(table[["age_low", "age_high"]], ranges)


@pytest.mark.parametrize("n", [2, 10, LEAST - 1, LEAST])
def test_range_of_few_ages_is_what_is_told_of_many_others(X, y, n):
    """Of 40 known ages, `n` are of known sex; or there are no others."""
    unknown = np.full(N, None)
    for n_all in (40, n):
        sex = np.where(np.arange(N) < n, SEX, None)
        known = np.where(np.arange(N) < n_all, y, np.nan)
        model = make_model().fit(X, known, sex=sex)
        for codes, n_known, few in ((SEX, n, FEW[0]), (unknown, n_all, FEW[1])):
            ages, ranges = model.predict_age(X, sex=codes, return_range=True)
            width = few
            if n_known >= LEAST:
                own = slice(n_known)
                width = find_width(X[own], y[own], codes[own])
            np.testing.assert_allclose(ranges[:, 1] - ages, width)
            np.testing.assert_allclose(ranges[:, 0], np.maximum(ages - width, 0))


@pytest.mark.parametrize("n", [LEAST, 150])
@pytest.mark.parametrize("of_known_sex", [True, False])
def test_80_percent_of_unseen_ages_lie_in_the_range(n, of_known_sex):
    unseen, true, sex = draw(500, seed=99, apart=30)
    codes = sex if of_known_sex else [None] * 500
    shares, widths = [], []
    for seed in range(20):
        X, ages, own = draw(n, seed=seed, apart=30)
        model = make_model().fit(X, ages, sex=own)
        low, high = model.predict_age(unseen, sex=codes, return_range=True)[1].T
        shares.append(np.mean((true >= low) & (true <= high)))
        widths.append(np.median(high - low) / 2)
    assert 0.78 < np.mean(shares) < 0.85
    # 80% of a normal noise are within 1.28 deviations of 9 months, which sexes that
    # are not told apart make 17.5.
    expected = 1.28 * (9 if of_known_sex else np.hypot(9, 15))
    assert np.mean(widths) == pytest.approx(expected, rel=0.2)


def test_range_without_a_regressor_is_that_of_most_ages_in_the_cluster(X, y):
    model = NamedClusterer(GivenLabels()).fit(X, y)
    ages, ranges = model.predict_age(X, return_range=True)
    by_cluster = pd.Series(y).groupby(model.labels_)
    for found, share in ((ranges[:, 0], 0.1), (ages, 0.5), (ranges[:, 1], 0.9)):
        expected = by_cluster.transform("quantile", share)
        np.testing.assert_allclose(found, expected)


# Intervals
class Told(RegressorMixin, BaseEstimator):
    """Age of a row: its second column."""

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return X[:, 1]


@pytest.fixture(scope="module")
def told():
    """Model of one cluster, whose name is 72-120, that tells ages as they are given."""
    X = np.column_stack([np.linspace(0, 0.9, 5), [30, 80, 90, 100, 200]])
    model = NamedClusterer(GivenLabels(), age_regressor=Told()).fit(X, X[:, 1])
    assert model.cluster_table_["interval"].tolist() == ["72-120"]
    return model


AGES_AND_INTERVALS = [
    *[(0, (0, 24)), (23.99, (0, 24)), (24, (24, 72)), (71.99, (24, 72))],
    *[(72, (72, 120)), (168, (168, 216)), (216, (168, 216)), (216.01, (216, np.inf))],
]


def test_interval_holds_the_age(told):
    ages, intervals = map(np.array, zip(*AGES_AND_INTERVALS, strict=True))
    rows = np.column_stack([np.zeros(len(ages)), ages])
    np.testing.assert_array_equal(told.predict_interval(rows), intervals)
    names = {0: "0-24", 24: "24-72", 72: "72-120", 168: "168-216", 216: "over 216"}
    table = told.assign(rows)
    assert table["interval"].tolist() == [names[low] for low, _ in intervals]
    np.testing.assert_array_equal(table["age"], ages)
    assert set(table["cluster"]) == {0}


def test_interval_of_every_age(by_sex, X):
    ages, bounds = by_sex.predict_age(X, sex=SEX), by_sex.predict_interval(X, sex=SEX)
    assert (bounds[:, 0] <= ages).all()
    assert (ages < bounds[:, 1]).all()
    inside = (ages >= 24) & (ages <= 216)
    assert set(bounds[inside].ravel()) <= set(EDGES)
    names = NamedClusterer(GivenLabels()).fit(X, ages.clip(24, 216))
    assert (bounds != names.predict_interval(X)).any()


def test_score_counts_the_intervals_that_hold_the_ages(told, by_sex, X, y):
    rows = np.column_stack([np.zeros(5), [30, 60, 100, 230, 10]])
    # Of the cluster's name only one is right; beyond the range none can be.
    assert told.score(rows, [30, 90, 100, 215, 30]) == 2 / 5
    assert told.score(rows, [30, np.nan, 100, np.nan, 30]) == 2 / 3
    weights = [2, 1, 1, 0, 0]
    assert told.score(rows, [30, 90, 100, 215, 30], sample_weight=weights) == 3 / 4
    with pytest.warns(UserWarning, match="2 of 5 ages are outside"):
        assert told.score(rows, [30, 90, 100, 230, 10]) == 2 / 3
    found = assign_age_intervals(by_sex.predict_age(X, sex=SEX))
    expected = np.mean(found == assign_age_intervals(y))
    assert by_sex.score(X, y, sex=SEX) == expected < 1
    names = NamedClusterer(GivenLabels()).fit(X, y, sex=SEX)
    assert expected > names.score(X, y, sex=SEX)


def test_films_that_the_clusterer_leaves_out_have_an_age(X, y):
    labels = np.where(np.arange(N) < 2, -1, X[:, 0].astype(int))
    rows = np.column_stack([labels, X[:, 0]])
    model = NamedClusterer(GivenLabels(), age_regressor=LinearRegression())
    model.fit(rows, y)
    assert (model.labels_[:2] == -1).all()
    columns = with_sex(rows, [None] * N)
    expected = LinearRegression().fit(columns, y).predict(columns)
    np.testing.assert_allclose(model.predict_age(rows), expected)


# Ages that cannot be those of the films
RANGE = (24, 216)


@pytest.mark.parametrize("n", [5, 40])
def test_ages_that_do_not_rise_along_the_axis_warn(X, y, n):
    spread = X[:, 0].argsort()[:: N // n]
    t, y = X[spread, 0], y[spread]
    for ages in (240 - y, np.random.default_rng(0).permutation(y)):
        correlation = spearmanr(t, ages)[0]
        assert correlation < 0.4
        message = f"the {n} known ages do not rise.*{correlation:.2f}.*belong"
        with pytest.warns(UserWarning, match=message) as caught:
            warn_of_contradiction(t, ages, RANGE)
        assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="do not rise.*correlation 0.00"):
        warn_of_contradiction(np.ones(n), y, RANGE)


@pytest.mark.filterwarnings("error")
def test_ages_that_do_not_contradict_the_axis(X, y):
    t = X[:, 0]
    warn_of_contradiction(t, y, RANGE)
    four = t.argsort()[10 :: N // 4]
    assert spearmanr(t[four], y[four])[0] > 0.8
    warn_of_contradiction(t[four], 240 - y[four], RANGE)
    falling = 100 - 10 * (t - 1.5)  # by less than a child's own deviation
    warn_of_contradiction(t, falling, RANGE)
    unknown = np.where(np.isin(np.arange(N), four), 240 - y, np.nan)
    warn_of_contradiction(t, unknown, RANGE)
    make_model().fit(X, 240 - y)  # who knows which way up its latents are


def test_an_axis_that_lies_the_wrong_way_round_tells_ages_all_the_same():
    X, ages, _ = draw(60, noise=3)
    turned = make_model().fit(X, 240 - ages)
    assert np.abs(turned.predict_age(X) - (240 - ages)).mean() < 5


# Whatever the ages
@st.composite
def known_films(draw):
    n = draw(st.integers(2, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    axis = 3 * generator.random(n).round(draw(st.integers(1, 6))).clip(0, 0.99)
    ages = 24 + 50 * axis + generator.normal(0, draw(st.floats(0, 30)), n)
    sexes = np.array(["F", "M", None], dtype=object)[generator.integers(-1, 2, n)]
    return axis[:, None], ages.clip(24, 216), sexes


@pytest.mark.filterwarnings("ignore:.*do not rise:UserWarning")
@settings(deadline=None, max_examples=30)
@given(known_films())
def test_every_age_is_in_its_range_and_its_interval(known):
    X, ages, sexes = known
    model = make_model().fit(X, ages, sex=sexes)
    new = np.linspace(0, 2.999, 101)[:, None]
    widths = []
    for sex in ("F", "M", None):
        codes = [sex] * len(new)
        months, ranges = model.predict_age(new, sex=codes, return_range=True)
        assert np.isfinite(ranges).all()
        assert (ranges[:, 0] >= 0).all()
        assert ((ranges[:, 0] <= months) & (months <= ranges[:, 1])).all()
        bounds = model.predict_interval(new, sex=codes)
        assert ((bounds[:, 0] <= months) & (months <= bounds[:, 1])).all()
        widths.append((ranges[:, 1] - months).round(9))
        assert len(set(widths[-1])) == 1  # the same wherever on the axis
    np.testing.assert_array_equal(widths[0], widths[1])


@pytest.mark.filterwarnings("ignore:.*do not rise:UserWarning")
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


# Of films
def test_films_are_read_from_the_maturity_axis_where_there_is_one(make_model, films):
    ages, unknown = films.target, np.full(12, -1)
    model = make_model(
        regions=["carpus", "radius", "ulna", "index_mcp"],
        method="agreement",
        encoder=PCA(2),
        n_clusters=2,
    )
    for consensus, scale in (
        (MaturityCurve(), (0.5, 1 / 6)),
        (RegionConsensus(), (0, 1)),
    ):
        model.set_params(consensus=consensus).fit(films.data, ages)
        fitted = model.pipeline_["consensus"]
        places = getattr(fitted, "t_", model.maturity_)  # as of unseen films, if known
        reader = AgeRegressor(*scale).fit(np.column_stack([places, unknown]), ages)
        expected = reader.predict(np.column_stack([model.maturity_, unknown]))
        np.testing.assert_allclose(model.predict_age(films.data), expected, rtol=1e-5)
    model.set_params(consensus="passthrough").fit(films.data, ages)
    medians = pd.Series(ages).groupby(model.labels_).transform("median")
    np.testing.assert_array_equal(model.predict_age(films.data), medians)
