"""Months of real films without a label: what the documentation promises of them."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.stats import spearmanr

from sklearn_baccaec import LandmarkTable, load_pretrained
from sklearn_baccaec.datasets import load_radiographs, to_girls_months
from sklearn_baccaec.films import read_film
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.regions import REGION_SCALES

FOLDER = os.environ.get("SKLEARN_BACCAEC_DATA")
FEW = 60  # films that are changed

pytestmark = [
    pytest.mark.films,
    pytest.mark.skipif(not FOLDER, reason="SKLEARN_BACCAEC_DATA is not set"),
]


@pytest.fixture(scope="module")
def data():
    return load_radiographs(Path(FOLDER) / "images", Path(FOLDER) / "boneage.csv")


@pytest.fixture(scope="module")
def model():
    return load_pretrained(on_error="skip", n_jobs=2)


@pytest.fixture(scope="module")
def table(model, data):
    """All films, by the pretrained model, which no age has entered."""
    return model.assign(data.data, sex=data.sex)


@pytest.fixture(scope="module")
def few(model, data):
    """Some films as pixels, with their sexes, landmarks and months."""
    chosen = np.random.default_rng(0).permutation(len(data.data))[:FEW]
    films = [read_film(path) for path in data.data[chosen]]
    sexes = data.sex[chosen]
    examined = model.examine(films)
    return films, sexes, examined, model.predict_age(films, sex=sexes)


def test_months_without_a_label(table, data):
    errors = (table["age"] - data.target).to_numpy()
    assert np.isfinite(errors).all()
    assert np.abs(errors).mean() < 10.5
    inside = assign_age_intervals(data.target) >= 0
    told = assign_age_intervals(np.clip(table["age"], 0, 300))
    right = told[inside] == assign_age_intervals(data.target)[inside]
    assert right.mean() > 0.8  # the largest interval holds half of them
    for sex in "FM":
        own = data.sex == sex
        assert spearmanr(table["age"][own], data.target[own])[0] > 0.95


def test_ranges_hold_most_ages_everywhere(table, data):
    held = (table["age_low"] <= data.target) & (data.target <= table["age_high"])
    assert 0.74 < held.mean() < 0.88
    steps = np.digitize(table["age"], [48, 96, 120, 144, 192])
    for step in range(1, 5):
        assert 0.65 < held[steps == step].mean() < 0.95


def test_the_young_are_told_and_others_are_not(table, data):
    girls = to_girls_months(data.target, sex=data.sex)
    young = table["reason"].fillna("").str.contains("very young").to_numpy()
    assert young[girls < 48].mean() >= 0.9
    assert young[girls > 72].mean() <= 0.01
    unlike = table["reason"].fillna("").str.contains("unlike the films")
    assert unlike.mean() < 0.02


def test_mirrored_and_zoomed_films_are_told_alike(model, few):
    films, sexes, _, months = few
    area = cv2.INTER_AREA
    for change in (
        lambda film: np.ascontiguousarray(film[:, ::-1]),
        lambda film: cv2.resize(film, None, fx=0.9, fy=0.9, interpolation=area),
        lambda film: cv2.resize(film, None, fx=1.1, fy=1.1),
    ):
        found = model.predict_age(list(map(change, films)), sex=sexes)
        assert np.abs(found - months).mean() < 1.5
        assert abs(np.mean(found - months)) < 1


def test_shaken_landmarks_matter_little(few):
    """By 5% of the width of each crop."""
    films, sexes, examined, months = few
    points = examined.landmarks.copy()
    length = np.linalg.norm(points[:, 6, :2] - points[:, 18, :2], axis=1)
    widths = length[:, None] * np.array([*REGION_SCALES.values()])
    shift = np.random.default_rng(1).uniform(-1, 1, (FEW, 19, 2))
    points[..., :2] += 0.05 * widths[..., None] * shift
    shaken = load_pretrained(landmarker=LandmarkTable.from_films(films, points))
    found = shaken.predict_age(films, sex=sexes)
    assert np.abs(found - months).mean() < 4


def test_ten_missing_regions_cost_little(model, data, table):
    """Half a month at most in the mean error."""
    examined = model.examine(data.data[:FEW])
    rng = np.random.default_rng(2)
    latents = examined.region_latents.reshape(FEW, 19, -1).copy()
    for film in latents:
        film[rng.permutation(19)[:10]] = np.nan
    named, steps = model.named_clusterer_, model.pipeline_
    t = steps[3:-1].transform(latents.reshape(FEW, -1))
    found = named.predict_age(t, sex=data.sex[:FEW])
    truth = data.target[:FEW]
    before = np.abs(table["age"][:FEW] - truth).mean()
    assert np.abs(found - truth).mean() < before + 0.8


def test_a_skewed_collection_changes_nothing(model, data, table):
    boys = np.flatnonzero((data.sex == "M") & (data.target < 90))[:40]
    own = load_pretrained(on_error="skip", n_clusters=3, n_jobs=2)
    own.fit(data.data[boys], sex=data.sex[boys])
    found = own.predict_age(data.data[boys], sex=data.sex[boys])
    np.testing.assert_allclose(found, table["age"][boys], atol=1e-3)
