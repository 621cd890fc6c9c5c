"""Grey enough is grey: tints and coloured marks pass with a note; photographs not."""

import cv2
import numpy as np
import pytest
from sklearn.datasets import load_sample_images

from sklearn_baccaec import KeyRegionExtractor
from sklearn_baccaec.films import FilmError, read_film
from sklearn_baccaec.films._colour import NOTE

SEPIA = (0.937, 1.203, 1.351)  # of BGR, the usual matrix
TINTS = {
    "sepia": lambda grey: np.dstack([grey * share for share in SEPIA]),
    "blue base": lambda grey: np.dstack([grey, grey * 0.9, grey * 0.8]),
    "green cast": lambda grey: np.dstack([grey, grey + 25, grey]),
}


def tinted(grey, kind):
    return np.clip(TINTS[kind](grey.astype(float)), 0, 255).astype(np.uint8)


def marked(grey, *, height=12, width=20, colour=(0, 0, 255)):
    film = np.dstack([grey] * 3)
    film[5 : 5 + height, 5 : 5 + width] = colour
    return film


@pytest.fixture
def extract(landmarker, films):
    """Crops of the first film in colours, and of others, at the films' landmarks."""

    def extract(film, **params):
        landmarks = np.dstack([films.landmarks, np.ones((12, 19))])
        extractor = KeyRegionExtractor(
            "carpus", landmarker=Known(landmarks), crop_shape=(16, 16), **params
        )
        return extractor.extract([film, *films.data[1:]])

    return extract


class Known:
    """Landmarks that are known, of films of which some have changed."""

    def __init__(self, landmarks):
        self.landmarks = landmarks

    def predict(self, X):
        return self.landmarks


def correlation(read, grey):
    return np.corrcoef(read.ravel(), grey.ravel())[0, 1]


@pytest.mark.parametrize("kind", TINTS)
@pytest.mark.parametrize("suffix", ["png", "jpg", "array"])
def test_tinted_films_are_read_as_grey(films, tmp_path, kind, suffix):
    grey = films.data[0]
    film = tinted(grey, kind)
    if suffix != "array":
        cv2.imwrite(str(tmp_path / f"a.{suffix}"), film)
        film = tmp_path / f"a.{suffix}"
    read = read_film(film)
    assert read.shape == grey.shape
    assert correlation(read, grey) > 0.995


@pytest.mark.parametrize("scale", [1, 257, 1 / 255], ids=["8 bit", "16 bit", "0 to 1"])
def test_scale_of_the_values_does_not_matter(films, scale):
    dtype = {1: np.uint8, 257: np.uint16}.get(scale, np.float64)
    film = (tinted(films.data[0], "sepia") * np.float64(scale)).astype(dtype)
    np.testing.assert_allclose(
        read_film(film), film.mean(axis=2, dtype=float), rtol=1e-5
    )
    colours = np.random.default_rng(0).random((60, 50, 3)) * 255 * scale
    with pytest.raises(FilmError, match="colour image"):
        read_film(colours.astype(dtype))


def test_a_small_coloured_mark_is_left_out(films):
    grey = films.data[0]
    read = read_film(marked(grey))
    away = np.ones(grey.shape, bool)
    away[5:17, 5:25] = False
    np.testing.assert_array_equal(read[away], grey[away])


def test_the_note_stands_in_reasons_and_the_film_is_used(extract, films):
    plain = extract(films.data[0])
    for film in (tinted(films.data[0], "blue base"), marked(films.data[0])):
        found = extract(film)
        assert found.valid.all()
        assert found.reasons.tolist() == [NOTE, *[None] * 11]
        np.testing.assert_array_equal(found.crops[1:], plain.crops[1:])
        assert np.abs(found.crops[0].astype(int) - plain.crops[0]).max() <= 2


def test_what_is_lacking_counts_more_than_the_note(extract, films):
    film = tinted(films.data[0], "sepia")
    film[:] = film[:1, :1]
    film[0, 0] = 0
    found = extract(film, on_error="skip")
    assert "blank" in found.reasons[0]


def test_the_note_comes_from_the_cache_too(extract, films, tmp_path):
    film = marked(films.data[0])
    for _ in range(2):
        assert extract(film, memory=tmp_path).reasons[0] == NOTE


def test_a_note_does_not_pass_for_a_failure(make_model, films, landmarker):
    X = [marked(films.data[0]), np.zeros((50, 50))]
    with pytest.raises(ValueError, match="1 usable films") as caught:
        make_model(
            on_error="skip",
            n_clusters=2,
            landmarker=Known(np.dstack([films.landmarks, np.ones((12, 19))])[:2]),
        ).fit(X)
    assert "constant" in str(caught.value)
    assert NOTE not in str(caught.value)


@pytest.mark.parametrize("saturation", [1, 0.4])
@pytest.mark.parametrize("photograph", load_sample_images().images, ids=["a", "b"])
def test_photographs_are_refused_with_the_remedy(photograph, saturation):
    mean = photograph.mean(axis=2, keepdims=True)
    dull = mean + saturation * (photograph - mean)
    with pytest.raises(FilmError, match=r"^film 2: .*colour image.*save it in grey"):
        read_film(dull.astype(np.uint8), 2)


@pytest.mark.parametrize("colours", [cv2.COLORMAP_HOT, cv2.COLORMAP_JET])
def test_false_colours_are_refused(films, colours):
    with pytest.raises(FilmError, match="colour image"):
        read_film(cv2.applyColorMap(cv2.equalizeHist(films.data[0]), colours))
