"""HandLandmarker with the weights of the package: what it finds, and what not."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_baccaec import HandLandmarker, LandmarkTable
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.regions import KEY_REGIONS
from sklearn_baccaec.regions._hand_pose import fit_hand_pose

HEIGHT, WIDTH = 400, 300
DISTAL = [
    KEY_REGIONS.index(f"{finger}_{joint}")
    for finger in ("index", "middle", "ring")
    for joint in ("dip", "pip")
]
NO_HAND = "no hand was found"


def errors(found, truth):
    """Errors in % of hand length, (n, 19)."""
    distances = np.linalg.norm(found[..., :2] - truth, axis=2)
    lengths = [fit_hand_pose(points @ (1, 1j), np.ones(19)).length for points in truth]
    return 100 * distances / np.array(lengths)[:, None]


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


@pytest.mark.filterwarnings("error")
def test_predict_returns_the_landmarks(hands, expected):
    np.testing.assert_array_equal(
        HandLandmarker().predict(hands.data), expected.landmarks
    )


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


@pytest.mark.parametrize(
    "exposed", [lambda film: 255 - film, lambda film: 1 - film / 255]
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
    pairs = [
        scale(*pair, side) for pair in zip(hands.data, hands.landmarks, strict=True)
    ]
    films, points = zip(*pairs, strict=True)
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
    broken = {
        tmp_path / "missing.png": "there is no such file",
        tmp_path / "text.png": "the file is not a DICOM, PNG, JPEG, TIFF,",
    }
    films = [hands.data[0], *broken, np.full((90, 90), 7), hands.data[1]]
    located = HandLandmarker().locate(films)
    np.testing.assert_array_equal(located.landmarks[[0, 4]], expected.landmarks[:2])
    assert np.isnan(located.landmarks[1:4, :, :2]).all()
    assert not located.landmarks[1:4, :, 2].any()
    assert not located.confidence[1:4].any()
    reasons = located.reasons.tolist()
    assert reasons[0] is reasons[4] is None
    wanted = [*broken.values(), "the film is constant: every pixel is 7"]
    assert all(map(str.startswith, reasons[1:4], wanted))


@pytest.mark.parametrize("method", ["predict", "locate", "fit"])
def test_films_are_a_list(method):
    for films, message in (([], "X holds no films"), ("film.png", "X is one path")):
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
