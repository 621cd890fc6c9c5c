"""Months from maturity and sex, by however few known ages."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import AgeRegressor, MaturityCurve, RegionConsensus

FEMALE, MALE, UNKNOWN = 0, 1, -1
SIDES = {FEMALE: -1, MALE: 1}  # others: 0
PLACES = np.linspace(-0.2, 1.2, 29)
LEAST_DIRECTION = 5  # ages that can turn the axis round


def all_places(sex):
    return np.column_stack([PLACES, np.full(len(PLACES), sex)])


def prior(columns):
    return 120 + 40 * 6 * (np.asarray(columns)[:, 0] - 0.5)


def draw(n, seed=0, noise=9.0, offset=8.0, sexes=(FEMALE, MALE)):
    """Films, and ages on a line that is 2 * offset months higher for boys."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(0.5, 1 / 6, n), rng.choice(sexes, n)])
    return X, line(X, offset) + rng.normal(0, noise, n)


def line(X, offset=8.0):
    side = np.select([X[:, 1] == FEMALE, X[:, 1] == MALE], [-1, 1], 0)
    return 110 + 50 * 6 * (X[:, 0] - 0.5) + offset * side


def dense_process(X, ages, noise, X_new, direction=1):
    """Gaussian process of the docstring's prior, one row and column per age."""

    def coordinates(films):
        sides = np.array([SIDES.get(sex, 0) for sex in films[:, 1]], float)
        return direction * 6 * (films[:, 0] - 0.5), sides

    def covariance(films, others):
        (x, side), (z, other) = coordinates(films), coordinates(others)
        straight = 30**2 + 15**2 * np.outer(x, z) + 10**2 * np.outer(side, other)
        bend = np.exp(-0.5 * (np.subtract.outer(x, z) / 0.8) ** 2)
        # The correlation is 0.7 where the sides are 2 apart.
        return straight + 6**2 * bend * 0.7 ** (np.subtract.outer(side, other) ** 2 / 4)

    def expected(films):
        return 120 + 40 * coordinates(films)[0]

    weights = np.linalg.solve(covariance(X, X) + np.diag(noise), ages - expected(X))
    return expected(X_new) + covariance(X_new, X) @ weights


@st.composite
def films_in_cells(draw):
    """Films of which no two share a cell, how often each is repeated, and ages."""
    n = draw(st.integers(1, 12))
    cell = st.tuples(st.integers(-50, 50), st.sampled_from([FEMALE, MALE, UNKNOWN]))
    cells = np.array(draw(st.lists(cell, min_size=n, max_size=n, unique=True)))
    X = np.column_stack([0.5 + 0.01 * cells[:, 0], cells[:, 1]])  # 0.06 deviations
    ages = draw(st.lists(st.floats(0, 230), min_size=n, max_size=n))
    counts = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    return X, np.array(ages), np.array(counts)


# The process
@settings(deadline=None, max_examples=60)
@given(films_in_cells())
def test_it_is_the_dense_process_of_the_same_prior(films):
    X, ages, counts = films
    repeated = np.repeat(np.arange(len(X)), counts)
    repeated = np.random.default_rng(0).permutation(repeated)
    model = AgeRegressor().fit(X[repeated], ages[repeated])
    assert model.n_cells_ == len(X)
    for sex in (FEMALE, MALE, UNKNOWN):
        new = all_places(sex)
        expected = dense_process(X, ages, 9**2 / counts, new, model.direction_)
        np.testing.assert_allclose(
            model.predict(new), np.maximum(expected, 0), rtol=1e-6, atol=1e-5
        )


def test_ages_in_a_cell_count_by_their_mean():
    X, ages = draw(1000)
    model = AgeRegressor().fit(X, ages)
    assert model.n_cells_ < 250
    new = np.vstack([all_places(FEMALE), all_places(MALE)])
    expected = np.maximum(dense_process(X, ages, np.full(1000, 81.0), new), 0)
    np.testing.assert_allclose(model.predict(new), expected, atol=0.5)


def test_any_number_of_ages_makes_a_small_process():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.uniform(-0.2, 1.2, 20_000), rng.integers(-1, 2, 20_000)])
    model = AgeRegressor().fit(X, line(X) + rng.normal(0, 9, 20_000))
    assert 141 < model.n_cells_ <= 141 * 3
    assert len(model.process_.X_train_) == model.n_cells_
    for sex in (FEMALE, MALE):
        new = all_places(sex)
        np.testing.assert_allclose(model.predict(new), np.maximum(line(new), 0), atol=3)


# Few ages and many
@pytest.mark.parametrize(("n", "error"), [(20, 7), (100, 4), (1000, 2)])
def test_a_line_with_an_offset_of_the_sexes_is_found(n, error):
    errors = []
    for seed in range(5):
        model = AgeRegressor().fit(*draw(n, seed))
        new = draw(500, 99)[0]
        errors.append(np.abs(model.predict(new) - line(new)).mean())
    assert max(errors) < error
    assert max(errors) < np.abs(prior(new) - line(new)).mean() / 2


def test_a_bend_is_found():
    X, _ = draw(500)

    def bent(X):
        return line(X) - 25 * np.abs(6 * (X[:, 0] - 0.5))

    model = AgeRegressor().fit(X, bent(X))
    new = X[np.abs(X[:, 0] - 0.5) < 1 / 3]
    assert np.abs(model.predict(new) - bent(new)).mean() < 3


@settings(deadline=None, max_examples=30)
@given(
    ends=st.tuples(st.floats(0.1, 0.45), st.floats(0.55, 0.9)),
    later=st.floats(5, 60),
    sexes=st.tuples(*2 * [st.sampled_from([FEMALE, MALE, UNKNOWN])]),
)
def test_two_ages_move_all_others_in_their_direction(ends, later, sexes):
    X = np.column_stack([ends, sexes])
    expected = prior(X)
    for sex in (FEMALE, MALE, UNKNOWN):
        new = all_places(sex)
        new = new[(new[:, 0] > 0.1) & (new[:, 0] < 0.9)]
        older = AgeRegressor().fit(X, expected + later).predict(new)
        younger = AgeRegressor().fit(X, expected - later).predict(new)
        assert (older > prior(new)).all()
        assert (younger < prior(new)).all()
        steeper = AgeRegressor().fit(X, expected + later * np.array([-1, 1]))
        assert np.ptp(steeper.predict(new)) > np.ptp(prior(new))


def test_ages_of_one_sex_tell_of_both():
    X = [[0.4, FEMALE], [0.6, FEMALE]]
    model = AgeRegressor().fit(X, [60, 120])  # 36 months below what is expected
    for sex in (FEMALE, MALE, UNKNOWN, 7):
        new = all_places(sex)
        found = model.predict(new)
        assert np.isfinite(found).all()
        inside = (new[:, 0] > 0) & (new[:, 0] < 1)
        assert (found[inside] < prior(new)[inside]).all()
    girls, boys = (model.predict([[0.5, sex]]) for sex in (FEMALE, MALE))
    assert girls < boys  # who are what the ages were not


def test_one_age_is_enough():
    found = AgeRegressor().fit([[0.5, MALE]], [150]).predict([[0.5, MALE]])
    assert 120 < found < 150


def test_ages_without_any_surprise_leave_what_was_expected():
    X, _ = draw(30)
    for sex in (FEMALE, MALE, UNKNOWN):
        new = all_places(sex)
        found = AgeRegressor().fit(X, prior(X)).predict(new)
        np.testing.assert_allclose(found, np.maximum(prior(new), 0), atol=1e-6)


# Sexes
def test_unknown_sex_is_about_the_mean_of_both():
    """Not just that: what both share of a bend counts more for it."""
    model = AgeRegressor().fit(*draw(200))
    girls, boys, unknown = (
        model.predict(all_places(sex)) for sex in (FEMALE, MALE, UNKNOWN)
    )
    inside = (PLACES > 0.2) & (PLACES < 0.8)
    assert (girls < unknown)[inside].all()
    assert (unknown < boys)[inside].all()
    np.testing.assert_allclose(unknown[inside], (girls + boys)[inside] / 2, atol=1)


def test_of_a_line_unknown_sex_is_the_mean_of_both():
    """Where no bend is known, far from the known ages."""
    model = AgeRegressor().fit(*draw(50))
    girls, boys, unknown = (model.predict([[9.0, s]]) for s in (FEMALE, MALE, UNKNOWN))
    assert boys - girls > 1
    np.testing.assert_allclose(unknown, (girls + boys) / 2)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 999), n=st.integers(2, 30))
def test_exchanging_the_sexes_exchanges_the_months(seed, n):
    X, ages = draw(n, seed, sexes=(FEMALE, MALE, UNKNOWN))
    exchanged = X.copy()
    exchanged[:, 1] = np.select([X[:, 1] == FEMALE, X[:, 1] == MALE], [MALE, FEMALE], 9)
    model, other = (AgeRegressor().fit(columns, ages) for columns in (X, exchanged))
    for sex, opposite in [(FEMALE, MALE), (MALE, FEMALE), (UNKNOWN, 5)]:
        np.testing.assert_allclose(
            other.predict(all_places(opposite)), model.predict(all_places(sex))
        )


def test_without_any_sex_the_sexes_are_alike():
    X, ages = draw(60, sexes=(UNKNOWN,))
    model = AgeRegressor().fit(X, ages)
    girls, boys = (model.predict(all_places(sex)) for sex in (FEMALE, MALE))
    np.testing.assert_allclose(girls, boys)
    alone = AgeRegressor().fit(X[:, :1], ages)
    np.testing.assert_array_equal(
        alone.predict(PLACES[:, None]), model.predict(all_places(UNKNOWN))
    )


# The axis
@pytest.mark.parametrize("n", [LEAST_DIRECTION - 1, LEAST_DIRECTION, 100])
def test_the_axis_falls_if_enough_ages_say_so(n):
    X, ages = draw(n, noise=3)
    falling = np.column_stack([1 - X[:, 0], X[:, 1]])
    model = AgeRegressor().fit(X, ages)
    turned = AgeRegressor().fit(falling, ages)
    assert model.direction_ == 1
    assert turned.direction_ == (-1 if n >= LEAST_DIRECTION else 1)
    if n >= LEAST_DIRECTION:
        np.testing.assert_allclose(turned.predict(falling), model.predict(X))
        inside = (PLACES > 0.1) & (PLACES < 0.9)
        assert (np.diff(turned.predict(all_places(MALE))[inside]) < 0).all()


def test_ages_that_do_not_differ_turn_nothing_round():
    X, _ = draw(20)
    assert AgeRegressor().fit(X, np.full(20, 100.0)).direction_ == 1
    flat = np.column_stack([np.full(20, 0.5), X[:, 1]])
    model = AgeRegressor().fit(flat, np.linspace(60, 160, 20))
    assert model.direction_ == 1
    assert np.isfinite(model.predict(all_places(FEMALE))).all()


@pytest.mark.parametrize("seed", range(3))
def test_no_age_is_below_0(seed):
    X, ages = draw(10, seed)
    model = AgeRegressor().fit(X, ages / 3)
    found = model.predict(all_places(FEMALE))
    assert found.min() == 0
    assert found.max() > 0


@settings(deadline=None, max_examples=20)
@given(center=st.floats(-10, 10), scale=st.floats(0.01, 100), seed=st.integers(0, 999))
def test_the_unit_of_the_axis_is_told_by_center_and_scale(center, scale, seed):
    X, ages = draw(25, seed)
    new = all_places(MALE)

    def moved(columns):
        place = center + scale * 6 * (columns[:, 0] - 0.5)
        return np.column_stack([place, columns[:, 1]])

    model = AgeRegressor(center, scale).fit(moved(X), ages)
    expected = AgeRegressor().fit(X, ages).predict(new)
    np.testing.assert_allclose(model.predict(moved(new)), expected, atol=1e-6)


def test_the_defaults_are_those_of_the_curve():
    default = AgeRegressor()
    assert (default.center, default.scale) == MaturityCurve.axis_scale
    X, ages = draw(9)
    straight = np.column_stack([6 * (X[:, 0] - 0.5), X[:, 1]])
    other = AgeRegressor(*RegionConsensus.axis_scale).fit(straight, ages)
    np.testing.assert_allclose(other.predict(straight), default.fit(X, ages).predict(X))


# Conventions
def test_columns_between_the_first_and_the_last_are_ignored():
    X, ages = draw(30)
    between = np.random.default_rng(1).normal(size=(30, 3))
    wide = np.column_stack([X[:, 0], between, X[:, 1]])
    model = AgeRegressor().fit(wide, ages)
    assert model.n_features_in_ == 5
    expected = AgeRegressor().fit(X, ages).predict(X)
    np.testing.assert_array_equal(model.predict(wide), expected)
    wide[:, 1:4] = 0
    np.testing.assert_array_equal(model.predict(wide), expected)


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(12)))
def test_order_of_the_films_does_not_matter(order):
    X, ages = draw(12)
    found = AgeRegressor().fit(X[order], ages[order]).predict(X)
    np.testing.assert_allclose(found, AgeRegressor().fit(X, ages).predict(X))


def test_score_is_that_of_the_months():
    X, ages = draw(100)
    model = AgeRegressor().fit(X, ages)
    rest = ((ages - model.predict(X)) ** 2).sum()
    expected = 1 - rest / ((ages - ages.mean()) ** 2).sum()
    assert model.score(X, ages) == pytest.approx(expected)
    assert expected > 0.9


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_known_is_refused(wrong):
    X, ages = draw(10)
    holed = X.copy()
    holed[3, 0] = wrong
    with pytest.raises(ValueError, match="Input X contains"):
        AgeRegressor().fit(holed, ages)
    with pytest.raises(ValueError, match="Input X contains"):
        AgeRegressor().fit(X, ages).predict(holed)
    ages[2] = wrong
    with pytest.raises(ValueError, match="Input y contains"):
        AgeRegressor().fit(X, ages)


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"scale": 0}, "scale"),
        ({"scale": -1}, "scale"),
        ({"scale": np.nan}, "scale"),
        ({"scale": np.inf}, "scale"),
        ({"center": np.inf}, "center"),
        ({"center": "middle"}, "center"),
    ],
)
def test_bad_parameters(params, name):
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        AgeRegressor(**params).fit(*draw(5))


def test_copies():
    X, ages = draw(20)
    model = AgeRegressor(0.4, scale=0.2).fit(X, ages)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    other = clone(model)
    assert other.get_params() == {"center": 0.4, "prior": None, "scale": 0.2}
    with pytest.raises(NotFittedError):
        other.predict(X)
    np.testing.assert_array_equal(other.fit(X, ages).predict(X), model.predict(X))
