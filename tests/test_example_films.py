"""Films for examples, and the paper's tables."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from sklearn_baccaec.datasets import load_example_radiographs, load_paper_results
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS


@pytest.fixture
def data_folder(film_folder, tmp_path, monkeypatch):
    """The folder that SKLEARN_BACCAEC_DATA names, in its layout."""
    (tmp_path / "images").mkdir()
    for film in film_folder.glob("*.png"):
        shutil.copy(film, tmp_path / "images")
    shutil.copy(film_folder / "ages.csv", tmp_path / "boneage.csv")
    monkeypatch.setenv("SKLEARN_BACCAEC_DATA", str(tmp_path))
    return tmp_path


def test_synthetic_films_where_there_are_no_others(monkeypatch):
    monkeypatch.delenv("SKLEARN_BACCAEC_DATA", raising=False)
    films = load_example_radiographs(5, random_state=3)
    again = load_example_radiographs(5, random_state=3)
    assert not films.real
    assert films.data.shape == (5, 300, 240)
    np.testing.assert_array_equal(films.data, again.data)
    assert set(films.sex) <= {"F", "M"}
    assert ((films.target >= 24) & (films.target <= 216)).all()


def test_films_of_the_folder(data_folder):
    films = load_example_radiographs(100)
    assert films.real
    assert [path.rsplit("/", 1)[1] for path in films.data] == [
        f"a{i:02}.png" for i in range(12)
    ]
    table = pd.read_csv(data_folder / "boneage.csv")
    np.testing.assert_array_equal(films.target, table["boneage"])
    np.testing.assert_array_equal(films.sex == "M", table["male"])


def test_films_are_drawn_evenly(data_folder):
    table = pd.read_csv(data_folder / "boneage.csv")
    table["boneage"] = [30] * 2 + [80] * 6 + [130] * 3 + [300]
    table.to_csv(data_folder / "boneage.csv", index=False)
    films = load_example_radiographs(7)
    counts = np.bincount(assign_age_intervals(films.target), minlength=4)
    # Of five youngest and oldest there are two: the others make up for them.
    assert counts[0] == 2
    assert sorted(counts[1:3]) == [2, 3]
    assert counts[3] == 0


def test_seed_chooses_the_films(data_folder):
    drawn = [load_example_radiographs(4, random_state=seed).data for seed in (0, 0, 1)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert set(drawn[0]) != set(drawn[2])


def test_no_film_in_range(data_folder):
    table = pd.read_csv(data_folder / "boneage.csv").assign(boneage=300)
    table.to_csv(data_folder / "boneage.csv", index=False)
    with pytest.raises(ValueError, match="known age from 24 to 216 months"):
        load_example_radiographs()


def test_folder_without_films(tmp_path, monkeypatch):
    monkeypatch.setenv("SKLEARN_BACCAEC_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="images"):
        load_example_radiographs()


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
