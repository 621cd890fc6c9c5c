"""The command line: what it writes, prints and returns."""

import shutil

import numpy as np
import pandas as pd
import pytest

from sklearn_baccaec import (
    CCAEC,
    BoneAgeClusterer,
    HOGComponents,
    LandmarkTable,
    MaturityCurve,
    _cli,
    load_model,
)
from sklearn_baccaec._cli._output import say_set_aside, write_table

SMALL = ["--regions", "carpus", "17", "--clusters", "3", "--steps", "2", "--jobs", "1"]


def test_fit_writes_tables_and_a_model(with_ages, tmp_path, film_folder, capsys):
    assert _cli.main(with_ages) == 0
    out = tmp_path / "out"
    assignments = pd.read_csv(out / "assignments.csv")
    columns = "film,cluster,interval,age,age_low,age_high,confidence,reason"
    assert ",".join(assignments) == columns
    assert set(assignments["film"]) == {p.name for p in film_folder.glob("*.png")}
    assert assignments["cluster"].between(0, 2).all()
    assert pd.read_csv(out / "skipped.csv").empty
    clusters = pd.read_csv(out / "clusters.csv", index_col="cluster")
    assert clusters["films"].sum() == len(assignments)
    assert [*clusters][-3:] == ["median_age", "age_low", "age_high"]
    assert (clusters["age_low"] <= clusters["median_age"]).all()
    assert (clusters["median_age"] <= clusters["age_high"]).all()
    printed = capsys.readouterr().out
    assert "chance level" in printed
    assert str(out) in printed


def test_without_ages_clusters_have_no_names(fit_args, tmp_path, capsys):
    assert _cli.main(fit_args) == 0
    assignments = pd.read_csv(tmp_path / "out" / "assignments.csv")
    assert assignments["interval"].isna().all()
    assert assignments["age"].isna().all()
    clusters = pd.read_csv(tmp_path / "out" / "clusters.csv")
    assert clusters["films"].sum() == len(assignments)
    assert "no names" in capsys.readouterr().out


@pytest.fixture
def spoilt(film_folder, tmp_path):
    """Folder of the films, and of one that is broken."""
    folder = shutil.copytree(film_folder, tmp_path / "films")
    (folder / "broken.png").write_text("no image")
    return folder


def test_bad_films_are_listed_with_their_reason(with_ages, tmp_path, spoilt, capsys):
    with_ages[1] = str(spoilt)
    assert _cli.main([*with_ages, "--on-error", "raise"]) == 1
    assert "broken.png" in capsys.readouterr().err
    (spoilt / "a00.png").write_bytes((spoilt / "a00.png").read_bytes()[:-40])
    assert _cli.main(with_ages) == 0
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv").set_index("film")["reason"]
    assert set(skipped.index) == {"broken.png", "a00.png"}
    assert "truncated" in skipped["a00.png"]
    assert "PNG" in skipped["broken.png"]
    assert len(pd.read_csv(tmp_path / "out" / "assignments.csv")) == 11
    printed = capsys.readouterr().out
    for name, reason in skipped.items():
        assert f"  {name}: {reason}" in printed


def test_many_films_set_aside_are_counted(capsys):
    say_set_aside([f"{i}.png" for i in range(13)], ["no hand"] * 13, "skipped.csv")
    lines = capsys.readouterr().out.splitlines()
    assert lines[9:] == ["  9.png: no hand", "  and 3 more: see skipped.csv"]


def test_names_are_no_formulas_in_tables(tmp_path):
    names = ["=1+1.png", "-a.png", "a-b.png", "@x", None]
    write_table(
        pd.DataFrame({"film": names, "age": [1.0, -2, 3, 4, 5]}), tmp_path / "t"
    )
    found = (tmp_path / "t").read_text().splitlines()
    assert found[1:] == [
        "'=1+1.png,1.0",
        "'-a.png,-2.0",
        "a-b.png,3.0",
        "'@x,4.0",
        ",5.0",
    ]


def test_known_ages_of_bad_films_alone(fit_args, tmp_path, spoilt, capsys):
    (spoilt / "ages.csv").write_text("id,boneage\nbroken,96\n")
    fit_args[1] = str(spoilt)
    assert _cli.main([*fit_args, "--ages", str(spoilt / "ages.csv")]) == 0
    assert "the clusters have no names" in capsys.readouterr().out
    out = tmp_path / "out"
    assert pd.read_csv(out / "assignments.csv")["age"].isna().all()
    assert load_model(out / "model.skops").n_clusters_ == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--regions", "elbow"], "elbow"),
        (["--regions", "19", "carpus"], "twice"),
        (["--clusters", "400"], "fewer than n_clusters"),
        (["--landmarks", "nowhere.csv"], "nowhere.csv"),
        (["--ages", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_bad_arguments_fail_with_a_message(fit_args, change, message, capsys):
    assert _cli.main([*fit_args, *change]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--steps", "0", "not a positive whole number"),
        ("--clusters", "0", "not a positive whole number"),
        ("--method", "consent", "agreement"),
    ],
)
def test_bad_values_are_refused(fit_args, flag, value, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        _cli.main([*fit_args, flag, value])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_output_that_is_a_file_fails_before_any_work(fit_args, tmp_path, capsys):
    (tmp_path / "out").write_text("in the way")
    assert _cli.main(fit_args) == 1
    assert "cannot write" in capsys.readouterr().err


def test_films_are_not_written_beside(film_folder, capsys):
    before = sorted(film_folder.iterdir())
    for command in ("assess", "fit", "landmarks"):
        arguments = [command, str(film_folder), "--output"]
        assert _cli.main([*arguments, f"{film_folder}/../{film_folder.name}"]) == 1
        assert "holds the films: choose another --output" in capsys.readouterr().err
    assert sorted(film_folder.iterdir()) == before


def test_a_second_run_trains_nothing(with_ages, tmp_path):
    def trained():
        return sorted((tmp_path / "out" / "cache").rglob("_fit_region/*/output.pkl"))

    assert _cli.main(with_ages) == 0
    before = trained()
    assert len(before) == 2
    assert _cli.main([*with_ages, "--clusters", "2"]) == 0
    assert trained() == before


@pytest.mark.parametrize("tables", ["one", "two"])
def test_known_sexes_name_each_cluster_twice(fit_args, films, tmp_path, tables, capsys):
    """All boys are twelve years old, all girls five."""
    table = pd.DataFrame({"id": [f"a{i:02}" for i in range(12)]})
    table["male"] = films.sex == "M"
    table["boneage"] = table["male"].map({True: 144, False: 60})
    both, ages, sexes = (tmp_path / f"{name}.csv" for name in ("both", "ages", "sexes"))
    table.to_csv(both, index=False)
    table.drop(columns="male").to_csv(ages, index=False)
    table.drop(columns="boneage").to_csv(sexes, index=False)
    two = ["--ages", str(ages), "--sexes", str(sexes)]
    given = ["--ages", str(both)] if tables == "one" else two
    assert _cli.main([*fit_args, *given]) == 0
    printed = capsys.readouterr().out
    assert "name the clusters for each sex" in printed
    assert "accuracy 100.0%" in printed
    fitted = pd.read_csv(tmp_path / "out" / "assignments.csv")
    assert fitted["age"].tolist() == [144 if sex == "M" else 60 for sex in films.sex]
    assert set(fitted["interval"]) == {"24-72", "120-168"}
    by_sex = pd.read_csv(tmp_path / "out" / "clusters_by_sex.csv")
    assert by_sex.groupby("sex")["films"].sum().to_dict() == {
        sex: int((films.sex == sex).sum()) for sex in "FM"
    }


@pytest.mark.filterwarnings("ignore:n_components=64 is more than can be found")
def test_agreement(with_ages, tmp_path, film_folder, films, capsys):
    start = with_ages.index("--steps")
    args = with_ages[:start] + with_ages[start + 2 :]
    args += ["--method", "agreement", "--regions", "5,6,carpus", "17"]
    assert _cli.main(args) == 0
    assert "chance level" in capsys.readouterr().out
    model = load_model(tmp_path / "out" / "model.skops")
    steps = model.pipeline_.named_steps
    encoders = steps["encoder"].encoders_
    assert [*encoders] == ["index_mcp", "middle_dip", "carpus", "radius"]
    assert {type(encoder) for encoder in encoders.values()} == {HOGComponents}
    assert type(steps["consensus"]) is MaturityCurve
    assert steps["encoder"].memory is model.memory is model.landmarker is None
    model.landmarker_ = LandmarkTable.from_films(films.data, films.landmarks)
    np.testing.assert_allclose(
        model.predict_maturity(films.data), model.maturity_, atol=1e-6
    )


def test_agreement_takes_no_steps(with_ages, tmp_path, capsys):
    assert _cli.main([*with_ages, "--method", "agreement"]) == 1
    told = capsys.readouterr().err
    assert "--steps: --method agreement trains no networks" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", ["ccaec", "agreement"])
def test_encoders_train_as_long_as_the_help_says(
    film_folder, tmp_path, monkeypatch, capsys, method
):
    seen = []

    def fit(model, X, y, sex):
        seen.append(model)
        raise ValueError("seen enough")

    monkeypatch.setattr(BoneAgeClusterer, "fit", fit)
    args = ["fit", str(film_folder), "--output", str(tmp_path), "--method", method]
    assert _cli.main(args) == _cli.main([*args, "--steps", "7"]) == 1
    for model in seen:
        assert (model.method, model.regions) == (method, None)
    assert seen[0].encoder is None
    if method == "agreement":
        assert len(seen) == 1
        return
    assert type(seen[1].encoder) is CCAEC
    assert seen[1].encoder.max_steps == 7
    default = CCAEC().max_steps
    assert seen[0].make_pipeline()["encoder"].encoder is None  # CCAEC() for each region
    capsys.readouterr()
    with pytest.raises(SystemExit):
        _cli.main(["fit", "--help"])
    assert f"(default: {default})" in " ".join(capsys.readouterr().out.split())


def test_interrupted_run_resumes_from_its_cache(
    fit_args, tmp_path, monkeypatch, capsys
):
    """Ctrl+C while the second region trains: the first is not trained again."""
    fit, fitted = CCAEC.fit, []

    def interrupted(encoder, *args):
        if fitted:
            raise KeyboardInterrupt
        fitted.append(fit(encoder, *args))
        return fitted[0]

    def trained():
        found = (tmp_path / "out" / "cache").rglob("_fit_region/*/output.pkl")
        return {path: path.stat().st_mtime_ns for path in found}

    with monkeypatch.context() as patched:
        patched.setattr(CCAEC, "fit", interrupted)
        assert _cli.main(fit_args) == 130
    assert "interrupted. Run the same command again" in capsys.readouterr().err
    first = trained()
    assert len(first) == 1  # nothing half trained is kept
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cache"]
    assert _cli.main(fit_args) == 0
    assert len(trained()) == 2
    assert first.items() <= trained().items()


def test_help_explains_itself(capsys):
    with pytest.raises(SystemExit) as stopped:
        _cli.main(["--help"])
    assert stopped.value.code == 0
    words = capsys.readouterr().out.split()
    assert {"assess", "fit", "landmarks", "train-landmarks", "demo"} <= {*words}
