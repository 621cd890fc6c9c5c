"""Landmarks, given or found, that are no landmarks."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_baccaec import BoneAgeClusterer, KeyRegionExtractor, LandmarkTable
from sklearn_baccaec._utils.validation import check_landmarks
from sklearn_baccaec.plotting import FilmSheetDisplay
from sklearn_baccaec.regions import KEY_REGIONS

CARPUS = KEY_REGIONS.index("carpus")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("columns", "value"),
    [
        (slice(2), np.inf),
        (slice(2), -1),
        (slice(2), 1e300),
        (slice(2), 60),  # one point
        (2, 0),
        (2, np.nan),
    ],
)
def test_one_film_without_landmarks(columns, value, points, films, expect_set_aside):
    points = points.copy()
    points[0, :, columns] = value
    expect_set_aside(films.data[0], points)


WRONG = {
    "None": None,
    "text": "landmarks.csv",
    "a dict": {"carpus": (1, 2)},
    "ragged": [[1], [2, 3]],
    "complex": lambda points: points + 0j,
    "dates": lambda points: points.astype("M8[s]"),
    "flags": lambda points: points > 3,
    "too few films": lambda points: points[1:],
    "too few regions": lambda points: points[:, 1:],
    "one column": lambda points: points[..., :1],
    "four columns": lambda points: points[..., [0, 1, 2, 2]],
    "flat": lambda points: points.reshape(4, -1),
    "words": lambda points: np.full(points.shape, "a", object),
    "confidence in percent": lambda points: points * [1, 1, 100],
    "negative confidence": lambda points: points * [1, 1, -1],
    "infinite confidence": lambda points: points * [1, 1, np.inf],
    "torch, with gradients": lambda points: torch.tensor(points, requires_grad=True),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", WRONG)
def test_what_a_landmarker_must_not_return(kind, points, films, extract):
    wrong = WRONG[kind](points) if callable(WRONG[kind]) else WRONG[kind]
    with pytest.raises(ValueError, match=r"Known\.predict returned"):
        extract(films.data[:4], wrong)
    with pytest.raises(ValueError, match="landmarks has"):
        LandmarkTable.from_films(films.data[:4], wrong)
    if wrong is not None:
        with pytest.raises(ValueError, match="landmarks has"):
            FilmSheetDisplay.from_landmarks(films.data[:4], wrong)


@settings(max_examples=50, deadline=None)
@given(
    landmarks=hnp.arrays(
        float,
        (2, 19, 3),
        elements=st.floats(-10, 170) | st.just(np.nan) | st.floats(),
        fill=st.floats(0, 1),
    )
)
def test_any_landmarks_are_checked(landmarks):
    try:
        checked = check_landmarks(landmarks, 2, "y has")
    except ValueError as error:
        assert "y has a confidence outside [0, 1]" in str(error)
        return
    unknown = np.isnan(checked[..., 0])
    np.testing.assert_array_equal(np.isnan(checked[..., 1]), unknown)
    assert not checked[unknown, 2].any()
    assert np.isfinite(checked[~unknown]).all()


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_numbers_crop_or_set_aside(data, films):
    given_ = np.dstack([films.landmarks[:2], np.ones((2, 19))])
    places = hnp.arrays(float, (19, 2), elements=st.floats(-50, 250), fill=st.nothing())
    given_[0, :, :2] = data.draw(places)
    table = LandmarkTable.from_films(films.data[:2], given_)
    extractor = KeyRegionExtractor(
        landmarker=table, crop_shape=(8, 8), on_error="skip"
    ).fit(films.data[:2])
    assert extractor.valid_[1].all()
    assert (extractor.reasons_[0] is None) == extractor.valid_[0].all()


@pytest.fixture
def table(films):
    points = films.landmarks[0]
    return pd.DataFrame(
        {"id": "a", "region": KEY_REGIONS, "x": points[:, 0], "y": points[:, 1]}
    ).assign(confidence=1.0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("as_csv", [False, True])
@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("x", "12,5", "x of carpus of film 'a' is '12,5', not a number"),
        ("x", True, "x of carpus of film 'a' is .*True.*, not a number"),
        ("x", 1j, "x of .* of film 'a' is .*, not a number"),
        ("y", pd.Timestamp("2020-01-01"), "y of carpus of film 'a' .*, not a number"),
        ("y", [1], "y of carpus of film 'a' is .*, not a number"),
        ("confidence", 2, "a confidence outside"),
        ("confidence", -1, "a confidence outside"),
        ("confidence", np.inf, "a confidence outside"),
        ("confidence", "high", "confidence of carpus of film 'a' is 'high'"),
        ("region", "elbow", "unknown region 'elbow'"),
        ("region", 20, "unknown region"),
        ("region", 1.5, "unknown region"),
        ("region", None, "unknown region (nan|None)"),
        ("region", "ulna", "lists ulna of film 'a' twice"),
        ("id", None, "a row without an id"),
    ],
)
def test_cells_that_are_refused(tmp_path, table, column, value, message, as_csv):
    cells = table[column].tolist()
    cells[CARPUS] = value
    table[column] = pd.Series(cells, dtype=object)
    if as_csv:
        table.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ValueError, match=message):
        LandmarkTable(tmp_path / "t.csv" if as_csv else table).fit()


@pytest.mark.parametrize("value", [np.nan, None, pd.NA, np.inf, 10**400, -5])
def test_cells_that_set_a_region_aside(table, value, films, tmp_path):
    cells = table["x"].tolist()
    cells[CARPUS] = value
    table["x"] = pd.Series(cells, dtype=object)
    found = LandmarkTable(table).predict([tmp_path / "a.png"])
    assert not 0 <= found[0, CARPUS, 0] < 120
    assert np.isfinite(found[0, :CARPUS]).all()


def test_tables_of_other_shapes(table, tmp_path):
    nothing = LandmarkTable(table[:0]).predict([tmp_path / "a.png"])
    assert np.isnan(nothing[..., :2]).all()
    twice = pd.concat([table, table[["x"]]], axis=1)
    with pytest.raises(ValueError, match="has the column 'x' twice"):
        LandmarkTable(twice).fit()
    with pytest.raises(ValueError, match="the table has no column 'id'"):
        LandmarkTable({}).fit()
    for other in (None, 3, [[1]], np.zeros((3, 5))):
        with pytest.raises(ValueError, match="neither a path nor a DataFrame"):
            LandmarkTable(other).fit()


def test_warnings_of_uncertain_films_point_at_the_caller(films, points, make_model):
    points = np.dstack([films.landmarks, np.ones((12, 19))])
    points[3, CARPUS, 2] = 0.1
    table = LandmarkTable.from_films(films.data, points)
    model: BoneAgeClusterer = make_model(landmarker=table)
    calls = [
        lambda: model.fit(films.data),
        lambda: model.predict(films.data),
        lambda: model.assign(films.data),
        lambda: model.fit_predict(films.data),
        lambda: KeyRegionExtractor(landmarker=table).fit(films.data),
        lambda: KeyRegionExtractor(landmarker=table).extract(films.data),
    ]
    for call in calls:
        with pytest.warns(UserWarning, match="1 of 12 films lack crops") as caught:
            call()
        assert caught[0].filename == __file__
