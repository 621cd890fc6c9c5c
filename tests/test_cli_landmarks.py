"""The commands about landmarks, and fits that are given no table of them."""

import shutil

import numpy as np
import pandas as pd
import pytest

from sklearn_baccaec import HandLandmarker, LandmarkTable, _cli, load_model
from sklearn_baccaec.regions.landmarking._budget import Budget

SMALL = ["--regions", "carpus", "17", "--clusters", "3", "--steps", "2", "--jobs", "1"]


@pytest.fixture
def folder(film_folder, tmp_path):
    """Four films and a file that is not one."""
    folder = tmp_path / "films"
    folder.mkdir()
    for i in range(4):
        shutil.copy(film_folder / f"a{i:02}.png", folder)
    (folder / "broken.png").write_bytes(b"no film")
    return folder


def test_landmarks_writes_a_table_that_fits_can_use(folder, film_folder, tmp_path):
    out = tmp_path / "out"
    assert _cli.main(["landmarks", str(folder), "--output", str(out)]) == 0
    found, wanted = (
        LandmarkTable(source / "landmarks.csv").predict([f"a{i:02}" for i in range(4)])
        for source in (out, film_folder)
    )
    errors = np.linalg.norm((found - wanted)[..., :2], axis=2)
    assert np.median(errors) < 1.5  # pixels, of films of 160 x 120

    films = pd.read_csv(out / "films.csv").set_index("id")
    assert films["confidence"].is_monotonic_increasing
    assert "PNG" in films.loc["broken", "reason"]
    assert films["reason"].isna().sum() == 4
    assert (out / "least-certain.png").stat().st_size > 10_000


def test_fit_and_assess_need_no_table(folder, tmp_path, capsys):
    out, again = tmp_path / "out", tmp_path / "again"
    assert _cli.main(["fit", str(folder), "--output", str(out), *SMALL]) == 0
    skipped = pd.read_csv(out / "skipped.csv")
    assert skipped["film"].tolist() == ["broken.png"]
    model = load_model(out / "model.skops")
    assert model.landmarker_.weights == "rsna"
    assert model.landmarker_.memory is None
    assess = ["assess", str(folder), "--output", str(again), "--sex", "F"]
    assert _cli.main(assess) == 0
    ages = pd.read_csv(again / "ages.csv").set_index("film")["age"]
    assert ages.index[ages.isna()].tolist() == ["broken.png"]


def test_training_writes_weights_that_fits_can_use(
    film_folder, folder, tmp_path, monkeypatch, capsys
):
    budget = Budget(least=5, n_synthetic=8, n_calibration=30)
    monkeypatch.setattr(HandLandmarker, "_budget", budget)
    weights = tmp_path / "new" / "mine.npz"
    arguments = ["--steps", "1", "--rounds", "1", "--jobs", "1"]
    train = ["train-landmarks", str(film_folder), "--output", str(weights)]
    assert _cli.main([*train, *arguments]) == 0
    assert "12 of 12 films" in capsys.readouterr().out
    assert HandLandmarker(weights).predict(np.zeros((1, 40, 40))).shape == (1, 19, 3)
    fit = ["fit", str(folder), "--output", str(tmp_path / "out"), *SMALL]
    assert _cli.main([*fit, "--landmarks", str(weights)]) == 0
    shutil.copy(folder / "broken.png", weights)
    assert _cli.main([*fit, "--landmarks", str(weights)]) == 1
    assert "weights file" in capsys.readouterr().err


def test_training_on_few_films_says_how_many_are_needed(folder, tmp_path, capsys):
    output = tmp_path / "weights.npz"
    assert _cli.main(["train-landmarks", str(folder), "--output", str(output)]) == 1
    assert "at least 50" in capsys.readouterr().err
    assert not output.exists()
