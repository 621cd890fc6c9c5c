"""Decoding a film takes longest: every public call does it once."""

from __future__ import annotations

import cv2
import numpy as np
import pydicom.pixels
import pytest
from dicom_files import save_dicom
from sklearn.frozen import FrozenEstimator

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor, LandmarkTable


@pytest.fixture(scope="module")
def paths(hands, tmp_path_factory):
    """Two PNG files and a DICOM file."""
    folder = tmp_path_factory.mktemp("decoded")
    paths = [folder / "0.png", folder / "1.png", folder / "2.dcm"]
    for path, film in zip(paths[:2], hands.data, strict=False):
        assert cv2.imwrite(str(path), film)
    save_dicom(paths[2], hands.data[2])
    return paths


@pytest.fixture
def decoded(monkeypatch):
    """Decodings, one entry each."""
    calls = []

    def count(module, name):
        decode = getattr(module, name)

        def counted(*args, **kwargs):
            calls.append(name)
            return decode(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count(cv2, "imdecode")
    count(pydicom.pixels, "pixel_array")
    return calls


class OwnLandmarker(HandLandmarker):
    def predict(self, X):
        return super().predict(X)


CALLS = {
    "predict": lambda memory, X: HandLandmarker(memory=memory).predict(X),
    "locate": lambda memory, X: HandLandmarker(memory=memory).locate(X),
    "extract": lambda memory, X: KeyRegionExtractor(memory=memory).extract(X),
    "fit_transform": lambda memory, X: KeyRegionExtractor(
        "carpus", memory=memory, n_jobs=2
    ).fit_transform(X),
    "frozen": lambda memory, X: KeyRegionExtractor(
        landmarker=FrozenEstimator(HandLandmarker(memory=memory))
    ).extract(X),
    "subclass": lambda memory, X: KeyRegionExtractor(
        landmarker=OwnLandmarker(), memory=memory
    ).extract(X),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("cached", [False, True])
def test_every_film_is_decoded_once(paths, decoded, tmp_path, call, cached):
    CALLS[call](tmp_path if cached else None, paths)
    assert sorted(decoded) == ["imdecode", "imdecode", "pixel_array"]


def test_known_films_are_not_decoded(paths, decoded, tmp_path):
    cached = KeyRegionExtractor(memory=tmp_path)
    first = cached.fit_transform(paths)
    decoded.clear()
    np.testing.assert_array_equal(cached.transform(paths), first)
    HandLandmarker(memory=tmp_path).predict(paths)
    assert not decoded


def test_known_landmarks_cost_no_decoding(hands, paths, decoded):
    table = LandmarkTable.from_films(paths, hands.landmarks[:3])
    KeyRegionExtractor(landmarker=table).extract(paths)
    assert len(decoded) == 3


class Overridden(HandLandmarker):
    """Is sure of nothing."""

    def locate(self, X):
        located = super().locate(X)
        located.landmarks[..., 2] = 0.1
        return located


def test_an_overridden_locate_is_respected(hands):
    extractor = KeyRegionExtractor(landmarker=Overridden(), on_error="skip")
    assert not extractor.fit(hands.data[:2]).valid_.any()
