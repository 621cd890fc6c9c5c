"""Films along bent lines that their regions share, and what each region adds."""

from __future__ import annotations

import pickle
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import MaturityCurve, RegionConsensus
from sklearn_baccaec.regions import KEY_REGIONS

N_REGIONS, WIDTH, N_FILMS = 8, 6, 300
REGIONS = KEY_REGIONS[:N_REGIONS]
NOISES = np.linspace(0.2, 0.5, N_REGIONS)


def draw_arcs(n_films, seed, noises=NOISES, width=WIDTH):
    """Arcs of 216 degrees, of another size, tilt and place in each region."""
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(7)
    place = rng.uniform(0, 1, n_films)
    angle = 1.2 * np.pi * (place - 0.5)
    arc = np.zeros((n_films, width))
    arc[:, 0], arc[:, 1] = np.sin(angle), np.cos(angle)
    blocks = []
    for size, noise in enumerate(noises, 1):
        tilt = np.linalg.qr(fixed.normal(size=(width, width)))[0]
        noisy = arc + rng.normal(0, noise, arc.shape)
        blocks.append(size * noisy @ tilt + fixed.normal(0, 3, width))
    return np.hstack(blocks), place


def make_curve(n_regions=N_REGIONS, **params):
    return MaturityCurve(
        **{"regions": REGIONS[:n_regions], "random_state": 0, **params}
    )


def with_block(latents, region, values, films=slice(None)):
    changed = latents.copy()
    changed.reshape(len(latents), -1, WIDTH)[films, region] = values
    return changed


def shuffle(latents, seed, regions=range(N_REGIONS)):
    rng = np.random.default_rng(seed)
    shuffled = latents.reshape(len(latents), -1, WIDTH).copy()
    for region in regions:
        shuffled[:, region] = rng.permutation(shuffled[:, region])
    return shuffled.reshape(latents.shape)


def rank_correlation(found, expected, films=slice(None)):
    return abs(spearmanr(np.ravel(found)[films], np.ravel(expected)[films])[0])


def at_the_ends(found, place):
    return [rank_correlation(found, place, end) for end in (place < 0.15, place > 0.85)]


@pytest.fixture(scope="module")
def latents():
    latents = draw_arcs(N_FILMS, 0)[0]
    latents.setflags(write=False)  # a fit that changes them fails
    return latents


@pytest.fixture(scope="module")
def place():
    return draw_arcs(N_FILMS, 0)[1]


@pytest.fixture(scope="module")
def curve(latents):
    """Fitted; leave it as it is."""
    return make_curve().fit(latents)


# Places
@pytest.mark.parametrize("seed", range(4))
def test_films_at_the_ends_are_in_order_where_an_axis_folds_back(seed):
    seen, place_of_seen = draw_arcs(N_FILMS, seed)
    curve = make_curve().fit(seen)
    axis = RegionConsensus(regions=REGIONS).fit(seen)
    unseen, place_of_unseen = draw_arcs(N_FILMS, seed + 100)
    for films, true in ((seen, place_of_seen), (unseen, place_of_unseen)):
        t, straight = curve.transform(films), axis.transform(films)
        assert rank_correlation(t, true) > 0.985 > rank_correlation(straight, true)
        assert min(at_the_ends(t, true)) > 0.55
        assert max(at_the_ends(straight, true)) < 0.5
    assert rank_correlation(curve.t_, place_of_seen) > 0.985


def test_places_have_the_scale_that_the_axis_tells(curve, latents):
    t = curve.transform(latents)
    mean, deviation = MaturityCurve.axis_scale
    assert t.mean() == pytest.approx(mean, abs=0.03)
    assert t.std() == pytest.approx(deviation, rel=0.2)
    assert curve.t_.mean() == pytest.approx(mean, abs=0.03)
    assert t.min() > -0.2
    assert t.max() < 1.2


def test_fit_transform_is_fit_and_transform(curve, latents):
    t = make_curve().fit_transform(latents)
    assert t.shape == (N_FILMS, 1)
    np.testing.assert_array_equal(t, curve.transform(latents))
    np.testing.assert_allclose(curve.transform(latents[7:9]), t[7:9], atol=1e-12)


def test_places_in_fit_are_by_other_films(curve, latents):
    t = curve.transform(latents)[:, 0]
    assert curve.t_.shape == (N_FILMS,)
    assert (t != curve.t_).all()
    assert rank_correlation(curve.t_, t) > 0.99
    assert np.median(np.abs(curve.t_ - t)) < 0.02


def test_posterior_has_the_place_for_its_mean(curve, latents):
    probabilities = curve.posterior(latents)
    assert probabilities.shape == (N_FILMS, len(curve.grid_))
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(
        probabilities @ curve.grid_, curve.transform(latents)[:, 0]
    )
    np.testing.assert_allclose(curve.grid_[[0, -1]], [-0.2, 1.2])
    assert (np.diff(curve.grid_) > 0).all()


def test_posterior_is_the_formula_of_the_notes(curve, latents):
    """Distances to the lines in units of noise that was measured around them."""
    t = curve.transform(latents)
    nearest = np.abs(t - curve.grid_).argmin(axis=1)
    exponent = np.zeros((N_FILMS, len(curve.grid_)))
    blocks = latents.reshape(N_FILMS, N_REGIONS, WIDTH)
    for region, line in enumerate(curve.curves_):
        noise = (blocks[:, region] - line[nearest]).T
        offsets = blocks[:, region, None] - line
        inverse = np.linalg.inv(np.cov(noise, ddof=0))
        exponent -= 0.15 * np.einsum("fpi,ij,fpj->fp", offsets, inverse, offsets)
    expected = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(expected @ curve.grid_, t[:, 0], atol=0.05)
    expected_width, width = (
        np.sqrt(p @ curve.grid_**2 - (p @ curve.grid_) ** 2)
        for p in (expected, curve.posterior(latents))
    )
    np.testing.assert_allclose(width, expected_width, rtol=0.2)


def test_curves_run_through_the_films(curve, latents):
    assert curve.curves_.shape == (N_REGIONS, len(curve.grid_), WIDTH)
    t = curve.transform(latents)
    nearest = np.abs(t - curve.grid_).argmin(axis=1)
    blocks = latents.reshape(N_FILMS, N_REGIONS, WIDTH)
    for region, (line, noise) in enumerate(zip(curve.curves_, NOISES, strict=True)):
        rest = (blocks[:, region] - line[nearest]).std() / (region + 1)
        assert rest == pytest.approx(noise, rel=0.1)


# Regions
def test_each_region_alone_places_films(curve, latents, place):
    absent = with_block(latents, 2, np.nan, slice(0, 50))
    alone = curve.region_maturity(absent)
    assert alone.shape == (N_FILMS, N_REGIONS)
    missing = np.zeros(alone.shape, bool)
    missing[:50, 2] = True
    np.testing.assert_array_equal(np.isnan(alone), missing)
    t = curve.transform(latents)[:, 0]
    for own in alone.T:
        known = np.isfinite(own)
        assert rank_correlation(own, place, known) > 0.7
        assert spearmanr(own[known], t[known])[0] > 0.7
    # The less noise, the more it tells.
    assert rank_correlation(alone[:, 0], place) > rank_correlation(alone[:, -1], place)


@pytest.mark.parametrize("region", [0, 5])
def test_agreement_tells_noise_from_regions_that_tell_something(
    curve, latents, place, region
):
    assert (curve.agreement_ > 0.7).all()
    noise = np.random.default_rng(1).normal(size=(N_FILMS, WIDTH))
    for changed in (
        with_block(latents, region, noise),
        shuffle(latents, 1, [region]),
    ):
        noisy = make_curve().fit(changed)
        assert abs(noisy.agreement_[region]) < 0.2
        assert (np.delete(noisy.agreement_, region) > 0.6).all()
        assert rank_correlation(noisy.transform(changed), place) > 0.98


@pytest.mark.parametrize("seed", range(3))
def test_where_regions_share_nothing_there_is_no_agreement(latents, place, seed):
    shuffled = shuffle(latents, seed)
    curve = make_curve().fit(shuffled)
    assert np.abs(curve.agreement_).max() < 0.3
    assert curve.agreement_.mean() < 0.15
    assert rank_correlation(curve.t_, place) < 0.2
    assert rank_correlation(curve.transform(shuffled), place) < 0.2


def test_agreement_is_no_memory_of_the_films(latents):
    """Lines that have seen the films find an agreement that is not there."""
    remembered, found = [], []
    for seed in range(3):
        few = shuffle(latents[:40], seed)
        curve = make_curve().fit(few)
        found.extend(curve.agreement_)
        alone = curve.region_maturity(few)
        for i, region in enumerate(REGIONS):
            others = curve.restrict([name for name in REGIONS if name != region])
            rest = np.delete(few.reshape(40, N_REGIONS, WIDTH), i, axis=1)
            together = others.transform(rest.reshape(40, -1))[:, 0]
            remembered.append(spearmanr(alone[:, i], together)[0])
    assert np.mean(remembered) > 0.45
    assert np.mean(found) < 0.3


@pytest.mark.parametrize("region", range(N_REGIONS))
def test_a_region_that_a_film_lacks_leaves_the_sum(curve, latents, region):
    t = curve.transform(latents)
    lacking = curve.transform(with_block(latents, region, np.nan))
    assert np.abs(lacking - t).max() < 0.1
    assert rank_correlation(lacking, t) > 0.99
    partly = latents.copy()
    partly[:, region * WIDTH] = np.nan  # a region with one value missing is missing
    np.testing.assert_array_equal(curve.transform(partly), lacking)


def test_films_of_too_few_regions_have_no_place(curve, latents):
    blocks = latents[:4].reshape(4, N_REGIONS, WIDTH).copy()
    for film, n_present in enumerate([0, 2, 3, N_REGIONS]):
        blocks[film, n_present:] = np.nan
    few = blocks.reshape(4, -1)
    none = [True, True, False, False]
    for found in (
        curve.transform(few)[:, 0],
        curve.score_samples(few),
        curve.posterior(few)[:, 0],
        curve.posterior(few)[:, -1],
    ):
        np.testing.assert_array_equal(np.isnan(found), none)
    whole = np.vstack([latents, few[:2]])
    refitted = make_curve().fit(whole)
    assert np.isnan(refitted.t_[-2:]).all()
    np.testing.assert_array_equal(refitted.t_[:-2], curve.t_)
    np.testing.assert_array_equal(refitted.transform(latents), curve.transform(latents))
    single = make_curve(min_regions=1).fit(latents).transform(few)
    np.testing.assert_array_equal(np.isnan(single[:, 0]), [True, False, False, False])


def test_a_region_that_few_films_have_helps_those(latents, place):
    absent = with_block(latents, 1, np.nan, slice(60, None))
    curve = make_curve().fit(absent)
    assert rank_correlation(curve.transform(absent), place) > 0.98
    assert curve.agreement_[1] > 0.8
    assert rank_correlation(curve.region_maturity(latents)[:, 1], place) > 0.9


def test_a_region_that_hardly_any_film_has_tells_nothing(latents, place):
    absent = with_block(latents, 1, np.nan, slice(5, None))
    with pytest.warns(UserWarning, match=f"{REGIONS[1]} is absent from most films"):
        curve = make_curve().fit(absent)
    assert rank_correlation(curve.transform(absent), place) > 0.98
    assert curve.agreement_[1] == 0
    assert np.isnan(curve.region_maturity(latents)[:, 1]).all()
    without = with_block(latents, 1, np.nan)
    for method in (curve.transform, curve.score_samples):
        np.testing.assert_array_equal(method(latents), method(without))


# Films unlike those in fit
def test_distances_are_about_1_for_films_such_as_those_in_fit(curve, latents):
    unseen, _ = draw_arcs(N_FILMS, 1)
    for films in (latents, unseen, with_block(unseen, 3, np.nan)):
        distances = curve.score_samples(films)
        assert distances.shape == (N_FILMS,)
        assert distances.mean() == pytest.approx(1, abs=0.1)
        assert ((distances > 0.4) & (distances < 1.6)).all()


def test_distances_grow_with_what_is_added(curve, latents):
    t = curve.transform(latents)
    nearest = np.abs(t - curve.grid_).argmin(axis=1)
    feet = np.hstack([line[nearest] for line in curve.curves_])
    steps = np.array([0.5, 1, 2, 4, 8])
    away = [curve.score_samples(feet + step * (latents - feet)) for step in steps]
    assert (np.diff(away, axis=0) > 0).all()
    np.testing.assert_allclose(away, steps[:, None] * away[1], rtol=0.2)
    noise = np.random.default_rng(0).normal(size=latents.shape) * latents.std(axis=0)
    assert curve.score_samples(latents + 8 * noise).min() > 5


# Turning round, and leaving out
def test_flip_mirrors_all(curve, latents):
    flipped = deepcopy(curve)
    assert flipped.flip() is flipped
    np.testing.assert_allclose(flipped.t_, 1 - curve.t_)
    np.testing.assert_allclose(flipped.curves_, curve.curves_[:, ::-1])
    few = with_block(latents, 1, np.nan, slice(9))
    for name in ("transform", "region_maturity"):
        expected = 1 - getattr(curve, name)(few)
        np.testing.assert_allclose(getattr(flipped, name)(few), expected, atol=1e-9)
    np.testing.assert_allclose(
        flipped.posterior(few), curve.posterior(few)[:, ::-1], atol=1e-9
    )
    np.testing.assert_allclose(flipped.score_samples(few), curve.score_samples(few))
    flipped.flip()
    np.testing.assert_allclose(flipped.t_, curve.t_)
    np.testing.assert_array_equal(flipped.transform(few), curve.transform(few))


@pytest.mark.parametrize("kept", [[6, 0, 3, 4], [7, 2], [5]], ids=str)
def test_restricted_is_as_if_the_others_were_absent(curve, latents, kept):
    before = deepcopy(vars(curve))
    other = curve.restrict([REGIONS[i] for i in kept])
    kept = sorted(kept)
    assert other.regions_ == tuple(REGIONS[i] for i in kept)
    assert other.min_regions == min(3, len(kept))
    blocks = latents.reshape(N_FILMS, N_REGIONS, WIDTH)
    own = blocks[:, kept].reshape(N_FILMS, -1)
    assert other.n_features_in_ == own.shape[1]
    absent = np.full_like(blocks, np.nan)
    absent[:, kept] = blocks[:, kept]
    absent = absent.reshape(N_FILMS, -1)
    lenient = deepcopy(curve).set_params(min_regions=1)
    for name in ("transform", "posterior", "score_samples"):
        expected = getattr(lenient, name)(absent)
        np.testing.assert_allclose(getattr(other, name)(own), expected, atol=1e-9)
    np.testing.assert_array_equal(other.curves_, curve.curves_[kept])
    np.testing.assert_array_equal(other.agreement_, curve.agreement_[kept])
    np.testing.assert_array_equal(
        other.region_maturity(own), curve.region_maturity(latents)[:, kept]
    )
    own[0, :WIDTH] = np.nan
    assert np.isnan(other.transform(own)[0, 0]) == (len(kept) <= 3)
    assert repr(vars(curve)) == repr(before)  # what it comes from is as it was


def test_restricted_to_a_region_that_it_has_not(curve):
    with pytest.raises(ValueError, match="the curve has no carpus; it has thumb_ip"):
        curve.restrict(["thumb_ip", "carpus"])
    with pytest.raises(ValueError, match="elbow"):
        curve.restrict(["elbow"])
    with pytest.raises(NotFittedError):
        make_curve().restrict(["thumb_ip"])


# What does not matter
def test_results_are_those_of_the_seed(curve, latents):
    again = make_curve().fit(np.asfortranarray(latents), np.arange(N_FILMS))
    np.testing.assert_array_equal(again.t_, curve.t_)
    np.testing.assert_array_equal(again.curves_, curve.curves_)
    other = make_curve(random_state=1).fit(latents)
    t = curve.transform(latents)
    assert (other.t_ != curve.t_).any()
    for found in (other.transform(latents), other.t_):
        assert rank_correlation(found, t) > 0.995
        assert np.median(np.abs(np.ravel(found) - t[:, 0])) < 0.02


def test_order_of_the_films_hardly_matters(curve, latents):
    order = np.random.default_rng(0).permutation(N_FILMS)
    found = make_curve().fit(latents[order]).transform(latents)
    t = curve.transform(latents)
    assert rank_correlation(found, t) > 0.995
    assert np.median(np.abs(found - t)) < 0.02
    assert spearmanr(found[:, 0], t[:, 0])[0] > 0  # nor is the axis turned round


def test_order_of_the_regions_does_not_matter(curve, latents):
    order = [3, 1, 0, 2, 7, 6, 5, 4]
    moved = latents.reshape(N_FILMS, N_REGIONS, WIDTH)[:, order].reshape(N_FILMS, -1)
    other = make_curve(regions=[REGIONS[i] for i in order]).fit(moved)
    np.testing.assert_allclose(other.t_, curve.t_, atol=1e-6)
    np.testing.assert_allclose(other.agreement_, curve.agreement_[order], atol=1e-6)


@settings(deadline=None, max_examples=10)
@given(
    region=st.integers(0, 3),
    scale=st.floats(1e-3, 1e3),
    offset=st.floats(-100, 100),
    seed=st.integers(0, 999),
)
def test_unit_and_tilt_of_a_region_do_not_matter(region, scale, offset, seed):
    films, _ = draw_arcs(80, seed, NOISES[:4])
    tilt = np.linalg.qr(np.random.default_rng(seed).normal(size=(WIDTH, WIDTH)))[0]
    own = films.reshape(80, 4, WIDTH)[:, region]
    changed = with_block(films, region, scale * (own @ tilt + offset))
    expected = make_curve(4).fit_transform(films)
    found = make_curve(4).fit_transform(changed)
    if spearmanr(found, expected)[0] < 0:  # which end comes first is left open
        found = 1 - found
    assert rank_correlation(found, expected) > 0.999
    assert np.median(np.abs(found - expected)) < 1e-3


# Few films, and bad ones
@pytest.mark.parametrize("n_films", [2, 3, 4, 6, 12])
@pytest.mark.parametrize("n_regions", [3, N_REGIONS])
def test_few_films(latents, n_films, n_regions):
    films = latents[:n_films, : n_regions * WIDTH]
    curve = make_curve(n_regions).fit(films)
    for t in (curve.t_, curve.transform(films)[:, 0], curve.region_maturity(films)):
        assert ((t > -0.2) & (t < 1.2)).all()
    assert len(set(curve.transform(films)[:, 0])) == n_films
    assert np.isfinite(curve.agreement_).all()
    assert np.isfinite(curve.score_samples(latents[:, : n_regions * WIDTH])).all()


def only(*regions):
    return lambda X: X.reshape(len(X), -1, WIDTH)[:, list(regions)].reshape(len(X), -1)


@pytest.mark.parametrize(
    ("params", "change", "message"),
    [
        ({"regions": REGIONS[:1]}, only(0), "one region only"),
        ({"regions": REGIONS[:2]}, only(0, 1), "X holds 2 regions.* min_regions=3"),
        ({"min_regions": 9}, np.array, "X holds 8 regions.* min_regions=9"),
        ({}, lambda X: with_block(X, 1, 3), f"{REGIONS[1]} is constant over the 300"),
        ({}, lambda X: with_block(X, 4, np.nan), f"no film has {REGIONS[4]}"),
        ({}, lambda X: np.tile(X[:1], (9, 1)), f"{REGIONS[0]} is constant over the 9"),
        ({}, lambda X: X[:1], "minimum of 2"),
        ({}, lambda X: X * np.c_[[1] + 299 * [np.nan]], "1 of 300 films have min_regi"),
        ({}, lambda X: X[:, 1:], "47 columns, which do not split into 8 regions"),
        ({}, lambda X: np.where(X[0] < X, np.inf, X), "infinity"),
        ({"n_knots": 1}, np.array, "'n_knots' parameter"),
        ({"penalty": -1e-9}, np.array, "'penalty' parameter"),
        ({"shrinkage": 1.1}, np.array, "'shrinkage' parameter"),
    ],
)
def test_errors(latents, params, change, message):
    with pytest.raises(ValueError, match=message):
        make_curve(**params).fit(change(latents))


@pytest.mark.parametrize(
    "params",
    [
        {"n_knots": 2},
        {"penalty": 0},
        {"shrinkage": 0},
        {"shrinkage": 1},
        {"max_iter": 1},
    ],
    ids=str,
)
def test_parameters_at_their_limits(latents, place, params):
    curve = make_curve(**params).fit(latents)
    assert rank_correlation(curve.transform(latents), place) > 0.9
    assert curve.n_iter_ == curve.max_iter


# Conventions
def test_names_and_frames(curve, latents):
    columns = [f"{region}_{i}" for region in REGIONS for i in range(WIDTH)]
    frame = pd.DataFrame(latents, columns=columns)
    named = MaturityCurve(random_state=0).set_output(transform="pandas").fit(frame)
    assert named.regions_ == REGIONS
    out = named.transform(frame)
    assert list(out.columns) == ["maturitycurve0"]
    assert list(named.get_feature_names_out()) == ["maturitycurve0"]
    np.testing.assert_array_equal(out, curve.transform(latents))
    some = named.restrict(REGIONS[2:5])
    own = frame.iloc[:, 2 * WIDTH : 5 * WIDTH]
    assert list(some.feature_names_in_) == list(own.columns)
    np.testing.assert_array_equal(
        some.transform(own), curve.restrict(REGIONS[2:5]).transform(own.to_numpy())
    )
    with pytest.raises(ValueError, match="feature names"):
        some.transform(frame)
    assert MaturityCurve().fit(np.tile(latents, 3)[:, :114]).regions_ == KEY_REGIONS
    with pytest.warns(UserWarning, match="nothing names the 12 columns"):
        assert MaturityCurve().fit(latents[:, :12]).regions_[11] == "region11"


def test_copies(curve, latents):
    copy = pickle.loads(pickle.dumps(curve))
    np.testing.assert_array_equal(copy.transform(latents), curve.transform(latents))
    np.testing.assert_array_equal(copy.t_, curve.t_)
    assert clone(curve).get_params() == curve.get_params()
    for method in ("transform", "posterior", "region_maturity", "score_samples"):
        with pytest.raises(NotFittedError):
            getattr(clone(curve), method)(latents)
    for method in (clone(curve).flip, clone(curve).get_feature_names_out):
        with pytest.raises(NotFittedError):
            method()
