"""The paper's tables, as they are printed."""

import numpy as np
import pytest

from sklearn_baccaec.datasets import load_paper_results
from sklearn_baccaec.metrics import (
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS


def test_paper_tables_hold_together():
    paper = load_paper_results()
    rows = [
        (interval, cluster)
        for cluster, counts in enumerate(paper.table_1.to_numpy())
        for interval, count in enumerate(counts)
        for _ in range(count)
    ]
    true, labels = np.array(rows).T
    accuracy = majority_label_accuracy(true, labels)
    assert accuracy == pytest.approx(paper.table_3.loc[16, "accuracy"], abs=5e-5)
    assert paper.table_2.max() == paper.table_3.loc[16, "accuracy"]
    best = tuple(KEY_REGIONS[number - 1] for number in paper.table_2.idxmax())
    assert best == PAPER_REGIONS
    chance = chance_majority_label_accuracy(true, labels)
    assert chance == pytest.approx(0.324, abs=2e-3)
    assert set(range(1, 20)) - set(paper.table_4.index) == {15}
    assert (paper.table_4["ccaec"] > paper.table_4["vae"]).sum() == 17
    assert np.bincount(true).tolist() == [211, 213, 260, 276]
