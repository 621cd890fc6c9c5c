"""Settings that other packages change: no result depends on them, none is changed."""

import locale
import os
import random
import subprocess
import sys
import threading
import warnings
from contextlib import contextmanager
from importlib.util import find_spec

import cv2
import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from sklearn.decomposition import PCA

from sklearn_baccaec import (
    CCAEC,
    VAE,
    AgeRegressor,
    HandLandmarker,
    HOGComponents,
    HybridClusterer,
    MaturityCurve,
    NamedClusterer,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
    load_pretrained,
)
from sklearn_baccaec.films import read_film
from sklearn_baccaec.metrics import majority_label_accuracy
from sklearn_baccaec.nn._torch_state import plain_torch
from sklearn_baccaec.regions.landmarking import _shared_networks

REGIONS = ["carpus", "radius", "ulna"]


@contextmanager
def changed(get, change, value):
    before = get()
    change(value)
    try:
        yield
    finally:
        change(before)


def set_attribute(owner, name, value):
    return changed(
        lambda: getattr(owner, name), lambda v: setattr(owner, name, v), value
    )


@contextmanager
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


SETTINGS = {
    "float64": lambda: changed(
        torch.get_default_dtype, torch.set_default_dtype, torch.float64
    ),
    "bfloat16": lambda: changed(
        torch.get_default_dtype, torch.set_default_dtype, torch.bfloat16
    ),
    "default device": lambda: torch.device("meta"),
    "deterministic": lambda: changed(
        torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, "error"
    ),
    "inference": torch.inference_mode,
    "no gradients": torch.no_grad,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "one thread": lambda: changed(torch.get_num_threads, torch.set_num_threads, 1),
    "many threads": lambda: changed(torch.get_num_threads, torch.set_num_threads, 5),
    "coarse products": lambda: changed(
        torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "medium"
    ),
    "no mkldnn": lambda: set_attribute(torch.backends.mkldnn, "enabled", False),
    "numpy raises": lambda: np.errstate(all="raise"),
    "numpy prints": lambda: np.printoptions(precision=1, threshold=2, legacy="1.13"),
    "pandas prints": lambda: pd.option_context(
        *("display.precision", 1, "display.max_rows", 2, "display.max_colwidth", 3),
        *("display.float_format", "x".format, "display.width", 9),
    ),
    "cv2 in one thread": lambda: changed(cv2.getNumThreads, cv2.setNumThreads, 1),
    "cv2 in threads": lambda: changed(cv2.getNumThreads, cv2.setNumThreads, 5),
    "plain cv2": lambda: changed(cv2.useOptimized, cv2.setUseOptimized, False),
    "warnings are errors": warnings_are_errors,
    "locale": lambda: changed(
        lambda: locale.setlocale(locale.LC_ALL),
        lambda name: locale.setlocale(locale.LC_ALL, name),
        "C",
    ),
    "pandas comes out": lambda: sklearn.config_context(transform_output="pandas"),
    "nothing is checked": lambda: sklearn.config_context(
        assume_finite=True, skip_parameter_validation=True
    ),
}


def state():
    """All that the settings change, and sources of random numbers."""
    return {
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "deterministic": torch.get_deterministic_debug_mode(),
        "modes": (
            torch.is_inference_mode_enabled(),
            torch.is_grad_enabled(),
            torch.is_autocast_enabled("cpu"),
        ),
        "threads": (torch.get_num_threads(), cv2.getNumThreads()),
        "precision": torch.get_float32_matmul_precision(),
        "mkldnn": torch.backends.mkldnn.enabled,
        "numpy": (np.geterr(), np.get_printoptions()),
        "pandas": [pd.get_option(f"display.{n}") for n in ("precision", "max_rows")],
        "optimised": cv2.useOptimized(),
        "filters": list(warnings.filters),
        "locale": locale.setlocale(locale.LC_ALL),
        "sklearn": sklearn.get_config(),
        "random": (
            random.getstate(),
            np.random.get_state()[1].tolist(),  # noqa: NPY002
            torch.random.get_rng_state().numpy().tobytes(),
        ),
    }


@pytest.fixture
def work(hands, films, make_model, monkeypatch):
    """All kinds of results, as arrays and tables."""

    def work():
        _shared_networks._make_networks.cache_clear()  # or they were made before
        X, y = films.data, films.target
        crops = np.asarray(X.reshape(12, -1)[:, :1600], np.float32)
        vae = VAE(max_steps=2, region_shape=(40, 40), random_state=0).fit(crops)
        model = make_model().fit(X, y)
        agreement = make_model(
            method="agreement",
            regions=REGIONS,
            encoder=HOGComponents(3, remainder=True),
        ).fit(X, y, sex=films.sex)
        pretrained = load_pretrained(landmarker=model.landmarker)
        return {
            "landmarks": HandLandmarker().predict(hands.data[:2]),
            "vae": vae.inverse_transform(vae.transform(crops)),
            "latents": np.asarray(model.transform(X)),
            "table": model.assign(X),
            "maturity": agreement.examine(X).maturity,
            "ages": agreement.predict_age(X, sex=films.sex),
            "axis": agreement.assign(X, sex=films.sex),
            "pretrained": pretrained.assign(X, sex=films.sex),
            "score": model.score(X, y),
        }

    return work


@pytest.fixture(scope="module")
def expected():
    return {}


@pytest.mark.parametrize("name", SETTINGS)
def test_results_and_settings_stay_as_they_are(work, expected, name):
    if not expected:
        expected.update(work())
    with SETTINGS[name]():
        before = state()
        found = work()
        assert state() == before
    for kind, wanted in expected.items():
        if isinstance(wanted, pd.DataFrame):
            pd.testing.assert_frame_equal(
                found[kind].astype(object), wanted.astype(object), check_exact=True
            )
        else:
            np.testing.assert_array_equal(found[kind], wanted, err_msg=kind)


def test_the_pretrained_model_is_the_same_for_all(films):
    np.random.seed(1)  # noqa: NPY002
    first = load_pretrained().pipeline_[-1]
    np.random.seed(2)  # noqa: NPY002
    second = load_pretrained().pipeline_[-1]
    rows = np.linspace(0, 1, 50)[:, None]
    np.testing.assert_array_equal(first.predict(rows), second.predict(rows))


def test_settings_come_back_when_the_last_thread_leaves():
    inside, left = threading.Event(), threading.Event()

    def stay():
        with plain_torch():
            inside.set()
            left.wait(10)

    with SETTINGS["float64"](), SETTINGS["coarse products"]():
        thread = threading.Thread(target=stay)
        with plain_torch():
            assert torch.get_default_dtype() == torch.float32
            thread.start()
            assert inside.wait(10)
        assert torch.get_default_dtype() == torch.float32  # of the other thread
        left.set()
        thread.join()
        assert torch.get_default_dtype() == torch.float64
        assert torch.get_float32_matmul_precision() == "medium"


# Arrays of other libraries
@pytest.fixture
def rows(films):
    rng = np.random.default_rng(0)
    return {
        "crops": rng.integers(0, 256, (12, 3 * 256)).astype(np.uint8),
        "latents": rng.normal(size=(12, 12)).astype(np.float32),
        "y": films.target.astype(float),
    }


# Older versions of scikit-learn take another package to dispatch.
DISPATCHES = find_spec("sklearn.externals.array_api_compat") or find_spec(
    "array_api_compat"
)
needs_dispatch = pytest.mark.skipif(
    not DISPATCHES, reason="scikit-learn cannot dispatch arrays here"
)
DOORS = {
    "preprocessor": lambda r: RegionPreprocessor(regions=REGIONS).fit_transform(
        r["crops"]
    ),
    "ccaec": lambda r: (
        CCAEC(max_steps=1, random_state=0)
        .fit(r["crops"][:, :256])
        .transform(r["crops"][:, :256])
    ),
    "hog": lambda r: (
        HOGComponents(2, random_state=0)
        .fit(r["crops"][:, :256])
        .transform(r["crops"][:, :256])
    ),
    "encoder": lambda r: (
        RegionEncoder(PCA(2), regions=REGIONS).fit(r["crops"]).transform(r["crops"])
    ),
    "consensus": lambda r: (
        RegionConsensus(regions=REGIONS).fit(r["latents"]).transform(r["latents"])
    ),
    "curve": lambda r: (
        MaturityCurve(regions=REGIONS, random_state=0)
        .fit(r["latents"])
        .posterior(r["latents"])
    ),
    "hybrid": lambda r: HybridClusterer(2, random_state=0).fit_predict(r["latents"]),
    "clusters": lambda r: (
        NamedClusterer(n_clusters=2, random_state=0)
        .fit(r["latents"], r["y"])
        .predict_age(r["latents"])
    ),
    "ages": lambda r: (
        AgeRegressor().fit(r["latents"][:, :1], r["y"]).predict(r["latents"][:, :1])
    ),
    "metric": lambda r: np.asarray(
        majority_label_accuracy(r["y"] > 90, r["latents"][:, 0] > 0)
    ),
}


@pytest.mark.parametrize("dispatch", [False, pytest.param(True, marks=needs_dispatch)])
@pytest.mark.parametrize("door", DOORS)
def test_tensors_go_in_and_numpy_comes_back(rows, door, dispatch, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    expected = DOORS[door](rows)
    tensors = {name: torch.from_numpy(part) for name, part in rows.items()}
    with sklearn.config_context(array_api_dispatch=dispatch):
        found = DOORS[door](tensors)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)


@needs_dispatch
def test_films_as_tensors_under_dispatch(films, make_model, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    X, y, sex = films.data, films.target.astype(float), films.sex == "M"
    model = make_model(encoder=PCA(2)).fit(X, y, sex=sex)
    expected = model.transform(X), model.predict_age(X, sex=sex)
    X, y, sex = (torch.from_numpy(part.copy()) for part in (X, y, sex))
    with sklearn.config_context(array_api_dispatch=True):
        model = make_model(encoder=PCA(2)).fit(X, y, sex=sex)
        found = model.transform(X), model.predict_age(X, sex=sex)
    for one, other in zip(found, expected, strict=True):
        assert type(one) is type(other)
        np.testing.assert_array_equal(one, other)


class OnDevice:
    """As a tensor of a GPU: numpy cannot read it before it is copied."""

    def __init__(self, content):
        self.content, self.shape = content, content.shape

    def __len__(self):
        return len(self.content)

    def __array__(self, *args, **kwargs):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")

    def cpu(self):
        return self.content


def test_tensors_of_a_gpu_are_copied(rows, films):
    clusterer = NamedClusterer(n_clusters=2, random_state=0).fit(rows["latents"])
    np.testing.assert_array_equal(
        clusterer.predict(OnDevice(rows["latents"])), clusterer.predict(rows["latents"])
    )
    np.testing.assert_array_equal(
        read_film(OnDevice(films.data[0])), read_film(films.data[0])
    )


def test_names_survive_a_python_of_ascii(tmp_path, films):
    cv2.imwrite(str(tmp_path / "a.png"), films.data[0])
    (tmp_path / "a.png").rename(tmp_path / "ünï.png")
    code = (
        "import os, sys, warnings; warnings.simplefilter('error')\n"
        "from sklearn_baccaec.datasets import load_radiographs\n"
        "from sklearn_baccaec.films import read_film\n"
        "films = load_radiographs(sys.argv[1])\n"
        "print(read_film(films.data[0]).shape, os.fsencode(films.ids[0]))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = [sys.executable, "-X", "utf8=0", "-c", code, str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == f"(160, 120) {'ünï'.encode()}\n"
