import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import RegionConsensus
from sklearn_baccaec.regions import KEY_REGIONS

REGIONS = ("carpus", "radius", "ulna", "wrist")
WIDTH = 3


def make_latents(n_films, random_state):  # two shared signals, in three noisy regions
    rng, fixed = np.random.default_rng(random_state), np.random.default_rng(7)
    shared = rng.normal(size=(n_films, 2))
    blocks = rng.normal(size=(4, n_films, WIDTH)) * [0.5, 0.5, 4]
    blocks[:3, :, :2] += shared * [2, 1]
    blocks[3] = 8 * rng.normal(size=(n_films, WIDTH))
    turned = blocks @ np.linalg.qr(fixed.normal(size=(4, WIDTH, WIDTH)))[0]
    return np.hstack(list(turned)) + 10 * fixed.normal(size=4 * WIDTH), shared


@pytest.fixture(scope="module")
def latents():
    latents = make_latents(400, 0)[0]
    latents.setflags(write=False)  # a fit that changes them fails
    return latents


def make_consensus(n_components=1, **params):
    return RegionConsensus(n_components, **{"regions": REGIONS, **params})


def correlation(a, b):
    return abs(np.corrcoef(np.ravel(a), np.ravel(b))[0, 1])


def assert_same_up_to_sign(scores, expected, atol=1e-6):
    signs = np.sign((scores * expected).sum(axis=0))
    np.testing.assert_allclose(scores * signs, expected, atol=atol)


def without(latents, region, films=slice(None)):
    blocks = latents.reshape(-1, 4, WIDTH).copy()
    blocks[films, REGIONS.index(region)] = np.nan
    return blocks.reshape(latents.shape)


def test_shared_signals_are_found_where_pca_finds_louder_noise(latents):
    model = make_consensus(2).fit(latents)
    pca = PCA(2).fit(latents)
    for films, shared in (make_latents(400, 0), make_latents(200, 1)):
        for k in range(2):
            assert correlation(model.transform(films)[:, k], shared[:, k]) > 0.9
            assert correlation(pca.transform(films)[:, k], shared[:, k]) < 0.3


def test_full_regularization_is_pca_of_blocks_of_equal_trace(latents):
    centred = (latents - latents.mean(axis=0)).reshape(-1, 4, WIDTH)
    scaled = centred / np.sqrt((centred**2).sum(axis=(0, 2)))[:, None]
    pca = PCA(3).fit(scaled.reshape(latents.shape))
    expected = pca.transform(scaled.reshape(latents.shape))
    scores = make_consensus(3, regularization=1).fit_transform(latents)
    assert_same_up_to_sign(scores, expected / expected[:, 0].std(), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_unregularized_is_invariant_to_linear_maps_of_each_region(latents, seed):
    rng = np.random.default_rng(seed)
    left, right = np.linalg.qr(rng.normal(size=(2, 4, WIDTH, WIDTH)))[0]
    maps = left * 10 ** rng.uniform(-1, 1, (4, 1, WIDTH)) @ right
    mapped = np.hstack(list(latents.reshape(-1, 4, WIDTH).swapaxes(0, 1) @ maps))
    model = make_consensus(2, regularization=0).fit(latents)
    again = clone(model).fit(mapped)
    assert_same_up_to_sign(again.transform(mapped), model.transform(latents))
    np.testing.assert_allclose(again.weights_, model.weights_, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(scales=st.tuples(*4 * [st.floats(1e-3, 1e3)]), share=st.floats(0, 1))
def test_scale_and_offset_of_a_region_do_not_matter(latents, scales, share):
    moved = latents * np.repeat(scales, WIDTH) + 99 * np.arange(12)
    model = make_consensus(2, regularization=share)
    assert_same_up_to_sign(model.fit_transform(moved), model.fit_transform(latents))


def test_columns_that_others_tell_add_nothing(latents):
    blocks = latents.reshape(-1, 4, WIDTH) / 1e6
    wider = np.concatenate([blocks, blocks[:, :, :1] - blocks[:, :, 1:2]], axis=2)
    model = make_consensus(2, regularization=0)
    scores = model.fit_transform(wider.reshape(-1, 16))
    assert_same_up_to_sign(scores, model.fit_transform(latents))


@settings(max_examples=24, deadline=None)
@given(order=st.permutations(range(4)))
def test_order_of_the_regions_does_not_matter(latents, order):
    model = make_consensus(2).fit(latents)
    ordered = make_consensus(2, regions=[REGIONS[i] for i in order])
    X = latents.reshape(-1, 4, WIDTH)[:, order].reshape(latents.shape)
    assert_same_up_to_sign(ordered.fit_transform(X), model.transform(latents), 1e-9)
    np.testing.assert_allclose(ordered.weights_, model.weights_[:, order])
    np.testing.assert_allclose(ordered.agreement_, model.agreement_[:, order])


def test_components_are_scaled_by_what_they_explain(latents):
    model = make_consensus(12).fit(latents)
    scores = model.transform(latents)
    covariance = np.cov(scores, rowvar=False, ddof=0)
    ratio = model.explained_variance_ratio_
    np.testing.assert_allclose(covariance, np.diag(ratio / ratio[0]), atol=1e-9)
    assert ratio.sum() == pytest.approx(1)
    assert (np.diff(ratio) < 0).all()
    assert_same_up_to_sign(make_consensus().fit_transform(latents), scores[:, :1])


def test_weights_and_agreement_tell_informative_regions_from_noise(latents):
    model = make_consensus(12).fit(latents)
    np.testing.assert_allclose(model.weights_.sum(axis=1), 1)
    np.testing.assert_allclose(model.weights_[0], [1 / 3] * 3 + [0], atol=0.05)
    assert (model.agreement_[0, :3] > 0.8).all()
    assert abs(model.agreement_[0, 3]) < 0.15


def test_agreement_is_that_of_a_region_with_the_others_that_a_film_has(latents):
    X = without(latents, "radius", slice(0, None, 3))
    model = make_consensus(12).fit(X)
    own = model.transform(np.where(np.arange(12) < WIDTH, X, np.nan))
    others = model.transform(without(X, "carpus"))
    for k in range(12):
        expected = np.corrcoef(own[:, k], others[:, k])[0, 1]
        assert model.agreement_[k, 0] == pytest.approx(expected)


def test_rows_shuffled_between_films_agree_with_nothing(latents):
    shuffled = latents.copy()
    shuffled[:, :WIDTH] = np.random.default_rng(0).permutation(latents[:, :WIDTH])
    model = make_consensus().fit(shuffled)
    assert abs(model.agreement_[0, 0]) < 0.15
    assert (model.agreement_[0, 1:3] > 0.8).all()
    assert model.weights_[0, 0] < 0.05


def test_films_are_placed_one_by_one_and_in_any_order_as_in_fit(latents):
    model = make_consensus(12)
    scores = model.fit_transform(latents)
    np.testing.assert_allclose(model.transform(latents[7:9]), scores[7:9], atol=1e-9)
    again = model.fit(latents[::-1]).transform(latents)  # and no axis is turned round
    np.testing.assert_allclose(again, scores, atol=1e-9)


@pytest.mark.parametrize("region", REGIONS)
def test_film_that_lacks_a_region_is_placed_by_the_others(latents, region):
    model = make_consensus()
    scores = model.fit_transform(latents)
    placed = model.transform(without(latents, region))
    assert correlation(placed, scores) > 0.97
    assert 0.9 < placed.std() / scores.std() < 1.1
    refitted = model.fit_transform(without(latents, region, slice(0, None, 3)))
    assert correlation(refitted, scores) > 0.97
    assert model.agreement_[0, :3].min() > 0.8


def test_film_without_any_region_is_nan_and_moves_no_other(latents):
    X = np.vstack([latents, np.full((1, 12), np.nan)])
    scores = make_consensus(2).fit(latents).transform(X)
    refitted = make_consensus(2).fit_transform(X)
    assert np.isnan(scores[-1]).all() and np.isnan(refitted[-1]).all()
    for k in range(2):
        assert correlation(refitted[:-1, k], scores[:-1, k]) == pytest.approx(1)


def named(latents, *regions):
    columns = [f"{r}_{i}" for r in regions for i in range(12 // len(regions))]
    return pd.DataFrame(latents, columns=columns)


def test_names(latents):
    model = RegionConsensus(2).set_output(transform="pandas")
    out = model.fit_transform(named(latents, *REGIONS))
    assert model.regions_ == REGIONS
    assert list(out.columns) == ["regionconsensus0", "regionconsensus1"]
    np.testing.assert_array_equal(out, make_consensus(2).fit_transform(latents))
    with pytest.warns(UserWarning, match="nothing names the 12 columns"):
        assert RegionConsensus().fit(latents).regions_[11] == "region11"
    assert RegionConsensus().fit(np.tile(latents, 4)[:, :38]).regions_ == KEY_REGIONS


def test_pickle_and_clone(latents):
    model = make_consensus(2, regularization=0.3).fit(latents)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.transform(latents), model.transform(latents))
    with pytest.raises(NotFittedError):
        clone(model).transform(latents)
    np.testing.assert_array_equal(clone(model).fit(latents).weights_, model.weights_)


@pytest.mark.parametrize(
    ("params", "change", "message"),
    [
        ({"regions": ["carpus"]}, np.array, r"one region only \(carpus\)"),
        ({"regions": None}, lambda X: named(X, "ulna"), r"one region only \(ulna\)"),
        ({"regions": None}, lambda X: np.c_[X, X], "n_features = 24.* one region only"),
        ({}, lambda X: X * (np.arange(12) > 2) + 0.1, "carpus is constant"),
        ({}, lambda X: without(X, "wrist", slice(1, None)), "wrist is constant"),
        ({}, lambda X: without(X, "ulna"), "no film has ulna"),
        ({}, lambda X: X[:, :-1], "11 columns, which do not split into 4 regions"),
        ({"n_components": 13}, np.array, "13 is more than the 400 films or 12 columns"),
        ({"n_components": 6}, lambda X: X[:5], "6 is more than the 5 films"),
        ({"n_components": 5}, lambda X: X * np.c_[[1] * 4 + [np.nan] * 396], "4 films"),
        ({"regularization": 1.1}, np.array, "'regularization' parameter"),
        ({}, lambda X: np.where(X[0] < X, np.inf, X), "infinity"),
    ],
)
def test_errors(latents, params, change, message):
    with pytest.raises(ValueError, match=message):
        make_consensus(**params).fit(change(latents))


def test_a_region_with_one_value_missing_is_missing():
    X = np.random.default_rng(0).normal(size=(30, 9)) + np.arange(30)[:, None] / 5
    consensus = RegionConsensus(regions=["carpus", "radius", "ulna"]).fit(X)
    partly, wholly = X[:1].copy(), X[:1].copy()
    partly[0, 0], wholly[0, :3] = np.nan, np.nan
    np.testing.assert_allclose(consensus.transform(partly), consensus.transform(wholly))
    nearly_nothing = np.full((1, 9), np.nan)
    nearly_nothing[0, 0] = 1
    assert np.isnan(consensus.transform(nearly_nothing)).all()
