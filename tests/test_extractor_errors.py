import time

import numpy as np
import pytest
from known_landmarks import Known

from sklearn_baccaec import KeyRegionExtractor, LandmarkTable
from sklearn_baccaec.films import FilmError, _open_film
from sklearn_baccaec.regions import KEY_REGIONS

SMALL = (12, 16)
PIXELS = SMALL[0] * SMALL[1]
ULNA, CARPUS = KEY_REGIONS.index("ulna"), KEY_REGIONS.index("carpus")


@pytest.fixture
def points(films):
    """Landmarks of the first three films, with confidence, to be spoilt."""
    return np.dstack([films.landmarks[:3], np.full((3, 19), 0.75)])


def extractor(landmarks, regions=None, **parameters):
    return KeyRegionExtractor(
        regions, landmarker=Known(landmarks), crop_shape=SMALL, **parameters
    )


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (np.nan, "no landmarks are known for it"),
        (60, "all landmarks lie on one point"),
        (1e3, "0 landmarks are usable, .*outside the film of 120 x 160 pixels"),
    ],
)
def test_a_film_without_a_hand(films, points, spoilt, reason):
    expected = extractor(points).fit_transform(films.data[:3])
    points = points.copy()
    points[1, :, :2] = spoilt
    with pytest.raises(FilmError, match=f"^film 1: {reason}.*on_error='skip'"):
        extractor(points).fit(films.data[:3])
    skipping = extractor(points, on_error="skip")
    crops = skipping.fit_transform(films.data[:3])
    assert not crops[1].any()
    np.testing.assert_array_equal(crops[::2], expected[::2])
    assert skipping.valid_[:, 0].tolist() == [True, False, True]
    np.testing.assert_array_equal(skipping.valid_, skipping.valid_[:, :1].repeat(19, 1))
    np.testing.assert_array_equal(skipping.confidence_, skipping.valid_ * 0.75)
    assert [reason is None for reason in skipping.reasons_] == [True, False, True]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ((np.nan, np.nan), "no landmark for carpus"),
        ((np.nan, 80), "no landmark for carpus"),
        ((-0.5, 80), r"carpus at \(-0.5, 80\) lies outside the film of 120 x 160"),
        ((60, 159.5), r"carpus at \(60, 159.5\) lies outside the film"),
        ((np.inf, 80), "carpus"),
        ((60, np.inf), "carpus"),
    ],
)
def test_a_region_without_a_landmark(films, points, point, reason):
    points[2, CARPUS, :2] = point
    with pytest.raises(FilmError, match=f"^film 2: .*{reason}.*on_error='skip'"):
        extractor(points, ["ulna", "carpus"]).fit(films.data[:3])
    skipping = extractor(points, ["ulna", "carpus"], on_error="skip")
    crops = skipping.fit_transform(films.data[:3])
    assert skipping.valid_.tolist() == [[True, True], [True, True], [True, False]]
    assert skipping.confidence_.tolist() == [[0.75, 0.75], [0.75, 0.75], [0.75, 0]]
    assert crops.reshape(3, 2, -1).any(axis=2).tolist() == skipping.valid_.tolist()
    assert "carpus" in skipping.reasons_[2]
    # Nobody misses a region that was not asked for.
    assert (
        extractor(points, ["ulna"]).fit(films.data[:3]).reasons_.tolist() == [None] * 3
    )


def test_a_blank_crop(films, points):
    blank = films.data[1].copy()
    x, y = points[1, ULNA, :2].astype(int)
    blank[y - 20 : y + 21, x - 20 : x + 21] = 9
    X = [films.data[0], blank, films.data[2]]
    with pytest.raises(FilmError, match="film 1: the crop of ulna is blank"):
        extractor(points, "ulna").fit(X)
    skipping = extractor(points, "ulna", on_error="skip").fit(X)
    assert skipping.valid_.ravel().tolist() == [True, False, True]


def test_three_landmarks_are_enough(films, points):
    points[0, 3:, :2] = points[1, 2:, :2] = np.nan
    skipping = extractor(points[:2], on_error="skip").fit(films.data[:2])
    assert skipping.valid_[0].tolist() == [True] * 3 + [False] * 16
    assert not skipping.valid_[1].any()
    assert skipping.reasons_[1] == "2 landmarks are usable, 3 are needed"


@pytest.mark.parametrize("memory", [False, True])
def test_unusable_films_keep_their_rows(films, points, tmp_path, memory):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "text.png").write_text("text")
    unusable = [
        tmp_path / "gone.png",
        tmp_path / "text.png",
        tmp_path / "folder.png",
        np.zeros((50, 50)),
        [[1, 2], [3]],
        None,
    ]
    X = [films.data[0], *unusable, films.data[1]]
    landmarks = points[[0] * (len(X) - 1) + [1]]
    skipping = extractor(
        landmarks, on_error="skip", memory=tmp_path / "cache" if memory else None
    )
    crops = skipping.fit_transform(X)
    expected = extractor(points[:2]).fit_transform(films.data[:2])
    np.testing.assert_array_equal(crops[[0, -1]], expected)
    assert not crops[1:-1].any()
    assert not skipping.valid_[1:-1].any()
    assert not skipping.confidence_[1:-1].any()
    assert skipping.reasons_[0] is skipping.reasons_[-1] is None
    assert all(skipping.reasons_[1:-1])
    assert skipping.reasons_[1] == "there is no such file"
    assert "not a DICOM, PNG, JPEG, TIFF" in skipping.reasons_[2]
    assert "constant" in skipping.reasons_[4]


@pytest.mark.parametrize("film", [np.zeros((50, 50)), [[1, 2], [3]], None])
def test_unusable_films_are_named(points, film):
    with pytest.raises(FilmError, match=r"^film 0: .*on_error='skip'"):
        extractor(points[:1]).fit([film])


def test_missing_files_are_found_before_a_film_is_read(film_folder, reads):
    paths = [film_folder / "a00.png", film_folder / "gone.png", film_folder / "b.png"]
    table = LandmarkTable(film_folder / "landmarks.csv")
    cropper = KeyRegionExtractor(landmarker=table, crop_shape=SMALL)
    with pytest.raises(FilmError, match=r"^gone\.png: there is no such file$"):
        cropper.fit(paths[:2])
    with pytest.raises(FilmError, match=r"^gone\.png: .* \(2 of 3 are missing\)$"):
        cropper.fit(paths)
    assert not reads


def test_errors_name_the_file(film_folder, tmp_path):
    (tmp_path / "torn.png").write_bytes((film_folder / "a00.png").read_bytes()[:-100])
    table = LandmarkTable(film_folder / "landmarks.csv")
    cropper = KeyRegionExtractor(landmarker=table, crop_shape=SMALL, n_jobs=2)
    with pytest.raises(
        FilmError, match=r"^torn\.png: the file is trunc.*on_error='skip'"
    ):
        cropper.fit([film_folder / "a00.png", tmp_path / "torn.png"])


def test_an_error_is_not_remembered(films, points, tmp_path):
    cached = extractor(points, on_error="skip", memory=tmp_path)
    broken = [np.zeros((50, 50)), *films.data[1:3]]
    assert cached.fit(broken).valid_.all(axis=1).tolist() == [False, True, True]
    assert cached.fit(films.data[:3]).valid_.all()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_first_failure_starts_no_further_film(films, reads, monkeypatch, n_jobs):
    """Nor does it leave threads behind that still read films."""
    read_film = _open_film.read_with_note

    def read_slowly(film, index=0):
        time.sleep(0.02)  # as a film in a file: workers hardly run ahead
        return read_film(film, index)

    monkeypatch.setattr(_open_film, "read_with_note", read_slowly)
    blank = np.zeros((160, 120), np.uint8)
    many = [films.data[0], *[blank] * 8, *(films.data[i % 12] for i in range(60))]
    landmarks = np.dstack([films.landmarks[[0] * len(many)], np.ones((len(many), 19))])
    extractor = KeyRegionExtractor(landmarker=Known(landmarks), n_jobs=n_jobs)
    with pytest.raises(FilmError, match=r"^film 1: .*constant"):
        extractor.fit(many)
    assert len(reads) < 20
