"""Clusters of latents: how many, what names them, and what is set aside."""

from __future__ import annotations

import pickle
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from given_labels import GivenLabels, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering, Birch, KMeans, MeanShift
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_baccaec.cluster import HybridClusterer, NamedClusterer
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    cluster_table,
    majority_label_accuracy,
)

N = 24
EDGES = np.array([24, 72, 120, 168, 216])
SEXES = np.array(["F", "M"] * (N // 2))

make_model = partial(NamedClusterer, n_clusters=3, random_state=0)


@pytest.fixture(scope="module")
def X():
    """Three groups of eight films, the largest distance between the last two."""
    rng = np.random.default_rng(0)
    X = rng.normal(np.repeat([0, 10, 25], 8)[:, None], 1, (N, 2))
    X.setflags(write=False)
    return X


@pytest.fixture(scope="module")
def y():
    """Ages of which most, but not all, of a group are in one interval."""
    y = np.repeat([55.0, 110.0, 185.0], 8) + 4 * (np.arange(N) % 8)
    y.setflags(write=False)
    return y


@pytest.fixture(scope="module")
def fitted(X, y):
    return make_model().fit(X, y)


@pytest.fixture
def aside(X):
    """The same films, two of which are set aside."""
    X = X.copy()
    X[[3, 20]] = np.nan
    return X


# Names
def test_clusters_are_those_of_kmeans(fitted, X, y):
    expected = KMeans(3, n_init=10, random_state=0).fit(X)
    np.testing.assert_array_equal(fitted.labels_, expected.labels_)
    np.testing.assert_array_equal(fitted.predict(X), expected.labels_)
    np.testing.assert_array_equal(make_model().fit_predict(X, y), expected.labels_)
    assert type(fitted.clusterer_) is KMeans
    assert fitted.n_clusters_ == 3


def test_names_and_ages_are_those_of_the_cluster(fitted, X, y):
    labels, intervals = fitted.labels_, assign_age_intervals(y)
    ages, ranges = fitted.predict_age(X, return_range=True)
    bounds = fitted.predict_interval(X)
    for cluster in range(3):
        own = labels == cluster
        low, median, high = np.quantile(y[own], [0.1, 0.5, 0.9])
        assert set(ages[own]) == {median}
        assert {*map(tuple, ranges[own])} == {(low, high)}
        mode = np.bincount(intervals[own]).argmax()
        assert {*map(tuple, bounds[own])} == {tuple(EDGES[mode : mode + 2])}
    np.testing.assert_array_equal(fitted.predict_age(X), ages)
    accuracy = majority_label_accuracy(intervals, labels)
    assert fitted.score(X, y) == accuracy < 1
    table = cluster_table(y, labels, n_clusters=3).sort_values("median_age")
    pd.testing.assert_frame_equal(fitted.cluster_table_, table)  # the youngest first


def test_assignments(fitted, X):
    table = fitted.assign(X)
    assert list(table) == ["cluster", "interval", "age", "age_low", "age_high"]
    np.testing.assert_array_equal(table["cluster"], fitted.labels_)
    ages, ranges = fitted.predict_age(X, return_range=True)
    np.testing.assert_array_equal(table["age"], ages)
    np.testing.assert_array_equal(table[["age_low", "age_high"]], ranges)
    titles = [f"{low:g}-{high:g}" for low, high in fitted.predict_interval(X)]
    assert table["interval"].tolist() == titles
    pd.testing.assert_frame_equal(table, fitted.assignments_)


def test_other_intervals(X, y):
    model = make_model(interval=12, age_range=(48, 144)).fit(X[:16], y[:16])
    bounds = model.predict_interval(X[:16])
    assert set(np.diff(bounds).ravel()) == {12}
    assert model.cluster_table_.filter(like="-").shape[1] == 8


def test_ages_and_sex_never_change_clusters(fitted, X, y):
    for ages, sex in [(None, None), (None, SEXES), (y[::-1], None), (y, SEXES[::-1])]:
        model = make_model().fit(X, ages, sex=sex)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)


def test_naming_again_replaces_the_names(fitted, X, y):
    model = pickle.loads(pickle.dumps(fitted))
    assert model.name_clusters(X, np.full(N, 30)) is model
    assert set(model.predict_age(X)) == {30}
    np.testing.assert_array_equal(model.labels_, fitted.labels_)
    model.name_clusters(X[::2], y[::2])
    assert model.cluster_table_["films"].sum() == N // 2
    model.fit(X)
    assert not hasattr(model, "cluster_table_")
    model.name_clusters(X, y)
    pd.testing.assert_frame_equal(model.cluster_table_, fitted.cluster_table_)
    np.testing.assert_array_equal(model.predict_age(X), fitted.predict_age(X))


def test_clusters_without_a_known_age_warn_and_give_nan(fitted, X, y):
    named = fitted.labels_ == fitted.labels_[0]
    model = make_model().fit(X, np.where(named, y, np.nan))
    for method in (
        model.predict_age,
        model.predict_interval,
        lambda X: np.column_stack(model.predict_age(X, return_range=True)),
    ):
        with pytest.warns(UserWarning, match=f"{(~named).sum()} of 24 films") as caught:
            found = method(X)
        assert caught[0].filename == __file__
        missing = np.isnan(found).reshape(N, -1)
        np.testing.assert_array_equal(missing.any(axis=1), ~named)
        np.testing.assert_array_equal(missing.all(axis=1), ~named)
    table = model.assign(X)
    np.testing.assert_array_equal(table.isna().any(axis=1), ~named)
    expected = fitted.score(X[named], y[named]) * named.mean()
    assert model.score(X, y) == pytest.approx(expected)


def test_score_goes_by_known_ages_and_the_names_learned_before(fitted, X, y):
    some = np.where(np.arange(N) % 2, y, np.nan)
    expected = fitted.score(X[1::2], y[1::2])
    assert fitted.score(X, some) == expected
    some[::2] = 300
    with pytest.warns(UserWarning, match="12 of 24 ages are outside") as caught:
        assert fitted.score(X, some) == expected
    assert caught[0].filename == __file__
    other = pickle.loads(pickle.dumps(fitted)).set_params(interval=24)
    assert other.score(X, y) == fitted.score(X, y)
    for ages, message in [(None, "y is None"), ([300] * N, "no age in y is within")]:
        with pytest.raises(ValueError, match=message):
            fitted.score(X, ages)


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        ([300] * N, "no age in y is known and within"),
        ([np.nan] * N, "nothing is named"),
    ],
)
def test_without_an_age_in_range_nothing_is_named(fitted, X, ages, message):
    model = clone(fitted)
    for call in (model.fit, pickle.loads(pickle.dumps(fitted)).name_clusters):
        with pytest.warns(UserWarning, match=message) as caught:
            model = call(X, ages)
        assert caught[0].filename == __file__
        for name in ("cluster_table_", "cluster_table_by_sex_"):
            with pytest.raises(AttributeError):
                getattr(model, name)
        with pytest.warns(UserWarning, match="24 of 24 films.*name_clusters"):
            assert np.isnan(model.predict_age(X)).all()


@pytest.mark.filterwarnings("error")
def test_without_ages_nothing_is_named(X, y):
    model = make_model().fit(X)
    assert model.assignments_.drop(columns="cluster").isna().all(axis=None)
    for ages in (None, y):
        with pytest.warns(UserWarning, match="no names") as caught:
            assert model.score(X, ages) == 0.0
        assert caught[0].filename == __file__


def test_some_ages_outside_the_range_name_nothing_and_warn(fitted, X, y):
    ages = np.where(np.arange(N) < 2, 10, y)
    with pytest.warns(UserWarning, match=r"2 of 24 ages.*\(24, 216\)") as caught:
        model = make_model().fit(X, ages)
    assert [warning.filename for warning in caught] == [__file__]
    known = np.where(ages < 24, np.nan, ages)
    table = make_model().fit(X, known).cluster_table_
    pd.testing.assert_frame_equal(model.cluster_table_, table)


# Films set aside
def test_films_set_aside(aside, X, y):
    good = np.isfinite(aside[:, 0])
    model = make_model().fit(aside, y)
    without = make_model().fit(X[good], y[good])
    np.testing.assert_array_equal(model.labels_ == -1, ~good)
    np.testing.assert_array_equal(model.labels_[good], without.labels_)
    np.testing.assert_array_equal(model.predict(aside), model.labels_)
    assert model.cluster_table_["films"].sum() == N - 2
    ages, ranges = model.predict_age(aside, return_range=True)
    for found in (ages[:, None], ranges, model.predict_interval(aside)):
        np.testing.assert_array_equal(np.isnan(found).all(axis=1), ~good)
    np.testing.assert_array_equal(ages[good], without.predict_age(X[good]))
    assert model.score(aside, y) == pytest.approx(
        without.score(X[good], y[good]) * good.mean()
    )
    assert model.assign(aside)["interval"].isna().tolist() == (~good).tolist()


def test_rows_that_are_nan_in_part_are_refused(fitted, aside, y):
    aside[5, 1] = np.nan
    message = "NaN in some columns of row 5"
    for method in (make_model().fit, fitted.score, fitted.name_clusters):
        with pytest.raises(ValueError, match=message):
            method(aside, y)
    for method in (fitted.predict, fitted.predict_age, fitted.assign):
        with pytest.raises(ValueError, match=message):
            method(aside)


@pytest.mark.filterwarnings("error")
def test_nothing_but_films_set_aside(fitted):
    nothing = np.full((4, 2), np.nan)
    with pytest.raises(ValueError, match="all 4 films are set aside"):
        make_model().fit(nothing)
    assert fitted.predict(nothing).tolist() == [-1] * 4
    assert np.isnan(fitted.predict_age(nothing)).all()
    assert fitted.score(nothing, [60] * 4) == 0


def test_films_that_the_clusterer_leaves_out(y):
    X = np.random.default_rng(0).normal(size=(N, 2))  # one cloud: no unanimous vote
    model = NamedClusterer(HybridClusterer(3, random_state=0)).fit(X, y)
    left = model.labels_ == -1
    assert 0 < left.sum() < N
    assert model.cluster_table_["films"].sum() == N - left.sum()
    assert model.assignments_["age"].isna().tolist() == left.tolist()


# How many clusters
@pytest.mark.parametrize(
    ("clusterer", "n_clusters", "found"),
    [
        (None, None, 16),
        (None, 2, 2),
        (KMeans(), None, 8),
        (KMeans(3), None, 3),
        (KMeans(3), 3, 3),
        (GaussianMixture(3, reg_covar=1), None, 3),
        (GaussianMixture(3, reg_covar=1), 3, 3),
        (make_pipeline(StandardScaler(), KMeans(3)), None, 3),
        (make_pipeline(StandardScaler(), KMeans(3)), 3, 3),
        (HybridClusterer(3), None, 3),
        (MeanShift(bandwidth=5), None, 3),
        (GivenLabels(), None, None),
    ],
    ids=str,
)
def test_number_of_clusters(X, y, clusterer, n_clusters, found):
    if found is None:
        X, found = rows_of(np.arange(N) % 5), 5
    model = NamedClusterer(clusterer, n_clusters=n_clusters, random_state=0).fit(X, y)
    assert model.n_clusters_ == len(model.cluster_table_) == found
    assert set(model.labels_) - {-1} == set(range(found))
    np.testing.assert_array_equal(
        model.fit(X, y).labels_, model.labels_
    )  # seeded, and its own clusterer stays as it was
    assert not hasattr(clusterer, "labels_")


@pytest.mark.parametrize(
    ("clusterer", "message"),
    [
        (KMeans(3), r"n_clusters=4, but .*KMeans\(n_clusters=3.*has 3.*once"),
        (GaussianMixture(3), "n_clusters=4, but .* has 3"),
        (make_pipeline(StandardScaler(), KMeans(3)), "n_clusters=4, but .* has 3"),
        (MeanShift(), "n_clusters=4, but MeanShift chooses .* itself"),
        (make_pipeline(StandardScaler(), MeanShift()), "MeanShift chooses"),
        (AgglomerativeClustering(4), "'clusterer' parameter"),
        (GaussianMixture, "clone|instance"),
        ("kmeans", "'clusterer' parameter"),
    ],
    ids=str,
)
def test_wrong_clusterers(X, clusterer, message):
    with pytest.raises((ValueError, TypeError), match=message):
        NamedClusterer(clusterer, n_clusters=4).fit(X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_fewer_clusters_than_asked_for():
    X, y = np.repeat([[0.0], [9.0]], 5, axis=0), [50] * 5 + [150] * 5
    with pytest.warns(UserWarning, match=r"2 clusters were found.*3") as caught:
        model = make_model().fit(X, y)
    caught = [w for w in caught if not issubclass(w.category, ConvergenceWarning)]
    assert [warning.filename for warning in caught] == [__file__]
    assert model.n_clusters_ == len(model.cluster_table_) == 3
    assert sorted(model.cluster_table_["films"]) == [0, 5, 5]
    assert model.score(X, y) == 1


def test_fewer_films_than_clusters(aside):
    for rows, n_usable in [(aside[:2], 2), (aside[2:5], 2), (aside[3:4], None)]:
        message = f"n_samples={n_usable} usable" if n_usable else "set aside"
        with pytest.raises(ValueError, match=message):
            make_model().fit(rows)
    assert make_model().fit(aside[1:5]).n_clusters_ == 3


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_clusters": 0}, "n_clusters"),
        ({"n_clusters": 2.5}, "n_clusters"),
        ({"interval": 0}, "interval"),
        ({"interval": 1e-9}, "interval"),
        ({"age_range": (216, 24)}, "youngest < oldest"),
        ({"age_range": 24}, "age_range"),
        ({"age_regressor": KMeans}, "clone|instance"),
        ({"age_regressor": "gaussian"}, "age_regressor"),
        ({"random_state": "0"}, "random_state"),
    ],
    ids=str,
)
def test_wrong_parameters(X, y, params, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_model(**params).fit(X, y)


# Bad input
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"y": [60] * 23}, "23 ages for 24 films"),
        ({"y": ["old"] * N}, r"y\[0\] is 'old'"),
        ({"y": [-1] * N}, r"y\[0\] is -1"),
        ({"y": np.full((N, 1), 60)}, "1-D"),
        ({"y": 60}, "1-D"),
        ({"sex": ["F"] * 23}, "23 codes for 24 films"),
        ({"sex": ["X"] * N}, r"sex\[0\] is 'X'"),
        ({"sex": "F"}, "1-D"),
        ({"X": np.zeros((0, 2)), "y": []}, "0 sample"),
        ({"X": [["a", "b"]] * N}, "could not convert|dtype"),
        ({"X": np.full((N, 2), np.inf)}, "infinity"),
        ({"X": np.zeros(N)}, "2D array"),
    ],
)
def test_wrong_input_changes_nothing(fitted, X, y, wrong, message):
    model = pickle.loads(pickle.dumps(fitted))
    given_ = {"X": X, "y": y, **wrong}
    for method in (model.fit, model.fit_predict, model.name_clusters, model.score):
        with pytest.raises(ValueError, match=message):
            method(**given_)
    if "X" not in wrong:
        pd.testing.assert_frame_equal(model.assign(X), fitted.assignments_)


def test_sex_is_given_by_keyword(fitted, X, y):
    model = clone(fitted)
    for method in (model.fit, model.fit_predict, fitted.name_clusters, fitted.score):
        with pytest.raises(TypeError, match="sex as a keyword"):
            method(X, y, SEXES)
    for method in (fitted.predict_age, fitted.predict_interval, fitted.assign):
        with pytest.raises(TypeError, match="sex as a keyword"):
            method(X, SEXES)


def test_not_fitted(X, y):
    model = make_model()
    for method in (model.predict, model.predict_age, model.predict_interval):
        with pytest.raises(NotFittedError):
            method(X)
    for method in (model.score, model.name_clusters):
        with pytest.raises(NotFittedError):
            method(X, y)
    with pytest.raises(NotFittedError):
        model.suggest(X, 1)


# Containers, copies and searches
def test_dtypes(fitted, X, y):
    single = X.astype(np.float32)
    model = make_model().fit(single, y)
    assert model.clusterer_.cluster_centers_.dtype == np.float32
    for rows in (X, single, X.tolist(), X.astype(object)):
        np.testing.assert_array_equal(model.predict(rows), model.labels_)
        np.testing.assert_array_equal(fitted.predict(rows), fitted.labels_)
    whole = make_model().fit(X.astype(int), y)
    assert whole.clusterer_.cluster_centers_.dtype == np.float64


def test_tables_of_latents(fitted, X, y):
    frame = pd.DataFrame(X, columns=["carpus0", "carpus1"], index=range(5, 5 + N))
    ages = pd.Series([str(age) for age in y], index=frame.index, dtype=object)
    ages.iloc[0] = pd.NA
    model = make_model().fit(frame, ages)
    assert list(model.feature_names_in_) == ["carpus0", "carpus1"]
    assert model.n_features_in_ == 2
    np.testing.assert_array_equal(model.predict(frame), fitted.labels_)
    assert model.cluster_table_.filter(like="-").to_numpy().sum() == N - 1
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"carpus0": "ulna0"}))
    with pytest.raises(ValueError, match="3 features"):
        fitted.predict(np.zeros((2, 3)))


def test_copies(fitted, X, y):
    copy = pickle.loads(pickle.dumps(fitted))
    pd.testing.assert_frame_equal(copy.cluster_table_, fitted.cluster_table_)
    pd.testing.assert_frame_equal(copy.assign(X), fitted.assignments_)
    copy = clone(fitted)
    assert not hasattr(copy, "labels_")
    pd.testing.assert_frame_equal(copy.fit(X, y).assignments_, fitted.assignments_)


@pytest.mark.parametrize(
    ("clusterer", "name"),
    [(None, "n_clusters"), (KMeans(n_init=2), "clusterer__n_clusters")],
)
def test_search_over_the_number_of_clusters(X, y, clusterer, name):
    search = GridSearchCV(
        NamedClusterer(clusterer, random_state=0),
        {name: [1, 3]},
        cv=KFold(3, shuffle=True, random_state=0),
        error_score="raise",
    ).fit(X, y)
    one, three = search.cv_results_["mean_test_score"]
    assert one < 0.5 < three
    assert search.best_params_ == {name: 3}
    assert search.best_estimator_.n_clusters_ == 3


def test_search_over_nested_parameters_of_the_regressor(X, y):
    model = make_model(age_regressor=LinearRegression())
    assert "age_regressor__fit_intercept" in model.get_params()
    model.set_params(age_regressor__fit_intercept=False).fit(X, y)
    assert np.isfinite(model.predict_age(X)).all()


# Whatever the ages
@settings(deadline=None, max_examples=40)
@given(
    hnp.arrays(int, 12, elements=st.integers(-1, 3)).filter(lambda x: x.max() >= 0),
    hnp.arrays(float, 12, elements=st.floats(0, 240) | st.just(np.nan)),
    st.permutations(range(12)),
)
def test_names_whatever_the_clusters_and_ages(labels, ages, order):
    order = np.array(order)
    X = rows_of(labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = NamedClusterer(GivenLabels()).fit(X, ages)
        other = NamedClusterer(GivenLabels()).fit(X[order], ages[order])
        bounds = model.predict_interval(X)
        found, ranges = model.predict_age(X, return_range=True)
        np.testing.assert_array_equal(other.predict_age(X), found)
        np.testing.assert_array_equal(other.predict_interval(X), bounds)
    inside = np.where((ages >= 24) & (ages <= 216), ages, np.nan)
    known = np.isfinite(found)
    named = set(labels[np.isfinite(inside) & (labels >= 0)])
    assert known.tolist() == [label in named for label in labels]
    np.testing.assert_array_equal(np.isfinite(bounds[:, 0]), known)
    assert (ranges[known, 0] <= found[known]).all()
    assert (found[known] <= ranges[known, 1]).all()
    intervals = assign_age_intervals(ages)
    if (intervals >= 0).any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            score = model.score(X, ages)
        assert score == pytest.approx(majority_label_accuracy(intervals, labels))


def test_a_clusterer_whose_number_is_an_estimator_chooses_itself(X, y):
    birch = Birch(n_clusters=AgglomerativeClustering(3))
    assert NamedClusterer(birch).fit(X, y).n_clusters_ == 3
