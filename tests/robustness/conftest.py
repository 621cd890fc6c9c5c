"""What the tests of broken input share."""

import numpy as np
import pytest
from known_landmarks import Known

from sklearn_baccaec import KeyRegionExtractor

SHAPE = (160, 120)  # of the shared films


@pytest.fixture
def points(films):
    """Landmarks of the first four films, with confidence, to be spoilt."""
    return np.dstack([films.landmarks[:4], np.ones((4, 19))])


@pytest.fixture
def extract(points):
    """Crop two regions of four films, at true landmarks unless others are given."""

    def extract(X, landmarks=points, **params):
        params = {"on_error": "skip", "crop_shape": (16, 16), **params}
        landmarker = Known(landmarks)
        regions = ["carpus", "radius"]
        return KeyRegionExtractor(regions, landmarker=landmarker, **params).extract(X)

    return extract


@pytest.fixture
def expect_set_aside(extract, films):
    """Check that one bad film loses its own row and nothing else."""
    expected = extract(films.data[:4])

    def check(film, landmarks=None):
        found = extract(
            [film, *films.data[1:4]], *([] if landmarks is None else [landmarks])
        )
        assert found.valid.tolist() == [[False, False], *[[True, True]] * 3]
        assert not found.crops[0].any()
        np.testing.assert_array_equal(found.crops[1:], expected.crops[1:])
        assert found.reasons[1:].tolist() == [None] * 3
        assert found.reasons[0]
        return found.reasons[0]

    return check
