"""Searches of models with a maturity curve, which is fitted once per fold."""

import numpy as np
import pytest
from region_searches import (
    REGIONS,
    SPLITS,
    scores_by_hand,
    split_scores,
    subsets_of,
    visited,
)
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from sklearn_baccaec import HOGComponents, LandmarkTable, MaturityCurve
from sklearn_baccaec.cluster import AgeRegressor, NamedClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.regions import KEY_REGIONS

FOUR = ("index_pip", *REGIONS)


@pytest.fixture(scope="module")
def make_curve_model(make_model):
    """Models of four regions that have a maturity curve."""

    def make(**params):
        return make_model(**{"method": "agreement", "regions": FOUR, **params})

    return make


@pytest.fixture
def fits(monkeypatch):
    """Shape of the latents that every curve is fitted to."""
    shapes, original = [], MaturityCurve.fit

    def fit(self, X, y=None):
        shapes.append(np.shape(X))
        return original(self, X, y)

    monkeypatch.setattr(MaturityCurve, "fit", fit)
    return shapes


def test_the_best_of_at_least_three_regions_is_refitted(
    make_curve_model, make_search, films
):
    search = make_search(make_curve_model(), max_regions=3)
    search.fit(films.data, films.target)
    assert [len(regions) for regions in subsets_of(search)] == [
        *[1] * 4,
        *[2] * 3,
        *[3] * 2,
    ]
    results = search.cv_results_
    assert np.isfinite(results["mean_test_score"]).all()
    allowed = results["n_regions"] == 3
    ranks = results["rank_test_score"]
    assert ranks[allowed].max() < ranks[~allowed].min()
    regions = search.best_params_["regions"]
    assert len(regions) == 3
    steps = search.best_estimator_.pipeline_
    assert steps["encoder"].regions_ == steps["consensus"].regions_ == regions
    # In the refit it learns from the chosen regions alone.
    assert steps["consensus"].n_features_in_ == 3 * 2
    assert np.isfinite(search.best_estimator_.maturity_).all()


@pytest.mark.parametrize("search", ["forward", "backward", "random"])
def test_the_curve_is_fitted_once_per_fold(
    make_curve_model, make_search, films, fits, search
):
    params = {"max_regions": None, "n_clusters": (2, 3)}
    found = make_search(make_curve_model(), search=search, **params)
    found.fit(films.data, films.target)
    n_best = len(found.best_params_["regions"])
    assert fits == [(6, 4 * 2)] * 2 + [(12, n_best * 2)]  # the folds, then the refit
    sizes = {len(regions) for regions in subsets_of(found)}
    assert sizes == ({1, 2, 3, 4} if search == "forward" else {3, 4})


def restricted_scores(model, candidates, films):
    """What candidates score by hand, by curves of all regions."""
    scores, steps = [], model.make_pipeline()
    crops = steps[0].fit_transform(films.data).reshape(len(films.data), 4, -1)
    for train, test in SPLITS.split(films.data):
        seen, unseen = [], []
        for region in range(4):
            encoder = PCA(2).set_params(random_state=model.random_state)
            seen.append(encoder.fit_transform(crops[train, region]))
            unseen.append(encoder.transform(crops[test, region]))
        curve = clone(steps["consensus"]).fit(np.hstack(seen))
        fold = []
        for regions, n_clusters in candidates:
            own = [FOUR.index(region) for region in regions]
            restricted = curve.restrict(regions)
            t, others = (
                restricted.transform(np.hstack([part[i] for i in own]))
                for part in (seen, unseen)
            )
            if spearmanr(t[:, 0], films.target[train])[0] < 0:
                t, others = 1 - t, 1 - others
            named = NamedClusterer(
                KMeans(n_clusters, n_init=1),
                age_regressor=AgeRegressor(),
                random_state=model.random_state,
            ).fit(t, films.target[train], sex=films.sex[train])
            own_score = named.score(others, films.target[test], sex=films.sex[test])
            fold.append(own_score)
        scores.append(fold)
    return np.transpose(scores)


@pytest.fixture(scope="module")
def hands():
    return make_hand_radiographs(40, film_shape=(160, 120), random_state=3)


def test_subsets_are_scored_by_the_curve_of_all_without_the_other_regions(
    make_curve_model, make_search, hands
):
    table = LandmarkTable.from_films(hands.data, hands.landmarks)
    model = make_curve_model(landmarker=table)
    search = make_search(model, max_regions=None, n_clusters=(2, 3), refit=False)
    search.fit(hands.data, hands.target, sex=hands.sex)
    scores = split_scores(search)
    by_hand = restricted_scores(model, visited(search), hands)
    np.testing.assert_array_equal(scores, by_hand)
    assert len(np.unique(scores)) > 3


@pytest.fixture(scope="module")
def whole_set(make_curve_model, make_search, hands):
    """Model of 40 films, and a search that only scores all of its regions."""
    table = LandmarkTable.from_films(hands.data, hands.landmarks)
    model = make_curve_model(landmarker=table, encoder=HOGComponents(8))
    params = {"search": "backward", "max_regions": None, "max_candidates": 1}
    return model, make_search(model, refit=False, **params)


def test_score_of_all_regions_is_nearly_that_of_a_fitted_model(whole_set, hands):
    """It differs in the places that ages are learned from, and in nothing else."""
    model, search = whole_set
    search.fit(hands.data, hands.target)
    assert subsets_of(search) == [FOUR]
    by_hand = scores_by_hand(model, visited(search), hands.data, hands.target)
    np.testing.assert_allclose(split_scores(search), by_hand, atol=0.1)
    assert by_hand.mean() > search.largest_class_ + 0.15


def test_known_ages_tell_which_end_is_young(whole_set, hands):
    """Ages that fall where others rise are told as well as those."""
    ages = hands.target + 0.25  # none is at an edge of an interval
    search = whole_set[1]
    scores = split_scores(search.fit(hands.data, ages))
    turned = split_scores(search.fit(hands.data, 240 - ages))
    np.testing.assert_array_equal(turned, scores)


def test_films_that_lack_regions_are_scored_all_the_same(
    make_curve_model, make_search, films
):
    landmarks = films.landmarks.copy()
    landmarks[::4, KEY_REGIONS.index("carpus")] = np.nan
    table = LandmarkTable.from_films(films.data, landmarks)
    model = make_curve_model(landmarker=table, on_error="skip")
    search = make_search(model, search="backward", max_regions=None)
    search.fit(films.data, films.target)
    assert np.isfinite(split_scores(search)).all()
    # Three regions are enough for a film, of three or of four.
    regions = search.best_params_["regions"]
    set_aside = len(regions) == 3 and "carpus" in regions
    expected = np.isin(np.arange(12), [0, 4, 8]) & set_aside
    np.testing.assert_array_equal(search.best_estimator_.labels_ == -1, expected)
