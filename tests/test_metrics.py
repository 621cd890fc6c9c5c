import itertools
import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.cluster import KMeans
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_baccaec._utils.validation import check_ages
from sklearn_baccaec.metrics import (
    adjusted_majority_label_accuracy,
    age_interval_edges,
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
    majority_label_scorer,
    median_age_error,
)
from sklearn_baccaec.metrics._intervals import interval_names

# arXiv:2206.05641, Table 1: films by cluster and interval of 48 months.
TABLE_1 = np.array(
    [
        [0, 2, 8, 25],
        [0, 4, 50, 13],
        [9, 63, 9, 0],
        [0, 3, 10, 48],
        [2, 35, 32, 0],
        [38, 5, 1, 0],
        [0, 0, 28, 38],
        [0, 10, 62, 7],
        [0, 0, 10, 52],
        [4, 2, 1, 0],
        [59, 6, 0, 0],
        [0, 0, 7, 90],
        [55, 15, 0, 0],
        [1, 10, 35, 3],
        [21, 2, 0, 0],
        [22, 56, 7, 0],
    ]
)
CLUSTERS, INTERVALS = (
    np.repeat(ids.ravel(), TABLE_1.ravel()) for ids in np.indices(TABLE_1.shape)
)
MIDDLE_AGES = 48.0 * INTERVALS + 48
FIGURES = (
    majority_label_accuracy,
    chance_majority_label_accuracy,
    adjusted_majority_label_accuracy,
)


@st.composite
def films(draw, smallest_cluster=-1):
    """Class and cluster of each film; class -1: unknown, cluster -1: set aside."""
    n_films = draw(st.integers(1, 40))
    true = draw(hnp.arrays(int, n_films, elements=st.integers(-1, 4)))
    clusters = st.integers(smallest_cluster, n_films)
    pred = draw(hnp.arrays(int, n_films, elements=clusters))
    true[draw(st.integers(0, n_films - 1))] = 0
    return true, pred


# -- intervals and ages


def test_edges_and_names():
    np.testing.assert_array_equal(age_interval_edges(), [24, 72, 120, 168, 216])
    np.testing.assert_array_equal(age_interval_edges(50), [24, 74, 124, 174, 216])
    np.testing.assert_array_equal(age_interval_edges(500, (0, 228)), [0, 228])
    assert len(age_interval_edges(0.1, (0, 0.3))) == 4
    assert interval_names([0, 1.5, 3]) == ["0-1.5", "1.5-3"]


def test_edges_refuse():
    for interval in (0, -48, math.inf, math.nan):
        with pytest.raises(ValueError, match="interval must be above 0"):
            age_interval_edges(interval)
    for age_range in ((216, 24), (24, 24), (-1, 24), (0, math.inf)):
        with pytest.raises(ValueError, match="0 <= youngest < oldest"):
            age_interval_edges(48, age_range)


def test_intervals_hold_their_lower_edge_and_the_last_both():
    ages = [23.9, 24, 71.9, 72, 120, 168, 215.9, 216, 216.1, np.nan, None]
    np.testing.assert_array_equal(
        assign_age_intervals(ages), [-1, 0, 0, 1, 2, 3, 3, 3, -1, -1, -1]
    )


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 300)),
    st.floats(1, 100),
    st.tuples(st.floats(0, 100), st.floats(101, 300)),
)
def test_interval_contains_its_ages(ages, interval, age_range):
    edges = age_interval_edges(interval, age_range)
    assert (np.diff(edges) > 0).all()
    assert (edges[0], edges[-1]) == age_range
    intervals = assign_age_intervals(ages, interval=interval, age_range=age_range)
    for age, index in zip(ages, intervals, strict=True):
        if index == -1:
            assert age < age_range[0] or age > age_range[1]
        else:
            assert edges[index] <= age <= edges[index + 1]
            assert age < edges[index + 1] or index == len(edges) - 2


@pytest.mark.parametrize(
    "ages",
    [
        [84, None, 120],
        ["84", np.nan, "120"],
        (84, pd.NA, 120),
        np.array([84, np.nan, 120], dtype=np.float32),
        pd.Series([84, None, 120], dtype="Int64", index=[7, 7, 1]),
        pd.Series([84, None, 120], dtype="Float64"),
        pd.Series(["84", None, "120"]),
        pd.Series([84, pd.NaT, 120], dtype=object),
    ],
)
def test_check_ages_accepts(ages):
    months = check_ages(ages, n_samples=3)
    assert months.dtype == np.float64
    np.testing.assert_array_equal(months, [84, np.nan, 120])


def test_check_ages_copies_and_keeps_empty():
    ages = np.array([30.0, 40.0])
    assert not np.shares_memory(check_ages(ages), ages)
    assert check_ages([]).dtype == np.float64


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        ([84, "old", 90], r"y\[1\] is 'old': not an age"),
        (["84", ""], r"y\[1\] is '': not an age"),
        ([84, None, -3], r"y\[2\] is -3.0: .* not negative"),
        ([np.inf, 84], r"y\[0\] is inf: .* finite"),
        ([84, [1, 2]], r"y\[1\]"),
        ([84, 1 + 2j], r"y\[1\]"),
        (np.array([True, False]), r"y\[0\] is .*True"),
        ([84, False], r"y\[1\] is False"),
        (pd.Series(pd.to_datetime(["2020-01-01"])), r"y\[0\]"),
        (np.ones((3, 2)), r"1-D.*\(3, 2\)"),
        (None, "1-D"),
        (84, "1-D"),
    ],
)
def test_check_ages_says_what_is_wrong_and_where(ages, message):
    with pytest.raises(ValueError, match=message):
        check_ages(ages)


def test_check_ages_counts():
    with pytest.raises(ValueError, match="y has 5 ages for 7 films"):
        check_ages([30] * 5, n_samples=7)


# -- majority-label accuracy


def test_paper_table_1():
    assert len(INTERVALS) == 960
    accuracy = majority_label_accuracy(INTERVALS, CLUSTERS)
    assert accuracy == 731 / 960
    assert f"{accuracy:.2%}" == "76.15%"
    np.testing.assert_array_equal(np.bincount(INTERVALS), [211, 213, 260, 276])


def test_unknown_is_left_out_and_set_aside_is_wrong():
    assert majority_label_accuracy([0, 0, 1, -1], [0, 0, 0, 0]) == 2 / 3
    assert majority_label_accuracy([0, 0, 1, np.nan], [0, 0, 0, 1]) == 2 / 3
    assert majority_label_accuracy([0, 0, 1], [0, -1, 1]) == 2 / 3
    assert majority_label_accuracy([0, 0, 1], [-1, -1, -1]) == 0
    assert chance_majority_label_accuracy([0, 0, 1], [-1, -1, -1]) == 0


def test_labels_may_be_text_or_misaligned_series():
    names = pd.Series(["24-72", "24-72", "72-120"], index=[2, 1, 0])
    assert majority_label_accuracy(names, pd.Series([3, 3, 8])) == 1


@pytest.mark.parametrize("figure", FIGURES)
def test_accuracy_refuses(figure):
    with pytest.raises(ValueError, match="no true label is known"):
        figure([-1, -1], [0, 1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        figure([0, 1, 1], [0, 1])


@settings(deadline=None)
@given(films(), st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(films, random):
    true, pred = films
    order = random.sample(range(len(true)), len(true))
    names = np.array([*random.sample(range(100), int(pred.max()) + 1), -1])
    for figure in FIGURES:
        expected = figure(true, pred)
        assert figure(true[order], pred[order]) == pytest.approx(expected, abs=1e-12)
        assert figure(true, names[pred]) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(films(smallest_cluster=0))
def test_accuracy_and_chance_are_at_least_the_largest_class(films):
    true, pred = films
    lowest = np.bincount(true[true >= 0]).max() / (true >= 0).sum() - 1e-12
    assert lowest <= majority_label_accuracy(true, pred) <= 1
    assert lowest <= chance_majority_label_accuracy(true, pred) <= 1 + 1e-12


@settings(deadline=None)
@given(films(), st.integers(0, 40), st.integers(0, 40))
def test_merging_clusters_never_raises_accuracy(films, one, other):
    true, pred = films
    merged = np.where(pred == one, other, pred)
    before = majority_label_accuracy(true, pred)
    assert majority_label_accuracy(true, merged) <= before + 1e-12


# -- chance


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=1, max_size=5)
)
def test_formula_equals_mean_over_all_permutations(films):
    true, pred = np.array(films).T
    orders = set(itertools.permutations(pred.tolist()))  # each as likely
    every = [majority_label_accuracy(true, p) for p in orders]
    chance = chance_majority_label_accuracy(true, pred)
    assert chance == pytest.approx(np.mean(every), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_formula_agrees_with_permutations(seed):
    rng = np.random.default_rng(seed)
    n_films, n_clusters = rng.integers(50, 400), rng.integers(2, 30)
    true = rng.choice(4, n_films, p=rng.dirichlet(np.ones(4)))
    pred = rng.choice(n_clusters, n_films, p=rng.dirichlet(np.ones(n_clusters))) - 1
    orders = (rng.permutation(pred) for _ in range(100))
    shuffled = [majority_label_accuracy(true, order) for order in orders]
    standard_error = np.std(shuffled) / 10
    formula = chance_majority_label_accuracy(true, pred)
    assert abs(formula - np.mean(shuffled)) <= 3 * standard_error + 1e-12


@pytest.mark.parametrize(
    ("n_clusters", "expected"),
    [(4, 29.7), (8, 30.9), (16, 32.5), (24, 33.9), (32, 35.3), (64, 39.2)],
)
def test_chance_of_the_papers_films(n_clusters, expected):
    equal = np.arange(960) % n_clusters
    chance = 100 * chance_majority_label_accuracy(INTERVALS, equal)
    assert chance == pytest.approx(expected, abs=0.3)


def test_chance_of_many_films_is_quick():
    rng = np.random.default_rng(0)
    true = rng.choice(4, 12_611, p=[0.1, 0.25, 0.5, 0.15])
    start = time.perf_counter()
    for n_clusters in (4, 16, 64):
        pred = rng.choice(n_clusters, 12_611, p=rng.dirichlet(np.ones(n_clusters)))
        assert 0.5 < chance_majority_label_accuracy(true, pred) < 0.52
    assert time.perf_counter() - start < 10


def test_adjusted_accuracy():
    assert adjusted_majority_label_accuracy(INTERVALS, INTERVALS) == 1
    assert adjusted_majority_label_accuracy(np.zeros(9), np.arange(9) // 3) == 0
    assert adjusted_majority_label_accuracy(INTERVALS, np.arange(960)) == 0
    chance = chance_majority_label_accuracy(INTERVALS, CLUSTERS)
    assert chance == pytest.approx(0.3243, abs=1e-4)
    assert adjusted_majority_label_accuracy(INTERVALS, CLUSTERS) == pytest.approx(
        (731 / 960 - chance) / (1 - chance)
    )


# -- tables and errors in months


def test_cluster_table_is_the_papers():
    table = cluster_table(MIDDLE_AGES, CLUSTERS)
    assert table.index.name == "cluster"
    assert list(table) == [
        *("24-72", "72-120", "120-168", "168-216"),
        *("films", "interval", "accuracy", "median_age"),
        *("age_low", "age_high"),
    ]
    np.testing.assert_array_equal(table.iloc[:, :4], TABLE_1)
    shares = [f"{share:.2%}" for share in table["accuracy"]]
    assert shares[0] == "71.43%"
    assert shares[11] == "92.78%"
    counts = table["interval"].value_counts()
    assert counts[list(table)[:4]].tolist() == [5, 3, 3, 5]
    assert table.at[4, "median_age"] == 96
    for cluster, row in table.iterrows():
        own = MIDDLE_AGES[cluster == CLUSTERS]
        low, high = np.quantile(own, [0.1, 0.9])
        assert (row["age_low"], row["age_high"]) == (low, high)


def test_cluster_table_corner_cases():
    assert cluster_table([], np.array([], int), n_clusters=2)["films"].tolist() == [
        0,
        0,
    ]
    ages = [30, 80, np.nan, 300, 50, 90, 60]
    labels = [0, 0, 0, 0, -1, 2, -1]
    table = cluster_table(ages, labels, n_clusters=5)
    assert list(table.index) == [0, 1, 2, 3, 4]
    assert list(table["films"]) == [4, 0, 1, 0, 0]
    assert table.at[0, "interval"] == "24-72"  # the younger one in a tie
    assert table.at[0, "accuracy"] == 0.5  # of the two films in an interval
    assert table.at[0, "median_age"] == 80
    low, high = table.loc[0, ["age_low", "age_high"]]  # of 30, 80 and 300
    assert (low, high) == pytest.approx((40, 256))
    figures = ["interval", "accuracy", "median_age", "age_low", "age_high"]
    unnamed = table.loc[[1, 3, 4], figures]
    assert unnamed.isna().to_numpy().all()
    assert len(cluster_table(ages, labels)) == 3
    assert len(cluster_table([30], [-1])) == 0
    wide = cluster_table(ages, labels, interval=100, age_range=(0, 250))
    assert list(wide)[:3] == ["0-100", "100-200", "200-250"]
    for dtype in (np.uint8, np.uint64, np.int8):
        assert list(cluster_table([30, 40], np.array([0, 1], dtype))["films"]) == [1, 1]


@pytest.mark.parametrize("labels", [[0.0, 1.0], ["a", "b"], [0, -2], [[0], [1]]])
@pytest.mark.parametrize("figure", [cluster_table, median_age_error])
def test_table_and_error_refuse_labels(figure, labels):
    with pytest.raises(ValueError, match="labels must be 1-D: integers"):
        figure([30, 40], labels)
    with pytest.raises(ValueError, match="y has 3 ages for 2 films"):
        figure([30, 40, 50], [0, 1])


def test_cluster_table_refuses_labels_beyond_n_clusters():
    with pytest.raises(ValueError, match="labels go up to 4, but n_clusters is 4"):
        cluster_table([30, 40], [0, 4], n_clusters=4)


@settings(deadline=None)
@given(films(), st.randoms(use_true_random=False))
def test_cluster_table_adds_up(films, random):
    true, pred = films
    ages = np.where(true < 0, np.nan, 48.0 * true + 30)  # class 4 is out of range
    table = cluster_table(ages, pred)
    counts = table.iloc[:, :4]
    inside = (pred >= 0) & (true >= 0) & (true < 4)
    assert table["films"].sum() == (pred >= 0).sum()
    assert counts.to_numpy().sum() == inside.sum()
    assert (counts.sum(axis=1) <= table["films"]).all()
    intervals = assign_age_intervals(ages)
    if (intervals >= 0).any():
        right = (table["accuracy"] * counts.sum(axis=1)).sum()
        accuracy = majority_label_accuracy(intervals, pred)
        assert right / (intervals >= 0).sum() == pytest.approx(accuracy)
    order = random.sample(range(len(ages)), len(ages))
    pd.testing.assert_frame_equal(table, cluster_table(ages[order], pred[order]))


def test_median_age_error():
    ages, labels = [30, 60, 96, 200, 204, np.nan, 20], [0, 0, 0, 1, 1, 1, -1]
    assert median_age_error(ages, labels) == (30 + 0 + 36 + 2 + 2) / 5
    for cluster_ages in (
        {0: 50, 1: 200, -1: 3},
        [50, 200],
        pd.Series([200.0, 50.0], index=[1, 0]),
    ):
        assert median_age_error(ages, labels, cluster_ages) == (20 + 10 + 46 + 4) / 5
    assert median_age_error(ages, labels, {0: np.nan, 1: 201}) == 2
    assert median_age_error(ages, labels, {1: 201}) == 2
    own_ages = cluster_table(ages, labels)["median_age"]
    assert median_age_error(ages, labels, own_ages) == median_age_error(ages, labels)


def test_median_age_error_needs_a_film():
    for ages, labels, cluster_ages in (
        ([np.nan], [0], None),
        ([30], [-1], None),
        ([30], [0], {1: 30}),
        ([], np.array([], dtype=int), None),
    ):
        with pytest.raises(ValueError, match="no film has both"):
            median_age_error(ages, labels, cluster_ages)


@settings(deadline=None)
@given(st.lists(st.floats(24, 216), min_size=1), st.integers(1, 5))
def test_median_age_error_is_at_most_half_the_range(ages, n_clusters):
    # So the 98.25 of the paper's Table 3 is no such error.
    labels = np.arange(len(ages)) % n_clusters
    assert 0 <= median_age_error(ages, labels) <= 96


# -- scorer


class Intervals(KMeans):
    """K-means that says which intervals it is meant for."""

    interval = 96
    age_range = (24, 216)


def test_scorer_uses_the_estimators_intervals():
    X = np.zeros((4, 1))
    ages = [30, 80, 110, 150]
    assert majority_label_scorer(KMeans(1).fit(X), X, ages) == 0.5
    assert majority_label_scorer(Intervals(1).fit(X), X, ages) == 0.75
    pipeline = make_pipeline(Intervals(1))
    folds = [(range(4), range(4))]
    search = GridSearchCV(pipeline, {"intervals__n_clusters": [1]}, cv=folds)
    for wrapped in (pipeline, search, make_pipeline(search)):
        assert majority_label_scorer(wrapped.fit(X), X, ages) == 0.75


def test_scorer_in_grid_search():
    rng = np.random.default_rng(0)
    ages = rng.uniform(24, 216, 200)
    ages[::10] = np.nan
    X = np.nan_to_num(ages, nan=100)[:, np.newaxis] + rng.normal(0, 2, (200, 1))
    search = GridSearchCV(
        KMeans(random_state=0), {"n_clusters": [1, 16]}, scoring=majority_label_scorer
    ).fit(X, ages)
    assert search.best_params_ == {"n_clusters": 16}
    assert search.best_score_ > 0.85


def test_scorer_refuses():
    X = np.zeros((3, 1))
    kmeans = KMeans(1).fit(X)
    with pytest.raises(ValueError, match="y has 2 ages for 3 films"):
        majority_label_scorer(kmeans, X, [30, 40])
    with pytest.raises(ValueError, match="no true label is known"):
        majority_label_scorer(kmeans, X, [np.nan, 300, 3])
