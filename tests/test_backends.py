"""Wherever joblib sends films and regions, the same comes back, bit for bit."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA

from sklearn_baccaec import (
    HandLandmarker,
    HOGComponents,
    KeyRegionExtractor,
    RegionEncoder,
)
from sklearn_baccaec._utils import parallel
from sklearn_baccaec.films import FilmError, _open_film

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def connect():
    """Connect to a cluster, which is started once."""
    clients = {}
    with ExitStack() as stack:

        def client(**kind):
            key = tuple(kind.values())
            if key not in clients:
                cluster = distributed.LocalCluster(dashboard_address=":0", **kind)
                stack.enter_context(cluster)
                clients[key] = stack.enter_context(distributed.Client(cluster))
            return clients[key]

        yield client


@pytest.fixture
def processes(connect):
    """Two workers of one thread."""
    return connect(n_workers=2, threads_per_worker=1, processes=True)


@pytest.fixture(params=["threading", "loky", "dask processes", "dask threads"])
def backend(request, connect):
    """Joblib's configuration, as `parallel_config` takes it."""
    if request.param == "dask processes":
        return {"backend": "dask", "client": request.getfixturevalue("processes")}
    if request.param == "dask threads":
        # Both regions train in one process, this one.
        client = connect(n_workers=1, threads_per_worker=2, processes=False)
        return {"backend": "dask", "client": client}
    return {"backend": request.param, "n_jobs": 2}


def test_landmarks(backend, hands, expected, tmp_path):
    (tmp_path / "text.png").write_text("text")
    X = [*hands.data, tmp_path / "text.png", np.zeros((50, 50))]
    alone = HandLandmarker().locate(X)
    with joblib.parallel_config(**backend):
        located = HandLandmarker().locate(X)
    for name, values in alone.items():
        np.testing.assert_array_equal(located[name], values)
    np.testing.assert_array_equal(located.landmarks[:6], expected.landmarks)
    assert "PNG" in located.reasons[6]
    assert "constant" in located.reasons[7]


@pytest.mark.parametrize("method", ["ccaec", "agreement"])
def test_clusters(backend, method, make_model, films):
    model = make_model(method=method, on_error="skip")
    if method == "agreement":
        regions = ["carpus", "radius", "ulna"]
        model.set_params(encoder=HOGComponents(4, remainder=True), regions=regions)
    X, y = [np.zeros((50, 50)), *films.data], [np.nan, *films.target]
    alone = clone(model).fit(X, y)
    with joblib.parallel_config(**backend):
        model.fit(X, y)
        latents, labels = model.transform(X), model.predict(X)
    assert alone.labels_[0] == -1
    np.testing.assert_array_equal(model.labels_, alone.labels_)
    np.testing.assert_array_equal(model.reasons_, alone.reasons_)
    np.testing.assert_array_equal(latents, alone.transform(X))
    np.testing.assert_array_equal(labels, alone.predict(X))


def test_a_film_that_fails_is_named(backend, make_model, film_folder, tmp_path):
    (tmp_path / "torn.png").write_bytes((film_folder / "a00.png").read_bytes()[:-99])
    X = [film_folder / "a00.png", tmp_path / "torn.png", film_folder / "a01.png"]
    model = make_model(landmarker=HandLandmarker())
    with joblib.parallel_config(**backend), pytest.raises(FilmError) as caught:
        model.fit(X)
    assert caught.value.film == "torn.png"
    assert "truncated" in caught.value.reason


def test_any_other_error_comes_through(backend):
    crops = np.random.default_rng(0).random((4, 8))
    encoder = RegionEncoder(PCA(99), regions=["carpus", "radius"])
    with (
        joblib.parallel_config(**backend),
        pytest.raises(ValueError, match="n_components=99"),
    ):
        encoder.fit(crops)


def test_after_an_interrupt_all_works(backend, films, landmarker, monkeypatch):
    extractor = KeyRegionExtractor(landmarker=landmarker, crop_shape=(16, 16))
    alone = extractor.transform(films.data)

    def interrupt(results, *args, **kwargs):
        yield next(iter(results))
        raise KeyboardInterrupt

    with joblib.parallel_config(**backend):
        with monkeypatch.context() as patch:
            patch.setattr(parallel, "tqdm", interrupt)
            with pytest.raises(KeyboardInterrupt):
                extractor.transform(films.data)
        np.testing.assert_array_equal(extractor.transform(films.data), alone)


def test_workers_share_the_cache(
    processes, make_model, film_folder, tmp_path, monkeypatch
):
    """A folder named by its place in the one where the search was started."""
    monkeypatch.chdir(tmp_path)
    X = sorted(film_folder.glob("*.png"))
    model = make_model(memory="cache", landmarker=None, on_error="skip")
    with joblib.parallel_config("dask", client=processes):
        model.fit(X)

    def fail(*args):
        raise AssertionError("a film was read again")

    monkeypatch.setattr(_open_film, "read_with_note", fail)
    again = clone(model).fit(X)
    np.testing.assert_array_equal(again.labels_, model.labels_)
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


@pytest.mark.skipif(
    not Path("/proc/self/cwd").exists(), reason="needs a path that processes differ in"
)
def test_a_film_that_workers_do_not_see(processes, film_folder, monkeypatch):
    monkeypatch.chdir(film_folder)
    path = Path("/proc/self/cwd/a00.png")
    assert path.is_file()
    with (
        joblib.parallel_config("dask", client=processes),
        pytest.raises(FilmError, match=r"^a00\.png: there is no such file"),
    ):
        KeyRegionExtractor("carpus").fit([path])


def test_a_worker_that_dies_is_replaced(processes, film_folder, tmp_path):
    X = sorted(film_folder.glob("*.png")) * 5
    victim = next(iter(processes.run(os.getpid).values()))

    def kill():
        while not list(tmp_path.rglob("output.pkl")):
            time.sleep(0.01)
        os.kill(victim, signal.SIGTERM)

    killer = threading.Thread(target=kill)
    killer.start()
    landmarker = HandLandmarker(memory=tmp_path)
    with joblib.parallel_config("dask", client=processes):
        found = landmarker.predict(X)
    killer.join()
    assert victim not in processes.run(os.getpid).values()
    np.testing.assert_array_equal(found[:12], HandLandmarker().predict(X[:12]))
