"""Which films to label first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn_baccaec._clusterer._label_suggestions import suggest_films

from sklearn_baccaec.cluster import HybridClusterer
from sklearn_baccaec.regions import KeyRegionExtractor


@pytest.fixture(scope="module")
def fitted(make_model, films):
    """Three clusters without names."""
    return make_model(encoder=PCA(2)).fit(films.data)


@st.composite
def clusterings(draw):
    """Latents without ties, labels, which films are known, and counts."""
    labels = np.array(draw(st.lists(st.integers(-1, 3), min_size=2, max_size=25)))
    labels[0] = 0
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    latents = generator.normal(size=(len(labels), draw(st.integers(1, 3))))
    latents[labels < 0] = np.nan
    known = generator.random(len(labels)) < draw(st.floats(0, 0.5))
    known[0] = False
    counts = generator.integers(0, draw(st.integers(1, 5)), (4, 3))
    return latents, labels, known, counts


@settings(deadline=None, max_examples=60)
@given(clusterings(), st.data())
def test_suggestions(clustering, data):
    latents, labels, known, counts = clustering
    available = np.flatnonzero((labels >= 0) & ~known)
    every = suggest_films(latents, labels, len(available), known, counts)
    np.testing.assert_array_equal(np.sort(every), available)
    n = data.draw(st.integers(1, len(available)))
    some = suggest_films(latents, labels, n, known, counts)
    np.testing.assert_array_equal(some, every[:n])
    with pytest.raises(ValueError, match=f"more than the {len(available)} of"):
        suggest_films(latents, labels, len(available) + 1, known, counts)


@settings(deadline=None, max_examples=60)
@given(clusterings(), st.randoms(use_true_random=False))
def test_order_of_the_films_does_not_matter(clustering, random):
    latents, labels, known, counts = clustering
    n = int(((labels >= 0) & ~known).sum())
    order = np.array(random.sample(range(len(labels)), len(labels)))
    moved = suggest_films(latents[order], labels[order], n, known[order], counts)
    expected = suggest_films(latents, labels, n, known, counts)
    # Two films are always equally far from each other: which is first is a tie.
    np.testing.assert_array_equal(labels[order][moved], labels[expected])
    if np.bincount(labels[labels >= 0]).max() > 2 and not known.any():
        largest = np.bincount(labels[labels >= 0]).argmax()
        first = expected[labels[expected] == largest][0]
        assert first in order[moved][labels[order[moved]] == largest][:1]


def suggest(latents, labels, n, known=(), counts=None, n_clusters=3):
    mask = np.zeros(len(labels), bool)
    mask[list(known)] = True
    counts = np.zeros((n_clusters, 4), int) if counts is None else np.array(counts)
    latents = np.asarray(latents, float).reshape(len(labels), -1)
    return suggest_films(latents, np.asarray(labels), n, mask, counts).tolist()


def test_the_middle_of_each_cluster_comes_first_and_large_ones_before():
    labels = [0] * 3 + [1] * 5 + [2]
    latents = [0, 1, 2.5, 0, 1, 2, 3, 10, 7]  # the mean of cluster 1 is 3.2
    assert suggest(latents, labels, 3) == [6, 1, 8]


def test_clusters_without_a_name_come_before_all_others():
    labels = [0] * 9 + [1]
    counts = [[1, 1, 0, 0], [0, 0, 0, 0]]  # an open cluster of nine films
    assert suggest(range(10), labels, 2, counts=counts, n_clusters=2)[0] == 9
    counts[1] = [1, 0, 0, 0]
    assert suggest(range(10), labels, 2, counts=counts, n_clusters=2)[0] < 9


def test_then_the_cluster_whose_name_is_least_certain():
    labels = np.repeat([0, 1, 2], 6)
    counts = [[4, 0, 0, 0], [2, 0, 2, 0], [0, 3, 1, 0]]
    first = suggest(np.arange(18) % 6, labels, 1, counts=counts)[0]
    assert labels[first] == 1
    # As certain, but larger.
    labels = np.array([0] * 6 + [1] * 7)
    counts = [[1, 2, 0, 0], [2, 0, 1, 0]]
    first = suggest(np.arange(13.0), labels, 1, counts=counts, n_clusters=2)[0]
    assert labels[first] == 1


def test_without_any_age_large_clusters_get_more_films():
    labels = np.repeat([0, 1, 2], [40, 10, 5])
    latents = np.random.default_rng(0).normal(size=55)
    chosen = labels[suggest(latents, labels, 9)]
    assert chosen[:3].tolist() == [0, 1, 2]
    counts = np.bincount(chosen)
    assert counts[0] > counts[1] >= counts[2] >= 1


def test_films_of_a_cluster_are_spread():
    # Two near copies in the middle, and two groups at the sides.
    latents = [-5, -5.1, -4.9, 0, 0.01, 5, 5.1, 5.2, 4.8]
    chosen = suggest(latents, np.zeros(9, int), 3, n_clusters=1)
    assert sorted(np.sign(np.round(np.array(latents)[chosen]))) == [-1, 0, 1]
    # A film that is known covers its neighbours.
    left = suggest(latents, np.zeros(9, int), 1, known=[5], n_clusters=1)
    assert latents[left[0]] < -4


def test_an_outlier_is_not_chosen_before_a_group():
    latents = [0, 0.1, -0.1, 0.05, 4, 4.1, 3.9, 4.05, 8]
    assert 8 not in suggest(latents, np.zeros(9, int), 2, n_clusters=1)


# -- the model
def test_one_film_of_each_cluster_without_ages(fitted, films):
    chosen = fitted.suggest(films.data, 3)
    assert chosen.shape == (3,)
    assert set(fitted.labels_[chosen]) == {0, 1, 2}
    sizes = np.bincount(fitted.labels_)[fitted.labels_[chosen]]
    assert (np.diff(sizes) <= 0).all()
    latents = fitted.transform(films.data)
    for film in chosen:
        members = np.flatnonzero(fitted.labels_ == fitted.labels_[film])
        far = np.linalg.norm(latents[members] - latents[members].mean(axis=0), axis=1)
        assert film == members[far.argmin()]
    np.testing.assert_array_equal(fitted.suggest(films.data, 12)[:3], chosen)


def test_known_films_are_not_suggested(fitted, films):
    y = np.where(np.arange(12) % 3 == 0, films.target, np.nan)
    chosen = fitted.suggest(films.data, 8, y)
    assert np.isnan(y[chosen]).all()
    with pytest.raises(ValueError, match="n=9 is more than the 8 of 12 films"):
        fitted.suggest(films.data, 9, y)
    # Ages outside the range name nothing, but are known.
    y[:] = 300
    y[4] = np.nan
    assert fitted.suggest(films.data, 1, y).tolist() == [4]


def test_own_names_tell_which_clusters_are_settled(make_model, films):
    model = make_model(encoder=PCA(2)).fit(films.data)
    open_ = model.labels_[0]
    y = np.where(model.labels_ == open_, np.nan, 100)
    model.name_clusters(films.data, y)
    chosen = model.suggest(films.data, 1)
    assert model.labels_[chosen].tolist() == [open_]
    # Ages that are given count alone: here, that of one film of another cluster.
    y = np.where(np.arange(12) == 0, 100, np.nan)
    chosen = model.suggest(films.data, 2, y)
    assert open_ not in model.labels_[chosen]


def test_films_set_aside_are_never_suggested(make_model, films):
    spoilt = list(films.data)
    spoilt[3] = np.full((160, 120), 9, np.uint8)
    model = make_model(encoder=PCA(2), on_error="skip").fit(spoilt)
    chosen = model.suggest(spoilt, 11)
    assert sorted(chosen) == [i for i in range(12) if i != 3]
    with pytest.raises(ValueError, match="11 of 12 films"):
        model.suggest(spoilt, 12)
    with pytest.raises(ValueError, match="0 of 1 films"):
        model.suggest([spoilt[3]], 1)


def test_any_clusterer_will_do(make_model, films):
    model = make_model(encoder=PCA(2), clusterer=HybridClusterer()).fit(films.data)
    labels = model.predict(films.data)
    n = int((labels >= 0).sum())
    chosen = model.suggest(films.data, n)
    assert (labels[chosen] >= 0).all()


def test_films_are_cropped_once(fitted, films, monkeypatch):
    calls, extract = [], KeyRegionExtractor.extract
    monkeypatch.setattr(
        KeyRegionExtractor,
        "extract",
        lambda self, X: calls.append(len(X)) or extract(self, X),
    )
    fitted.suggest(films.data, 3)
    assert calls == [12]


def test_labels_as_suggested_name_every_cluster(make_model, films):
    model = make_model(encoder=PCA(2)).fit(films.data)
    chosen = model.suggest(films.data, 3)
    model.name_clusters(films.data[chosen], films.target[chosen])
    assert model.cluster_table_["interval"].notna().all()


@pytest.mark.parametrize(
    ("n", "error", "message"),
    [
        (0, ValueError, "n == 0"),
        (-2, ValueError, "n == -2"),
        (1.5, TypeError, "n must"),
    ],
)
def test_wrong_numbers(fitted, films, n, error, message):
    with pytest.raises(error, match=message):
        fitted.suggest(films.data, n)


def test_wrong_ages_and_models(fitted, make_model, films):
    with pytest.raises(ValueError, match="y has 2 ages for 12 films"):
        fitted.suggest(films.data, 1, [60, 70])
    with pytest.raises(NotFittedError):
        make_model().suggest(films.data, 1)
