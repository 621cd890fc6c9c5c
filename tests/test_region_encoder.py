import os
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_baccaec import CCAEC, VAE, HOGComponents, RegionEncoder
from sklearn_baccaec.regions import KEY_REGIONS

REGIONS = ("carpus", "radius", "index_mcp")


@pytest.fixture(scope="module")
def crops():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (20, 3 * 256)).astype(np.uint8)


def make_encoder(**params):
    settings = {"regions": REGIONS, "random_state": 0, **params}
    return RegionEncoder(settings.pop("encoder", CCAEC(max_steps=2)), **settings)


def trainings(folder):
    return len(list(folder.rglob("_fit_region/*/output.pkl")))


def test_every_region_has_its_own_encoder(crops):
    given_encoder = CCAEC(max_steps=2)
    model = make_encoder(encoder=given_encoder).fit(crops)
    assert list(model.encoders_) == list(model.regions_) == list(REGIONS)
    assert len({id(encoder) for encoder in model.encoders_.values()}) == 3
    assert "weights_" not in vars(given_encoder)
    assert given_encoder.random_state is None
    seeds = {encoder.random_state for encoder in model.encoders_.values()}
    assert len(seeds) == 3
    latents = model.transform(crops)
    assert latents.shape == (20, 24)
    assert latents.dtype == np.float32
    for i, encoder in enumerate(model.encoders_.values()):
        pixels = crops[:, 256 * i : 256 * (i + 1)]
        again = clone(encoder).fit_transform(pixels)
        np.testing.assert_array_equal(again, latents[:, 8 * i : 8 * (i + 1)])


def test_names_of_columns(crops):
    model = make_encoder().fit(crops)
    expected = [f"{region}_ccaec{i}" for region in REGIONS for i in range(8)]
    assert list(model.get_feature_names_out()) == expected
    frame = model.set_output(transform="pandas").transform(crops)
    assert list(frame.columns) == expected


@pytest.mark.parametrize("name", ["radius", 17, "17", np.int64(17)])
def test_overrides(crops, name):
    model = make_encoder(encoder=PCA(8), overrides={name: VAE(max_steps=1)})
    model.fit(crops)
    kinds = [type(encoder) for encoder in model.encoders_.values()]
    assert kinds == [PCA, VAE, PCA]
    plain = make_encoder(encoder=PCA(8)).fit(crops)
    np.testing.assert_array_equal(
        model.transform(crops)[:, :8], plain.transform(crops)[:, :8]
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"overrides": {"ulna": PCA(8)}}, "overrides names ulna"),
        ({"overrides": {"elbow": PCA(8)}}, "unknown region 'elbow'"),
        ({"overrides": {"carpus": PCA(3)}}, "same number of components"),
        ({"regions": ["carpus", 19, "ulna"]}, "twice: carpus"),
        ({"regions": KEY_REGIONS[:5]}, "do not split into 5 regions"),
    ],
)
def test_wrong_parameters(crops, params, message):
    with pytest.raises(ValueError, match=message):
        make_encoder(encoder=PCA(8), **params).fit(crops)


def test_regions_from_names_from_19_and_one():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.random((6, 8)),
        columns=[f"{region}_y0_x{i}" for region in ("ulna", "wrist") for i in range(4)],
    )
    assert RegionEncoder(PCA(1)).fit(frame).regions_ == ("ulna", "wrist")
    assert RegionEncoder(PCA(1)).fit(rng.random((6, 38))).regions_ == KEY_REGIONS
    assert RegionEncoder(PCA(1)).fit(rng.random((6, 8))).regions_ == ("region",)


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(3)), n_kept=st.integers(1, 3))
def test_fewer_regions_in_any_order_give_the_same_columns(crops, order, n_kept):
    kept = order[:n_kept]
    blocks = crops.reshape(20, 3, 256)
    part = make_encoder(encoder=PCA(4, svd_solver="randomized"))
    full = clone(part).fit_transform(crops).reshape(20, 3, 4)
    part.set_params(regions=[REGIONS[i] for i in kept])
    latents = part.fit_transform(blocks[:, kept].reshape(20, -1))
    np.testing.assert_array_equal(latents, full[:, kept].reshape(20, -1))


def test_random_state(crops):
    def latents(random_state):
        return make_encoder(random_state=random_state).fit_transform(crops)

    first, second = (latents(np.random.RandomState(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(latents(0), latents(0))
    assert not np.array_equal(latents(0), latents(1))
    assert not np.array_equal(latents(None), latents(None))
    model = make_encoder(encoder=CCAEC(max_steps=1, random_state=7)).fit(crops)
    assert [encoder.random_state for encoder in model.encoders_.values()] == [7] * 3


@pytest.mark.parametrize(
    "convert",
    [
        lambda X: X.astype(np.float16),
        lambda X: (X / 255).astype(np.float16),
        lambda X: X.astype(np.uint16) * 200,
        lambda X: (X / 255).tolist(),
        np.asfortranarray,
        pd.DataFrame,
    ],
)
def test_type_of_the_pixels_does_not_matter(crops, convert):
    expected = make_encoder().fit_transform(crops)
    latents = make_encoder().fit_transform(convert(crops))
    np.testing.assert_allclose(latents, expected, atol=5e-4)


def test_encoders_other_than_networks(crops):
    model = make_encoder(encoder=make_pipeline(StandardScaler(), PCA(2)), verbose=1)
    latents = model.fit_transform(crops)
    assert latents.shape == (20, 6)
    expected = PCA(2).fit_transform(StandardScaler().fit_transform(crops[:, :256]))
    np.testing.assert_allclose(np.abs(latents[:, :2]), np.abs(expected), rtol=1e-3)
    assert list(model.get_feature_names_out()[:2]) == ["carpus_pca0", "carpus_pca1"]


def test_memory_trains_nothing_twice(crops, tmp_path):
    model = make_encoder(memory=tmp_path)
    latents = clone(model).fit_transform(crops)
    assert trainings(tmp_path) == 3
    y = np.arange(20)
    for changes, X in [
        ({}, crops),
        ({"verbose": 1}, crops.astype(np.float64)),
        ({"n_jobs": 2}, np.asfortranarray(crops)),
        ({"encoder__verbose": 1, "memory": str(tmp_path)}, crops.astype(np.float32)),
        ({"memory": joblib.Memory(str(tmp_path), verbose=0)}, pd.DataFrame(crops)),
    ]:
        with joblib.parallel_config("threading"):
            again = clone(model).set_params(**changes).fit(X, y)
            np.testing.assert_array_equal(again.transform(crops), latents)
        assert trainings(tmp_path) == 3
    part = clone(model).set_params(regions=REGIONS[:1]).fit(crops[:, :256])
    np.testing.assert_array_equal(part.transform(crops[:, :256]), latents[:, :8])
    assert trainings(tmp_path) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"random_state": 1},
        {"encoder__max_steps": 3},
        {"encoder__latent_penalty": 0.5},
        {"encoder": VAE(max_steps=2)},
    ],
)
def test_memory_trains_anew_what_differs(crops, tmp_path, changes):
    model = make_encoder(memory=tmp_path).fit(crops)
    clone(model).set_params(**changes).fit(crops)
    assert trainings(tmp_path) == 6
    clone(model).fit(crops[1:])
    assert trainings(tmp_path) == 9


def test_override_trains_its_region_only(crops, tmp_path):
    model = make_encoder(memory=tmp_path).fit(crops)
    clone(model).set_params(overrides={"radius": CCAEC(max_steps=3)}).fit(crops)
    assert trainings(tmp_path) == 4


class Fragile(TransformerMixin, BaseEstimator):
    """Keeps the first pixel; writes a line a fit, the third of which fails."""

    def __init__(self, log=None):
        self.log = log

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        with self.log.open("a") as file:
            file.write("fit\n")
        if len(self.log.read_text().split()) == 3:
            raise KeyboardInterrupt
        return self

    def transform(self, X):
        return X[:, :1]

    def get_feature_names_out(self, input_features=None):
        return np.array(["first"], dtype=object)


def test_interrupted_fit_goes_on_where_it_stopped(crops, tmp_path):
    log = tmp_path / "log"
    model = make_encoder(encoder=Fragile(log), memory=tmp_path / "cache")
    with pytest.raises(KeyboardInterrupt):
        model.fit(crops)
    assert trainings(tmp_path) == 2
    with pytest.raises(NotFittedError):
        model.transform(crops)
    latents = model.fit_transform(crops)
    assert log.read_text().split() == ["fit"] * 4
    np.testing.assert_array_equal(latents, crops[:, ::256])


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # joblib tells of the damage
def test_damaged_cache_entry_is_made_anew(crops, tmp_path):
    model = make_encoder(memory=tmp_path)
    latents = clone(model).fit_transform(crops)
    for entry in tmp_path.rglob("output.pkl"):
        os.truncate(entry, entry.stat().st_size // 2)
    np.testing.assert_array_equal(clone(model).fit_transform(crops), latents)
    np.testing.assert_array_equal(clone(model).fit_transform(crops), latents)


def test_pickle_and_nested_parameters(crops):
    model = make_encoder().fit(crops)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.transform(crops), model.transform(crops))
    changed = clone(model).set_params(encoder__max_steps=1).fit(crops)
    assert changed.encoders_["carpus"].n_iter_ == 1
    assert model.encoder.max_steps == 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_warnings_of_workers_are_told_once_and_here(n_jobs, capfd):
    crops = np.random.default_rng(0).integers(1, 255, (6, 3 * 64)).astype(np.uint8)
    encoder = RegionEncoder(
        HOGComponents(20), regions=["carpus", "radius", "ulna"], n_jobs=n_jobs
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        encoder.fit(crops)
    (told,) = [w for w in caught if "n_components=20" in str(w.message)]
    assert told.filename == __file__
    assert "n_components" not in capfd.readouterr().err
