"""Models to files and back: what is kept, and what stays behind."""

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
    HandLandmarker,
    HOGComponents,
    HybridClusterer,
    LandmarkTable,
    MaturityCurve,
    RegionConsensus,
    RegionEncoder,
    load_model,
    save_model,
)
from sklearn_baccaec.regions import WeightsError
from sklearn_baccaec.regions.landmarking import _hand_landmarker
from sklearn_baccaec.regions.landmarking._weights import load_weights

THREE = ["carpus", "radius", "index_mcp"]
ROUND_TRIPS = {
    "vae": {"encoder": VAE(max_steps=2)},
    "agreement": {
        "method": "agreement",
        "regions": THREE,
        "encoder": HOGComponents(4, remainder=True),
        "crop_scale": 0.75,
    },
    "consensus": {"encoder": PCA(2), "consensus": RegionConsensus()},
    "curve of two regions": {
        "encoder": PCA(2),
        "consensus": MaturityCurve(min_regions=2),
    },
    "hybrid clusterer": {"encoder": PCA(2), "clusterer": HybridClusterer(3)},
    "scikit-learn's encoder": {
        "encoder": PCA(2),
        "method": "agreement",
        "regions": THREE,
    },
    "an encoder of its own": {
        "encoder": RegionEncoder(PCA(2), overrides={19: PCA(2, whiten=True)})
    },
    "numpy's numbers": {
        "encoder": PCA(2),
        "n_clusters": np.int64(3),
        "random_state": np.int64(1),
        "regions": range(17, 20),
    },
    "random state": {"encoder": PCA(2), "random_state": np.random.RandomState(0)},
}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def model(make_model, films, tmp_path_factory) -> BoneAgeClusterer:
    """A fitted model that must stay as it is."""
    cache = tmp_path_factory.mktemp("cache")
    return make_model(memory=cache).fit(films.data, films.target, sex=films.sex)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "model.skops"


@pytest.mark.parametrize("params", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
@pytest.mark.filterwarnings("error:the model holds")
def test_a_loaded_model_says_the_same(make_model, films, path, params):
    model = make_model(**params).fit(films.data, films.target, sex=films.sex)
    save_model(model, path)
    loaded = load_model(path)
    check_same(loaded, model, films)
    assert set(vars(loaded)) == set(vars(model))
    assert loaded.landmarker is loaded.landmarker_


def test_a_model_without_names_is_named_later_or_fitted_again(make_model, films, path):
    model = make_model(encoder=PCA(2)).fit(films.data)
    save_model(model, path)
    loaded = load_model(path)
    again = clone(loaded).fit(films.data, films.target)
    np.testing.assert_array_equal(again.labels_, model.labels_)
    assert not hasattr(loaded, "cluster_table_")
    pd.testing.assert_frame_equal(loaded.assignments_, model.assignments_)
    for each in (loaded, model):
        each.name_clusters(films.data, films.target, sex=films.sex)
    check_same(loaded, model, films)


def test_saving_changes_nothing(model, films, path):
    state = joblib.hash(pickle.dumps(model))
    landmarker, memory = model.landmarker, model.memory
    save_model(model, path)
    assert joblib.hash(pickle.dumps(model)) == state
    assert model.landmarker is landmarker is model.landmarker_
    assert model.memory is memory is model.pipeline_["encoder"].memory
    loaded = load_model(path)
    save_model(loaded, path)  # and once more
    check_same(load_model(path), model, films)
    check_same(pickle.loads(pickle.dumps(loaded)), model, films)


def test_nothing_of_this_machine_is_in_the_file(
    make_model, film_folder, tmp_path, path
):
    """The table of landmarks and the weights of a file come along, the cache stays."""
    weights, table = tmp_path / "mine.npz", tmp_path / "mine.csv"
    HandLandmarker().save_weights(weights)
    shutil.copy(film_folder / "landmarks.csv", table)
    files = sorted(film_folder.glob("*.png"))[:5]
    networks = HandLandmarker(weights, memory=tmp_path / "cache")
    for landmarker in (LandmarkTable(table), FrozenEstimator(networks)):
        model = make_model(
            landmarker=landmarker,
            encoder=CCAEC(max_steps=2, device="cpu:0"),
            memory=joblib.Memory(tmp_path / "cache", verbose=0),
        ).fit(files)
        save_model(model, path)
        with zipfile.ZipFile(path) as archive:
            members = b"".join(archive.read(name) for name in archive.namelist())
        for text in (str(tmp_path), str(film_folder), str(Path.cwd()), "cpu:0"):
            assert text.encode() not in members
            assert text.encode("utf-32-le") not in members  # numpy's text
        wanted = model.predict(files)
        (table if isinstance(landmarker, LandmarkTable) else weights).unlink()
        loaded = load_model(path)
        np.testing.assert_array_equal(loaded.predict(files), wanted)
        assert loaded.memory is None


def test_a_table_of_landmarks_comes_along_whole(model, films, path):
    """Also one with gaps and numbers of regions; the loaded one may be cloned."""
    columns = {"id": ["a", "a", "b"], "region": [16, "radius", "carpus"]}
    table = pd.DataFrame({**columns, "x": [1.5, np.nan, 3], "y": [1, 2, 3]})
    other = pickle.loads(pickle.dumps(model))
    for landmarker in (LandmarkTable(table), LandmarkTable(table[:0])):
        other.landmarker_ = landmarker
        save_model(other, path)
        loaded = load_model(path).landmarker_
        names = ["a.png", "b.png", "c.png"]
        wanted = landmarker.predict(names)
        for each in (loaded, clone(loaded)):
            np.testing.assert_array_equal(each.predict(names), wanted)


def test_a_landmarker_whose_file_is_gone(model, tmp_path, path):
    other = pickle.loads(pickle.dumps(model))
    for landmarker, kind in (
        (LandmarkTable(tmp_path / "gone.csv"), FileNotFoundError),
        (HandLandmarker(tmp_path / "gone.npz"), WeightsError),
    ):
        other.landmarker_ = landmarker
        with pytest.raises(kind, match="gone"):
            save_model(other, path)
        assert not list(tmp_path.iterdir())


def test_landmarks_are_found_as_where_the_model_was_saved(
    make_model, films, path, monkeypatch
):
    """Another version of the package may come with other weights."""
    X = films.data
    model = make_model(landmarker=None, encoder=PCA(2)).fit(X[:4]).set_params(n_jobs=2)
    save_model(model, path)
    wanted, weights = model.transform(X[:2]), load_weights("rsna")
    others = {name: np.zeros_like(value) for name, value in weights.items()}
    monkeypatch.setattr(_hand_landmarker, "load_weights", lambda name: others)
    loaded = load_model(path)
    assert loaded.landmarker is None
    np.testing.assert_array_equal(loaded.transform(X[:2]), wanted)


def test_a_landmarker_that_was_trained_comes_along(model, films, path):
    landmarker = HandLandmarker(None)
    landmarker.weights_ = {
        name: value * np.asarray(1.001, value.dtype) if "weight" in name else value
        for name, value in load_weights("rsna").items()
    }
    landmarker.n_films_used_ = 60
    X = films.data[:3]
    assert (landmarker.predict(X) != HandLandmarker().predict(X)).any()
    other = pickle.loads(pickle.dumps(model))
    other.landmarker_ = landmarker
    save_model(other, path)
    loaded = load_model(path)
    assert isinstance(loaded.landmarker, LandmarkTable)  # the next `fit` uses it
    assert (loaded.landmarker_.weights, loaded.landmarker_.n_films_used_) == (None, 60)
    np.testing.assert_array_equal(loaded.landmarker_.predict(X), landmarker.predict(X))


def test_another_process_in_another_folder_predicts_the_same(
    model, films, path, tmp_path
):
    save_model(model, path)
    np.savez(tmp_path / "films.npz", films=films.data)
    code = (
        "import numpy as np; from sklearn_baccaec import load_model;"
        "films = np.load('../films.npz')['films'];"
        "print(load_model('renamed').transform(films).tobytes().hex())"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path.rename(elsewhere / "renamed")
    command = [sys.executable, "-c", code]
    found = subprocess.check_output(command, cwd=elsewhere, text=True)
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


def test_steps_of_ones_own_are_named(make_model, films, path):
    name = f"{__name__}.OwnEncoder"
    model = make_model(encoder=OwnEncoder())
    model.fit(films.data, films.target, sex=films.sex)
    with pytest.warns(UserWarning, match=name) as told:
        save_model(model, path)
    assert told[0].filename == __file__
    with pytest.raises(ValueError, match=name):
        load_model(path)
    for trusted in ([name], (OwnEncoder,)):
        check_same(load_model(path, trusted), model, films)


def test_what_cannot_be_saved(make_model, films, path):
    model = make_model(clusterer=Birch(threshold=1e-3), n_clusters=None, encoder=PCA(2))
    with pytest.raises(sklearn.exceptions.NotFittedError):
        save_model(model, path)
    with pytest.raises(TypeError, match=r"without pickle.*Birch"):
        save_model(model.fit(films.data), path)
    with pytest.raises(TypeError, match="a PCA, not a BoneAgeClusterer"):
        save_model(PCA(), path)
    assert not path.exists()


def test_an_interrupt_leaves_the_file_that_was_there(model, path, monkeypatch):
    path.write_bytes(b"an earlier model")

    def interrupt(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_model(model, path)
    assert path.read_bytes() == b"an earlier model"
    assert list(path.parent.iterdir()) == [path]
