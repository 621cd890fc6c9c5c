"""Months along a curve by drawn hands, and small arrays of both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from sklearn_baccaec import HOGComponents, MaturityCurve, RegionEncoder
from sklearn_baccaec._pretrained import load_parts
from sklearn_baccaec._pretrained._arrays import RANK, compress, restore
from sklearn_baccaec._recipe._pretraining import learn_arrays
from sklearn_baccaec._recipe._region_films import draw_region_films
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.maturity._curve_months import CurveMonths
from sklearn_baccaec.maturity._region_curves import GRID
from sklearn_baccaec.regions import KEY_REGIONS

REGIONS = ("carpus", "radius", "ulna", "wrist")
WIDTH = 5


def make_films(n, *, domain=0.0, seed=0):
    """Months, and latents that move with them; another domain has an offset."""
    rng = np.random.default_rng(seed)
    months = rng.uniform(20, 220, n)
    u = months / 240
    blocks = []
    for i in range(len(REGIONS)):
        weights = np.random.default_rng(i).normal(size=(3, WIDTH))
        bend = np.column_stack([u, u**2, np.sin(3 * u)]) @ weights
        offset = domain * np.random.default_rng(100 + i).normal(size=WIDTH)
        blocks.append(bend + offset + rng.normal(0, 0.1, (n, WIDTH)))
    return months, np.hstack(blocks)


@pytest.fixture(scope="module")
def curve():
    months, films = make_films(300)
    curve = MaturityCurve(regions=REGIONS, random_state=0).fit(films)
    return curve if spearmanr(curve.t_, months)[0] > 0 else curve.flip()


@pytest.mark.parametrize("domain", [0, 0.2])
def test_months_come_from_hands_of_another_domain(curve, domain):
    months, hands = make_films(200, domain=domain, seed=1)
    learned = CurveMonths.learn(hands, months, curve)
    true, films = make_films(100, seed=2)
    told = learned.predict(curve.transform(films)[:, 0], np.zeros(100))
    assert np.abs(told - true).mean() < (12 if domain == 0 else 30)
    assert (np.diff(learned.months) >= 0).all()
    assert learned.votes.shape == (len(REGIONS), len(GRID))


def test_a_region_that_tells_nothing_has_no_vote_that_counts(curve):
    months, hands = make_films(200, seed=1)
    spoilt = hands.copy()
    noise = np.random.default_rng(3).normal(size=(200, WIDTH))
    spoilt[:, :WIDTH] = noise
    learned = CurveMonths.learn(spoilt, months, curve)
    whole = CurveMonths.learn(hands, months, curve)
    assert np.abs(learned.months - whole.months).mean() < 10
    assert np.ptp(learned.votes[0]) < 0.5 * np.ptp(whole.votes[0])


def test_boys_are_later_and_unknown_sex_is_between():
    _, _, months = load_parts()
    t = np.linspace(0.1, 0.9, 20)
    girls, boys, unknown = (months.predict(t, np.full(20, sex)) for sex in (0, 1, -1))
    assert (boys > girls).all()
    np.testing.assert_allclose(unknown, (girls + boys) / 2)
    np.testing.assert_array_equal(months.is_open(girls, np.zeros(20)), girls >= 168)
    np.testing.assert_array_equal(months.is_open(boys, np.ones(20)), boys >= 192)


@given(st.integers(2, 60), st.integers(0, 99))
def test_months_of_films_rise_along_another_axis(n, seed):
    rng = np.random.default_rng(seed)
    months = rng.uniform(20, 200, n)
    t = (months - 20) / 180 + rng.normal(0, 0.1, n)
    t[rng.integers(n)] = np.nan
    learned = CurveMonths.of_films(t, months)
    assert (np.diff(learned.months) >= 0).all()
    told = learned.predict(t[np.isfinite(t)], np.zeros(np.isfinite(t).sum()))
    known = months[np.isfinite(t)]
    assert known.min() - 1e-9 <= told.min() <= told.max() <= known.max() + 1e-9


# Arrays
@pytest.fixture(scope="module")
def parts():
    """Encoder, curve and months of drawn films, as the recipe makes them."""
    ages = np.linspace(20, 220, 60)
    crops = draw_region_films(ages, "FM" * 30, crop_scale=0.5, n_styles=1)
    crops = crops.reshape(60, -1)
    encoder = RegionEncoder(HOGComponents(20), regions=KEY_REGIONS, random_state=0)
    latents = encoder.fit_transform(crops)
    curve = MaturityCurve(regions=KEY_REGIONS, random_state=0).fit(latents)
    if spearmanr(curve.t_, ages)[0] < 0:
        curve.flip()
    return crops, encoder, curve, CurveMonths.learn(latents, ages, curve)


def test_small_arrays_place_films_where_the_whole_model_does(parts):
    crops, *whole = parts
    arrays = compress(*whole, crops)
    encoder, curve, months = restore(arrays)
    assert encoder.transform(crops).shape == (60, len(KEY_REGIONS) * RANK)
    small = curve.transform(encoder.transform(crops))
    large = whole[1].transform(whole[0].transform(crops))
    np.testing.assert_allclose(small, large, atol=0.03)
    np.testing.assert_allclose(months.months, whole[2].months, rtol=1e-5)
    assert {value.dtype.itemsize for value in arrays.values()} <= {1, 4}


def test_the_recipe_is_seeded_and_asks_for_no_label():
    films = make_hand_radiographs(40, film_shape=(200, 150), random_state=0).data
    first, again = (learn_arrays(films, n_hands=12, seed=1) for _ in range(2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
    other = learn_arrays(films, n_hands=12, seed=2)
    assert not np.array_equal(other["months"], first["months"])
