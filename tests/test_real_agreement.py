"""Agreement on real films, where SKLEARN_BACCAEC_DATA names a folder of them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from sklearn_baccaec import BoneAgeClusterer, ContrastiveRegionEncoder, LandmarkTable
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import read_film

FOLDER = os.environ.get("SKLEARN_BACCAEC_DATA")

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(not FOLDER, reason="SKLEARN_BACCAEC_DATA is not set"),
]

N_UNSEEN = 60


@pytest.fixture(scope="module")
def data():
    return load_radiographs(Path(FOLDER) / "images", Path(FOLDER) / "boneage.csv")


@pytest.fixture(scope="module")
def films(data):
    """Films that train, then films that do not."""
    return np.random.default_rng(0).choice(len(data.data), 200 + N_UNSEEN, False)


@pytest.fixture(scope="module")
def model(data, films):
    model = BoneAgeClusterer(
        method="agreement",
        landmarker=LandmarkTable(Path(FOLDER) / "landmarks.csv"),
        encoder=ContrastiveRegionEncoder(view_size=32, max_steps=60),
        on_error="skip",
        random_state=0,
    )
    return model.fit(data.data[films[:-N_UNSEEN]])


def test_maturity_rises_with_age_within_each_sex_though_none_was_known(
    model, data, films
):
    """An eighth of the usual training: less than the whole gives, no chance."""
    unseen = films[-N_UNSEEN:]
    maturity = model.predict_maturity(data.data[unseen])
    for sex in "FM":
        of_sex = data.sex[unseen] == sex
        assert spearmanr(maturity[of_sex], data.target[unseen][of_sex])[0] > 0.5


def test_films_exposed_otherwise_keep_their_place(model, data, films):
    unseen = data.data[films[-N_UNSEEN:]]
    exposed = [
        np.uint8(10 + 0.7 * 255 * (read_film(film, 0) / 255.0) ** gamma)
        for film, gamma in zip(unseen, np.linspace(0.7, 1.5, N_UNSEEN), strict=True)
    ]
    places = model.predict_maturity(unseen)
    landmarks = model.landmarker_.predict(unseen)
    model.landmarker_ = LandmarkTable.from_films(exposed, landmarks)
    assert spearmanr(places, model.predict_maturity(exposed))[0] > 0.95
