"""HandLandmarker.fit, and the files that its weights are kept in."""

import io
import os
import pickle
import warnings
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.regions.landmarking import _training as _landmark_training
from sklearn_baccaec.regions.landmarking import _weights
from sklearn_baccaec.regions.landmarking._budget import Budget
from sklearn_baccaec.regions.landmarking._weights import WeightsError, load_weights

N_FILMS = 6
BUDGET = {"max_steps": 1, "n_rounds": 1, "random_state": 0}


class SmallLandmarker(HandLandmarker):
    """Few films are enough, of which few are drawn."""

    _budget = Budget(least=N_FILMS, most=8, n_synthetic=6, n_calibration=8)


def train(X, y=None, weights="rsna", **parameters):
    return SmallLandmarker(weights, **{**BUDGET, **parameters}).fit(X, y)


@pytest.fixture(scope="module")
def fitted(hands):
    """Landmarker trained on six films without labels, for a step."""
    states = np.random.get_state()[1].copy(), torch.random.get_rng_state()  # noqa: NPY002
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        landmarker = train(hands.data)
    # Nothing but the seed matters, and nothing else is touched.
    np.testing.assert_array_equal(np.random.get_state()[1], states[0])  # noqa: NPY002
    assert torch.equal(torch.random.get_rng_state(), states[1])
    return landmarker


@pytest.fixture
def trainings(monkeypatch):
    """Networks that were trained: steps and whether from nothing."""
    calls, train_heatmaps = [], _landmark_training.train_heatmaps

    def counted(*args, **kwargs):
        calls.append((kwargs["max_steps"], kwargs["initial"] is None))
        return train_heatmaps(*args, **kwargs)

    monkeypatch.setattr(_landmark_training, "train_heatmaps", counted)
    return calls


def same_weights(first, second):
    assert first.keys() == second.keys()
    return all(np.array_equal(first[name], second[name]) for name in first)


# Training
def test_fit_without_labels_trains_further(hands, fitted):
    assert fitted.n_films_used_ == N_FILMS
    assert not same_weights(fitted.weights_, load_weights("rsna"))
    landmarks = fitted.predict(hands.data)
    assert np.linalg.norm(landmarks[..., :2] - hands.landmarks, axis=2).mean() < 20
    assert (landmarks != HandLandmarker().predict(hands.data)).any()


def test_seed_decides(hands, fitted):
    assert same_weights(train(hands.data).weights_, fitted.weights_)
    other = train(hands.data, random_state=1)
    assert not same_weights(other.weights_, fitted.weights_)


@pytest.mark.slow
def test_processes_change_nothing(hands, fitted):
    assert same_weights(train(hands.data, n_jobs=2).weights_, fitted.weights_)


def test_fit_on_files_with_landmarks_from_nothing(hands, tmp_path, trainings):
    paths = [tmp_path / f"{i}.png" for i in range(N_FILMS)]
    for i, (path, film) in enumerate(zip(paths, hands.data, strict=True)):
        assert cv2.imwrite(str(path), 255 - film if i == 0 else film)
    y = np.dstack([hands.landmarks, np.ones((N_FILMS, 19))])
    y[2, 4] = np.nan, np.nan, 1
    y[3, 5:, 0] = np.nan
    y[4, :, 2] = 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        landmarker = train(paths, y, weights=None, n_rounds=3)
    # From nothing on synthetic films, then a round on the landmarks, and no other.
    assert trainings == [(4, True), (2, True), (2, False), (1, False)]
    assert landmarker.n_films_used_ == N_FILMS
    assert landmarker.predict(paths).shape == (N_FILMS, 19, 3)
    assert all(np.isfinite(value).all() for value in landmarker.weights_.values())


def test_an_interrupt_keeps_finished_rounds(hands, tmp_path, monkeypatch):
    trained = []

    def nudge(draw, *, initial, seed, n_points, **how):
        """Train a little, in no time, on one image and by the seed."""
        if interrupt_at == len(trained):
            raise KeyboardInterrupt
        trained.append(seed)
        image, _, weights = draw(np.random.default_rng(seed))
        change = 1e-2 * (image.mean() + weights)
        return {**initial, "maps.bias": initial["maps.bias"] + np.float32(change)}

    monkeypatch.setattr(_landmark_training, "train_heatmaps", nudge)
    interrupt_at = None
    uninterrupted = train(hands.data, n_rounds=2)
    first, second = sorted(set(trained))  # finder and refiner share a round's seed
    assert trained == [first, first, second, second]
    trained.clear()
    interrupt_at = 3
    with pytest.raises(KeyboardInterrupt):
        train(hands.data, n_rounds=2, memory=tmp_path)
    assert trained == [first, first, second]
    trained.clear()
    interrupt_at = None
    resumed = train(hands.data, n_rounds=2, memory=tmp_path)
    assert trained == [second]
    assert same_weights(resumed.weights_, uninterrupted.weights_)


@pytest.mark.parametrize("n_films", [1, 49])
def test_too_few_films_are_refused_before_one_is_read(n_films):
    films = ["missing.png"] * n_films
    message = f"was given {n_films} films; at least 50 are needed"
    with pytest.raises(ValueError, match=message):
        HandLandmarker().fit(films)


def spoilt(row, value):
    y = np.tile(np.linspace(10, 200, 38).reshape(19, 2), (N_FILMS, 1, 1))
    y = np.dstack([y, np.ones((N_FILMS, 19))])
    y[row] = value
    return y


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros((N_FILMS, 19)), r"y has shape \(6, 19\).*\(6, 19, 2 or 3\)"),
        (np.zeros((N_FILMS, 19, 4)), r"y has shape \(6, 19, 4\)"),
        (np.zeros((N_FILMS, 18, 2)), r"y has shape \(6, 18, 2\)"),
        (np.zeros((N_FILMS - 1, 19, 2)), r"y has shape \(5, 19, 2\).* 6 films"),
        (np.arange(N_FILMS), r"y has shape \(6,\)"),
        (spoilt(1, np.nan), "y has 0 landmarks for b.png; at least 3 are needed"),
        (spoilt((2, slice(2, None)), np.nan), "y has 2 landmarks for c.png"),
        (spoilt((2, slice(2, None), 2), np.nan), "y has 2 landmarks for c.png"),
        (spoilt((0, 0, 2), 1.1), r"y has a weight outside \[0, 1\]"),
        (spoilt((0, 0, 2), -0.1), r"y has a weight outside \[0, 1\]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_landmarks_are_refused_before_a_film_is_read(y, message):
    with pytest.raises(ValueError, match=message) as raised:
        train([f"{letter}.png" for letter in "abcdef"], y)
    assert not isinstance(raised.value, FilmError)


def test_a_film_that_cannot_be_read_is_named(hands):
    films = [*hands.data, np.full((50, 50), 3)]
    with pytest.raises(FilmError, match="film 6: the film is constant"):
        train(films)


def test_films_without_hands_are_no_lesson(trainings):
    films = np.random.default_rng(0).integers(0, 256, (8, 90, 70), dtype=np.uint8)
    message = "hands were found with confidence on 0 of 8 films; at least 6"
    with pytest.raises(ValueError, match=message):
        train(films)
    assert not trainings


def test_the_best_films_are_used_and_no_more_than_needed(hands):
    noise = np.random.default_rng(0).integers(0, 256, (2, 400, 300), dtype=np.uint8)
    assert train([*noise, *hands.data]).n_films_used_ == N_FILMS
    films = [*hands.data, *hands.data[:, :, ::-1]]
    y = hands.landmarks[[*range(6), *range(6)]]
    assert train(films, y).n_films_used_ == SmallLandmarker._budget.most


# Fitted landmarkers
def test_frozen_copies_keep_what_was_learnt(hands, fitted):
    films = hands.data[:2]
    expected = fitted.predict(films)
    frozen = FrozenEstimator(fitted)
    extractor = KeyRegionExtractor(
        ["carpus"], landmarker=frozen, crop_shape=(16, 16), min_confidence=0
    )
    for copy in (pickle.loads(pickle.dumps(fitted)), frozen, clone(frozen)):
        np.testing.assert_array_equal(copy.predict(films), expected)
    for copy in (extractor, clone(extractor)):
        np.testing.assert_array_equal(copy.extract(films).landmarks, expected)


def test_clones_are_what_their_parameters_say(hands, fitted, tmp_path):
    films = hands.data[:2]
    copy = clone(fitted)
    assert not hasattr(copy, "weights_")
    np.testing.assert_array_equal(copy.predict(films), HandLandmarker().predict(films))
    with pytest.raises(NotFittedError, match="FrozenEstimator"):
        copy.set_params(weights=None).predict(films)
    fitted.save_weights(tmp_path / "own.npz")
    copy.set_params(weights=tmp_path / "own.npz")
    np.testing.assert_array_equal(copy.predict(films), fitted.predict(films))


def score_by_landmarks(extractor, X, y=None):
    """Some number that depends on the landmarks."""
    return float(np.nansum(extractor.extract(X).landmarks))


def test_a_grid_over_weights_compares_them(hands, fitted, tmp_path):
    fitted.save_weights(tmp_path / "own.npz")
    HandLandmarker().save_weights(tmp_path / "shipped.npz")
    extractor = KeyRegionExtractor(
        ["carpus"], landmarker=HandLandmarker(), crop_shape=(8, 8), min_confidence=0
    )
    weights = ["rsna", tmp_path / "shipped.npz", tmp_path / "own.npz"]
    search = GridSearchCV(
        extractor,
        {"landmarker__weights": weights},
        scoring=score_by_landmarks,
        cv=[([0, 1], [2, 3])],
        refit=False,
    ).fit(list(hands.data[:4]))
    same, also, other = search.cv_results_["mean_test_score"]
    assert same == also != other


def test_pickles_carry_the_weights_of_a_file(hands, fitted, tmp_path):
    path = tmp_path / "own.npz"
    fitted.save_weights(path)
    pickled = pickle.dumps(HandLandmarker(path))
    path.unlink()
    expected = fitted.predict(hands.data[:2])
    np.testing.assert_array_equal(
        pickle.loads(pickled).predict(hands.data[:2]), expected
    )
    assert len(pickle.dumps(HandLandmarker())) < 1000
    # Where a grid search in another process sets others, these are not in the way.
    other = pickle.loads(pickled).set_params(weights="rsna")
    np.testing.assert_array_equal(
        other.predict(hands.data[:2]), HandLandmarker().predict(hands.data[:2])
    )


def test_without_weights_nothing_is_predicted(hands, tmp_path):
    empty = HandLandmarker(None)
    for use in (empty.predict, empty.locate):
        with pytest.raises(NotFittedError, match="call fit first"):
            use(hands.data)
    with pytest.raises(NotFittedError):
        empty.save_weights(tmp_path / "none.npz")
    assert not list(tmp_path.iterdir())


# Files
SHIPPED = Path(str(resources.files("sklearn_baccaec.regions.landmarking") / "rsna.npz"))


def test_shipped_weights_are_small_and_whole():
    assert SHIPPED.stat().st_size <= 2 * 2**20
    weights = load_weights("rsna")
    parts = {name.split(".")[0] for name in weights}
    assert parts == {"calibration", "finder", "refiner"}
    assert all(np.isfinite(value).all() for value in weights.values())


@pytest.mark.parametrize("kind", ["fitted", "shipped"])
def test_saved_weights_predict_the_same(hands, fitted, tmp_path, kind):
    landmarker = fitted if kind == "fitted" else HandLandmarker()
    path = tmp_path / "saved.npz"
    path.write_text("to be replaced")
    landmarker.save_weights(path)
    expected = landmarker.locate(hands.data[:3])
    for weights in (path, str(path)):
        found = HandLandmarker(weights).locate(hands.data[:3])
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values)
    assert [file.name for file in tmp_path.iterdir()] == ["saved.npz"]
    again = tmp_path / "again"
    HandLandmarker(path).save_weights(again)  # as it is, without a suffix
    assert same_weights(load_weights(again), load_weights(path))


def saved(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


DAMAGED = {
    "empty": lambda content: b"",
    "text": lambda content: b"weights",
    "truncated": lambda content: content[: len(content) // 2],
    "cut short": lambda content: content[:-1],
    "other arrays": lambda content: saved(a=np.ones(3)),
    "other checksum": lambda content: saved(a=np.ones(3), checksum="0" * 32),
    "one array": lambda content: np.ones(9).tobytes(),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_files_are_refused(hands, tmp_path, kind):
    path = tmp_path / "damaged.npz"
    path.write_bytes(DAMAGED[kind](SHIPPED.read_bytes()))
    landmarker = HandLandmarker(path)
    message = r"damaged.npz (is damaged|does not match).*save_weights.*weights='rsna'"
    for use in (landmarker.predict, lambda films: train(films, weights=path)):
        with pytest.raises(WeightsError, match=message):
            use(hands.data)
    with pytest.raises(WeightsError, match=message):
        landmarker.save_weights(tmp_path / "copy.npz")
    assert not (tmp_path / "copy.npz").exists()


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("packed", [False, True])
def test_pickles_are_not_opened(tmp_path, packed):
    trap = Trap(tmp_path / "sprung")
    path = tmp_path / "pickled.npz"
    array = np.array([trap], dtype=object)
    path.write_bytes(saved(array=array) if packed else pickle.dumps(trap))
    with pytest.raises(WeightsError, match=r"pickled.npz is damaged, or not one"):
        load_weights(path)
    assert [file.name for file in tmp_path.iterdir()] == ["pickled.npz"]


@pytest.fixture(scope="module")
def spare_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@settings(max_examples=15, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@example(place=0.5, flip=1)  # within an array
def test_a_flipped_byte_never_makes_other_weights(spare_folder, place, flip):
    content = bytearray(SHIPPED.read_bytes())
    content[int(place * len(content))] ^= flip
    path = spare_folder / "flipped.npz"
    path.write_bytes(content)
    try:
        weights = load_weights(path)
    except WeightsError as error:
        assert "weights='rsna'" in str(error)
    else:  # the byte carries nothing, such as a time
        assert same_weights(weights, load_weights("rsna"))


@pytest.mark.parametrize("weights", ["missing.npz", Path("no") / "missing.npz"])
def test_missing_files_are_named(hands, weights):
    with pytest.raises(WeightsError, match=r"no weights file .*missing.npz.*'rsna'"):
        HandLandmarker(weights).predict(hands.data)


def test_a_damaged_package_says_how_to_mend_it(monkeypatch, tmp_path):
    where = "sklearn_baccaec.regions.landmarking._weights.resources.files"
    monkeypatch.setattr(where, lambda package: tmp_path)
    with pytest.raises(WeightsError, match=r"no weights file.*pip install --force"):
        load_weights("rsna")
    (tmp_path / "rsna.npz").write_bytes(SHIPPED.read_bytes()[:-9])
    with pytest.raises(WeightsError, match=r"damaged.*pip install --force-reinstall"):
        load_weights("rsna")


def test_an_interrupted_save_leaves_the_old_file(fitted, tmp_path, monkeypatch):
    path = tmp_path / "kept.npz"
    HandLandmarker().save_weights(path)
    before = path.read_bytes()

    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fitted.save_weights(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["kept.npz"]


def test_weights_of_other_networks_are_refused(fitted, tmp_path, monkeypatch):
    fitted.save_weights(tmp_path / "own.npz")
    monkeypatch.setattr(_weights, "ARCHITECTURE", _weights.ARCHITECTURE + 1)
    with pytest.raises(WeightsError, match=r"own.npz is of other networks.*'rsna'"):
        load_weights(tmp_path / "own.npz")
