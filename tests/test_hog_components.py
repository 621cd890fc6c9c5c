"""Histograms of oriented gradients by hand, and their principal components."""

from __future__ import annotations

import pickle
from itertools import pairwise

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import HOGComponents, RegionEncoder, RegionSelector
from sklearn_baccaec._oriented_gradients import (
    N_FEATURES,
    describe_gradients,
    local_contrast,
)

SHAPES = [(64, 64), (16, 16), (128, 128), (24, 40), (97, 30), (5, 7), (1, 100)]
REGIONS = ("carpus", "radius", "ulna")
SIDE = 24


def draw_joints(n_films, seed, side=SIDE):
    """Two bones and the gap between them: its width and tilt differ, and exposure."""
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[:side, :side] + 0.5) / side - 0.5
    crops = np.empty((n_films, side, side))
    for crop in crops:
        width, tilt, place = rng.uniform([0.05, -0.6, -0.15], [0.2, 0.6, 0.15])
        across = y * np.cos(tilt) + x * np.sin(tilt) - place
        gap = 1 / (1 + np.exp(40 * (np.abs(across) - width)))
        bone = 1 / (1 + np.exp(30 * (np.abs(x) - 0.3)))
        crop[:] = rng.uniform(0.05, 0.2) + rng.uniform(0.3, 0.7) * bone * (1 - gap)
    return crops


def as_rows(crops):
    return np.round(255 * crops).astype(np.uint8).reshape(len(crops), -1)


@pytest.fixture(scope="module")
def joints():
    return as_rows(draw_joints(40, 0))


# Slow and plain
def resized(crop, shape=(64, 64)):
    image = Image.fromarray(crop.astype(np.float32))
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BILINEAR), float)


def mean_of_neighbours(image):
    inside = ndimage.uniform_filter(np.ones(image.shape), 3, mode="constant")
    return ndimage.uniform_filter(image, 3, mode="constant") / inside


def slow_contrast(crop):
    image = mean_of_neighbours(mean_of_neighbours(resized(crop)))
    edges = np.linspace(0, 64, 7)
    parts = [
        slice(int(np.floor(start)), int(np.ceil(stop)))
        for start, stop in pairwise(edges)
    ]
    means = np.array(
        [[image[rows, columns].mean() for columns in parts] for rows in parts]
    )
    contrast = image - resized(means)
    return np.clip(contrast / (np.sqrt(np.mean(contrast**2)) + 0.02), -3, 3)


def slow_histograms(image):
    across = ndimage.correlate1d(image, [-1, 0, 1], axis=1, mode="nearest")
    down = ndimage.correlate1d(image, [-1, 0, 1], axis=0, mode="nearest")
    cells = np.zeros((8, 8, 9))
    for row, column in np.ndindex(64, 64):
        length = np.hypot(down[row, column], across[row, column])
        degrees = np.degrees(np.arctan2(down[row, column], across[row, column])) % 180
        first, share = int(degrees // 20), degrees % 20 / 20
        cell = cells[row // 8, column // 8]
        cell[first % 9] += (1 - share) * length / 64
        cell[(first + 1) % 9] += share * length / 64
    blocks = []
    for row, column in np.ndindex(7, 7):
        block = np.moveaxis(cells[row : row + 2, column : column + 2], 2, 0).ravel()
        blocks.append(np.minimum(block / (np.linalg.norm(block) + 1e-3), 0.3))
    return np.concatenate(blocks)


def random_crops(shape, n=2, seed=0):
    """Noise, and noise that is smooth."""
    crops = np.random.default_rng(seed).random((n, *shape))
    crops[1::2] = ndimage.gaussian_filter(crops[1::2], (0, 2, 2))
    lowest, highest = (f(crops, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    return (crops - lowest) / (highest - lowest)


def relative_distances(found, expected):
    return np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_local_contrast_of_crops_of_any_shape(shape):
    crops = random_crops(shape)
    expected = [slow_contrast(crop) for crop in crops]
    np.testing.assert_allclose(local_contrast(crops), expected, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_histograms_of_crops_of_any_shape(shape):
    crops = random_crops(shape)
    found = describe_gradients(crops)
    assert found.shape == (2, N_FEATURES)
    assert found.dtype == np.float32
    expected = [slow_histograms(slow_contrast(crop)) for crop in crops]
    np.testing.assert_allclose(found, expected, atol=5e-5)


def test_many_crops_are_described_as_one_by_one():
    crops = random_crops((16, 16), 150)
    alone = [describe_gradients(crop[None])[0] for crop in crops]
    np.testing.assert_allclose(describe_gradients(crops), alone, atol=1e-6)


@pytest.mark.parametrize(("side", "distance"), [(64, 0.03), (24, 0.12)])
def test_crops_drawn_twice_as_large_are_nearly_the_same(side, distance):
    small = describe_gradients(draw_joints(20, 1, side))
    large = describe_gradients(draw_joints(20, 1, 2 * side))
    assert relative_distances(large, small).max() < distance
    assert relative_distances(small[1:], small[:-1]).min() > 3 * distance


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 999), gain=st.floats(0.2, 1), offset=st.floats(0, 0.5))
def test_exposure_hardly_matters(seed, gain, offset):
    crops = draw_joints(4, seed)
    found = describe_gradients(gain * crops + offset)
    assert relative_distances(found, describe_gradients(crops)).max() < 0.02


def test_brightest_counts_as_1():
    crops = 255 * draw_joints(3, 0)
    expected = describe_gradients(crops / 255)
    np.testing.assert_allclose(describe_gradients(crops, 255), expected, atol=1e-6)


def test_an_added_constant_does_not_matter_at_all():
    crops = draw_joints(9, 0)
    shifted = describe_gradients(crops + 0.3)
    np.testing.assert_allclose(shifted, describe_gradients(crops), atol=1e-4)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 999))
def test_directions_of_a_negative_are_those_of_the_film(seed):
    crops = np.concatenate([draw_joints(2, seed), random_crops((SIDE, SIDE), 2, seed)])
    negatives = describe_gradients(1 - crops)
    np.testing.assert_allclose(negatives, describe_gradients(crops), atol=1e-4)


def test_even_crops_have_no_edges():
    even = np.full((2, 20, 20), [[[0.0]], [[0.8]]])
    assert describe_gradients(even).max() < 0.01  # but for rounding; of edges, 0.3


# Components
def histograms_of(rows, scale, shape=(SIDE, SIDE)):
    return describe_gradients(rows.reshape(-1, *shape), scale)


def lengths(latents, axis=1):
    return np.sqrt((latents.astype(float) ** 2).sum(axis=axis))


def assert_same_up_to_sign(found, expected, atol):
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=atol)


def test_components_are_those_of_pca_of_total_variance_1(joints):
    shape = (18, 32)
    seen = histograms_of(joints, joints.max(), shape)
    pca = PCA(5, svd_solver="full").fit(seen.astype(float))
    unit = np.sqrt(pca.transform(seen).var(axis=0).sum())
    model = HOGComponents(5, region_shape=shape, random_state=0)
    latents = model.fit_transform(joints)
    assert model.region_shape_ == shape
    assert model.scale_ == joints.max()
    assert latents.dtype == np.float32
    assert latents.var(axis=0, dtype=float).sum() == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(latents.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(
        model.explained_variance_ratio_, pca.explained_variance_ratio_, rtol=1e-3
    )
    films = np.vstack([joints, as_rows(draw_joints(9, 1))])
    expected = pca.transform(histograms_of(films, joints.max(), shape)) / unit
    assert_same_up_to_sign(model.transform(films), expected, 1e-3)


def test_the_first_component_orders_what_differs_most():
    widths = np.linspace(0.05, 0.4, 30)
    x = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    gaps = 1 / (1 + np.exp(40 * (widths[:, None] - np.abs(x))))
    crops = np.repeat(gaps[:, None], SIDE, axis=1) + 0.1
    latents = HOGComponents(1).fit_transform(as_rows(crops / crops.max()))
    assert abs(np.corrcoef(latents[:, 0], widths)[0, 1]) > 0.9


@pytest.mark.parametrize("scale", [1 / 255, 7.0])
def test_the_unit_of_the_pixels_does_not_matter(joints, scale):
    expected = HOGComponents(3, random_state=0).fit_transform(joints)
    found = HOGComponents(3, random_state=0).fit_transform(joints * scale)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_fewer_films_than_components(joints):
    model = HOGComponents(64)
    with pytest.warns(UserWarning, match="found in n_samples=5 crops: there are 4"):
        latents = model.fit_transform(joints[:5])
    assert latents.shape == (5, 4) == (5, model.n_components_)
    assert len(model.components_) == len(model.explained_variance_ratio_) == 4
    assert model.explained_variance_ratio_.sum() == pytest.approx(1)
    assert lengths(latents, (0, 1)) ** 2 / 5 == pytest.approx(1)
    assert len(model.get_feature_names_out()) == 4


@pytest.mark.parametrize("remainder", [False, True])
def test_absent_crops_teach_nothing_and_are_nan(joints, remainder):
    absent = np.arange(len(joints)) % 4 == 1
    with_absent = np.where(absent[:, None], 0, joints)
    model = HOGComponents(3, remainder=remainder, random_state=0)
    latents = model.fit_transform(with_absent)
    assert np.isnan(latents[absent]).all()
    alone = clone(model).fit(joints[~absent])
    np.testing.assert_array_equal(alone.components_, model.components_)
    np.testing.assert_array_equal(alone.mean_, model.mean_)
    np.testing.assert_array_equal(alone.transform(joints[~absent]), latents[~absent])
    assert np.isnan(model.transform(np.zeros((2, SIDE**2)))).all()


def test_without_any_crop_there_is_nothing_to_learn():
    with pytest.raises(ValueError, match="all 7 crops are absent: every pixel is zero"):
        HOGComponents(2).fit(np.zeros((7, SIDE**2)))


@pytest.mark.filterwarnings("ignore:n_components=.* is more than can be found")
@pytest.mark.parametrize("n_films", [1, 2, 6])
@pytest.mark.parametrize("remainder", [False, True])
def test_films_that_are_all_alike_are_all_at_the_middle(joints, n_films, remainder):
    model = HOGComponents(3, remainder=remainder, random_state=0)
    with np.errstate(all="raise"):
        latents = model.fit_transform(np.repeat(joints[:1], n_films, axis=0))
    np.testing.assert_allclose(latents, 0, atol=1e-5)
    other = model.transform(joints)
    assert np.isfinite(other).all()
    assert np.abs(other).max() < 10


def test_every_film_even_in_grey():
    model = HOGComponents(2, random_state=0).fit(np.full((5, SIDE**2), 9))
    assert np.isfinite(model.explained_variance_ratio_).all()
    assert np.abs(model.transform(np.full((1, SIDE**2), 5))).max() < 0.1


def test_results_are_those_of_the_seed(joints):
    first = HOGComponents(5, random_state=0).fit_transform(joints)
    again = HOGComponents(5, random_state=0).fit(np.asfortranarray(joints))
    np.testing.assert_array_equal(again.transform(joints), first)
    other = HOGComponents(5, random_state=1).fit_transform(joints)
    np.testing.assert_allclose(other, first, atol=1e-3)


# What the components leave out
def test_remainder_is_the_rest_of_the_length(joints):
    plain = HOGComponents(4, random_state=0).fit(joints)
    model = HOGComponents(4, remainder=True, random_state=0).fit(joints)
    noise = np.random.default_rng(0).integers(0, 256, (20, SIDE**2))
    unseen = np.vstack([as_rows(draw_joints(20, 1)), noise])
    histograms = histograms_of(joints, joints.max())
    unit = np.sqrt(PCA(4, svd_solver="full").fit(histograms).explained_variance_.sum())
    unit *= np.sqrt(39 / 40)
    for rows in (joints, unseen):
        latents = model.transform(rows)
        np.testing.assert_array_equal(latents[:, :4], plain.transform(rows))
        centred = histograms_of(rows, joints.max()) - histograms.mean(axis=0)
        np.testing.assert_allclose(lengths(latents), lengths(centred) / unit, rtol=1e-4)
    left = model.transform(unseen)[:, -1]
    assert left[20:].min() > 1.5 * left[:20].max()


def test_with_all_components_there_is_no_remainder(joints):
    model = HOGComponents(39, remainder=True, random_state=0)
    latents = model.fit_transform(joints)
    assert latents.shape == (40, 40)
    assert np.abs(latents[:, -1]).max() < 0.01


# In every region
@pytest.fixture(scope="module")
def hands():
    crops = np.stack([as_rows(draw_joints(30, seed)) for seed in range(3)], axis=1)
    crops[:4, 1] = 0
    return crops.reshape(30, -1)


def make_encoder(regions=REGIONS, **params):
    encoder = HOGComponents(3, remainder=True)
    return RegionEncoder(encoder, regions=regions, **{"random_state": 0, **params})


def test_columns_of_a_region_do_not_depend_on_the_others(hands):
    whole = make_encoder().fit(hands)
    latents = whole.transform(hands)
    assert latents.shape == (30, 3 * 4)
    some = np.delete(hands.reshape(30, 3, -1), 1, axis=1).reshape(30, -1)
    found = make_encoder(["carpus", "ulna"]).fit_transform(some)
    chosen = RegionSelector(["carpus", "ulna"], all_regions=REGIONS)
    np.testing.assert_array_equal(found, chosen.fit_transform(latents))
    names = whole.get_feature_names_out()
    assert names[0] == "carpus_hogcomponents0"
    assert names[-1] == "ulna_hogcomponents3"


def test_an_absent_region_is_nan_in_its_columns_alone(hands):
    missing = np.isnan(make_encoder().fit_transform(hands).reshape(30, 3, 4))
    expected = np.zeros((30, 3, 4), bool)
    expected[:4, 1] = True
    np.testing.assert_array_equal(missing, expected)


def test_n_jobs_changes_no_number(hands):
    with joblib.parallel_config("threading"):
        found = make_encoder(n_jobs=2).fit_transform(hands)
    np.testing.assert_array_equal(found, make_encoder().fit_transform(hands))


def test_nothing_is_described_twice(hands, tmp_path, monkeypatch):
    described = []

    def counted(crops, brightest):
        described.append(len(crops))
        return describe_gradients(crops, brightest)

    module = "sklearn_baccaec.encoders._hog_components.describe_gradients"
    monkeypatch.setattr(module, counted)
    first = make_encoder(memory=tmp_path).fit_transform(hands)
    assert described == [30, 26, 30] * 2
    for rows in (hands.astype(float), np.asfortranarray(hands)):
        again = make_encoder(memory=str(tmp_path)).fit(rows, np.arange(30))
        np.testing.assert_array_equal(again.transform(rows), first)
    assert len(described) == 6
    assert len(list(tmp_path.rglob("_fit_region/*/output.pkl"))) == 3
    encoder = make_encoder(memory=tmp_path)
    encoder.set_params(encoder__n_components=2).fit(hands)
    assert len(described) == 9


# Conventions
def test_names_and_frames(joints):
    model = HOGComponents(2, remainder=True, random_state=0)
    expected = model.fit_transform(joints)
    names = ["hogcomponents0", "hogcomponents1", "hogcomponents2"]
    assert list(model.get_feature_names_out()) == names
    frame = model.set_output(transform="pandas").transform(joints)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == names
    np.testing.assert_array_equal(frame, expected)
    assert len(HOGComponents(2).fit(joints).get_feature_names_out()) == 2


def test_copies(joints):
    model = HOGComponents(3, remainder=True, random_state=0).fit(joints)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.transform(joints), model.transform(joints))
    with pytest.raises(NotFittedError):
        clone(model).transform(joints)
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_components": 0}, "n_components"),
        ({"n_components": 2.0}, "n_components"),
        ({"remainder": "yes"}, "remainder"),
        ({"region_shape": (20, 20)}, r"region_shape=\(20, 20\) needs 400 columns"),
        ({"random_state": "0"}, "random_state"),
    ],
)
def test_bad_parameters(joints, params, message):
    with pytest.raises(ValueError, match=message):
        HOGComponents(**params).fit(joints)


def test_few_films_are_told_once_for_all_regions():
    crops = np.random.default_rng(0).integers(1, 256, (5, 3 * 64), np.uint8)
    encoder = RegionEncoder(HOGComponents(), regions=["carpus", "radius", "ulna"])
    with pytest.warns(UserWarning, match="there are 4") as caught:
        encoder.fit(crops)
    assert [warning.filename for warning in caught] == [__file__]
