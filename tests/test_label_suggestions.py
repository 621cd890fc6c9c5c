"""Which films to label first."""

from __future__ import annotations

import numpy as np
import pytest
from given_labels import GivenLabels
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec.cluster import AgeRegressor, HybridClusterer, NamedClusterer
from sklearn_baccaec.cluster._label_suggestions import suggest_along_axis


def rows(labels, latents):
    """Latents after a column of labels, which is the same for all of a cluster."""
    latents = np.asarray(latents, float).reshape(len(labels), -1)
    return np.column_stack([np.asarray(labels, float), latents])


def name(labels, latents, counts=None):
    """Model of films, as many of which name each interval of a cluster as counted."""
    model = NamedClusterer(GivenLabels()).fit(rows(labels, latents))
    if counts is None:
        return model
    named = [
        (cluster, 30 + 48 * interval)
        for cluster, row in enumerate(counts)
        for interval, count in enumerate(row)
        for _ in range(count)
    ]
    known, ages = zip(*named, strict=True)
    width = np.asarray(latents, float).reshape(len(labels), -1).shape[1]
    return model.name_clusters(rows(known, np.zeros((len(known), width))), ages)


def suggest(labels, latents, n, known=(), counts=None):
    """Films suggested where some have known ages, or names come from as many."""
    y = None
    if len(known):
        y = np.full(len(labels), np.nan)
        y[list(known)] = 60
    model = name(labels, latents, counts)
    return model.suggest(rows(labels, latents), n, y).tolist()


@st.composite
def clusterings(draw):
    """Latents without ties, of which some rows are set aside, and ages."""
    labels = np.array(draw(st.lists(st.integers(-1, 3), min_size=2, max_size=25)))
    labels[0] = 0
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    latents = generator.normal(size=(len(labels), draw(st.integers(1, 3))))
    X = rows(labels, latents)
    X[labels < 0] = np.nan
    y = generator.uniform(0, 240, len(labels))
    y[generator.random(len(labels)) < draw(st.floats(0.5, 1))] = np.nan
    y[0] = np.nan
    return labels, X, draw(st.sampled_from([y, None]))


@settings(deadline=None, max_examples=60)
@given(clusterings(), st.data())
def test_suggestions(clustering, data):
    labels, X, y = clustering
    model = NamedClusterer(GivenLabels()).fit(X)
    known = np.zeros(len(X), bool) if y is None else np.isfinite(y)
    available = np.flatnonzero((labels >= 0) & ~known)
    every = model.suggest(X, len(available), y)
    np.testing.assert_array_equal(np.sort(every), available)
    n = data.draw(st.integers(1, len(available)))
    np.testing.assert_array_equal(model.suggest(X, n, y), every[:n])
    with pytest.raises(ValueError, match=f"more than the {len(available)} of"):
        model.suggest(X, len(available) + 1, y)


@settings(deadline=None, max_examples=60)
@given(clusterings(), st.randoms(use_true_random=False))
def test_order_of_the_films_does_not_matter(clustering, random):
    labels, X, y = clustering
    model = NamedClusterer(GivenLabels()).fit(X)
    order = np.array(random.sample(range(len(labels)), len(labels)))
    known = np.zeros(len(X), bool) if y is None else np.isfinite(y)
    n = int(((labels >= 0) & ~known).sum())
    moved = model.suggest(X[order], n, y if y is None else y[order])
    expected = model.suggest(X, n, y)
    # Two films are always equally far from each other: which is first is a tie.
    np.testing.assert_array_equal(labels[order][moved], labels[expected])
    if np.bincount(labels[labels >= 0]).max() > 2 and y is None:
        largest = np.bincount(labels[labels >= 0]).argmax()
        first = expected[labels[expected] == largest][0]
        assert first in order[moved][labels[order[moved]] == largest][:1]


def test_the_middle_of_each_cluster_comes_first_and_large_ones_before():
    labels = [0] * 3 + [1] * 5 + [2]
    latents = [0, 1, 2.5, 0, 1, 2, 3, 10, 7]  # the mean of cluster 1 is 3.2
    assert suggest(labels, latents, 3) == [6, 1, 8]


def test_clusters_without_a_name_come_before_all_others():
    labels = [0] * 9 + [1]
    counts = [[1, 1, 0, 0], [0, 0, 0, 0]]  # an open cluster of nine films
    assert suggest(labels, range(10), 2, counts=counts)[0] == 9
    counts[1] = [1, 0, 0, 0]
    assert suggest(labels, range(10), 2, counts=counts)[0] < 9


def test_then_the_cluster_whose_name_is_least_certain():
    labels = np.repeat([0, 1, 2], 6)
    counts = [[4, 0, 0, 0], [2, 0, 2, 0], [0, 3, 1, 0]]
    first = suggest(labels, np.arange(18) % 6, 1, counts=counts)[0]
    assert labels[first] == 1
    # As certain, but larger.
    labels = np.array([0] * 6 + [1] * 7)
    counts = [[1, 2, 0, 0], [2, 0, 1, 0]]
    first = suggest(labels, np.arange(13.0), 1, counts=counts)[0]
    assert labels[first] == 1


def test_without_any_age_large_clusters_get_more_films():
    labels = np.repeat([0, 1, 2], [40, 10, 5])
    latents = np.random.default_rng(0).normal(size=55)
    chosen = labels[suggest(labels, latents, 9)]
    assert chosen[:3].tolist() == [0, 1, 2]
    counts = np.bincount(chosen)
    assert counts[0] > counts[1] >= counts[2] >= 1


def test_films_of_a_cluster_are_spread():
    # Two near copies in the middle, and two groups at the sides.
    latents = [-5, -5.1, -4.9, 0, 0.01, 5, 5.1, 5.2, 4.8]
    chosen = suggest(np.zeros(9, int), latents, 3)
    assert sorted(np.sign(np.round(np.array(latents)[chosen]))) == [-1, 0, 1]
    # A film that is known covers its neighbours.
    left = suggest(np.zeros(9, int), latents, 1, known=[5])
    assert latents[left[0]] < -4


def test_an_outlier_is_not_chosen_before_a_group():
    latents = [0, 0.1, -0.1, 0.05, 4, 4.1, 3.9, 4.05, 8]
    assert 8 not in suggest(np.zeros(9, int), latents, 2)


def test_known_films_are_not_suggested():
    labels = np.arange(12) % 3
    model = name(labels, np.arange(12.0))
    X = rows(labels, np.arange(12.0))
    y = np.where(np.arange(12) % 4 == 0, 60, np.nan)
    chosen = model.suggest(X, 9, y)
    assert np.isnan(y[chosen]).all()
    with pytest.raises(ValueError, match="n=10 is more than the 9 of 12 films"):
        model.suggest(X, 10, y)
    # Ages outside the range name nothing, but are known.
    y[:] = 300
    y[4] = np.nan
    assert model.suggest(X, 1, y).tolist() == [4]


def test_own_names_tell_which_clusters_are_settled():
    labels = np.repeat([0, 1, 2], 4)
    X = rows(labels, np.arange(12.0))
    model = NamedClusterer(GivenLabels()).fit(X)
    model.name_clusters(X, np.where(labels == 1, np.nan, 100))
    assert labels[model.suggest(X, 1)].tolist() == [1]
    # Ages that are given count alone: here, that of one film of another cluster.
    y = np.where(np.arange(12) == 4, 100, np.nan)
    assert 1 not in labels[model.suggest(X, 2, y)]


def test_films_set_aside_are_never_suggested():
    X = rows([0] * 12, np.arange(12.0))
    X[3] = np.nan
    model = NamedClusterer(GivenLabels()).fit(X)
    assert sorted(model.suggest(X, 11)) == [i for i in range(12) if i != 3]
    with pytest.raises(ValueError, match="11 of 12 films"):
        model.suggest(X, 12)
    with pytest.raises(ValueError, match="0 of 1 films"):
        model.suggest(X[3:4], 1)


def test_labels_as_suggested_name_every_cluster():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    model = NamedClusterer(HybridClusterer(3, random_state=0)).fit(X)
    chosen = model.suggest(X, 3)
    model.name_clusters(X[chosen], [60, 100, 150])
    assert model.cluster_table_["interval"].notna().all()


@pytest.mark.parametrize(
    ("n", "error", "message"),
    [
        (0, ValueError, "n == 0"),
        (-2, ValueError, "n == -2"),
        (1.5, TypeError, "n must"),
    ],
)
def test_wrong_numbers(n, error, message):
    with pytest.raises(error, match=message):
        name([0, 1], [0, 1]).suggest(rows([0, 1], [0, 1]), n)


def test_wrong_ages():
    with pytest.raises(ValueError, match="y has 1 ages for 2 films"):
        name([0, 1], [0, 1]).suggest(rows([0, 1], [0, 1]), 1, [60])


# Along an axis
def test_the_widest_gap_is_halved_first():
    places = np.linspace(0, 1, 101) ** 3  # ranks count, not distances
    none = np.zeros(101, bool)
    chosen = suggest_along_axis(places, 7, none)
    assert chosen[:3].tolist() == [50, 25, 75]
    assert set(np.diff([-1, *np.sort(chosen), 101])) <= {12, 13, 14}
    known = np.isin(np.arange(101), [20, 30])
    assert suggest_along_axis(places, 1, known).tolist() == [65]


@given(st.integers(1, 40), st.integers(0, 99))
def test_fewer_suggestions_are_the_first_of_more(n, seed):
    rng = np.random.default_rng(seed)
    places = rng.normal(size=50)
    places[rng.integers(50, size=5)] = np.nan
    known = rng.random(50) < 0.1
    most = int((np.isfinite(places) & ~known).sum())
    everything = suggest_along_axis(places, most, known)
    assert len(set(everything.tolist())) == most
    assert np.isfinite(places[everything]).all()
    assert not known[everything].any()
    n = min(n, most)
    np.testing.assert_array_equal(suggest_along_axis(places, n, known), everything[:n])
    with pytest.raises(ValueError, match="more than the"):
        suggest_along_axis(places, most + 1, known)


def test_an_axis_is_what_is_halved():
    rows = np.column_stack([np.linspace(0, 1, 21), np.zeros(21)])
    clusterer = NamedClusterer(n_clusters=3, age_regressor=AgeRegressor())
    clusterer.fit(rows)
    assert clusterer.suggest(rows, 3).tolist() == [10, 5, 15]
    y = np.where(np.arange(21) == 10, 100.0, np.nan)
    assert clusterer.suggest(rows, 2, y).tolist() == [5, 15]
