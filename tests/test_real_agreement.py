"""Agreement on real films, where SKLEARN_BACCAEC_DATA names a folder of them."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import read_film

FOLDER = os.environ.get("SKLEARN_BACCAEC_DATA")

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(not FOLDER, reason="SKLEARN_BACCAEC_DATA is not set"),
]

TRAIN_SHARE = 0.6
YOUNG = 72  # months
N_EXPOSED = 60


@pytest.fixture(scope="module")
def data():
    return load_radiographs(Path(FOLDER) / "images", Path(FOLDER) / "boneage.csv")


@pytest.fixture(scope="module")
def fit_films(data, tmp_path_factory):
    """Fit the method as it is, to some films or all, without an age."""
    memory = tmp_path_factory.mktemp("cache")  # no film is cropped twice

    def fit(chosen):
        model = BoneAgeClusterer(
            method="agreement",
            landmarker=LandmarkTable(Path(FOLDER) / "landmarks.csv"),
            on_error="skip",
            memory=memory,
            random_state=0,
        )
        return model.fit(data.data[chosen])

    return fit


@pytest.fixture(scope="module")
def split(data):
    """Films that are learned from, and films that are not."""
    order = np.random.default_rng(0).permutation(len(data.data))
    n_train = int(TRAIN_SHARE * len(order))
    return order[:n_train], order[n_train:]


@pytest.fixture(scope="module")
def model(fit_films, split):
    return fit_films(split[0])


@pytest.fixture(scope="module")
def of_all(fit_films):
    return fit_films(slice(None))


def test_maturity_rises_with_age_within_each_sex_though_none_was_known(
    model, data, split
):
    unseen = split[1]
    maturity = model.predict_maturity(data.data[unseen])
    placed = np.isfinite(maturity)
    assert placed.mean() > 0.98
    for sex in "FM":
        own = placed & (data.sex[unseen] == sex)
        assert spearmanr(maturity[own], data.target[unseen][own])[0] > 0.9


def test_the_young_are_in_order_too(of_all, data):
    t = of_all.pipeline_["consensus"].t_
    young = np.isfinite(t) & (data.target < YOUNG)
    assert young.sum() > 50
    assert spearmanr(t[young], data.target[young])[0] > 0.7


def test_the_curve_is_laid_through_the_middle_of_the_films(of_all, data):
    assert np.nanmean(of_all.maturity_) == pytest.approx(0.5, abs=0.05)
    assert np.nanstd(of_all.maturity_) == pytest.approx(1 / 6, abs=0.03)
    t = of_all.pipeline_["consensus"].t_
    placed = np.isfinite(t)
    assert spearmanr(t[placed], of_all.maturity_[placed])[0] > 0.95


@pytest.mark.filterwarnings("ignore:.*are outside age_range:UserWarning")
def test_ages_of_unseen_films_and_their_range(model, data, split):
    """One film in four that are learned from is of known age."""
    train, unseen = split[0][::4], split[1]
    model = pickle.loads(pickle.dumps(model))
    model.name_clusters(data.data[train], data.target[train], sex=data.sex[train])
    ages, ranges = model.predict_age(
        data.data[unseen], sex=data.sex[unseen], return_range=True
    )
    read = np.isfinite(ages)
    true = data.target[unseen][read]
    errors = np.abs(ages[read] - true)
    assert errors.mean() < 10
    low, high = ranges[read].T
    assert 0.7 < np.mean((low <= true) & (true <= high)) < 0.9


def test_films_exposed_otherwise_keep_their_place(model, data, split):
    unseen = data.data[split[1][:N_EXPOSED]]
    exposed = [
        np.uint8(10 + 0.7 * 255 * (read_film(film, 0) / 255.0) ** gamma)
        for film, gamma in zip(unseen, np.linspace(0.7, 1.5, N_EXPOSED), strict=True)
    ]
    places = model.predict_maturity(unseen)
    landmarks = model.landmarker_.predict(unseen)
    model.landmarker_ = LandmarkTable.from_films(exposed, landmarks)
    assert spearmanr(places, model.predict_maturity(exposed))[0] > 0.95
