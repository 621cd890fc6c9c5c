import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_baccaec.datasets import from_girls_months, to_girls_months
from sklearn_baccaec.datasets._drawn_hand import _ossification as tables
from sklearn_baccaec.datasets._sex_scale import SAME_EVENTS

MONTHS = st.floats(-50, 400)
COLUMNS = hnp.arrays(float, st.integers(1, 30), elements=MONTHS)


@given(months=COLUMNS, seed=st.integers(0, 2**31 - 1))
def test_there_and_back(months, seed):
    sex = np.random.default_rng(seed).choice(["F", "M"], len(months))
    there = to_girls_months(months, sex=sex)
    np.testing.assert_allclose(from_girls_months(there, sex=sex), months, atol=1e-9)
    back = from_girls_months(months, sex=sex)
    np.testing.assert_allclose(to_girls_months(back, sex=sex), months, atol=1e-9)


@given(months=COLUMNS, sex=st.sampled_from("FM"))
def test_both_ways_rise_with_the_age(months, sex):
    months = np.unique(months)
    for translate in (to_girls_months, from_girls_months):
        assert (np.diff(translate(months, sex=sex)) > 0)[np.diff(months) > 1e-6].all()


@given(months=COLUMNS)
def test_girls_keep_their_months_and_boys_are_behind(months):
    np.testing.assert_array_equal(to_girls_months(months, sex="F"), months)
    np.testing.assert_array_equal(from_girls_months(months, sex="F"), months)
    lag = from_girls_months(months, sex="M") - months
    assert (lag >= 0).all()
    assert (lag <= 26).all()
    assert (lag[months >= 30] > 12).all()


def test_events_of_the_tables_are_reproduced():
    singles = [tables.FULL_WIDTH, tables.CAPPING, tables.APPEARANCE["pisiform"]]
    for girls, boys in [*singles, tables.FUSION["distal"], tables.FUSION["radius"]]:
        assert to_girls_months(boys, sex="M") == pytest.approx(girls)
        assert from_girls_months(girls, sex="M") == pytest.approx(boys)
    # Events that lie close together are one: each is met as well as they agree.
    months = np.array([*tables.APPEARANCE.values(), *tables.FUSION.values()], float)
    error = abs(from_girls_months(months[:, 0], sex="M") - months[:, 1])
    assert np.median(error) < 2
    assert error.max() < 11


def test_the_table_rises_in_both_sexes_from_birth():
    assert SAME_EVENTS[0].tolist() == [0, 0]
    assert (np.diff(SAME_EVENTS, axis=0) >= 2).all()
    assert SAME_EVENTS[-1].tolist() == list(tables.FUSION["radius"])


def test_beyond_the_table_the_difference_stays():
    assert from_girls_months([-3, 240], sex="M").tolist() == [-3, 257]
    assert to_girls_months([-3, 257], sex="M").tolist() == [-3, 240]


def test_single_values_and_columns_go_together():
    assert to_girls_months(114, sex="M").shape == ()
    assert to_girls_months([114, 162], sex="M").tolist() == [93, 138]
    assert from_girls_months(93, sex=["F", True, "M"]).tolist() == [93, 114, 114]


def test_unknown_age_or_sex_gives_nan():
    months = to_girls_months([114, np.nan, 114, 114], sex=["M", "M", None, np.nan])
    np.testing.assert_array_equal(months, [93, np.nan, np.nan, np.nan])
    assert np.isnan(from_girls_months(93, sex=None))


@pytest.mark.parametrize("translate", [to_girls_months, from_girls_months])
def test_bad_input_is_named(translate):
    with pytest.raises(TypeError, match="sex"):
        translate([114], "M")
    with pytest.raises(ValueError, match="'X'"):
        translate([114], sex="X")
    with pytest.raises(ValueError, match="3 codes for 2"):
        translate([114, 120], sex=["F", "M", "F"])
    with pytest.raises(ValueError, match=r"\(1, 2\)"):
        translate([[114, 120]], sex="F")
