"""The commands about known ages: suggest, name and score."""

from __future__ import annotations

import pandas as pd
import pytest

from sklearn_baccaec import _cli, load_model

pytestmark = pytest.mark.filterwarnings("ignore:n_components=64 is more than can be")


@pytest.fixture(scope="module")
def folder(film_folder, tmp_path_factory):
    """Folder of a model that was fitted without an age, and has its landmarks."""
    folder = tmp_path_factory.mktemp("model")
    arguments = ["fit", str(film_folder), "--method", "agreement", "--clusters", "3"]
    assert _cli.main([*arguments, "--jobs", "1", "--output", str(folder)]) == 0
    return folder


def run(command, films, folder, *more):
    model = ["--model", str(folder / "model.skops"), "--jobs", "1"]
    return _cli.main([command, str(films), *model, *map(str, more)])


def test_from_suggestions_to_a_named_model(film_folder, folder, tmp_path, capsys):
    table = tmp_path / "label.csv"
    more = ("--number", "5", "--output", table)
    assert run("suggest", film_folder, folder, *more) == 0
    chosen = pd.read_csv(table, dtype={"id": str})
    assert chosen["id"].nunique() == 5
    assert chosen["boneage"].isna().all()
    printed = capsys.readouterr().out
    assert printed.index(chosen["id"][0]) < printed.index(chosen["id"][4])

    ages = pd.read_csv(film_folder / "ages.csv", dtype={"id": str})
    ages.merge(chosen["id"]).to_csv(table, index=False)
    named = tmp_path / "named.skops"
    assert run("name", film_folder, folder, "--ages", table, "--output", named) == 0
    assert "5 known ages" in capsys.readouterr().out
    assert "5 known ages" in load_model(named).named_clusterer_.age_source_
    before = load_model(folder / "model.skops").named_clusterer_
    assert before.age_source_ == "drawn hands, without a label"

    further = ("--ages", table, "--number", "7", "--output", tmp_path / "more.csv")
    assert run("suggest", film_folder, folder, *further) == 0
    rest = pd.read_csv(tmp_path / "more.csv", dtype={"id": str})["id"]
    assert not set(rest) & set(chosen["id"])


def test_score_keeps_held_out_films_apart(film_folder, folder, capsys):
    ages = ("--ages", film_folder / "ages.csv")
    assert run("score", film_folder, folder, *ages) == 0
    printed = capsys.readouterr().out
    assert "Held-out" not in printed
    assert "In-sample, films that the model has learned from (12 of" in printed
    assert _cli.main(["score", str(film_folder), *map(str, ages)]) == 0
    printed = capsys.readouterr().out
    assert "Held-out films (12 of known age):" in printed
    assert "mean absolute error" in printed
    assert "chance level" in printed


def test_ages_are_needed(film_folder, folder, capsys):
    for command in ("name", "score"):
        with pytest.raises(SystemExit):
            run(command, film_folder, folder)
        assert "--ages" in capsys.readouterr().err


def test_other_columns_and_units(film_folder, tmp_path, capsys):
    table = pd.read_csv(film_folder / "ages.csv")
    table["boneage"] /= 12
    table.columns = ["case", "Alter", "male"]
    table.to_csv(tmp_path / "ages.csv", index=False)
    score = ["score", str(film_folder), "--ages", str(tmp_path / "ages.csv")]
    named = ["--id-column", "case", "--age-column", "Alter"]
    assert _cli.main([*score, *named]) == 1
    assert "unit" in capsys.readouterr().err
    assert _cli.main([*score, *named, "--unit", "years"]) == 0
    in_years = capsys.readouterr().out
    own = ["score", str(film_folder), "--ages", str(film_folder / "ages.csv")]
    assert _cli.main(own) == 0
    assert in_years == capsys.readouterr().out
