"""The drawn plates: the hand of a bone age, the same one every time."""

import numpy as np
import pytest

from sklearn_baccaec.datasets import (
    draw_atlas_plate,
    from_girls_months,
    to_girls_months,
)


def test_a_plate_is_the_same_whenever_it_is_drawn():
    plate = draw_atlas_plate(100, sex="F")
    np.testing.assert_array_equal(draw_atlas_plate(100.0, sex=False), plate)
    assert plate.shape == (800, 600)
    assert plate.dtype == np.uint8


def test_boys_and_girls_look_the_same_at_months_that_mean_the_same():
    girl = draw_atlas_plate(120, sex="F").astype(float)
    same = draw_atlas_plate(float(from_girls_months(120, sex="M")), sex="M")
    other = draw_atlas_plate(120, sex="M")
    assert np.abs(same - girl).mean() < np.abs(other - girl).mean() / 2


@pytest.mark.parametrize("girls", [2, 60, 129, 215])
def test_of_unknown_sex_it_is_the_hand_of_the_mean_of_both(girls):
    mean = (girls + float(from_girls_months(girls, sex="M"))) / 2
    np.testing.assert_array_equal(
        draw_atlas_plate(mean), draw_atlas_plate(float(girls), sex="F")
    )


def test_carpals_appear_one_by_one():
    bright = []
    for months in (12, 48, 84, 132):
        # Where the carpus lies.
        carpus = draw_atlas_plate(months, sex="F")[530:640, 230:370].astype(float)
        soft = np.percentile(carpus, 2)
        bright.append((carpus > soft + 12).mean())
    assert np.all(np.diff(bright) > 0.05)


@pytest.mark.parametrize("months", [-1, 229, np.nan, "120", True])
def test_months_that_no_hand_has(months):
    with pytest.raises(ValueError, match="months must be a number from 0 to 228"):
        draw_atlas_plate(months, sex="F")


def test_other_wrong_input():
    with pytest.raises(ValueError, match=r"sex\[0\] is 'child'"):
        draw_atlas_plate(100, sex="child")
    with pytest.raises(TypeError, match="takes sex as a keyword"):
        draw_atlas_plate(100, "F")


def test_the_way_back_to_girls_is_that_of_the_table():
    assert to_girls_months(float(from_girls_months(100, sex="M")), sex="M") == 100
