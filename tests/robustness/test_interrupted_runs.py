"""Runs that are stopped, killed or run twice lose nothing and end alike."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fatal_encoders import KilledOnce
from joblib.externals.loky.process_executor import TerminatedWorkerError

from sklearn_baccaec import BoneAgeClusterer, _cli
from sklearn_baccaec._cli import _main
from sklearn_baccaec._cli._output import write_table

SMALL = ["--regions", "carpus", "radius", "ulna", "--clusters", "3", "--jobs", "2"]
TABLES = ["assignments.csv", "clusters.csv", "skipped.csv"]


@pytest.fixture(scope="session")
def arguments(film_folder):
    """Arguments of a small fit into a folder."""

    def arguments(output, steps=3):
        return [
            *["fit", str(film_folder), *SMALL, "--steps", str(steps)],
            *["--ages", str(film_folder / "ages.csv")],
            *["--landmarks", str(film_folder / "landmarks.csv")],
            *["--output", str(output)],
        ]

    return arguments


def start(arguments):
    """Run a command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sklearn_baccaec", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # Where the tests run in the background, Ctrl+C is ignored: undo that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def read_tables(folder):
    return [(folder / name).read_bytes() for name in TABLES]


def is_gone(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.timeout(240)
def test_sigterm_is_like_an_interrupt(arguments, tmp_path):
    """Only the command gets the signal: its workers must not train on."""
    process = start(arguments(tmp_path, steps=1_000_000))
    wait_until(lambda: list(tmp_path.rglob("_crop_film/*/output.pkl")))
    assert process.poll() is None
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143, output.decode()
    assert b"terminated. Run the same command again" in output
    assert b"Traceback" not in output
    wait_until(lambda: is_gone(process.pid))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]


def test_swallowed_sigterm(monkeypatch, capsys):
    """A callback from C, as of ctypes, ignores what is raised in it."""

    def run(args):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        time.sleep(60)
        raise AssertionError

    parser = SimpleNamespace(parse_args=lambda argv: SimpleNamespace(run=run))
    monkeypatch.setattr(_main, "make_parser", lambda: parser)
    start = time.monotonic()
    assert _main.main([]) == 143
    assert time.monotonic() - start < 30
    assert "terminated. Run the same command again" in capsys.readouterr().err


def test_killed_worker(films, make_model, tmp_path):
    """Nothing is tried again by itself; the next call goes on."""
    encoder = KilledOnce(note=tmp_path / "note")
    model = make_model(encoder=encoder, memory=tmp_path / "cache", n_jobs=2)
    with pytest.raises(BrokenExecutor) as caught:
        model.fit(films.data)
    assert "the same call goes on" in caught.value.__notes__[0]
    assert not hasattr(model, "labels_")
    labels = model.set_params(n_jobs=1).fit_predict(films.data)
    np.testing.assert_array_equal(
        model.set_params(memory=None).fit_predict(films.data), labels
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (TerminatedWorkerError("exit codes"), "a worker process was killed, perhaps"),
        (MemoryError("1 TiB"), "out of memory (1 TiB)"),
        (MemoryError(), "out of memory"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    ],
)
def test_errors_without_a_traceback(
    arguments, tmp_path, monkeypatch, capsys, error, message
):
    def fail(*args, **kwargs):
        raise error

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(BoneAgeClusterer, "fit", fail)
    assert _cli.main(arguments(tmp_path)) == 1
    assert capsys.readouterr().err.startswith(f"baccaec: error: {message}")
    assert signal.getsignal(signal.SIGTERM) is before  # is left to others again


def test_a_full_disk_leaves_the_earlier_tables(tmp_path, monkeypatch):
    path = tmp_path / "assignments.csv"
    write_table(pd.DataFrame({"film": ["a.png"]}), path)
    before = path.read_bytes()

    def fail(self, file, **options):
        file.write(b"half a tab")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match=r"No space left .*assignments\.csv"):
        write_table(pd.DataFrame({"film": ["b.png"]}), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_tables_of_films_with_odd_names(tmp_path):
    names = ["a\nb.png", "ü.png", "s\udcff.png", 'q"q.png']
    write_table(pd.DataFrame({"film": names}), tmp_path / "t.csv")
    read = pd.read_csv(tmp_path / "t.csv", encoding_errors="surrogateescape")
    assert read["film"].tolist() == names


@pytest.fixture(scope="module")
def whole(arguments, tmp_path_factory):
    """Folder of a run that nobody disturbed, and how long it took."""
    folder = tmp_path_factory.mktemp("whole")
    began = time.monotonic()
    assert start(arguments(folder)).wait(300) == 0
    return folder, time.monotonic() - began


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_two_at_once_in_one_folder(arguments, tmp_path, whole):
    both = [start(arguments(tmp_path)) for _ in range(2)]
    for process in both:
        output, _ = process.communicate(timeout=200)
        assert process.returncode == 0, output.decode()
    assert read_tables(tmp_path) == read_tables(whole[0])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT", "SIGTERM", "a worker"])
def test_killed_at_random_and_run_again(arguments, tmp_path, how, whole, film_folder):
    folder, duration = whole
    seconds = random.Random(how)
    for i in range(2):
        output = tmp_path / str(i)
        process = start(arguments(output))
        time.sleep(seconds.uniform(0.2, 1) * duration)
        if how == "a worker":
            for worker in workers_of(process.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
        elif process.poll() is None:
            os.killpg(process.pid, signal.Signals[how])
        process.communicate(timeout=300)
        wait_until(lambda group=process.pid: is_gone(group))
        assert _cli.main(arguments(output)) == 0
        assert read_tables(output) == read_tables(folder)
        assess = ["assess", str(film_folder), "--model", str(output / "model.skops")]
        assess += ["--landmarks", str(film_folder / "landmarks.csv")]
        assert _cli.main([*assess, "--output", str(tmp_path / "again")]) == 0
        assessed = pd.read_csv(tmp_path / "again" / "ages.csv")["age"]
        fitted = pd.read_csv(output / "assignments.csv")["age"]
        np.testing.assert_allclose(assessed, fitted, atol=0.06)


def workers_of(pid):
    """Processes of joblib that a command has started (Linux)."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        lines = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in found}
    except OSError:
        return []
    return [int(child) for child, line in lines.items() if b"popen_loky" in line]
