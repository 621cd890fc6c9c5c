import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_baccaec._utils.regions import (
    DIGIT_CHAINS,
    REGION_NUMBERS,
    REGION_TABLE,
    check_regions,
    region_index,
)
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS, REGION_SCALES


def spellings(number):
    name = KEY_REGIONS[number - 1]
    return st.sampled_from([name, np.str_(name), number, np.int64(number), str(number)])


def test_the_papers_numbers():
    assert len(KEY_REGIONS) == len(set(KEY_REGIONS)) == 19
    assert REGION_NUMBERS["thumb_ip"] == 1
    assert REGION_NUMBERS["carpus"] == 19
    assert set(REGION_SCALES) == set(KEY_REGIONS)
    numbers = [REGION_NUMBERS[name] for name in PAPER_REGIONS]
    assert numbers == [2, 5, 8, 11, 16, 17, 19]


def test_the_table_of_the_user_guide():
    """A new region is a row of it, too."""
    page = Path(__file__).parents[1] / "docs" / "user_guide" / "regions.rst"
    if not page.exists():
        pytest.skip("the pages are not here")
    row = re.compile(r"^ +(\d+), ``(\w+)``, .*, ([\d.]+),( yes)?$", re.MULTILINE)
    listed = [
        (name, int(number), float(scale), bool(best))
        for number, name, scale, best in row.findall(page.read_text("utf-8"))
    ]
    assert listed == [
        (r.name, r.number, r.scale, r.name in PAPER_REGIONS) for r in REGION_TABLE
    ]


def test_chains_lead_from_the_tips_to_the_wrist():
    positions = {region.name: region.landmark for region in REGION_TABLE}
    assert [len(chain) for chain in DIGIT_CHAINS.values()] == [3] * 5
    for chain in DIGIT_CHAINS.values():
        distances = [abs(positions[name]) for name in chain]
        assert distances == sorted(distances, reverse=True)


@given(st.lists(st.integers(1, 19), min_size=1, unique=True), st.data())
def test_names_and_numbers_in_the_order_given(numbers, data):
    given_regions = [data.draw(spellings(number)) for number in numbers]
    expected = tuple(KEY_REGIONS[number - 1] for number in numbers)
    assert check_regions(given_regions) == expected
    assert check_regions(tuple(given_regions)) == expected
    assert [region_index(region) + 1 for region in given_regions] == numbers


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        (None, KEY_REGIONS),
        ("carpus", ("carpus",)),
        ("19", ("carpus",)),
        (np.int64(19), ("carpus",)),
        (np.str_("carpus"), ("carpus",)),
        (np.array([19, 1]), ("carpus", "thumb_ip")),
        (np.array(["ulna", "2"]), ("ulna", "thumb_mcp")),
    ],
)
def test_one_region_all_and_arrays(regions, expected):
    assert check_regions(regions) == expected


@given(st.integers(1, 19), st.data())
def test_the_same_region_twice(number, data):
    twice = [data.draw(spellings(number)), data.draw(spellings(number))]
    with pytest.raises(ValueError, match=f"twice: {KEY_REGIONS[number - 1]}"):
        check_regions([*twice, number % 19 + 1])


@pytest.mark.parametrize("regions", [[], (), np.array([], int)])
def test_no_regions(regions):
    with pytest.raises(ValueError, match="regions is empty"):
        check_regions(regions)


@pytest.mark.parametrize(
    "region",
    ["hip", "", "Carpus", " 3", "03", "3.0", 0, 20, -1, 2.5, np.nan, np.inf, None, [1]],
    ids=repr,
)
def test_unknown_region(region):
    with pytest.raises(ValueError, match=r"unknown region .*from 1 to 19.*thumb_ip"):
        check_regions(["carpus", region])
    with pytest.raises(ValueError, match="unknown region"):
        region_index(region)
