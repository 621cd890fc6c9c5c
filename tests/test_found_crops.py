"""HandLandmarker at work: its cache and copies, and the extractor that it serves."""

import pickle
import warnings

import cv2
import numpy as np
import pytest
from sklearn.base import clone

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor, LandmarkTable
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.regions import KEY_REGIONS
from sklearn_baccaec.regions.landmarking._weights import load_weights, save_weights

CARPUS = KEY_REGIONS.index("carpus")
NO_HAND = "no hand was found"


# Memory and copies
@pytest.fixture
def unsure(tmp_path):
    """Weights with which every landmark has a confidence of 0.3."""
    path = tmp_path / "unsure.npz"
    calibration = np.float16([np.log(0.3 / 0.7), 0, 0, 0, 0])
    save_weights({**load_weights("rsna"), "calibration": calibration}, path)
    return path


def test_memory_looks_at_no_film_twice(hands, expected, unsure, tmp_path, located):
    cached = HandLandmarker(memory=tmp_path / "cache")
    films = list(hands.data[:3])
    np.testing.assert_array_equal(cached.predict(films), expected.landmarks[:3])
    assert len(located) == 3
    again = clone(cached).set_params(n_jobs=2, random_state=3).locate(films[::-1])
    np.testing.assert_array_equal(again.landmarks[::-1], expected.landmarks[:3])
    assert list(again.handedness[::-1]) == list(expected.handedness[:3])
    cached.predict([films[0].astype(np.float32)])
    copied = tmp_path / "copied.npz"
    HandLandmarker().save_weights(copied)  # the same weights under another name
    clone(cached).set_params(weights=copied).predict(films)
    assert len(located) == 3
    other = clone(cached).set_params(weights=unsure).predict(films)
    assert len(located) == 6
    np.testing.assert_array_equal(other[..., :2], expected.landmarks[:3, :, :2])
    cached.predict([*films, hands.data[3]])
    assert len(located) == 7


def test_memory_forgets_what_other_versions_found(
    hands, tmp_path, located, monkeypatch
):
    cached = HandLandmarker(memory=str(tmp_path))
    cached.predict(hands.data[:1])
    module = "sklearn_baccaec.regions.landmarking._hand_locator.code_version"
    monkeypatch.setattr(module, lambda called: "of other code")
    cached.predict(hands.data[:1])
    assert len(located) == 2


def test_memory_keeps_no_errors(hands, expected, tmp_path):
    cached = HandLandmarker(memory=tmp_path / "cache")
    path = tmp_path / "later.png"
    assert cached.locate([path]).reasons[0] == "there is no such file"
    assert cv2.imwrite(str(path), hands.data[0])
    np.testing.assert_array_equal(cached.predict([path]), expected.landmarks[:1])


def test_clone_pickle_and_parameters(hands, expected):
    given = {"n_rounds": 3, "n_jobs": 1, "random_state": 5}
    landmarker = HandLandmarker(**given)
    defaults = {"weights": "rsna", "max_steps": 700, "memory": None, "verbose": 0}
    for copy in (clone(landmarker), pickle.loads(pickle.dumps(landmarker))):
        assert copy.get_params() == {**defaults, **given}
        found = copy.predict(hands.data[:2])
        np.testing.assert_array_equal(found, expected.landmarks[:2])


# KeyRegionExtractor's default
def correlations(crops, others):
    pair = (np.reshape(c, (-1, 32 * 32)).astype(float) for c in (crops, others))
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(*pair, strict=True)])


def extractor(**parameters):
    return KeyRegionExtractor(crop_shape=(32, 32), **parameters)


@pytest.fixture(scope="module")
def crops(hands):
    """Crops at what the default landmarker finds."""
    return extractor().fit_transform(hands.data)


def test_crops_are_those_of_the_true_landmarks(hands, crops):
    table = LandmarkTable.from_films(hands.data, hands.landmarks)
    true = extractor(landmarker=table).fit_transform(hands.data)
    alike = correlations(crops, true)
    assert np.median(alike) > 0.95
    assert alike.min() > 0.7


def test_extractor_learns_sides_and_confidence(hands, expected):
    fitted = extractor(regions=["carpus", "radius"]).fit(hands.data)
    assert list(fitted.handedness_) == list(hands.side)
    assert fitted.valid_.all()
    columns = [CARPUS, KEY_REGIONS.index("radius")]
    np.testing.assert_array_equal(fitted.confidence_, expected.landmarks[:, columns, 2])


def test_inverted_films_give_the_same_crops(hands, crops):
    dark = extractor().fit_transform(255 - hands.data)
    alike = correlations(dark, crops)
    assert np.median(alike) > 0.98
    assert alike.min() > 0.8


@pytest.mark.filterwarnings("error")
def test_a_film_without_a_hand_is_named_or_skipped(hands, crops):
    noise = np.random.default_rng(0).integers(0, 255, (300, 200)).astype(np.uint8)
    films = [hands.data[0], noise, hands.data[1]]
    with pytest.raises(FilmError, match=f"^film 1: {NO_HAND}.*on_error='skip'"):
        extractor().fit(films)
    skipping = extractor(on_error="skip")
    kept = skipping.fit_transform(films)
    np.testing.assert_array_equal(kept[[0, 2]], crops[:2])
    assert not kept[1].any()
    assert skipping.valid_[:, 0].tolist() == [True, False, True]
    assert not skipping.valid_[1].any()
    assert skipping.reasons_[1].startswith(NO_HAND)
    assert skipping.handedness_[1] == ""


def test_uncertain_films_are_set_aside(hands, crops, unsure):
    landmarker = HandLandmarker(unsure)
    doubting = extractor(landmarker=landmarker)
    with pytest.warns(UserWarning, match="film 0: the landmarks are uncertain") as seen:
        aside = doubting.fit_transform(hands.data)
    assert "6 of 6 films" in str(seen[0].message)
    assert "mean confidence 0.30, min_confidence is 0.5" in str(seen[0].message)
    assert not aside.any()
    assert not doubting.valid_.any()
    np.testing.assert_allclose(doubting.confidence_, 0.3, atol=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for least in (0, 0.25):
            bold = extractor(landmarker=landmarker, min_confidence=least)
            # Confidence weighs landmarks, so that the hand is turned a little.
            np.testing.assert_allclose(bold.fit_transform(hands.data), crops, atol=5)
        quiet = extractor(landmarker=landmarker, on_error="skip").fit(hands.data)
    assert all("the landmarks are uncertain" in reason for reason in quiet.reasons_)


class DoubtsOneCarpus(HandLandmarker):
    """Not sure of the third film's carpus."""

    def locate(self, X):
        located = super().locate(X)
        located.landmarks[2, CARPUS, 2] = 0.2
        return located


def test_uncertain_regions_are_set_aside(hands, crops):
    doubting = extractor(landmarker=DoubtsOneCarpus())
    reason = "film 2: the landmark of carpus is uncertain .confidence 0.20"
    with pytest.warns(UserWarning, match=reason) as seen:
        most = doubting.fit_transform(hands.data)
    assert "1 of 6 films" in str(seen[0].message)
    wanted = np.ones((6, 19), bool)
    wanted[2, CARPUS] = False
    np.testing.assert_array_equal(doubting.valid_, wanted)
    blocks = crops.reshape(6, 19, -1) * wanted[..., None]
    np.testing.assert_allclose(most.reshape(6, 19, -1), blocks, atol=5)
    bold = doubting.set_params(min_confidence=0)
    np.testing.assert_allclose(bold.fit_transform(hands.data), crops, atol=5)
    assert bold.valid_.all()


def test_extractors_memory_serves_the_landmarks_too(hands, tmp_path, located):
    cached = extractor(memory=tmp_path)
    first = cached.fit_transform(hands.data[:2])
    assert len(located) == 2
    np.testing.assert_array_equal(clone(cached).fit_transform(hands.data[:2]), first)
    cached.set_params(regions=["ulna"], crop_shape=(8, 8)).fit(hands.data[:2])
    assert len(located) == 2
