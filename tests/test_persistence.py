"""Models to files and back: what is kept, and what stays behind."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from saved_models import check_same
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.cluster import Birch
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator

from sklearn_baccaec import (
    CCAEC,
    VAE,
    BoneAgeClusterer,
    ContrastiveRegionEncoder,
    HandLandmarker,
    HybridClusterer,
    LandmarkTable,
    RegionEncoder,
)
from sklearn_baccaec._clusterer import _persistence
from sklearn_baccaec.regions import WeightsError
from sklearn_baccaec.regions.landmarking import _weights as _landmark_weights

ROUND_TRIPS = {
    "ccaec": {},
    "vae": {"encoder": VAE(max_steps=2)},
    "agreement": {
        "method": "agreement",
        "encoder": ContrastiveRegionEncoder(4, view_size=16, max_steps=2),
    },
    "agreement without consensus": {
        "method": "agreement",
        "encoder": ContrastiveRegionEncoder(4, view_size=16, max_steps=2),
        "consensus": "passthrough",
    },
    "hybrid clusterer": {"encoder": PCA(2), "clusterer": HybridClusterer()},
    "scikit-learn's encoder": {"encoder": PCA(2), "method": "agreement"},
    "an encoder of its own": {
        "encoder": RegionEncoder(PCA(2), overrides={19: PCA(2, whiten=True)})
    },
    "numpy's numbers": {
        "encoder": PCA(2),
        "n_clusters": np.int64(3),
        "random_state": np.int64(1),
    },
    "random state": {"encoder": PCA(2), "random_state": np.random.RandomState(0)},
    "numbers of regions": {"encoder": PCA(2), "regions": range(17, 20)},
}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def model(make_model, films, tmp_path_factory) -> BoneAgeClusterer:
    """A fitted model that must stay as it is."""
    cache = tmp_path_factory.mktemp("cache")
    return make_model(memory=cache).fit(films.data, films.target, sex=films.sex)


@pytest.fixture
def path(model, tmp_path) -> Path:
    path = tmp_path / "model.skops"
    model.save(path)
    return path


@pytest.mark.parametrize("params", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
@pytest.mark.filterwarnings("error:the model holds")
def test_a_loaded_model_says_the_same(make_model, films, tmp_path, params):
    model = make_model(**params).fit(films.data, films.target, sex=films.sex)
    model.save(tmp_path / "model.skops")
    loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
    check_same(loaded, model, films)
    assert set(vars(loaded)) == set(vars(model))
    assert loaded.landmarker is loaded.pipeline_[0].landmarker
    refitted = clone(loaded).fit(films.data, films.target)
    if params.get("random_state") is None:
        np.testing.assert_array_equal(refitted.labels_, model.labels_)


def test_a_model_without_names_is_named_later(make_model, films, tmp_path):
    model = make_model().fit(films.data)
    model.save(tmp_path / "model.skops")
    loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
    assert not hasattr(loaded, "cluster_table_")
    pd.testing.assert_frame_equal(loaded.assignments_, model.assignments_)
    for each in (loaded, model):
        each.name_clusters(films.data, films.target, films.sex)
    check_same(loaded, model, films)


def test_saving_changes_nothing(model, films, path):
    state = joblib.hash(pickle.dumps(model))
    landmarker, memory = model.landmarker, model.memory
    model.save(path)
    assert joblib.hash(pickle.dumps(model)) == state
    assert model.landmarker is landmarker is model.pipeline_[0].landmarker
    assert model.memory is memory is model.pipeline_["encoder"].memory
    loaded = BoneAgeClusterer.load(path)
    loaded.save(path)  # and once more
    check_same(BoneAgeClusterer.load(path), model, films)
    check_same(pickle.loads(pickle.dumps(loaded)), model, films)


def test_nothing_of_this_machine_is_in_the_file(make_model, film_folder, tmp_path):
    """The table of landmarks and the weights of a file come along, the cache stays."""
    weights, table = tmp_path / "mine.npz", tmp_path / "mine.csv"
    HandLandmarker().save_weights(weights)
    shutil.copy(film_folder / "landmarks.csv", table)
    files = sorted(film_folder.glob("*.png"))
    landmarkers = (
        LandmarkTable(table),
        FrozenEstimator(HandLandmarker(weights, memory=tmp_path / "cache")),
    )
    for landmarker in landmarkers:
        encoder = CCAEC(max_steps=2, device="cpu:0")
        model = make_model(
            landmarker=landmarker,
            encoder=encoder,
            memory=joblib.Memory(tmp_path / "cache", verbose=0),
        ).fit(files)
        model.save(tmp_path / "model.skops")
        with zipfile.ZipFile(tmp_path / "model.skops") as archive:
            members = b"".join(archive.read(name) for name in archive.namelist())
        for text in (str(tmp_path), str(film_folder), str(Path.cwd()), "cpu:0"):
            assert text.encode() not in members
            assert text.encode("utf-32-le") not in members  # numpy's text
        wanted = model.predict(files)
        (table if isinstance(landmarker, LandmarkTable) else weights).unlink()
        loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
        np.testing.assert_array_equal(loaded.predict(files), wanted)
        assert loaded.memory is None


def test_a_landmarker_whose_file_is_gone(model, tmp_path):
    for landmarker, kind in (
        (LandmarkTable(tmp_path / "gone.csv"), FileNotFoundError),
        (HandLandmarker(tmp_path / "gone.npz"), WeightsError),
    ):
        other = pickle.loads(pickle.dumps(model)).set_params(landmarker=landmarker)
        with pytest.raises(kind, match="gone"):
            other.save(tmp_path / "model.skops")
        assert not list(tmp_path.iterdir())


def test_landmarks_are_found_as_where_the_model_was_saved(
    make_model, films, tmp_path, monkeypatch
):
    """Another version of the package may come with other weights."""
    X = films.data
    model = make_model(landmarker=None, encoder=PCA(2)).fit(X[:4]).set_params(n_jobs=2)
    model.save(tmp_path / "model.skops")
    loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
    assert loaded.landmarker is None

    weights = _landmark_weights.load_weights("rsna")
    others = {name: np.zeros_like(value) for name, value in weights.items()}
    monkeypatch.setattr(_persistence, "load_weights", lambda name: others)
    loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
    assert loaded.landmarker.estimator.n_jobs == 2
    for name, value in weights.items():
        np.testing.assert_array_equal(loaded.landmarker.weights_[name], value)
    assert clone(loaded).landmarker.weights_.keys() == weights.keys()  # frozen
    np.testing.assert_array_equal(loaded.transform(X[:2]), model.transform(X[:2]))


def test_a_fitted_landmarker_comes_along(make_model, films, tmp_path):
    weights = _landmark_weights.load_weights("rsna")
    X = films.data
    landmarker = HandLandmarker(None)
    landmarker.weights_ = {
        name: value * np.asarray(1.001, value.dtype) if "weight" in name else value
        for name, value in weights.items()
    }
    landmarker.n_films_used_ = 60
    assert (landmarker.predict(X[:3]) != HandLandmarker().predict(X[:3])).any()
    model = make_model(landmarker=landmarker, encoder=PCA(2)).fit(X[:4])
    model.save(tmp_path / "model.skops")
    loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
    assert (loaded.landmarker.weights, loaded.landmarker.n_films_used_) == (None, 60)
    np.testing.assert_array_equal(
        loaded.landmarker.predict(X[:3]), landmarker.predict(X[:3])
    )
    np.testing.assert_array_equal(loaded.transform(X[:3]), model.transform(X[:3]))


def test_the_landmarker_of_today_is_saved(model, tmp_path):
    other = pickle.loads(pickle.dumps(model)).set_params(landmarker=HandLandmarker())
    other.save(tmp_path / "model.skops")
    loaded = BoneAgeClusterer.load(tmp_path / "model.skops")
    assert isinstance(loaded.landmarker, HandLandmarker)
    assert loaded.pipeline_[0].landmarker is loaded.landmarker
    assert isinstance(other.pipeline_[0].landmarker, LandmarkTable)


def test_another_process_in_another_folder_predicts_the_same(
    model, films, path, tmp_path
):
    np.savez(tmp_path / "films.npz", films=films.data)
    code = (
        "import sys, numpy as np; from sklearn_baccaec import BoneAgeClusterer;"
        "films = np.load(sys.argv[2])['films'];"
        "print(BoneAgeClusterer.load(sys.argv[1]).transform(films).tobytes().hex())"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = path.rename(elsewhere / "renamed")
    found = subprocess.run(
        [sys.executable, "-c", code, moved.name, str(tmp_path / "films.npz")],
        capture_output=True,
        check=True,
        cwd=elsewhere,
        text=True,
    ).stdout
    assert found.strip() == model.transform(films.data).tobytes().hex()


class OwnEncoder(TransformerMixin, BaseEstimator):
    """Means of the rows: a step of a user's own."""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X.mean(axis=1, keepdims=True)

    def get_feature_names_out(self, input_features=None):
        return np.array(["mean"], dtype=object)


def test_steps_of_ones_own_are_named(make_model, films, tmp_path):
    name = f"{__name__}.OwnEncoder"
    model = make_model(encoder=OwnEncoder()).fit(
        films.data, films.target, sex=films.sex
    )
    with pytest.warns(UserWarning, match=name) as told:
        model.save(tmp_path / "model.skops")
    assert told[0].filename == __file__
    with pytest.raises(ValueError, match=name):
        BoneAgeClusterer.load(tmp_path / "model.skops")
    for trusted in ([name], (OwnEncoder,)):
        loaded = BoneAgeClusterer.load(tmp_path / "model.skops", trusted=trusted)
        check_same(loaded, model, films)


def test_a_step_that_cannot_be_saved_without_pickle(make_model, films, tmp_path):
    model = make_model(clusterer=Birch(threshold=1e-3)).fit(films.data)
    with pytest.raises(TypeError, match=r"without pickle.*Birch"):
        model.save(tmp_path / "model.skops")
    assert not list(tmp_path.iterdir())


def test_an_interrupt_leaves_the_file_that_was_there(model, path, monkeypatch):
    before = path.read_bytes()

    def interrupt(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_unfitted_model_is_not_saved(make_model, tmp_path):
    with pytest.raises(sklearn.exceptions.NotFittedError):
        make_model().save(tmp_path / "model.skops")
