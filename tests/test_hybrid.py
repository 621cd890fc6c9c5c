from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import GridSearchCV

from sklearn_baccaec.cluster import HybridClusterer
from sklearn_baccaec.metrics import majority_label_accuracy, majority_label_scorer


@pytest.fixture(scope="module")
def separate():
    return make_blobs(300, 5, centers=4, cluster_std=0.5, random_state=1)


@pytest.fixture(scope="module")
def overlapping():
    return make_blobs(400, 6, centers=5, cluster_std=3.5, random_state=1)


def test_separate_blobs_are_unanimous(separate):
    X, y = separate
    model = HybridClusterer(4, random_state=0).fit(X)
    assert model.unanimous_share_ == 1
    assert adjusted_rand_score(y, model.labels_) == 1
    np.testing.assert_array_equal(model.predict(X), model.labels_)
    centroids = [X[model.labels_ == c].mean(axis=0) for c in range(4)]
    np.testing.assert_allclose(model.cluster_centers_, centroids)


def test_overlapping_blobs_are_disputed(overlapping):
    X, y = overlapping
    model = HybridClusterer(5, random_state=0).fit(X)
    kept = model.labels_ >= 0
    assert model.unanimous_share_ == kept.mean()
    assert 0.3 < model.unanimous_share_ < 0.98
    kmeans = KMeans(5, n_init=10, random_state=0).fit(X)
    np.testing.assert_array_equal(model.labels_[kept], kmeans.labels_[kept])
    # What the vote keeps is purer than what K-means alone says.
    assert majority_label_accuracy(
        y[kept], model.labels_[kept]
    ) > majority_label_accuracy(y, kmeans.labels_)
    assert set(model.predict(X)) == set(range(5))
    for cluster, centre in enumerate(model.cluster_centers_):
        np.testing.assert_allclose(centre, X[model.labels_ == cluster].mean(axis=0))


@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0), (1e6, 1e3)])
def test_vote_does_not_depend_on_scale_or_origin(overlapping, scale, shift):
    X, _ = overlapping
    expected = HybridClusterer(5, random_state=0).fit(X).labels_
    moved = HybridClusterer(5, random_state=0).fit(scale * (X + shift)).labels_
    assert adjusted_rand_score(expected, moved) > 0.95


def test_order_of_the_films_does_not_matter(separate):
    X, _ = separate
    order = np.random.default_rng(0).permutation(len(X))
    labels = HybridClusterer(4, random_state=0).fit_predict(X)
    shuffled = HybridClusterer(4, random_state=0).fit_predict(X[order])
    assert adjusted_rand_score(labels[order], shuffled) == 1


@pytest.mark.parametrize(
    ("fit_dtype", "predict_dtype"),
    [(np.float32, np.float64), (np.float64, np.float32), (np.float32, int)],
)
def test_float_types_mix(separate, fit_dtype, predict_dtype):
    X = np.round(10 * separate[0])
    model = HybridClusterer(4, random_state=0).fit(X.astype(fit_dtype))
    assert model.cluster_centers_.dtype == fit_dtype
    np.testing.assert_array_equal(
        model.predict(X.astype(predict_dtype)), model.predict(X.astype(fit_dtype))
    )


def test_same_seed_same_model(overlapping):
    X, _ = overlapping
    model = HybridClusterer(5, n_init=1, random_state=3).fit(X)
    again = clone(model).fit(X)
    loaded = pickle.loads(pickle.dumps(model))
    for other in (again, loaded):
        np.testing.assert_array_equal(model.labels_, other.labels_)
        np.testing.assert_array_equal(model.cluster_centers_, other.cluster_centers_)


def test_fewer_films_than_clusters():
    with pytest.raises(ValueError, match="n_samples=3 should be >= n_clusters=8"):
        HybridClusterer().fit(np.eye(3))


def test_as_many_films_as_clusters():
    model = HybridClusterer(4, random_state=0).fit(np.eye(4))
    assert sorted(model.labels_) == [0, 1, 2, 3]


def test_identical_films_make_one_cluster():
    model = HybridClusterer(1).fit(np.ones((5, 2)))
    np.testing.assert_array_equal(model.labels_, np.zeros(5))


def test_fewer_distinct_films_than_clusters():
    X = np.repeat([[0.0, 1.0], [5.0, 4.0]], 5, axis=0)
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):
        model = HybridClusterer(4, random_state=0).fit(X)
    assert np.isfinite(model.cluster_centers_).all()
    assert model.labels_.min() >= -1
    assert len(np.unique(model.predict(X))) == 2


def test_cluster_without_a_unanimous_film_keeps_its_centre(monkeypatch):
    X = np.array([[0.0], [0.1], [5.0], [5.1]])
    monkeypatch.setattr(
        HybridClusterer, "_agrees", lambda self, labels, reference: reference == 0
    )
    model = HybridClusterer(2, random_state=0).fit(X)
    assert set(model.labels_) == {0, -1}
    np.testing.assert_allclose(np.sort(model.cluster_centers_.ravel()), [0.05, 5.05])


def test_feature_names_and_unfitted(separate):
    X = pd.DataFrame(separate[0], columns=list("abcde"))
    model = HybridClusterer(4)
    with pytest.raises(NotFittedError):
        model.predict(X)
    model.fit(X)
    assert list(model.feature_names_in_) == list("abcde")
    assert model.n_features_in_ == 5


def test_grid_search_by_the_papers_figure(separate):
    X, y = separate
    search = GridSearchCV(
        HybridClusterer(n_init=2, random_state=0),
        {"n_clusters": [1, 4]},
        scoring=majority_label_scorer,
    ).fit(X, 48 * y + 30)
    assert search.best_params_ == {"n_clusters": 4}
    assert search.best_score_ == 1
