"""Fit, save and load with the installed package, from films to ages."""

import tempfile
from pathlib import Path

import numpy as np

import sklearn_baccaec
from sklearn_baccaec import CCAEC, BoneAgeClusterer, load_model, save_model
from sklearn_baccaec.datasets import make_hand_radiographs

assert "site-packages" in sklearn_baccaec.__file__, sklearn_baccaec.__file__

films = make_hand_radiographs(12, random_state=0)
model = BoneAgeClusterer(
    ["carpus", "radius"],
    n_clusters=3,
    encoder=CCAEC(max_steps=2),
    crop_shape=(16, 16),
    random_state=0,
).fit(films.data, films.target)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.skops"
    save_model(model, path)
    loaded = load_model(path)
expected = model.predict_age(films.data)
assert np.isfinite(expected).all()
np.testing.assert_array_equal(loaded.predict_age(films.data), expected)
