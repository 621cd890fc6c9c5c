"""Films are read one at a time, and a large one is not copied over and over."""

import tracemalloc

import cv2
import numpy as np
import pytest
from film_files import landmark_table

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor, LandmarkTable

ZOOM = 5
BYTES = 8  # a pixel: the film in single precision, as decoded, and something over


@pytest.fixture(scope="module")
def large(hands):
    """Film of three megapixels."""
    return cv2.resize(hands.data[0], None, fx=ZOOM, fy=ZOOM)


@pytest.fixture(params=["deep.tif", "colour.png", "array"])
def film(request, large, tmp_path):
    if request.param == "array":
        return large.astype(np.float64)
    pixels = {
        "deep.tif": large.astype(np.uint16) * 200,
        "colour.png": np.dstack([large] * 3),
    }[request.param]
    path = tmp_path / request.param
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def extractor(film, hands):
    points = (hands.landmarks[0] + 0.5) * ZOOM - 0.5
    if isinstance(film, np.ndarray):
        table = LandmarkTable.from_films([film], points[None])
    else:
        table = landmark_table([film.stem], points)
    return KeyRegionExtractor(landmarker=table, crop_shape=(16, 16))


def peak(work, film):
    """Bytes a pixel that reading three films takes at most."""
    work([film])  # what is loaded once
    tracemalloc.start()
    try:
        work([film] * 3)
        return tracemalloc.get_traced_memory()[1] / (2000 * 1500)
    finally:
        tracemalloc.stop()


def test_memory_that_a_film_takes(film, large, extractor):
    assert large.size == 2000 * 1500
    allowed = BYTES + 4 * ("colour" in str(film))  # its channels are compared
    assert peak(extractor.transform, film) < allowed
    assert peak(HandLandmarker().predict, film) < allowed
