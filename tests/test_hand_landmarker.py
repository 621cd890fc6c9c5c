"""HandLandmarker with the weights of the package: what it finds, and what not."""

from __future__ import annotations

import os
import pickle
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor, LandmarkTable
from sklearn_baccaec.datasets import FilmError, load_radiographs, make_hand_radiographs
from sklearn_baccaec.regions import KEY_REGIONS, _hand_location
from sklearn_baccaec.regions._hand_pose import fit_hand_pose
from sklearn_baccaec.regions._landmark_weights import load_weights, save_weights

HEIGHT, WIDTH = 400, 300
DISTAL = [
    KEY_REGIONS.index(f"{finger}_{joint}")
    for finger in ("index", "middle", "ring")
    for joint in ("dip", "pip")
]
CARPUS = KEY_REGIONS.index("carpus")
NO_HAND = "no hand was found"


@pytest.fixture(scope="module")
def hands():
    """Six films of left and right hands, with true landmarks and sides."""
    bunch = make_hand_radiographs(
        6, film_shape=(HEIGHT, WIDTH), right_hand_share=0.5, random_state=1
    )
    bunch.data.setflags(write=False)  # a test that changes them fails
    bunch.landmarks.setflags(write=False)
    assert set(bunch.side) == {"L", "R"}
    return bunch


@pytest.fixture(scope="module")
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


def hand_lengths(landmarks):
    return np.array(
        [
            fit_hand_pose(points[:, 0] + 1j * points[:, 1], np.ones(19)).length
            for points in landmarks
        ]
    )


def errors(found, truth):
    """Errors in % of hand length, (n, 19)."""
    distances = np.linalg.norm(found[..., :2] - truth, axis=2)
    return 100 * distances / hand_lengths(truth)[:, None]


def check_found(located, truth, sides, inverted=False):
    errors_ = errors(located.landmarks, truth)
    assert np.median(errors_, axis=1).max() < 2
    assert (errors_ < 5).all(axis=1).mean() > 0.8
    confidence = located.landmarks[..., 2]
    assert 0.9 < confidence.mean() <= confidence.max() <= 1
    np.testing.assert_allclose(located.confidence, confidence.mean(axis=1))
    assert list(located.handedness) == list(sides)
    assert (located.inverted == inverted).all()
    assert located.inverted.dtype == bool
    assert list(located.reasons) == [None] * len(truth)


def turn(film, points, angle):
    """Turned film on a larger one whose corners are black."""
    height, width = film.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1)
    cos, sin = np.abs(matrix[0, :2])
    size = int(width * cos + height * sin) + 1, int(width * sin + height * cos) + 1
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    turned = cv2.warpAffine(film, matrix, size)
    return turned, points @ matrix[:, :2].T + matrix[:, 2]


def scale(film, points, side):
    factor = side / max(film.shape)
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(film, None, fx=factor, fy=factor, interpolation=how)
    return scaled, (points + 0.5) * factor - 0.5


def mirror(film, points):
    return film[:, ::-1], points * [-1, 1] + [film.shape[1] - 1, 0]


# Hands
def test_hands_are_found(hands, expected):
    assert expected.landmarks.shape == (6, 19, 3)
    assert expected.landmarks.dtype == np.float64
    check_found(expected, hands.landmarks, hands.side)


def test_predict_returns_the_landmarks(hands, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        landmarks = HandLandmarker().predict(hands.data)
    np.testing.assert_array_equal(landmarks, expected.landmarks)


@settings(max_examples=10, deadline=None)
@given(index=st.integers(0, 5), angle=st.floats(-180, 180), with_mirror=st.booleans())
def test_hands_turned_by_any_angle(hands, index, angle, with_mirror):
    film, points = turn(hands.data[index], hands.landmarks[index], angle)
    side = hands.side[index]
    if with_mirror:
        film, points = mirror(film, points)
        side = {"L": "R", "R": "L"}[side]
    found = HandLandmarker().locate([film])
    errors_ = errors(found.landmarks, points[None])
    assert np.median(errors_) < 2
    assert errors_.max() < 8
    assert found.confidence[0] > 0.8
    assert found.handedness[0] == side
    assert not found.inverted[0]


def test_mirrored_hands_are_of_the_other_side(hands):
    films, points = zip(*map(mirror, hands.data, hands.landmarks), strict=True)
    sides = ["R" if side == "L" else "L" for side in hands.side]
    check_found(HandLandmarker().locate(films), np.array(points), sides)


@pytest.mark.parametrize(
    "exposed",
    [
        lambda film: 255 - film,
        lambda film: 65535 - film.astype(np.uint16) * 257,
        lambda film: 1 - film / 255,
    ],
    ids=["8 bit", "16 bit", "float"],
)
def test_dark_bones(hands, exposed):
    found = HandLandmarker().locate([exposed(film) for film in hands.data])
    check_found(found, hands.landmarks, hands.side, inverted=True)


@pytest.mark.parametrize(
    "exposed",
    [
        lambda film: film.astype(np.uint16) * 257,
        lambda film: (film / 255).astype(np.float32),
        lambda film: film.astype(np.float64) * 1e4 + 3e6,
        lambda film: np.dstack([film] * 3),
    ],
    ids=["16 bit", "float", "large float", "channels"],
)
def test_bit_depth_leaves_no_trace(hands, expected, exposed):
    found = HandLandmarker().predict([exposed(film) for film in hands.data[:3]])
    np.testing.assert_allclose(found, expected.landmarks[:3], atol=0.5)


@pytest.mark.parametrize("side", [300, 3000])
def test_films_of_any_size(hands, side):
    films, points = zip(
        *(scale(*pair, side) for pair in zip(hands.data, hands.landmarks, strict=True)),
        strict=True,
    )
    check_found(HandLandmarker().locate(films), np.array(points), hands.side)


def test_films_do_not_depend_on_their_company(hands):
    films = [
        scale(hands.data[0], hands.landmarks[0], 900)[0],
        hands.data[1].astype(np.float32),
        np.random.default_rng(0).integers(0, 256, (300, 200), dtype=np.uint8),
        255 - hands.data[2],
        np.asfortranarray(hands.data[3]),
    ]
    before = [film.copy() for film in films]
    for film in films:
        film.setflags(write=False)
    together = HandLandmarker().locate(films)
    for film, copy in zip(films, before, strict=True):
        np.testing.assert_array_equal(film, copy)
    alone = [HandLandmarker().predict([film])[0] for film in films]
    np.testing.assert_array_equal(together.landmarks, alone)
    backwards = HandLandmarker(n_jobs=2).locate(films[::-1])
    for name in ("landmarks", "confidence", "handedness", "inverted", "reasons"):
        np.testing.assert_array_equal(backwards[name][::-1], together[name])


def test_files_give_what_arrays_give(hands, expected, tmp_path):
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for path, film in zip(paths, hands.data, strict=False):
        assert cv2.imwrite(str(path), film)
    np.testing.assert_array_equal(
        HandLandmarker().predict(paths), expected.landmarks[:3]
    )


# No hands
def draw_text(rng):
    page = np.full((HEIGHT, WIDTH), 230, np.uint8)
    for y in range(20, HEIGHT, 18):
        line = "".join(rng.choice(list("ABCDEFGHIJ klmno0123"), 40))
        cv2.putText(page, line, (5, y), 0, 0.5, 20, 1, cv2.LINE_AA)
    return page


def draw_chest(rng):
    chest = np.full((HEIGHT, HEIGHT), 60, np.float32)
    for x in (130, 270):
        cv2.ellipse(chest, (x, 200), (75, 140), 0, 0, 360, 20, -1)
        for y in range(90, 330, 30):
            tilt = 8 if x < 200 else -8
            cv2.ellipse(chest, (x, y), (75, 18), tilt, 180, 360, 110, 6)
    cv2.rectangle(chest, (188, 20), (212, 390), 150, -1)
    cv2.ellipse(chest, (220, 260), (60, 70), 30, 0, 360, 130, -1)
    chest = cv2.GaussianBlur(chest, (0, 0), 2) + rng.normal(0, 5, chest.shape)
    return np.clip(chest, 0, 255).astype(np.uint8)


def draw_nearly_blank(rng):
    film = np.full((HEIGHT, WIDTH), 100, np.uint8)
    film[tuple(rng.integers(0, 300, (2, 20)))] += 1
    return film


STRANGERS = {
    "noise": lambda rng: rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8),
    "nearly blank": draw_nearly_blank,
    "gradient": lambda rng: np.add.outer(
        rng.uniform(1, 9) * np.arange(HEIGHT), np.arange(WIDTH)
    ),
    "text": draw_text,
    "white text": lambda rng: 255 - draw_text(rng),
    "chest": draw_chest,
}


def check_refused(located):
    """No landmarks and a reason for it, or landmarks that are all uncertain."""
    refused = np.isnan(located.landmarks[..., :2]).all(axis=(1, 2))
    assert (located.confidence < 0.5).all()
    assert refused.mean() > 0.5
    assert (located.landmarks[refused, :, 2] == 0).all()
    assert (located.handedness[refused] == "").all()
    assert not located.inverted[refused].any()
    assert np.isfinite(located.landmarks[~refused]).all()
    assert [reason is not None for reason in located.reasons] == refused.tolist()
    assert all(reason.startswith(NO_HAND) for reason in located.reasons[refused])


@pytest.mark.parametrize("kind", STRANGERS)
def test_other_pictures_show_no_hand(kind):
    films = [STRANGERS[kind](np.random.default_rng(seed)) for seed in range(3)]
    check_refused(HandLandmarker().locate(films))


def test_a_forearm_is_no_hand(hands):
    films = []
    for film, points in zip(hands.data, hands.landmarks, strict=True):
        below = film[min(int(points[:, 1].max()) + 8, HEIGHT - 40) :]
        above = np.full((HEIGHT - len(below), WIDTH), below[:2].mean(), np.uint8)
        films += [below, np.vstack([above, below])]
    check_refused(HandLandmarker().locate(films))


def test_two_hands_are_not_one(hands):
    pairs = zip(hands.data[:3], hands.data[3:], strict=True)
    films = [np.hstack([first, second]) for first, second in pairs]
    films += [np.hstack([film, film[:, ::-1]]) for film in hands.data[:3]]
    check_refused(HandLandmarker().locate(films))


@pytest.mark.parametrize("blacked", [False, True], ids=["cut", "blacked"])
def test_fingers_that_are_cut_off_are_uncertain(hands, blacked):
    films = []
    for film, points in zip(hands.data, hands.landmarks, strict=True):
        least = int(points[:, 1].min() + 0.45 * np.ptp(points[:, 1]))
        assert points[DISTAL, 1].max() < least
        film = film.copy()
        film[:least] = 0
        films.append(film if blacked else film[least:])
    confidence = HandLandmarker().predict(films)[..., 2]
    assert (confidence[:, DISTAL] < 0.5).all()
    carpal = [KEY_REGIONS.index(name) for name in ("wrist", "radius", "ulna", "carpus")]
    assert (confidence[:, carpal] > 0.5).mean() > 0.75


@settings(max_examples=10, deadline=None)
@given(
    film=hnp.arrays(
        st.sampled_from([np.uint8, np.uint16, np.float32]),
        st.tuples(st.integers(32, 90), st.integers(32, 600)),
        elements=st.integers(0, 250),
        fill=st.integers(0, 250),
    )
)
def test_whatever_a_film_shows_the_answer_is_well_formed(film):
    located = HandLandmarker().locate([film])
    assert located.landmarks.shape == (1, 19, 3)
    assert ((located.landmarks[..., 2] >= 0) & (located.landmarks[..., 2] <= 1)).all()
    found = np.isfinite(located.landmarks[..., :2])
    assert found.all() or not found.any()
    assert (located.reasons[0] is None) == found.all()


def test_films_that_cannot_be_read_do_not_stop_the_others(hands, expected, tmp_path):
    (tmp_path / "text.png").write_text("no image")
    films = [
        hands.data[0],
        tmp_path / "missing.png",
        np.full((90, 90), 7),
        tmp_path / "text.png",
        hands.data[1][:20, :20],
        hands.data[1],
    ]
    located = HandLandmarker().locate(films)
    np.testing.assert_array_equal(located.landmarks[[0, 5]], expected.landmarks[:2])
    assert np.isnan(located.landmarks[1:5, :, :2]).all()
    assert (located.landmarks[1:5, :, 2] == 0).all()
    assert (located.confidence[1:5] == 0).all()
    reasons = located.reasons.tolist()
    assert reasons[0] is reasons[5] is None
    assert reasons[1] == "there is no such file"
    assert "the film is constant: every pixel is 7" in reasons[2]
    assert "the file is no PNG, JPEG or TIFF image" in reasons[3]
    assert "the film is 20 x 20 pixels" in reasons[4]


@pytest.mark.parametrize(
    ("films", "message"),
    [
        ([], "X holds no films"),
        ("film.png", "X is one path"),
        (Path("film.png"), "X is one path"),
        (np.zeros((40, 40)), "X is an array with 2 dimensions"),
    ],
    ids=["none", "text", "path", "one film"],
)
@pytest.mark.parametrize("method", ["predict", "locate", "fit"])
def test_films_are_a_list(method, films, message):
    with pytest.raises(ValueError, match=message):
        getattr(HandLandmarker(), method)(films)


@pytest.mark.parametrize(
    "parameters",
    [
        {"weights": 3},
        {"n_rounds": 0},
        {"max_steps": 0},
        {"max_steps": 1.5},
        {"memory": 3},
        {"n_jobs": "all"},
        {"random_state": "seed"},
    ],
    ids=str,
)
def test_wrong_parameters(hands, parameters):
    (name,) = parameters
    wrong = HandLandmarker().set_params(**parameters)
    for method in (wrong.predict, wrong.fit):
        with pytest.raises(ValueError, match=f"'{name}' parameter of HandLandmarker"):
            method(hands.data)


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
    module = "sklearn_baccaec.regions._hand_landmarker.__version__"
    monkeypatch.setattr(module, "99.0")
    cached.predict(hands.data[:1])
    assert len(located) == 2


def test_memory_keeps_no_errors(hands, expected, tmp_path):
    cached = HandLandmarker(memory=tmp_path / "cache")
    path = tmp_path / "later.png"
    assert cached.locate([path]).reasons[0] == "there is no such file"
    assert cv2.imwrite(str(path), hands.data[0])
    np.testing.assert_array_equal(cached.predict([path]), expected.landmarks[:1])


def test_without_memory_every_film_is_looked_at(hands, located):
    for _ in range(2):
        HandLandmarker().predict(hands.data[:2])
    assert len(located) == 4


def test_clone_pickle_and_parameters(hands, expected):
    landmarker = HandLandmarker(n_rounds=3, n_jobs=1, random_state=5)
    parameters = {
        "weights": "rsna",
        "n_rounds": 3,
        "max_steps": 700,
        "memory": None,
        "n_jobs": 1,
        "random_state": 5,
        "verbose": 0,
    }
    assert landmarker.get_params() == parameters
    for copy in (clone(landmarker), pickle.loads(pickle.dumps(landmarker))):
        assert copy.get_params() == parameters
        np.testing.assert_array_equal(
            copy.predict(hands.data[:2]), expected.landmarks[:2]
        )


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


def test_a_film_without_a_hand_is_named(hands):
    noise = STRANGERS["noise"](np.random.default_rng(0))
    films = [hands.data[0], noise, hands.data[1]]
    with pytest.raises(FilmError, match=f"^film 1: {NO_HAND}.*on_error='skip'"):
        extractor().fit(films)


def test_a_film_without_a_hand_is_skipped(hands, crops):
    noise = STRANGERS["noise"](np.random.default_rng(0))
    films = [hands.data[0], noise, hands.data[1]]
    skipping = extractor(on_error="skip")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = skipping.fit_transform(films)
    np.testing.assert_array_equal(kept[[0, 2]], crops[:2])
    assert not kept[1].any()
    assert skipping.valid_.all(axis=1).tolist() == [True, False, True]
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


# Real films
@pytest.mark.films
@pytest.mark.skipif(
    "SKLEARN_BACCAEC_DATA" not in os.environ, reason="SKLEARN_BACCAEC_DATA is not set"
)
@pytest.mark.parametrize("how", ["as they are", "upside down", "inverted"])
def test_real_films(how):
    folder = Path(os.environ["SKLEARN_BACCAEC_DATA"])
    paths = load_radiographs(folder / "images").data
    paths = np.random.default_rng(0).choice(paths, 12, replace=False)
    landmarks = LandmarkTable(folder / "landmarks.csv").predict(paths)[..., :2]
    films = [cv2.imread(path, cv2.IMREAD_GRAYSCALE) for path in paths]
    if how == "upside down":
        last = np.array([film.shape[::-1] for film in films]) - 1
        films = [film[::-1, ::-1] for film in films]
        landmarks = last[:, None] - landmarks
    elif how == "inverted":
        films = [255 - film for film in films]
    located = HandLandmarker().locate(films)
    errors_ = errors(located.landmarks, landmarks)
    assert np.median(errors_) < 3
    assert (np.median(errors_, axis=1) < 5).mean() > 0.9
    assert np.median(located.confidence) > 0.8
    assert (located.inverted == (how == "inverted")).all()
