"""Fixtures that many tests share: a few small films, in memory and on disk."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # a process per core: one thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import cv2
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from sklearn_baccaec import CCAEC, BoneAgeClusterer, HandLandmarker, LandmarkTable
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.films import _open_film
from sklearn_baccaec.regions import KEY_REGIONS
from sklearn_baccaec.regions.landmarking import _hand_location

N_FILMS = 12


@pytest.fixture(scope="session")
def films():
    """Bunch of 12 synthetic films of 160 x 120 pixels with their true landmarks."""
    bunch = make_hand_radiographs(N_FILMS, film_shape=(160, 120), random_state=0)
    bunch.data.setflags(write=False)  # a test that changes them fails
    bunch.landmarks.setflags(write=False)
    return bunch


@pytest.fixture
def points(films):
    """Landmarks of the films, with a confidence that falls from film to film."""
    confidence = np.broadcast_to(np.linspace(0.9, 0.1, 12)[:, None], (12, 19))
    return np.dstack([films.landmarks, confidence])


@pytest.fixture(scope="session")
def some_ages(films):
    """Ages of the films, of which two are unknown."""
    months = films.target.astype(float)
    months[[1, 4]] = np.nan
    months.setflags(write=False)
    return months


@pytest.fixture(scope="session")
def landmarker(films):
    """Landmarks of the films given as arrays."""
    return LandmarkTable.from_films(films.data, films.landmarks)


@pytest.fixture(scope="session")
def film_folder(films, tmp_path_factory) -> Path:
    """Folder of the films: a00.png to a11.png, ages.csv and landmarks.csv."""
    folder = tmp_path_factory.mktemp("films")
    ids = [f"a{i:02}" for i in range(len(films.data))]
    for name, film in zip(ids, films.data, strict=True):
        assert cv2.imwrite(str(folder / f"{name}.png"), film)
    pd.DataFrame({"id": ids, "boneage": films.target, "male": films.sex == "M"}).to_csv(
        folder / "ages.csv", index=False
    )
    pd.DataFrame(
        [
            {"id": name, "region": region, "x": x, "y": y, "confidence": 1.0}
            for name, points in zip(ids, films.landmarks, strict=True)
            for region, (x, y) in zip(KEY_REGIONS, points, strict=True)
        ]
    ).to_csv(folder / "landmarks.csv", index=False)
    return folder


@pytest.fixture
def fit_args(film_folder, tmp_path):
    """Arguments of a small fit of these films, without ages, into a folder "out"."""
    return [
        *("fit", str(film_folder), "--output", str(tmp_path / "out")),
        *("--landmarks", str(film_folder / "landmarks.csv"), "--jobs", "1"),
        *("--regions", "carpus", "17", "--clusters", "3", "--steps", "2"),
    ]


@pytest.fixture
def with_ages(fit_args, film_folder):
    return [*fit_args, "--ages", str(film_folder / "ages.csv")]


@pytest.fixture(scope="session")
def make_model(landmarker):
    """Make small, quick models of the films; parameters may be changed."""

    def make(**params) -> BoneAgeClusterer:
        defaults = {
            "regions": ["carpus", "radius"],
            "n_clusters": 3,
            "landmarker": landmarker,
            "encoder": CCAEC(max_steps=3),
            "crop_shape": (16, 16),
            "random_state": 0,
        }
        return BoneAgeClusterer(**{**defaults, **params})

    return make


@pytest.fixture(scope="session")
def pca_model(make_model, films):
    """Model that was fitted to the films and knows their ages; leave it as it is."""
    model = make_model(encoder=PCA(2, random_state=0))
    return model.fit(films.data, films.target)


@pytest.fixture(scope="session")
def ages():
    """80 ages in months; the first two are unknown."""
    months = np.random.default_rng(0).integers(24, 217, 80).astype(float)
    months[:2] = np.nan
    months.setflags(write=False)
    return months


@pytest.fixture(scope="session")
def labels(ages):
    """Six clusters that follow the 80 ages, and three films set aside."""
    noise = np.random.default_rng(1).normal(0, 12, len(ages))
    clusters = np.clip((np.nan_to_num(ages, nan=100) + noise - 24) // 32, 0, 5)
    clusters[5:8] = -1
    return np.where(clusters >= 0, (clusters + 2) % 6, -1).astype(int)


@pytest.fixture
def drawing():
    """One thread, as t-SNE crawls where several share a core; no figure is left."""
    with threadpool_limits(1):
        yield
    plt.close("all")


@pytest.fixture(scope="session")
def hands():
    """Six films of left and right hands, with true landmarks and sides."""
    bunch = make_hand_radiographs(
        6, film_shape=(400, 300), right_hand_share=0.5, random_state=1
    )
    bunch.data.setflags(write=False)  # a test that changes them fails
    bunch.landmarks.setflags(write=False)
    assert set(bunch.side) == {"L", "R"}
    return bunch


@pytest.fixture(scope="session")
def expected(hands):
    """What is found on these films as they are."""
    return HandLandmarker().locate(hands.data)


@pytest.fixture
def located(monkeypatch):
    """Shapes of the films that were looked at."""
    shapes, locate_hand = [], _hand_location.locate_hand

    def counted(pixels, *args):
        shapes.append(pixels.shape)
        return locate_hand(pixels, *args)

    monkeypatch.setattr(_hand_location, "locate_hand", counted)
    return shapes


@pytest.fixture
def reads(monkeypatch):
    """Positions of the films that were read, to be located or cropped."""
    positions, read_film = [], _open_film.read_with_note

    def counted(film, index=0):
        positions.append(index)
        return read_film(film, index)

    monkeypatch.setattr(_open_film, "read_with_note", counted)
    return positions
