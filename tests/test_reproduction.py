"""The rerun of the paper: who trains and who is scored, and what the tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from benchmarks.paper.clusterings import Training, cluster, score, select
from benchmarks.paper.protocol import (
    CLASS_MIX,
    Split,
    data_sizes,
    draw_class_mix,
    held_out,
    in_sample,
)
from benchmarks.paper.tables import figure_8, table_3
from benchmarks.paper.writing import to_markdown
from hypothesis import given
from hypothesis import strategies as st

from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS


def make_ages(counts):
    """As many ages in each interval, in no order, and some out of range or unknown."""
    ages = np.repeat([30.0, 100, 130, 200, 10, np.nan], [*counts, 3, 3])
    return np.random.default_rng(0).permutation(ages)


@given(st.lists(st.integers(20, 400), min_size=4, max_size=4))
def test_class_mix_is_the_papers(counts):
    ages = make_ages(counts)
    drawn = draw_class_mix(ages)
    assert len(set(drawn)) == len(drawn)
    found = np.bincount(assign_age_intervals(ages[drawn]), minlength=4)
    share = (counts / CLASS_MIX).min()
    assert (found <= counts).all()
    assert np.abs(found - CLASS_MIX * share).max() <= 1


def test_sizes_are_thirds_or_the_papers():
    few = make_ages([100] * 4)
    most = len(draw_class_mix(few))
    assert data_sizes(few) == (round(most / 3), round(2 * most / 3), most)
    many = make_ages([600] * 4)
    assert data_sizes(many) == (960, 1440, 1920)
    assert [len(in_sample(many, size).train) for size in (960, 1440, 1920)] == [
        960,
        1440,
        1920,
    ]
    assert len(in_sample(many).train) == 960


@given(st.integers(0, 50), st.sampled_from([1 / 3, 2 / 3, 1]))
def test_films_that_are_scored_train_nothing(seed, share):
    ages = make_ages([30, 40, 50, 60])
    split = held_out(ages, seed, share)
    assert split.held_out
    assert not np.intersect1d(split.train, split.scored).size
    assert len(split.train) == round(share * 108)
    assert len(split.scored) == 72  # of 180 in range, whatever the share
    for films in (split.train, split.scored):
        assert (assign_age_intervals(ages[films]) >= 0).all()


def test_films_without_all_crops_are_in_no_cluster():
    latents = np.array([[0.0], [0.1], [5.0], [5.1], [0.0]])
    usable = np.array([True, True, True, True, False])
    films = np.arange(5)
    training = Training("CCAEC", Split(films, films), 0, True)
    labels = cluster(latents, 2, training, usable)
    assert labels[4] == -1
    assert labels[0] == labels[1] != labels[2] == labels[3]


def test_in_sample_names_by_the_scored_films():
    films = np.arange(4)
    figures = score(
        np.array([0, 0, 0, 1]),
        np.array([30.0, 40, 130, 140]),
        Split(films, films),
        48,
    )
    assert figures["accuracy"] == 0.75
    assert figures["mae"] == pytest.approx(100 / 4)


def test_held_out_names_by_the_others():
    ages = np.array([30.0, 40, 130, 140, 50, 60])
    labels = np.array([0, 0, 1, 0, 1, -1])
    figures = score(labels, ages, Split(np.arange(3), np.arange(3, 6)), 48)
    # Cluster 0 is young, 1 is old: both others are wrong, the last has no cluster.
    assert figures["accuracy"] == 0
    assert figures["largest"] == pytest.approx(2 / 3)
    assert figures["mae"] == pytest.approx(((140 - 35) + (130 - 50)) / 2)


@pytest.fixture
def runs():
    """Runs of the paper's regions, of three seeds, in which seed 1 is in the middle."""
    return pd.DataFrame(
        [
            {
                "encoder": "CCAEC",
                "protocol": protocol,
                "main": films > 100,
                "films": films,
                "seed": seed,
                "regions": PAPER_REGIONS,
                "k": k,
                "interval": 48,
                "accuracy": 0.5 + seed / 100,
                "chance": 0.3,
                "balanced": 0.4,
                "largest": 0.45,
                "mae": 20.0 + seed,
            }
            for protocol, sizes in (("in-sample", (50, 150)), ("held out", (60, 180)))
            for films in sizes
            for seed in ((0, 1, 2) if films > 100 else (0,))
            for k in (4, 8, 16, 24, 32, 64)
        ]
    )


def test_tables_hold_medians_and_the_papers_figures(runs):
    table = table_3(runs[runs["main"]]).set_index("k")
    assert table.loc[16, "paper, in-sample"] == "76.15%"
    assert table.loc[16, "in-sample"] == "51.0% (50.0 to 52.0)"
    assert table.loc[16, "chance"] == "30.0%"
    assert table.loc[16, "held-out MAE"] == "21.0 (20.0 to 22.0)"
    sizes = figure_8(runs)
    assert sizes["films, in-sample"].unique().tolist() == [50, 150]
    assert sizes["films, held out"].unique().tolist() == [60, 180]
    assert sizes.loc[0, "in-sample"] == "50.0%"


def test_select(runs):
    assert len(select(runs, regions=PAPER_REGIONS, k=4, seed=0)) == 4
    assert select(runs, regions=KEY_REGIONS).empty


def test_markdown():
    table = pd.DataFrame({"k": [4], "a b": ["1%"]})
    assert to_markdown(table) == "| k | a b |\n| --- | --- |\n| 4 | 1% |\n"
