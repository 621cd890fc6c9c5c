import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.regions import KEY_REGIONS

CARPUS, RADIUS = KEY_REGIONS.index("carpus"), KEY_REGIONS.index("radius")


def table(**changed):
    """Two rows of film a, one of film b."""
    columns = {
        "id": ["a", "a", "b"],
        "region": ["carpus", "radius", "carpus"],
        "x": [10.5, 20, 30],
        "y": [11.0, 21, 31],
        "confidence": [1.0, 0.5, 0.25],
    }
    return pd.DataFrame(columns | changed)


def as_csv(frame, folder):
    frame.to_csv(folder / "landmarks.csv", index=False)
    return folder / "landmarks.csv"


# Looking up
@pytest.mark.parametrize("source", ["frame", "path", "text"])
def test_rows_are_found_by_file_name(tmp_path, source):
    given_table = table() if source == "frame" else as_csv(table(), tmp_path)
    landmarker = LandmarkTable(str(given_table) if source == "text" else given_table)
    found = landmarker.predict(["deep/b.png", tmp_path / "a.tif", "c.png"])
    assert found.shape == (3, 19, 3)
    np.testing.assert_array_equal(found[0, CARPUS], [30, 31, 0.25])
    np.testing.assert_array_equal(found[1, CARPUS], [10.5, 11, 1])
    np.testing.assert_array_equal(found[1, RADIUS], [20, 21, 0.5])


def test_what_the_table_lacks_is_nan_without_confidence():
    found = LandmarkTable(table()).predict(["b.png", "c.png", np.eye(40)])
    unknown = np.ones((3, 19), bool)
    unknown[0, CARPUS] = False
    assert np.isnan(found[unknown][:, :2]).all()
    assert (found[unknown][:, 2] == 0).all()


def test_confidence_is_full_without_the_column():
    found = LandmarkTable(table().drop(columns="confidence")).predict(["a.png"])
    np.testing.assert_array_equal(np.unique(found[..., 2]), [0, 1])
    assert found[0, CARPUS, 2] == 1


@pytest.mark.parametrize("codes", [[19, 17, 19], ["19", "radius", "19"]])
def test_regions_by_number(tmp_path, codes):
    expected = LandmarkTable(table()).predict(["a.png", "b.png"])
    frame = table(region=codes)
    for numbered in (frame, as_csv(frame, tmp_path)):
        found = LandmarkTable(numbered).predict(["a.png", "b.png"])
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("ids", [[7, 7, 12], ["7", "7 ", " 12"]])
def test_numbers_as_ids(tmp_path, ids):
    frame = table(id=ids)
    for numbered in (frame, as_csv(frame, tmp_path)):
        found = LandmarkTable(numbered).predict(["7.png", "12.png", "07.png"])
        np.testing.assert_array_equal(found[:2, CARPUS, 0], [10.5, 30])
        assert np.isnan(found[2, :, :2]).all()


def test_any_index_and_row_order():
    frame = pd.concat([table()[2:], table()[:2]]).set_index(pd.Index([5, 5, 5]))
    np.testing.assert_array_equal(
        LandmarkTable(frame).predict(["a.png", "b.png"]),
        LandmarkTable(table()).predict(["a.png", "b.png"]),
    )


@pytest.mark.parametrize("blank", ["x", "y"])
def test_blank_coordinate_is_an_unknown_landmark(tmp_path, blank):
    frame = table(**{blank: [np.nan, 20, 30]})
    for blanked in (frame, as_csv(frame, tmp_path)):
        found = LandmarkTable(blanked).predict(["a.png"])[0]
        np.testing.assert_array_equal(found[CARPUS], [np.nan, np.nan, 0])
        np.testing.assert_array_equal(found[RADIUS, 2], 0.5)


def test_blank_confidence_is_a_number_from_0_to_1():
    frame = table(confidence=[np.nan, 0.5, 0.25])
    found = LandmarkTable(frame).predict(["a.png"])[0]
    assert 0 <= found[CARPUS, 2] <= 1
    np.testing.assert_array_equal(found[CARPUS, :2], [10.5, 11])


# Wrong tables
@pytest.mark.parametrize("column", ["id", "region", "x", "y"])
def test_missing_column(tmp_path, column):
    frame = table().drop(columns=column)
    with pytest.raises(ValueError, match=f"the table has no column '{column}'"):
        LandmarkTable(frame).predict(["a.png"])
    with pytest.raises(ValueError, match=rf"landmarks\.csv has no column '{column}'"):
        LandmarkTable(as_csv(frame, tmp_path)).fit()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"region": [19, 20, 19]}, "unknown region.*20"),
        ({"region": ["carpus", "19", "carpus"]}, "carpus of film 'a' twice"),
        ({"id": ["b", "a", "b"]}, "carpus of film 'b' twice"),
        ({"y": ["1", "2", "1,5"]}, "y of carpus of film 'b' is '1,5', not a number"),
        ({"confidence": [1, 1.01, 0]}, r"confidence outside \[0, 1\]"),
    ],
)
def test_wrong_values(tmp_path, changed, message):
    frame = table(**changed)
    for landmarker in (LandmarkTable(frame), LandmarkTable(as_csv(frame, tmp_path))):
        with pytest.raises(ValueError, match=message):
            landmarker.fit()
        with pytest.raises(ValueError, match=message):
            landmarker.predict(["a.png"])


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        LandmarkTable(tmp_path / "gone.csv").predict(["a.png"])


def test_single_film_is_refused():
    with pytest.raises(ValueError, match="X is one path"):
        LandmarkTable(table()).predict("a.png")


def test_broken_film_has_no_landmarks(films, landmarker):
    found = landmarker.predict([np.zeros((3, 3)), films.data[0]])
    assert np.isnan(found[0, :, :2]).all()
    np.testing.assert_array_equal(found[1, :, :2], films.landmarks[0])


# Tables of films at hand
@settings(max_examples=20, deadline=None)
@given(order=st.lists(st.integers(0, 11), min_size=1, max_size=12))
def test_films_in_memory_in_any_order(films, landmarker, order):
    found = landmarker.predict(films.data[order])
    np.testing.assert_array_equal(found[..., :2], films.landmarks[order])
    assert (found[..., 2] == 1).all()
    found = landmarker.predict(list(films.data[order].astype(np.float64)))
    np.testing.assert_array_equal(found[..., :2], films.landmarks[order])


def test_films_on_disk(films, film_folder):
    paths = sorted(film_folder.glob("*.png"))
    landmarker = LandmarkTable.from_films(paths, films.landmarks)
    found = landmarker.predict([str(path) for path in paths[::-1]])
    np.testing.assert_array_equal(found[..., :2], films.landmarks[::-1])
    listed = LandmarkTable(film_folder / "landmarks.csv").predict(paths)
    np.testing.assert_allclose(listed[..., :2], films.landmarks, rtol=1e-12)


def test_confidence_and_unknown_landmarks_are_kept(films):
    landmarks = np.dstack([films.landmarks[:2], np.full((2, 19), 0.5)])
    landmarks[0, 3, 0] = np.nan
    landmarks[1, 4, 2] = 0.125
    found = LandmarkTable.from_films(films.data[:2], landmarks).predict(films.data[:2])
    np.testing.assert_array_equal(found[0, 3], [np.nan, np.nan, 0])
    assert found[1, 4, 2] == 0.125
    assert (found[0, 4:, 2] == 0.5).all()


def test_the_same_film_twice(films):
    twice = [films.data[0], films.data[0]]
    landmarker = LandmarkTable.from_films(twice, films.landmarks[[0, 0]])
    np.testing.assert_array_equal(
        landmarker.predict(twice)[..., :2], films.landmarks[[0, 0]]
    )
    with pytest.raises(ValueError, match="twice"):
        LandmarkTable.from_films(twice, films.landmarks[:2])


def test_one_file_name_in_two_folders_is_refused():
    landmarker = LandmarkTable(table())
    with pytest.raises(ValueError, match="same id 'a'"):
        landmarker.predict(["one/a.png", "two/a.png"])


def test_landmarks_of_wrong_shape(films):
    message = r"landmarks has shape \(2, 18, 2\) for 2 films; .*\(2, 19, 2 or 3\)"
    with pytest.raises(ValueError, match=message):
        LandmarkTable.from_films(films.data[:2], np.ones((2, 18, 2)))


# scikit-learn
def test_clone_pickle_and_parameters(tmp_path):
    landmarker = LandmarkTable(table())
    expected = landmarker.predict(["a.png"])
    for copy in (clone(landmarker), pickle.loads(pickle.dumps(landmarker))):
        np.testing.assert_array_equal(copy.predict(["a.png"]), expected)
    assert landmarker.get_params() == {"table": landmarker.table}
    path = as_csv(table(x=[0, 0, 0]), tmp_path)
    landmarker.set_params(table=path)
    assert clone(landmarker).table == path
    assert landmarker.predict(["a.png"])[0, CARPUS, 0] == 0


def test_fit_returns_the_landmarker_and_the_table_is_not_changed():
    frame = table(id=[7, 7, 12])
    before = frame.copy()
    landmarker = LandmarkTable(frame)
    assert landmarker.fit(["a.png"]) is landmarker
    landmarker.predict(["7.png"])[:] = 0
    pd.testing.assert_frame_equal(frame, before)
    assert landmarker.predict(["7.png"])[0, CARPUS, 0] == 10.5
