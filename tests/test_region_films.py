"""Crops of drawn hands in many styles, from which months are learnt."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from sklearn_baccaec._recipe._region_films import draw_region_films
from sklearn_baccaec._utils.regions import KEY_REGIONS
from sklearn_baccaec.datasets._drawn_hand._hand_maps import draw_hand_maps
from sklearn_baccaec.datasets._drawn_hand._style import draw_style, draw_view

AGES, SEXES = [20.0, 75.0, 130.0, 220.0], ["F", "M", "F", "M"]


@pytest.fixture(scope="module")
def films():
    return draw_region_films(AGES, SEXES, n_styles=2, seed=4)


@pytest.mark.parametrize("crop_scale", [1.0, 0.5])
def test_shapes_and_contrast(crop_scale):
    crops = draw_region_films(AGES, SEXES, crop_scale=crop_scale, n_styles=2, seed=4)
    assert crops.shape == (2, 4, len(KEY_REGIONS), 64, 64)
    assert crops.dtype == np.uint8
    assert (crops.min(axis=(-2, -1)) == 0).all()
    assert (crops.max(axis=(-2, -1)) == 255).all()
    assert crops.std(axis=(-2, -1)).min() > 20


def test_the_same_seed_draws_the_same_films(films):
    again = draw_region_films(AGES, SEXES, n_styles=2, seed=4)
    np.testing.assert_array_equal(again, films)


def test_a_hand_depends_on_its_position_but_not_on_the_others(films):
    two = draw_region_films(AGES[:2], "FM", n_styles=2, seed=4, n_jobs=2)
    np.testing.assert_array_equal(two, films[:, :2])
    other = draw_region_films(AGES[:2], "FM", n_styles=2, seed=5)
    assert (other != two).mean() > 0.5


def test_a_smaller_scale_shows_the_middle(films):
    # Each film has a style and a view of its own: means of many show the same bones.
    ages, sexes = [110.0] * 30, ["F"] * 30
    whole, middle = (
        draw_region_films(ages, sexes, crop_scale=scale, n_styles=3).mean(axis=(0, 1))
        for scale in (1.0, 0.5)
    )
    alike = [
        np.corrcoef(cv2.resize(a[16:48, 16:48], (64, 64)).ravel(), b.ravel())[0, 1]
        for a, b in zip(whole, middle, strict=True)
    ]
    assert min(alike) > 0.8


def test_styles_of_one_hand_differ_but_show_the_same_bones(films):
    crops = films.reshape(2, -1, 64 * 64).astype(float)
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(*crops, strict=True)]
    assert 0.6 < np.median(alike) < 0.98
    swapped = [
        np.corrcoef(a, b)[0, 1] for a, b in zip(crops[0], crops[1, ::-1], strict=True)
    ]
    assert np.median(swapped) < np.median(alike) - 0.1


@pytest.mark.parametrize("sex", ["F", "M"])
def test_hands_gain_bone_with_the_age(sex):
    bone = np.mean(
        [
            [draw_hand_maps(age, sex, [0, i]).bone.mean() for age in (12, 48, 96, 150)]
            for i in range(4)
        ],
        axis=0,
    )
    assert (np.diff(bone) > 0).all()
    # At the wrist and at the knuckles, where cartilage turns to bone.
    young, old = (draw_hand_maps(age, sex, [0, 0]) for age in (12, 200))
    for region in ("carpus", "middle_mcp", "middle_pip", "radius"):
        x, y = young.landmarks[KEY_REGIONS.index(region)].round().astype(int)
        near = slice(y - 40, y + 40), slice(x - 40, x + 40)
        assert old.bone[near].mean() > 1.3 * young.bone[near].mean(), region


def test_maps_hold_a_hand_with_its_skin():
    for i in range(5):
        maps = draw_hand_maps(100.0, "F", [i, 0])
        assert maps.bone.shape == maps.soft.shape
        assert maps.bone.min() >= 0
        assert 0.03 < maps.bone.max() < 0.3
        assert 0.1 < maps.soft.max() < 0.3
        # No bone where there is no flesh, and both are cut off at the forearm alone.
        assert maps.bone[maps.soft < 1e-3].max(initial=0) < 0.02
        assert maps.soft[0].max() < 1e-3
        assert maps.soft[:, [0, -1]].max() < 1e-3
        height, width = maps.bone.shape
        assert ((maps.landmarks > 0) & (maps.landmarks < (width, height))).all()


def test_bones_stay_visible_in_every_style():
    maps, rng = draw_hand_maps(150.0, "M", [0, 0]), np.random.default_rng(0)
    x, y = maps.landmarks[KEY_REGIONS.index("carpus")].round().astype(int)
    near = slice(y - 72, y + 72), slice(x - 72, x + 72)
    bone, soft = maps.bone[near], maps.soft[near]
    for _ in range(30):
        grey = draw_style(bone, soft, rng)
        assert grey.shape == bone.shape
        assert (grey.min(), grey.max()) == (0, 1)
        assert np.corrcoef(grey.ravel(), bone.ravel())[0, 1] > 0.3
        view = draw_view(grey, 128, 1.125, rng)
        assert view.shape == (128, 128)
        assert np.isfinite(view).all()


def test_views_keep_what_they_show_in_the_middle():
    grey = np.zeros((144, 144), np.float32)
    grey[64:80, 64:80] = 1
    centres = []
    for seed in range(40):
        view = draw_view(grey, 128, 1.125, np.random.default_rng(seed)) > 0.5
        assert 10 < np.sqrt(view.sum()) < 20
        centres.append(np.argwhere(view).mean(axis=0))
    np.testing.assert_allclose(np.mean(centres, axis=0), 63.5, atol=1)
    assert 0.5 < np.std(centres, axis=0).min() < np.std(centres, axis=0).max() < 3


def test_films_are_drawn_without_torch():
    code = "import sys; from sklearn_baccaec._recipe._region_films import *; "
    code += "draw_region_films([90], ['F']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
