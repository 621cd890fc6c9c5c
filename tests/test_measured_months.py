"""What the benchmark of months measures, on ages that are told here."""

import numpy as np
import pandas as pd
import pytest
from benchmarks.pages.filling import fill
from benchmarks.pages.tables import markdown, median_of, spread
from benchmarks.pretrained import (
    by_age,
    by_bone,
    by_group,
    by_reason,
    by_region,
    measure,
)


def make_table():
    """Four girls and four boys, said 6 months too old or 3 too young."""
    true = np.array([30.0, 60, 100, 168, 30, 60, 100, 210])
    off = np.array([6.0, 6, 6, 6, -3, -3, -3, -3])
    return pd.DataFrame(
        {
            "true": true,
            "age": true + off,
            "age_low": true + off - 5,
            "age_high": true + off + 5,
            "lower": [24.0, 24, 72, 168, 24, 24, 72, 168],
            "sex": list("FFFFMMMM"),
            "reason": ["very young: only the order is reliable", *[None] * 7],
        }
    )


def test_figures():
    ages, true = np.array([60.0, 80, 150]), np.array([70.0, 80, 168])
    bounds = np.array([[24.0, 72], [72, 120], [120, 168]])
    found = measure(ages, np.c_[ages - 15, ages + 15], bounds, true)
    assert found["MAE"] == pytest.approx(28 / 3)
    assert found["MAE of the median"] == pytest.approx(98 / 3)
    assert found["median difference"] == -10
    assert found["in range"] == pytest.approx(2 / 3)
    assert found["largest interval"] == pytest.approx(1 / 3)
    assert found["right interval"] == pytest.approx(2 / 3)  # 168 begins the next one


def test_groups():
    table = by_group(make_table()).set_index("group")
    assert table.loc[["all", "girls", "boys"], "films"].tolist() == [8, 4, 4]
    assert table.loc[["girls", "boys"], "MAE"].tolist() == [6, 3]
    assert table.loc["said below 48", "films"] == 2
    assert table.loc["said from 192", "films"] == 1
    assert table.loc[["girls", "boys"], "in range"].tolist() == [0, 1]


def test_ages():
    table = by_age(make_table())
    assert table["films"].sum() == 8
    assert (table.loc[table["sex"] == "F", "median"] == 6).all()
    assert (table.loc[table["sex"] == "M", "90% below"] == -3).all()


def test_regions():
    table = make_table()
    alone = np.tile(table["age"].to_numpy()[:, None] + 2, 19)
    alone[0, 0] = np.nan  # a region that is absent
    found = by_region(alone, table)
    assert (found["median ahead of the hand"] == 2).all()
    assert found.loc[1, "MAE"] == (8 + 1) / 2
    assert found.loc[0, "MAE"] == pytest.approx((3 * 8 + 4 * 1) / 7)


def test_bones():
    table = by_bone(np.array([0.4, 0.5, 0.6])).set_index("bone")
    assert len(table) == 8
    assert np.isfinite(table["median ahead of the others"]).all()
    assert table["median ahead of the others"].max() > 0  # of some, others are behind
    assert table["median ahead of the others"].min() < 0


def test_reasons():
    table = by_reason(make_table()).set_index("group")
    assert table.loc["all", "very young"] == 1 / 8
    assert 0 < table.loc["below 48", "very young"] < 1
    assert table.loc["above 72", "very young"] == 0


def test_words():
    assert median_of("61.8% (59.6 to 65.5)") == 61.8
    assert spread(pd.Series([0.5, 0.6, 0.7]), ".0%") == "60% (50 to 70)"
    assert spread(pd.Series([3.0, 3.0]), ".1f") == "3.0"
    assert markdown([{"a": 1, "b": "x"}]) == "| a | b |\n| --- | --- |\n| 1 | x |"


def test_block_that_nothing_tells_is_an_error():
    page = "<!-- from results: nothing -->\n\n<!-- end of results -->\n"
    with pytest.raises(ValueError, match="nothing"):
        fill(page)
