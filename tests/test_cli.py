"""The command line: what it writes, prints and returns."""

import contextlib
import io
import shutil
from pathlib import Path

import joblib
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

SMALL = ["--regions", "carpus", "17", "--clusters", "3", "--steps", "2", "--jobs", "1"]


def predict_args(folder, film_folder, output, *more):
    """Arguments to predict by the model in a folder's "out"."""
    model = str(folder / "out" / "model.skops")
    landmarks = ["--landmarks", str(film_folder / "landmarks.csv")]
    output = ["--output", str(output)]
    return ["predict", model, str(film_folder), *landmarks, *output, *more]


def test_fit_writes_tables_and_a_model(with_ages, tmp_path, film_folder, capsys):
    assert _cli.main(with_ages) == 0
    out = tmp_path / "out"
    assignments = pd.read_csv(out / "assignments.csv")
    columns = "film,cluster,interval,age,age_low,age_high,confidence"
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
    again = tmp_path / "again"
    assert _cli.main(predict_args(tmp_path, film_folder, again)) == 0
    predicted = pd.read_csv(again / "assignments.csv")
    pd.testing.assert_frame_equal(predicted, assignments)


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


def test_a_file_that_is_no_model_is_refused(film_folder, tmp_path, capsys):
    joblib.dump(CCAEC(), tmp_path / "model.joblib")
    for model, message in (
        (tmp_path / "none", "there is no model"),
        (film_folder / "ages.csv", "is not a model that save_model wrote"),
        (tmp_path / "model.joblib", "Pickles can run code"),
    ):
        args = ["predict", str(model), str(film_folder), "--output", str(tmp_path)]
        assert _cli.main(args) == 1
        assert message in capsys.readouterr().err


def test_a_second_run_trains_nothing(with_ages, tmp_path):
    def trained():
        return sorted((tmp_path / "out" / "cache").rglob("_fit_region/*/output.pkl"))

    assert _cli.main(with_ages) == 0
    before = trained()
    assert len(before) == 2
    assert _cli.main([*with_ages, "--clusters", "2"]) == 0
    assert trained() == before


@pytest.fixture(scope="module")
def by_sex(film_folder, films, tmp_path_factory):
    """Arguments of a fit by sex: all boys are twelve years old, all girls five."""
    folder = tmp_path_factory.mktemp("by-sex")
    table = pd.DataFrame({"id": [f"a{i:02}" for i in range(12)]})
    table["male"] = films.sex == "M"
    table.to_csv(folder / "sexes.csv", index=False)
    table["boneage"] = table["male"].map({True: 144, False: 60})
    table.to_csv(folder / "ages.csv", index=False)
    table.drop(columns="male").to_csv(folder / "no-sexes.csv", index=False)
    landmarks = ["--landmarks", str(film_folder / "landmarks.csv")]
    ages = ["--ages", str(folder / "ages.csv"), "--by-sex"]
    output = ["--output", str(folder / "out")]
    return ["fit", str(film_folder), *landmarks, *SMALL, *output, *ages]


@pytest.fixture(scope="module")
def named(by_sex):
    """Folder where they were fitted, and what that printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert _cli.main(by_sex) == 0
    return Path(by_sex[-4]).parent, printed.getvalue()


def test_names_by_sex(named, films, tmp_path, film_folder, capsys):
    folder, printed = named
    assert "name the clusters for each sex" in printed
    assert "accuracy 100.0%" in printed
    fitted = pd.read_csv(folder / "out" / "assignments.csv")
    assert fitted["age"].tolist() == [144 if sex == "M" else 60 for sex in films.sex]
    assert set(fitted["interval"]) == {"24-72", "120-168"}
    tables = pd.read_csv(folder / "out" / "clusters_by_sex.csv")
    assert tables.groupby("sex")["films"].sum().to_dict() == {
        sex: int((films.sex == sex).sum()) for sex in "FM"
    }
    sexes = ["--sexes", str(folder / "sexes.csv")]
    assert _cli.main(predict_args(folder, film_folder, tmp_path, *sexes)) == 0
    again = pd.read_csv(tmp_path / "assignments.csv")
    pd.testing.assert_frame_equal(again, fitted)
    assert "warning" not in capsys.readouterr().err


def test_sexes_that_are_missing(named, films, tmp_path, film_folder, capsys):
    folder, _ = named
    fitted = pd.read_csv(folder / "out" / "assignments.csv")
    assert _cli.main(predict_args(folder, film_folder, tmp_path)) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "warn" in line]
    assert len(told) == 1  # no file, no line of code
    assert told[0].startswith("baccaec: warning: the clusters were named for each sex")
    common = pd.read_csv(tmp_path / "assignments.csv")
    pd.testing.assert_series_equal(common["cluster"], fitted["cluster"])
    assert (common.groupby("cluster")["age"].nunique() == 1).all()
    assert (common["age"] != fitted["age"]).any()

    one = pd.DataFrame({"id": ["a03"], "male": [films.sex[3] == "M"]})
    one.to_csv(tmp_path / "one.csv", index=False)
    sexes = ["--sexes", str(tmp_path / "one.csv")]
    assert _cli.main(predict_args(folder, film_folder, tmp_path, *sexes)) == 0
    ages = pd.read_csv(tmp_path / "assignments.csv")["age"]
    assert ages[3] == (144 if films.sex[3] == "M" else 60)
    assert ages.drop(3).tolist() == common["age"].drop(3).tolist()


def test_sexes_name_nothing_unless_asked_to(by_sex, tmp_path, capsys):
    assert _cli.main([*by_sex[:-1], "--output", str(tmp_path)]) == 0
    assert "each sex" not in capsys.readouterr().out
    fitted = pd.read_csv(tmp_path / "assignments.csv")
    assert (fitted.groupby("cluster")["age"].nunique() == 1).all()


def test_by_sex_without_sexes_fails_before_any_work(by_sex, tmp_path, capsys):
    output = ["--output", str(tmp_path)]
    assert _cli.main([*by_sex[:-3], "--by-sex", *output]) == 1
    assert "--by-sex needs --ages" in capsys.readouterr().err
    unknown = str(Path(by_sex[-2]).with_name("no-sexes.csv"))
    assert _cli.main([*by_sex, "--ages", unknown, *output]) == 1
    assert "no-sexes.csv tells the sex of none of the films" in capsys.readouterr().err
    assert not (tmp_path / "cache").exists()


def test_a_missing_table_of_sexes(named, tmp_path, film_folder, capsys):
    landmarks = film_folder / "landmarks.csv"
    for table, message in (("gone", "gone"), (landmarks, "no column 'boneage'")):
        args = predict_args(named[0], film_folder, tmp_path, "--sexes", str(table))
        assert _cli.main(args) == 1
        assert message in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:n_components=64 is more than can be found")
def test_agreement(with_ages, tmp_path, film_folder, films, capsys):
    start = with_ages.index("--steps")
    args = with_ages[:start] + with_ages[start + 2 :]
    args += ["--method", "agreement", "--by-sex", "--regions", "5,6,carpus", "17"]
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
    sexes = ["--sexes", str(film_folder / "ages.csv")]
    again = tmp_path / "again"
    assert _cli.main(predict_args(tmp_path, film_folder, again, *sexes)) == 0
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "out" / "assignments.csv"),
        pd.read_csv(again / "assignments.csv"),
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
    assert {"fit", "predict", "landmarks", "train-landmarks", "demo"} <= {*words}


@pytest.mark.filterwarnings("ignore:n_components=64 is more than can be found")
@pytest.mark.parametrize("method", ["ccaec", "agreement"])
def test_demo_runs_the_main_job(tmp_path, monkeypatch, capsys, method):
    for name, number in {"FILMS": 17, "UNSEEN": 3, "STEPS": 2}.items():
        monkeypatch.setattr(_cli._clustering, f"DEMO_{name}", number)
    args = ["demo", "--jobs", "1", "--output", str(tmp_path), "--method", method]
    assert _cli.main(args) == 0
    printed = capsys.readouterr().out
    assert "Table 1" in printed
    assert "chance level" in printed
    assert "3 held-out films" in printed
    assert len(pd.read_csv(tmp_path / "assignments.csv")) == 17
