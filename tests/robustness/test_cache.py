"""The cache is optional: whatever is wrong with it, results stay the same."""

from __future__ import annotations

import pickle
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklearn_baccaec import HandLandmarker
from sklearn_baccaec._utils.parallel import open_memory
from sklearn_baccaec.films import FilmError


@pytest.fixture
def run(make_model, films, tmp_path):
    """Fit with a cache; everything that is computed of the films."""

    def run(memory=tmp_path / "cache", **params):
        model = make_model(encoder=PCA(3), memory=memory, **params).fit(films.data)
        return np.hstack([model.transform(films.data), model.labels_[:, None]])

    return run


def entries(folder):
    return sorted(folder.rglob("output.pkl"))


def shorten(path):
    path.write_bytes(path.read_bytes()[:-20])


def empty(path):
    path.write_bytes(b"")


def fill_with_noise(path):
    path.write_bytes(np.random.default_rng(0).bytes(500))


def replace_by_text(path):
    path.write_bytes(pickle.dumps("of something else"))


def replace_by_none(path):
    path.write_bytes(pickle.dumps(None))


def replace_by_what_is_gone(path):
    path.write_bytes(b"cgone_module\nGone\n.")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


def remove(path):
    path.unlink()


def replace_its_folder_by_a_file(path):
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"")


DAMAGES = [
    shorten,
    empty,
    fill_with_noise,
    replace_by_text,
    replace_by_none,
    replace_by_what_is_gone,
    replace_by_folder,
    remove,
    replace_its_folder_by_a_file,
]


@pytest.mark.filterwarnings("ignore:the cache is passed over")
@pytest.mark.filterwarnings("ignore:Unable to cache")
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_entries_are_computed_again(run, tmp_path, damage):
    expected = run()
    paths = entries(tmp_path / "cache")
    assert len(paths) >= 12 + 2 * 2  # films, and two regions trained and encoded
    for path in paths:
        damage(path)
    np.testing.assert_array_equal(run(), expected)
    np.testing.assert_array_equal(run(), expected)


@pytest.mark.filterwarnings("ignore:the cache is passed over")
@pytest.mark.parametrize("damage", [shorten, replace_by_none])
def test_damaged_landmarks_are_found_again(hands, expected, tmp_path, damage):
    landmarker = HandLandmarker(memory=tmp_path)
    landmarker.predict(hands.data[:2])
    for path in entries(tmp_path):
        damage(path)
    found = landmarker.predict(hands.data[:2])
    np.testing.assert_array_equal(found, expected.landmarks[:2])


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"# first line: ", b"# first line: x\n", b"pass"]
)
@pytest.mark.filterwarnings("ignore:the cache is passed over")
def test_damaged_notes_about_functions(run, tmp_path, content):
    joblib.memory._FUNCTION_HASHES.clear()  # as in a new session
    expected = run()
    notes = sorted((tmp_path / "cache").rglob("func_code.py"))
    assert notes
    for path in notes:
        path.write_bytes(content)
    joblib.memory._FUNCTION_HASHES.clear()
    np.testing.assert_array_equal(run(), expected)


@contextmanager
def full_disk():
    """Let files of more than 100 bytes fail to be written; pytest's own log too."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_costs_the_cache_only(run, tmp_path):
    without = run(memory=None)
    joblib.memory._FUNCTION_HASHES.clear()
    with full_disk(), pytest.warns(UserWarning, match="File too large"):
        found = run()
    np.testing.assert_array_equal(found, without)
    assert not entries(tmp_path / "cache")


def test_after_a_full_disk_the_cache_serves_again(run, tmp_path):
    with full_disk(), pytest.warns(UserWarning, match="File too large"):
        expected = run()
    np.testing.assert_array_equal(run(), expected)
    assert len(entries(tmp_path / "cache")) >= 16


def test_two_threads_share_a_fresh_cache(run, tmp_path):
    expected = run(memory=None)
    found = joblib.Parallel(2, prefer="threads")(joblib.delayed(run)() for _ in "ab")
    for one in found:
        np.testing.assert_array_equal(one, expected)


def raise_own_error(calls: Path) -> int:
    with calls.open("a") as file:
        file.write("x")
    raise FilmError("a.png", "it is torn")


def test_an_error_of_the_function_is_no_reason_to_call_it_again(tmp_path):
    cached = open_memory(tmp_path).cache(raise_own_error, ignore=[], kind=int)
    with pytest.raises(FilmError, match=r"a\.png: it is torn"):
        cached(tmp_path / "calls")
    assert (tmp_path / "calls").read_text() == "x"


class NoStore:
    """What a user may pass as memory; its cache always fails."""

    def cache(self, function, ignore=()):
        def fail(*args, **kwargs):
            raise OSError(28, "No space left on device")

        return fail


def test_any_object_with_a_cache_will_do(run):
    expected = run(memory=None)
    with pytest.warns(UserWarning, match=r"the cache is passed over .*No space left"):
        np.testing.assert_array_equal(run(memory=NoStore()), expected)
