"""What the display of a film's region ages draws: windows, colours, plate and words."""

import importlib.util
from collections import Counter

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pytest
from charts import found_by_search
from matplotlib import colormaps
from sklearn.cluster import KMeans
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_baccaec import LandmarkTable, load_pretrained
from sklearn_baccaec.datasets import draw_atlas_plate
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.plotting import KeyRegionDisplay, RegionAgeDisplay
from sklearn_baccaec.regions import KEY_REGIONS

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture(scope="module")
def model(landmarker):
    return load_pretrained(landmarker=landmarker)


@pytest.fixture(scope="module")
def lacking(films):
    """Model of a first film without little finger, and a second one of no use."""
    landmarks = np.dstack([films.landmarks, np.ones((12, 19))])
    landmarks[0, 11:14, 2] = 0.1
    landmarks[1] = np.nan, np.nan, 0
    table = LandmarkTable.from_films(films.data, landmarks)
    return load_pretrained(landmarker=table, on_error="skip")


def corners_of(collection):
    return [path.vertices[:4] for path in collection.get_paths()]


def test_windows_are_the_crops_and_have_the_colours_of_their_ages(model, films):
    film, sex = films.data[3], films.sex[3]
    display = RegionAgeDisplay.from_estimator(model, film, sex=sex)
    ages = model.predict_region_age([film], sex=[sex])[0]
    (age,), (ends,) = model.predict_age([film], sex=[sex], return_range=True)
    np.testing.assert_allclose(display.region_ages, ages)
    np.testing.assert_allclose([display.age, *display.age_range], [age, *ends])
    assert display.regions == KEY_REGIONS
    crops = KeyRegionDisplay.from_estimator(model, film)
    np.testing.assert_array_equal(display.windows, crops.outlines)
    np.testing.assert_array_equal(display.image_.get_array(), film)

    # The largest first, so that none is hidden; as many months in either direction.
    widths = np.ptp(display.windows, axis=1).max(axis=1)
    order = np.argsort(-widths, kind="stable")
    np.testing.assert_allclose(corners_of(display.windows_), display.windows[order])
    np.testing.assert_allclose(display.windows_.get_array(), (ages - age)[order])
    low, high = display.windows_.get_clim()
    assert low == -high < 0
    display.figure_.canvas.draw()
    shown = colormaps["coolwarm"](((ages - age)[order] - low) / (high - low))
    np.testing.assert_allclose(display.windows_.get_edgecolor(), shown)
    assert len(display.absent_.get_paths()) == 0


def test_the_plate_is_the_drawn_hand_of_the_bone_age(model, films):
    for sex in ("F", "M", None):
        display = RegionAgeDisplay.from_estimator(model, films.data[3], sex=sex)
        plate = draw_atlas_plate(display.age, sex=sex)
        plate = plate[:, ::-1] if display.side == "R" else plate
        np.testing.assert_array_equal(display.plate_.get_array(), plate)


def test_a_right_hand_has_a_right_plate(films):
    i = int(np.flatnonzero(films.side == "L")[0])
    turned = films.landmarks[i].copy()
    turned[:, 0] = 119 - turned[:, 0]
    both = [films.data[i], np.ascontiguousarray(films.data[i][:, ::-1])]
    table = LandmarkTable.from_films(both, [films.landmarks[i], turned])
    model = load_pretrained(landmarker=table)
    left, right = (RegionAgeDisplay.from_estimator(model, film) for film in both)
    assert (left.side, right.side) == ("L", "R")
    np.testing.assert_allclose(left.region_ages, right.region_ages, atol=2)
    plate = draw_atlas_plate(right.age)
    np.testing.assert_array_equal(right.plate_.get_array(), plate[:, ::-1])


@pytest.mark.parametrize(
    ("sex", "ends", "said", "child"),
    [
        ("F", (106.4, 134.4), "bone age 120 months, range 106 to 134", "girl"),
        ("M", (109.0, np.inf), "bone age at least 120 months, range from 109", "boy"),
        (None, (96.0, 150.0), "bone age 120 months, range 96 to 150", "sex unknown"),
    ],
)
def test_titles_tell_months_and_range(sex, ends, said, child):
    display = RegionAgeDisplay(
        np.eye(40),
        np.full((1, 4, 2), np.nan),
        np.array([110.0]),
        ["carpus"],
        120.4,
        ends,
        sex=sex,
        name="$a$.png",
    ).plot()
    film, plate = display.axes_
    assert film.get_title() == f"$a$.png, {child}\n{said}"
    assert plate.get_title() == f"atlas plate, {child}\ndrawn at 120 months"
    display.figure_.canvas.draw()


def test_months_beyond_the_atlas_have_its_last_plate():
    display = RegionAgeDisplay(
        np.eye(40), np.zeros((0, 4, 2)), np.empty(0), [], 240.0, (230, np.inf), sex="M"
    ).plot()
    np.testing.assert_array_equal(
        display.plate_.get_array(), draw_atlas_plate(228, sex="M")
    )
    assert display.axes_[1].get_title().endswith("drawn at 228 months")


def test_absent_regions_are_hollow(lacking, films):
    display = RegionAgeDisplay.from_estimator(lacking, films.data[0], sex="F")
    absent = np.isnan(display.region_ages)
    assert np.flatnonzero(absent).tolist() == [11, 12, 13]
    assert len(display.windows_.get_paths()) == 16
    hollow = corners_of(display.absent_)
    np.testing.assert_allclose(
        sorted(w[0, 1] for w in hollow), sorted(display.windows[absent][:, 0, 1])
    )
    display.figure_.canvas.draw()
    assert len(display.absent_.get_facecolor()) == 0
    assert "uncertain" in display.reason


def test_a_film_that_was_set_aside_is_shown_without_an_age(lacking, films):
    display = RegionAgeDisplay.from_estimator(lacking, films.data[1], sex="F")
    assert np.isnan(display.age)
    assert np.isnan(display.region_ages).all()
    assert display.plate_ is None
    assert display.axes_[0].get_title() == "film, girl\nno bone age"
    assert not display.axes_[1].has_data()
    assert len(display.figure_.axes) == 2  # no colour bar of nothing
    assert display.reason == lacking.assign(films.data[1:2], sex=["F"])["reason"][0]
    display.figure_.canvas.draw()
    with pytest.raises(FilmError, match="no landmarks are known"):
        RegionAgeDisplay.from_estimator(
            load_pretrained(landmarker=lacking.landmarker_), films.data[1]
        )


def test_axes_at_hand_are_used(model, films):
    figure, axes = plt.subplots(1, 3)
    display = RegionAgeDisplay.from_estimator(model, films.data[0], ax=axes[:2])
    assert list(display.axes_) == list(axes[:2])
    assert display.figure_ is figure
    assert axes[0].has_data()
    assert axes[1].has_data()
    assert not axes[2].has_data()
    assert display.plot(ax=axes[1:]) is display
    assert list(display.axes_) == list(axes[1:])
    assert axes[2].get_title().startswith("atlas plate")
    assert len(plt.get_fignums()) == 1


@pytest.mark.filterwarnings("error")
def test_everything_written_fits_the_figure(model, films, tmp_path):
    path = tmp_path / ("long" * 40 + ".png")
    assert cv2.imwrite(str(path), films.data[5])
    display = RegionAgeDisplay.from_estimator(
        load_pretrained(
            landmarker=LandmarkTable.from_films([path], films.landmarks[5:6])
        ),
        path,
    )
    figure = display.figure_
    figure.canvas.draw()
    film, plate = (ax.title.get_window_extent() for ax in display.axes_)
    assert film.x1 < plate.x0
    whole = figure.bbox.padded(2)
    for box in (film, plate, figure.axes[-1].yaxis.label.get_window_extent()):
        assert all(whole.contains(*corner) for corner in box.corners())


def test_models_in_searches_and_pipelines(model, films):
    flip = FunctionTransformer(lambda X: X[:, :, ::-1])
    expected = RegionAgeDisplay.from_estimator(model, films.data[2], sex="F")
    for estimator, film in (
        (found_by_search(model), films.data[2]),
        (make_pipeline(flip, model), films.data[2][:, ::-1]),
    ):
        display = RegionAgeDisplay.from_estimator(estimator, film, sex=False)
        np.testing.assert_allclose(display.region_ages, expected.region_ages)
        assert display.sex == "F"


def test_chosen_regions(landmarker, films):
    model = load_pretrained(landmarker=landmarker, regions=["radius", "ulna", "carpus"])
    display = RegionAgeDisplay.from_estimator(model, films.data[2], sex="F")
    assert display.regions == ("radius", "ulna", "carpus")
    whole = KeyRegionDisplay.from_estimator(model, films.data[2])
    np.testing.assert_array_equal(display.windows, whole.outlines)


def test_estimators_and_sexes_that_will_not_do(model, make_model, pca_model, films):
    film = films.data[0]
    with pytest.raises(NotFittedError):
        RegionAgeDisplay.from_estimator(make_model(), film)
    with pytest.raises(TypeError, match="KMeans is not a BoneAgeClusterer"):
        RegionAgeDisplay.from_estimator(KMeans(2), film)
    with pytest.raises(ValueError, match="the model has no maturity axis"):
        RegionAgeDisplay.from_estimator(pca_model, film)
    with pytest.raises(ValueError, match="'child': expected"):
        RegionAgeDisplay.from_estimator(model, film, sex="child")
    assert not plt.get_fignums()


def test_a_film_is_read_once_and_once_more_to_be_shown(film_folder, monkeypatch):
    model = load_pretrained(landmarker=LandmarkTable(film_folder / "landmarks.csv"))
    decoded, imdecode = Counter(), cv2.imdecode

    def counted(content, *args):
        decoded[bytes(content)] += 1
        return imdecode(content, *args)

    monkeypatch.setattr(cv2, "imdecode", counted)
    path = film_folder / "a02.png"
    display = RegionAgeDisplay.from_estimator(model, path)
    assert decoded == {path.read_bytes(): 2}
    assert display.name == "a02.png"
    assert RegionAgeDisplay.from_estimator(model, path, name="x").name == "x"


def test_without_matplotlib(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "sklearn_baccaec._utils.sklearn_compat.find_spec",
        lambda name: None if name == "matplotlib" else find_spec(name),
    )
    with pytest.raises(ImportError, match="a display needs matplotlib: install"):
        RegionAgeDisplay.from_estimator(None, np.eye(40))
