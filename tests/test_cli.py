"""The command line: what it writes, prints and returns."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from sklearn_baccaec import _cli

SMALL = ["--regions", "carpus", "17", "--clusters", "3", "--steps", "2", "--jobs", "1"]


@pytest.fixture
def fit_args(film_folder, tmp_path):
    return [
        "fit",
        str(film_folder),
        "--landmarks",
        str(film_folder / "landmarks.csv"),
        "--output",
        str(tmp_path / "out"),
        *SMALL,
    ]


@pytest.fixture
def with_ages(fit_args, film_folder):
    return [*fit_args, "--ages", str(film_folder / "ages.csv")]


def test_fit_writes_tables_and_a_model(with_ages, tmp_path, film_folder, capsys):
    assert _cli.main(with_ages) == 0
    out = tmp_path / "out"
    assignments = pd.read_csv(out / "assignments.csv")
    assert list(assignments) == ["film", "cluster", "interval", "age", "confidence"]
    assert sorted(assignments["film"]) == sorted(
        p.name for p in film_folder.glob("*.png")
    )
    assert assignments["cluster"].between(0, 2).all()
    assert pd.read_csv(out / "skipped.csv").empty
    clusters = pd.read_csv(out / "clusters.csv", index_col="cluster")
    assert clusters["films"].sum() == len(assignments)
    printed = capsys.readouterr().out
    assert "chance level" in printed
    assert str(out) in printed


def test_predict_repeats_what_fit_found(with_ages, tmp_path, film_folder):
    assert _cli.main(with_ages) == 0
    code = _cli.main(
        [
            "predict",
            str(tmp_path / "out" / "model.joblib"),
            str(film_folder),
            "--landmarks",
            str(film_folder / "landmarks.csv"),
            "--output",
            str(tmp_path / "again"),
        ]
    )
    assert code == 0
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "out" / "assignments.csv"),
        pd.read_csv(tmp_path / "again" / "assignments.csv"),
    )


def test_without_ages_clusters_have_no_names(fit_args, tmp_path, capsys):
    assert _cli.main(fit_args) == 0
    assignments = pd.read_csv(tmp_path / "out" / "assignments.csv")
    assert assignments["interval"].isna().all()
    assert assignments["age"].isna().all()
    clusters = pd.read_csv(tmp_path / "out" / "clusters.csv")
    assert clusters["films"].sum() == len(assignments)
    assert "no names" in capsys.readouterr().out


def test_bad_films_are_listed_with_their_reason(with_ages, tmp_path, film_folder):
    folder = tmp_path / "films"
    shutil.copytree(film_folder, folder)
    (folder / "broken.png").write_text("no image")
    (folder / "a00.png").write_bytes((folder / "a00.png").read_bytes()[:-40])
    with_ages[1] = str(folder)
    assert _cli.main(with_ages) == 0
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv").set_index("film")["reason"]
    assert set(skipped.index) == {"broken.png", "a00.png"}
    assert "truncated" in skipped["a00.png"]
    assert "no PNG" in skipped["broken.png"]
    assert len(pd.read_csv(tmp_path / "out" / "assignments.csv")) == 11


def test_raise_stops_at_a_bad_film(with_ages, tmp_path, film_folder, capsys):
    folder = tmp_path / "films"
    shutil.copytree(film_folder, folder)
    (folder / "broken.png").write_text("no image")
    with_ages[1] = str(folder)
    assert _cli.main([*with_ages, "--on-error", "raise"]) == 1
    assert "broken.png" in capsys.readouterr().err


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


@pytest.mark.parametrize("flag", ["--steps", "--clusters"])
def test_counts_must_be_positive(fit_args, flag, capsys):
    with pytest.raises(SystemExit) as stopped:
        _cli.main([*fit_args, flag, "0"])
    assert stopped.value.code == 2
    assert "not positive" in capsys.readouterr().err


def test_output_that_is_a_file_fails_before_any_work(fit_args, tmp_path, capsys):
    (tmp_path / "out").write_text("in the way")
    assert _cli.main(fit_args) == 1
    assert "cannot write" in capsys.readouterr().err


def test_a_file_that_is_no_model_is_refused(film_folder, tmp_path, capsys):
    args = [str(film_folder), "--landmarks", str(film_folder / "landmarks.csv")]
    output = ["--output", str(tmp_path / "out")]
    assert _cli.main(["predict", str(tmp_path / "none"), *args, *output]) == 1
    assert "there is no model" in capsys.readouterr().err
    fake = film_folder / "ages.csv"
    assert _cli.main(["predict", str(fake), *args, *output]) == 1
    assert "is no model" in capsys.readouterr().err


def test_a_second_run_trains_nothing(with_ages, tmp_path):
    def trained():
        return sorted((tmp_path / "out" / "cache").rglob("_fit_region/*/output.pkl"))

    assert _cli.main(with_ages) == 0
    before = trained()
    assert len(before) == 2
    assert _cli.main([*with_ages, "--clusters", "2"]) == 0
    assert trained() == before


def test_interrupted_run_resumes_from_its_cache(fit_args, tmp_path):
    """Ctrl-C while the second region trains: the first is not trained again."""
    slow = [*fit_args, "--steps", "60"]
    cache = tmp_path / "out" / "cache"

    def trained():
        return list(cache.rglob("_fit_region/*/output.pkl"))

    process = subprocess.Popen(
        [sys.executable, "-m", "sklearn_baccaec", *slow],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
        # Where the tests run in the background, Ctrl-C is ignored: undo that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not trained() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    assert len(trained()) == 1
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output.decode()
    assert b"interrupted" in output
    first = trained()[0]
    written = first.stat().st_mtime_ns
    assert len(trained()) == 1  # nothing half trained is kept
    assert _cli.main(slow) == 0
    assert len(trained()) == 2
    assert first.stat().st_mtime_ns == written


def test_help_explains_itself(capsys):
    with pytest.raises(SystemExit) as stopped:
        _cli.main(["--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    for command in ("fit", "predict", "demo"):
        assert command in printed


def test_demo_runs_the_main_job(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_cli._clustering, "DEMO_FILMS", 24)
    monkeypatch.setattr(_cli._clustering, "DEMO_UNSEEN", 6)
    monkeypatch.setattr(_cli._clustering, "DEMO_STEPS", 2)
    assert _cli.main(["demo", "--jobs", "1", "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "Table 1" in printed
    assert "chance level" in printed
    assert "not seen before" in printed
    assert len(pd.read_csv(tmp_path / "assignments.csv")) == 24
