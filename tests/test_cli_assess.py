"""The commands that tell months: assess and demo."""

from __future__ import annotations

import re
import shutil

import joblib
import numpy as np
import pandas as pd
import pytest

from sklearn_baccaec import CCAEC, LandmarkTable, _cli, load_pretrained
from sklearn_baccaec._cli import _assessment, _demo
from sklearn_baccaec._cli._output import say

LINE = re.compile(
    r"(?P<film>.+?): (at least )?(?P<age>\d+) months, 80% range \d+-\d*, "
    r"interval [\w -]+, maturity -?\d\.\d\d"
)


@pytest.fixture
def assess(film_folder, tmp_path):
    """Assess the films, or others, and return the exit code and the table."""

    def assess(*more, films=(film_folder,)):
        arguments = ["assess", *map(str, films), *more, "--output", str(tmp_path)]
        arguments += ["--landmarks", str(film_folder / "landmarks.csv"), "--jobs", "1"]
        code = _cli.main(arguments)
        table = tmp_path / "ages.csv"
        return code, pd.read_csv(table) if table.exists() else None

    return assess


def test_files_and_folders(assess, film_folder, expected, tmp_path):
    chosen = [film_folder / f"a{i:02}.png" for i in (4, 7)]
    folder = tmp_path / "more"
    folder.mkdir()
    shutil.copy(film_folder / "a01.png", folder / "a01.png")
    sexes = ("--sexes", str(film_folder / "ages.csv"))
    code, table = assess(*sexes, films=[*chosen, folder])
    assert code == 0
    table = table.set_index("film")["age"]
    for name, i in (("a04.png", 4), ("a07.png", 7), ("a01.png", 1)):
        assert abs(table[name] - expected["age"][i]) < 0.06


@pytest.fixture
def sexes(film_folder):
    return ["--sexes", str(film_folder / "ages.csv")]


@pytest.fixture(scope="module")
def expected(films):
    landmarker = LandmarkTable.from_films(films.data, films.landmarks)
    model = load_pretrained(landmarker=landmarker)
    return model.assign(films.data, sex=films.sex)


def test_a_line_and_a_row_for_every_film(
    assess, sexes, films, expected, monkeypatch, capsys
):
    monkeypatch.setattr(_assessment, "_BLOCK", 5)
    code, table = assess(*sexes)
    assert code == 0
    assert ",".join(table) == (
        "film,sex,age,age_if_girl,age_if_boy,age_low,age_high,interval,maturity,"
        "confidence,reason"
    )
    assert table["sex"].tolist() == films.sex.tolist()
    np.testing.assert_allclose(table["age"], expected["age"], atol=0.051)
    np.testing.assert_allclose(table["age_high"], expected["age_high"], atol=0.051)
    assert table["interval"].tolist() == expected["interval"].tolist()
    assert table["reason"].fillna("").tolist() == expected["reason"].fillna("").tolist()
    printed = capsys.readouterr().out.splitlines()
    found = [LINE.match(line) for line in printed[:12]]
    assert [line["film"] for line in found] == table["film"].tolist()
    ages = [int(line["age"]) for line in found]
    np.testing.assert_allclose(ages, table["age"], atol=0.56)
    assert "12 of 12 films assessed" in printed[13]
    assert "drawn hands, without a label" in printed[13]


def test_without_sex_both_ages_are_told(assess, film_folder, capsys):
    of_sex = {sex: assess("--sex", sex)[1]["age"] for sex in "FM"}
    capsys.readouterr()
    code, table = assess()
    assert code == 0
    assert table["sex"].isna().all()
    np.testing.assert_allclose(table["age_if_girl"], of_sex["F"])
    np.testing.assert_allclose(table["age_if_boy"], of_sex["M"])
    told = capsys.readouterr()
    assert "warning" not in told.err
    girl, boy = (f"{table[name][0]:.0f}" for name in ("age_if_girl", "age_if_boy"))
    assert f"a00.png: {girl} months if a girl, {boy} months if a boy, 80%" in told.out


def test_known_ages_are_compared_with(assess, sexes, films, expected, capsys):
    ages = ["--ages", sexes[1]]
    assert assess(*ages)[0] == 0  # the table tells the sexes, too
    printed = capsys.readouterr().out
    errors = expected["age"] - films.target
    assert "Held-out films (12 of known age):" in printed
    assert "In-sample" not in printed
    assert f"mean absolute error {errors.abs().mean():.1f} months" in printed
    assert f"median difference {errors.median():+.1f}" in printed
    assert re.search(r"right interval [\d.]+% of \d+ \(chance level", printed)


def test_known_ages_calibrate(assess, sexes, films, tmp_path, capsys):
    _, before = assess(*sexes)
    known = pd.DataFrame({"id": [f"a{i:02}" for i in range(8)]})
    known["boneage"] = films.target[:8] + 20
    known.to_csv(tmp_path / "known.csv", index=False)
    calibrate = ["--calibrate", str(tmp_path / "known.csv")]
    code, after = assess(*calibrate, "--ages", sexes[1])
    assert code == 0
    truth = films.target[8:] + 20
    gaps = [np.abs(table["age"][8:] - truth).mean() for table in (before, after)]
    assert gaps[1] < gaps[0]
    printed = capsys.readouterr().out
    n_known = (known["boneage"].between(24, 216)).sum()
    assert f"drawn hands, without a label; {n_known} known ages" in printed
    assert "Held-out films (4 of known age):" in printed
    assert "In-sample, films that the model has learned from (8 of" in printed


def test_films_that_cannot_be_assessed_are_named(assess, film_folder, tmp_path, capsys):
    folder = shutil.copytree(film_folder, tmp_path / "films")
    (folder / "broken.png").write_text("no image")
    code, table = assess("--sex", "F", films=[folder])
    assert code == 0
    assert table["age"].notna().sum() == 12
    assert re.search("broken.png: not assessed: .*PNG", capsys.readouterr().out)
    (reason,) = table["reason"][table["film"] == "broken.png"]
    assert "PNG" in reason
    for path in folder.glob("a*.png"):
        path.unlink()
    code, table = assess("--sex", "F", films=[folder])
    assert code == 1
    assert "no film could be assessed" in capsys.readouterr().err
    assert table["film"].tolist() == ["broken.png"]


@pytest.mark.filterwarnings("ignore:n_components=64 is more than can be found")
@pytest.mark.parametrize("method", ["agreement", "pretrained"])
def test_a_model_of_fit(assess, fit_args, film_folder, sexes, tmp_path, method):
    start = fit_args.index("--regions")
    args = [*fit_args[:start], "--clusters", "3", "--method", method]
    assert _cli.main([*args, "--ages", sexes[1]]) == 0
    fitted = pd.read_csv(tmp_path / "out" / "assignments.csv")
    model = ["--model", str(tmp_path / "out" / "model.skops")]
    code, table = assess(*model, *sexes)
    assert code == 0
    np.testing.assert_allclose(table["age"], fitted["age"], atol=0.06)


def test_what_is_no_model_is_refused(assess, fit_args, film_folder, tmp_path, capsys):
    joblib.dump(CCAEC(), tmp_path / "model.joblib")
    assert _cli.main(fit_args) == 0
    for model, message in (
        (tmp_path / "none", "there is no model"),
        (film_folder / "ages.csv", "is not a model that save_model wrote"),
        (tmp_path / "model.joblib", "Pickles can run code"),
        (tmp_path / "out" / "model.skops", "knows no ages"),
    ):
        assert assess("--model", str(model))[0] == 1
        assert message in capsys.readouterr().err


def test_sex_is_told_once(film_folder, sexes, capsys):
    with pytest.raises(SystemExit):
        _cli.main(["assess", str(film_folder), "--sex", "F", *sexes])
    assert "not allowed with" in capsys.readouterr().err


def test_names_do_not_steer_the_terminal(capsys):
    say("film\x1b[2J\u202e.png\nnext \udcff é")
    assert capsys.readouterr().out == "film\\x1b[2J\\u202e.png\\nnext \\udcff é\n"


def test_demo_goes_the_whole_way(tmp_path, monkeypatch, capsys):
    for name, number in {"FILMS": 60, "HELD_OUT": 24, "HANDS": 30}.items():
        monkeypatch.setattr(_demo, name, number)
    assert _cli.main(["demo", "--jobs", "1", "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    table = pd.read_csv(tmp_path / "ages.csv")
    assert len(table) == 24
    errors = (table["age"] - table["true_age"]).abs()
    guess = (table["true_age"] - table["true_age"].median()).abs()
    assert errors.mean() < 0.6 * guess.mean()
    assert f"mean absolute error {errors.mean():.1f} months" in printed
    assert "On 24 held-out drawn films" in printed


def test_a_sheet_on_every_film_with_an_age(assess, film_folder, tmp_path):
    broken = tmp_path / "films" / "broken.png"
    broken.parent.mkdir()
    broken.write_text("no image")
    films = [film_folder / "a04.png", film_folder / "a07.png", broken]
    code, table = assess("--sheet", "--sex", "F", "--on-error", "skip", films=films)
    assert code == 0
    sheets = {path.name: path.read_text("utf-8") for path in tmp_path.rglob("*.html")}
    assert set(sheets) == {"a04.html", "a07.html"}
    for name, months in zip(table["film"], table["age"], strict=True):
        if np.isfinite(months):
            name = name.rpartition("/")[2]
            page = sheets[name.replace(".png", ".html")]
            near = {np.floor(months), np.ceil(months)}  # of rounded months
            told = [
                f">{prefix}{m:.0f}</dd>" for prefix in ("", "at least ") for m in near
            ]
            assert any(line in page for line in told)


def test_films_called_alike_are_told_apart(film_folder, tmp_path, capsys):
    folders = [tmp_path / name for name in ("A", "B")]
    for folder, film in zip(folders, ("a02.png", "a09.png"), strict=True):
        folder.mkdir()
        shutil.copy(film_folder / film, folder / "hand.png")
    found, out = tmp_path / "found", tmp_path / "out"
    given = [*map(str, folders)]
    assert _cli.main(["landmarks", *given, "--jobs", "1", "--output", str(found)]) == 0
    table = ["--landmarks", str(found / "landmarks.csv"), "--jobs", "1"]
    assert (
        _cli.main(["assess", *given, *table, "--sex", "F", "--output", str(out)]) == 0
    )
    ages = pd.read_csv(out / "ages.csv")
    assert ages["film"].tolist() == ["A/hand.png", "B/hand.png"]
    assert ages["age"].notna().all()
    assert "A/hand.png: " in capsys.readouterr().out


def test_an_over_long_name_has_a_sheet(film_folder, tmp_path):
    film = tmp_path / f"{'a' * 240}.png"
    shutil.copy(film_folder / "a09.png", film)
    out = tmp_path / "out"
    arguments = ["assess", str(film), "--sex", "F", "--sheet", "--output", str(out)]
    assert _cli.main([*arguments, "--jobs", "1"]) == 0
    (sheet,) = out.glob("sheets/*.html")
    assert sheet.name.startswith("aaaa")


def test_sex_that_contradicts_a_table(assess, sexes, films, capsys):
    sex = "M" if films.sex[0] == "F" else "F"
    assert assess("--ages", sexes[1], "--sex", sex)[0] == 1
    assert f"--sex {sex}: a table says that film a00 is" in capsys.readouterr().err


def test_a_table_without_ages_cannot_calibrate(assess, tmp_path, capsys):
    (tmp_path / "none.csv").write_text("id,boneage\na00,\na01,\n")
    assert assess("--calibrate", str(tmp_path / "none.csv"))[0] == 1
    assert "none.csv tells the age of no film" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "assess",
        "fit",
        "suggest",
        "name",
        "score",
        "landmarks",
        "train-landmarks",
        "demo",
    ],
)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        _cli.main([command, "--help"])
    assert stopped.value.code == 0
    assert "--help" in capsys.readouterr().out
