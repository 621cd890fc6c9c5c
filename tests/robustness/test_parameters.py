"""Parameters out of range: refused by name, and before hours of work."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklearn_baccaec import (
    CCAEC,
    VAE,
    AgeRegressor,
    HandLandmarker,
    HOGComponents,
    KeyRegionExtractor,
    MaturityCurve,
    NamedClusterer,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
    RegionSubsetSearchCV,
)

NO_NUMBERS = (np.nan, "2", None, [], {}, object(), 1j, b"x", int)
NO_COUNTS = (*NO_NUMBERS, 0, -1, 2.5, np.inf)
NO_SHARES = (*NO_NUMBERS, -0.1, 1.1, np.inf)
NO_SEEDS = ("0", 1.5, [], -1, 2**32, np.random.default_rng(0))
NO_JOBS = ("2", 1.5, [], np.nan)
NO_SIZES = (16, (16,), (0, 16), (16, -1), (16.0, 16.0), "16", (np.nan, 16), (1, 2, 3))
NO_REGIONS = ([], ["elbow"], [0], [20], ["carpus", 19], [1.5], [None], "x", np.nan)

WRONG = {
    "model": {
        "n_clusters": (0, 13),
        "interval": (0, 1e-9),
        "age_range": ((216, 24), "ab"),
        "regions": NO_REGIONS,
        "crop_shape": NO_SIZES,
        "method": ("CCAEC", None, 1, []),
        "on_error": ("ignore", None, True),
        "min_confidence": NO_SHARES,
        "landmarker": ("table.csv", 1, object()),
        "encoder": ("ccaec", 1, object()),
        "clusterer": ("kmeans", 1, PCA(2)),
        "memory": (1, [], object()),
        "n_jobs": (*NO_JOBS, 0),
        "random_state": NO_SEEDS,
        "verbose": ("loud", -1, []),
    },
    "extractor": {
        "regions": NO_REGIONS,
        "crop_shape": NO_SIZES,
        "scales": (3, {"elbow": 0.3}, {"carpus": 0}, {"carpus": np.nan}, {3: "x"}),
        "crop_scale": (*(n for n in NO_NUMBERS if n is not None), 0, -1, 5, np.inf),
        "min_confidence": NO_SHARES,
        "n_jobs": (*NO_JOBS, 0),
    },
    "landmarker": {
        "weights": (1, [], "gone.npz", ""),
        "n_rounds": NO_COUNTS,
        "max_steps": NO_COUNTS,
        "n_jobs": (*NO_JOBS, 0),
    },
    "preprocessor": {
        "blur": (0, 2, -1, "5", np.nan),
        "threshold_block": (0, 2, -1, "5", np.nan),
    },
    "region encoder": {
        "encoder": ("ccaec", 1, object()),
        "overrides": (3, {"ulna": PCA(2)}, {"elbow": PCA(2)}),
        "region_shape": NO_SIZES,
        "n_jobs": (*NO_JOBS, 0),
    },
    "ccaec": {
        "max_steps": NO_COUNTS,
        "batch_size": NO_COUNTS,
        "lr": (*NO_NUMBERS, 0, -1),
        "latent_penalty": (*NO_NUMBERS, -1),
        "device": ("", "abacus", "2", None, "cuda:99"),
        "channels": (3, (), [[]], [[0]], [["4"]]),
        "kernel_sizes": (3, (), (0,), ("3",)),
        "random_state": NO_SEEDS,
    },
    "vae": {"max_steps": NO_COUNTS, "device": ("abacus",)},
    "hog": {
        "n_components": NO_COUNTS,
        "remainder": (*NO_NUMBERS, 2),
        "region_shape": NO_SIZES,
        "random_state": NO_SEEDS,
    },
    "clusters": {
        "n_clusters": (*(n for n in NO_COUNTS if n is not None), 13),
        "interval": (*NO_NUMBERS, 0, -48, np.inf, 1e-320, 1e-9),
        "age_range": (*NO_SIZES[:2], (216, 24), (np.nan, 216), (24, np.inf), "ab"),
        "clusterer": ("kmeans", 1, PCA(2)),
        "age_regressor": ("line", 1, object()),
        "random_state": NO_SEEDS,
    },
    "ages": {
        "center": (*NO_NUMBERS, np.inf),
        "scale": (*NO_NUMBERS, 0, -1, np.inf),
    },
    "consensus": {
        "n_components": (*NO_COUNTS, 99),
        "regularization": NO_SHARES,
        "regions": NO_REGIONS,
    },
    "curve": {
        "n_knots": (*NO_COUNTS, 1),
        "penalty": (*NO_NUMBERS, -1, np.inf),
        "shrinkage": NO_SHARES,
        "max_iter": NO_COUNTS,
        "min_regions": (*NO_COUNTS, 3),
        "regions": NO_REGIONS,
        "random_state": NO_SEEDS,
    },
    "selector": {
        "regions": (*NO_REGIONS, ["ulna"]),
        "min_regions": ("1", [], object(), 0, -1, 0.0, 1.5, np.nan),
        "all_regions": NO_REGIONS,
    },
    "search": {
        "n_clusters": (0, -1, [], [0], ["2"], 2.5, np.nan),
        "search": ("all", None),
        "max_candidates": NO_COUNTS,
        "min_regions": (*NO_COUNTS, 3),
        "cv": (0, 1, 99, "x", np.nan, []),
        "estimator": (PCA(2), "x"),
        "n_jobs": (*NO_JOBS, 0),
    },
}
CASES = [
    pytest.param(kind, name, value, id=f"{kind}-{name}-{i}")
    for kind, parameters in WRONG.items()
    for name, values in parameters.items()
    for i, value in enumerate(values)
]
REGIONS = ["carpus", "radius"]


@pytest.fixture(scope="module")
def make_fit(films, landmarker, make_model):
    """Fit an estimator with one parameter set, on whatever it takes."""
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (12, 2 * 256))
    latents = rng.normal(size=(12, 6))
    model = make_model(encoder=PCA(2))
    extractor = KeyRegionExtractor(REGIONS, landmarker=landmarker, crop_shape=(16, 16))
    search = RegionSubsetSearchCV(model, n_clusters=[2], cv=2, refit=False)
    estimators = {
        "model": (model, films.data),
        "extractor": (extractor, films.data),
        "landmarker": (HandLandmarker(), films.data[:1]),
        "preprocessor": (RegionPreprocessor(), crops[:, :256]),
        "region encoder": (RegionEncoder(PCA(2), regions=REGIONS), crops),
        "ccaec": (CCAEC(max_steps=1), crops[:, :256]),
        "vae": (VAE(max_steps=1), crops[:, :256]),
        "hog": (HOGComponents(2), crops[:, :256]),
        "consensus": (RegionConsensus(regions=REGIONS), latents),
        "curve": (MaturityCurve(regions=REGIONS, min_regions=2), latents),
        "ages": (AgeRegressor(), latents),
        "clusters": (NamedClusterer(n_clusters=2), latents),
        "selector": (RegionSelector(["carpus"], all_regions=REGIONS), latents),
        "search": (search, films.data),
    }

    def fit(kind, **params):
        estimator, X = estimators[kind]
        before = estimator.get_params(deep=False)
        estimator.set_params(**params)
        try:
            if kind == "landmarker":
                return estimator.predict(X)
            return estimator.fit(X, films.target)
        finally:
            estimator.set_params(**before)

    return fit


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("kind", "name", "value"), CASES)
def test_wrong_parameters(make_fit, kind, name, value):
    with pytest.raises((ValueError, TypeError)) as caught:
        make_fit(kind, **{name: value})
    assert str(caught.value)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("model", {"n_clusters": np.int64(2), "interval": np.float32(48)}),
        ("model", {"interval": 10**30, "age_range": [24, 216]}),
        ("model", {"age_range": np.array([24, 216]), "crop_shape": np.array([16, 16])}),
        ("model", {"random_state": np.random.RandomState(0), "verbose": False}),
        ("model", {"random_state": None, "n_jobs": np.int64(1)}),
        ("model", {"regions": np.array(["carpus", "radius"])}),
        ("model", {"regions": (19, "17")}),
        ("extractor", {"scales": {19: 0.3}, "min_confidence": np.float32(1)}),
        ("extractor", {"crop_scale": np.float32(0.5)}),
        ("extractor", {"crop_scale": np.int64(2)}),
        ("ccaec", {"batch_size": np.int64(4), "max_steps": np.int32(1)}),
        ("vae", {"batch_size": np.int64(4)}),
        ("hog", {"n_components": np.int64(4), "remainder": np.True_}),
        ("curve", {"n_knots": np.int64(4), "penalty": np.float32(1)}),
        ("curve", {"max_iter": np.int32(1), "shrinkage": np.float32(1)}),
        ("ages", {"center": np.int64(0), "scale": np.float32(1)}),
    ],
    ids=lambda value: str(list(value) if isinstance(value, dict) else value),
)
def test_numbers_of_all_kinds(make_fit, kind, params):
    make_fit(kind, **params)


@pytest.mark.parametrize("kind", ["model", "extractor", "landmarker"])
def test_memory_that_can_hold_nothing(make_fit, tmp_path, kind):
    (tmp_path / "file").write_text("no folder")
    for memory in (tmp_path / "file", str(tmp_path / "file" / "deeper")):
        with pytest.raises(OSError, match=r"memory=.*file.* cannot hold a cache"):
            make_fit(kind, memory=memory)
