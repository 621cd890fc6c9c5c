"""What the display of a film draws: landmarks, crops and words, not pixels."""

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pytest
from charts import found_by_search
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_baccaec import KeyRegionExtractor, LandmarkTable, regions
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.plotting import KeyRegionDisplay
from sklearn_baccaec.regions import KEY_REGIONS

CARPUS, THUMB_IP = KEY_REGIONS.index("carpus"), KEY_REGIONS.index("thumb_ip")


class Known:
    """Landmarks given outright, one set per film."""

    def __init__(self, landmarks=None):
        self.landmarks = landmarks

    def predict(self, X):
        return self.landmarks


pytestmark = pytest.mark.usefixtures("drawing")


def mirrored(film, points):
    """Film and landmarks of a right hand."""
    points = points.copy()
    points[:, 0] = film.shape[1] - 1 - points[:, 0]
    return film[:, ::-1], points


def dashed(collection):
    """Which of a collection's lines are dashed."""
    return [dashes is not None for _, dashes in collection.get_linestyle()]


def test_what_is_drawn(films, points):
    points = points[0]
    points[:, 2] = np.linspace(0.2, 0.8, 19)
    display = KeyRegionDisplay.from_film(films.data[0], landmarks=points)
    np.testing.assert_array_equal(display.image_.get_array(), films.data[0])
    np.testing.assert_allclose(display.landmarks_.get_offsets(), points[:, :2])
    outlines = [path.vertices[:4] for path in display.outlines_.get_paths()]
    np.testing.assert_allclose(outlines, display.outlines)
    np.testing.assert_allclose(display.tops_.get_segments(), display.outlines[:, :2])
    for drawn in (display.landmarks_, display.outlines_, display.tops_):
        np.testing.assert_allclose(drawn.get_array(), points[:, 2])
        assert drawn.get_clim() == (0, 1)
    assert dashed(display.outlines_) == (points[:, 2] < 0.5).tolist()
    assert dashed(display.tops_) == dashed(display.outlines_)
    assert display.text_ == []
    assert display.ax_.get_title() == "film\nleft hand, confidence 0.50"
    assert display.figure_ is display.ax_.figure


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("crop_shape", [(64, 64), (40, 64)])
def test_outlines_are_those_of_the_crops(films, points, right, crop_shape):
    film, landmarks = films.data[1], points[1]
    if right:
        film, landmarks = mirrored(film, landmarks)
    settings = {"crop_shape": crop_shape, "scales": {"carpus": 0.4}}
    display = KeyRegionDisplay.from_film(film, landmarks=landmarks, **settings)
    side = "right" if right else "left"
    assert display.side == side
    assert f"{side} hand" in display.ax_.get_title()
    crops = KeyRegionExtractor(landmarker=Known([landmarks]), **settings).fit_transform(
        [film]
    )
    height, width = crop_shape
    corners = np.array([[0, 0], [width, 0], [width, height]], np.float32) - 0.5
    for crop, outline in zip(
        crops.reshape(19, height, width), display.outlines, strict=True
    ):
        matrix = cv2.getAffineTransform(outline[:3].astype(np.float32), corners)
        found = cv2.warpAffine(
            film.astype(np.float32),
            matrix,
            (width, height),
            borderMode=cv2.BORDER_REPLICATE,
        )
        assert np.corrcoef(found.ravel(), crop.ravel())[0, 1] > 0.99
        np.testing.assert_allclose(outline[3], outline[0] + outline[2] - outline[1])


def test_half_the_crop_scale_halves_the_outlines(films, points):
    def offsets(**settings):
        display = KeyRegionDisplay.from_film(
            films.data[0], landmarks=points[0], **settings
        )
        return display.outlines - points[0, :, np.newaxis, :2]

    whole = offsets()
    np.testing.assert_allclose(offsets(crop_scale=0.5), whole / 2)
    wide = offsets(scales={"carpus": 0.4}, crop_scale=2)
    np.testing.assert_allclose(wide[CARPUS], whole[CARPUS] * 2 * 0.4 / 0.32)


# Of a model
def test_what_an_extractor_takes_from_a_film(films, points, film_folder):
    points[1, CARPUS, 2] = 0.65
    settings = {"scales": {"carpus": 0.4}, "crop_shape": (12, 16), "crop_scale": 0.5}
    extractor = KeyRegionExtractor(
        ["ulna", 19], landmarker=Known(points[1:2]), min_confidence=0.7, **settings
    )
    path = film_folder / "a01.png"
    display = KeyRegionDisplay.from_estimator(extractor, path, names=True)
    expected = KeyRegionDisplay.from_film(
        path, landmarks=points[1], regions=["ulna", "carpus"], **settings
    )
    np.testing.assert_array_equal(display.outlines, expected.outlines)
    np.testing.assert_array_equal(display.landmarks, points[1])
    assert display.ax_.get_title() == expected.ax_.get_title()
    assert [text.get_text() for text in display.text_] == ["ulna", "carpus"]
    assert dashed(display.outlines_) == [False, True]

    figure, axes = plt.subplots()
    other = KeyRegionDisplay.from_estimator(
        extractor, path, name="patient 4", ax=axes, outlines=False
    )
    assert other.figure_ is figure
    assert other.outlines_ is None
    assert axes.get_title().startswith("patient 4\n")


def test_what_a_model_takes_from_a_film(pca_model, films):
    def outlines(estimator, film):
        return KeyRegionDisplay.from_estimator(estimator, film).outlines

    film = films.data[2]
    expected = KeyRegionDisplay.from_film(
        film,
        landmarks=films.landmarks[2],
        regions=pca_model.regions,
        crop_shape=(16, 16),
    ).outlines
    flip = FunctionTransformer(lambda X: X[:, :, ::-1])
    for model in (pca_model, pca_model.pipeline_[0], found_by_search(pca_model)):
        np.testing.assert_array_equal(outlines(model, film), expected)
        flipped = outlines(make_pipeline(flip, model), film[:, ::-1])
        np.testing.assert_array_equal(flipped, expected)


def test_a_model_with_other_landmarks_and_windows(make_model, films, points):
    model = make_model(encoder=PCA(2)).fit(films.data)
    points[:, :, 0] += 5
    model.landmarker_ = Known(points[3:4])
    model.pipeline_[0].set_params(crop_scale=0.5)
    display = KeyRegionDisplay.from_estimator(model, films.data[3])
    expected = KeyRegionDisplay.from_film(
        films.data[3], landmarks=points[3], regions=model.regions, crop_scale=0.5
    )
    np.testing.assert_array_equal(display.outlines, expected.outlines)


def test_estimators_that_crop_nothing(make_model, films):
    with pytest.raises(NotFittedError):
        KeyRegionDisplay.from_estimator(make_model(), films.data[0])
    with pytest.raises(TypeError, match="KMeans is neither a BoneAgeClusterer nor"):
        KeyRegionDisplay.from_estimator(KMeans(2), films.data[0])
    assert not plt.get_fignums()


def test_chosen_regions_and_their_names(films, points):
    points[0, CARPUS, 2] = 0.2
    display = KeyRegionDisplay.from_film(
        films.data[0], landmarks=points[0], regions=["ulna", 19], names=True
    )
    np.testing.assert_allclose(
        display.landmarks_.get_offsets(), points[0, [17, CARPUS], :2]
    )
    assert [text.get_text() for text in display.text_] == ["ulna", "carpus"]
    assert dashed(display.outlines_) == [False, True]
    assert "confidence 0.55" in display.ax_.get_title()
    every = KeyRegionDisplay.from_film(films.data[0], landmarks=points[0])
    np.testing.assert_array_equal(display.outlines, every.outlines[[17, CARPUS]])


def test_unknown_landmarks_are_left_out(films, points):
    points[0, [2, CARPUS], 0] = np.nan
    display = KeyRegionDisplay.from_film(films.data[0], landmarks=points[0], names=True)
    known = np.delete(np.arange(19), [2, CARPUS])
    np.testing.assert_allclose(display.landmarks_.get_offsets(), points[0, known, :2])
    assert len(display.outlines_.get_paths()) == len(display.text_) == 17
    assert f"confidence {0.9 * 17 / 19:.2f}" in display.ax_.get_title()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n_known", [0, 2])
def test_a_film_without_a_hand(films, points, n_known):
    points[0, n_known:, :2] = np.nan
    display = KeyRegionDisplay.from_film(films.data[0], landmarks=points[0], names=True)
    display.figure_.canvas.draw()
    assert display.ax_.get_title() == "film\nno hand found"
    assert len(display.landmarks_.get_offsets()) == len(display.text_) == n_known
    assert not display.outlines_.get_paths()
    np.testing.assert_array_equal(display.image_.get_array(), films.data[0])


def test_a_file_and_its_landmarker(film_folder):
    display = KeyRegionDisplay.from_film(
        film_folder / "a03.png",
        landmarker=LandmarkTable(film_folder / "landmarks.csv"),
    )
    assert display.ax_.get_title() == "a03.png\nleft hand, confidence 1.00"
    named = KeyRegionDisplay.from_film(
        film_folder / "a03.png", landmarks=display.landmarks, name="patient 4"
    )
    assert named.ax_.get_title().startswith("patient 4\n")


def test_the_landmarker_by_default(films, points, monkeypatch):
    known = Known(points[:1])
    monkeypatch.setattr(regions, "HandLandmarker", lambda: known)
    display = KeyRegionDisplay.from_film(films.data[0])
    np.testing.assert_array_equal(display.landmarks, points[0])


@pytest.mark.parametrize("factor", [np.uint16(257), np.float32(0.001)])
def test_faint_films_are_visible(films, points, factor):
    film = films.data[0].astype(factor.dtype) * factor
    film[:3, :10] = film.max() * 5 if factor < 1 else 65535  # a marker
    display = KeyRegionDisplay.from_film(film, landmarks=points[0])
    low, high = display.image_.get_clim()
    assert film.min() <= low < high < film.max()
    assert (film >= high).mean() < 0.01


def test_nearly_all_pixels_alike(points):
    film = np.zeros((160, 120))
    film[80, 60] = 3
    display = KeyRegionDisplay.from_film(film, landmarks=points[0])
    assert display.image_.get_clim() == (0, 3)


def test_the_view_holds_the_crops_but_no_stray_landmark(films, points):
    points[0, THUMB_IP, :2] = 5000, 5000
    display = KeyRegionDisplay.from_film(
        films.data[0], landmarks=points[0], scales={"wrist": 1.5}
    )
    x, y = np.nanmax(display.outlines, axis=(0, 1))
    assert y > 160
    assert display.ax_.get_xlim()[1] == max(x, 119.5)
    assert display.ax_.get_ylim()[0] == y
    assert len(display.outlines_.get_paths()) == 18
    display = display.plot(outlines=False)
    assert display.ax_.get_xlim() == (-0.5, 119.5)
    assert display.ax_.get_ylim() == (159.5, -0.5)


def test_plot_into_axes_at_hand(films, points):
    figure, axes = plt.subplots(1, 2)
    display = KeyRegionDisplay.from_film(films.data[0], landmarks=points[0], ax=axes[0])
    assert display.ax_ is axes[0]
    assert display.plot(axes[1], outlines=False, threshold=0.95) is display
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert display.outlines_ is display.tops_ is None
    assert len(axes[1].collections) == 1
    display.plot(threshold=0.95)
    assert all(dashed(display.outlines_))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"landmarks": np.zeros((18, 2))}, r"shape \(1, 18, 2\).*\(1, 19, 2 or 3"),
        ({"landmarks": np.zeros((19, 4))}, r"shape \(1, 19, 4\)"),
        ({"landmarks": np.full((19, 3), 2.0)}, r"outside \[0, 1\]"),
        ({"landmarker": Known()}, "give one of them"),
        ({"regions": ["hip"]}, "unknown region 'hip'"),
        ({"scales": {"carpus": 3}}, "the scale of 'carpus'"),
        ({"crop_shape": 64}, "crop_shape is 64"),
        ({"crop_scale": 0}, "crop_scale is 0; expected a number"),
        ({"crop_scale": np.nan}, "crop_scale is nan"),
        ({"crop_scale": "a"}, "crop_scale is 'a'"),
    ],
    ids=lambda value: str(list(value) if isinstance(value, dict) else value),
)
def test_wrong_parameters(films, points, settings, message):
    with pytest.raises(ValueError, match=message):
        KeyRegionDisplay.from_film(
            films.data[0], **{"landmarks": points[0], **settings}
        )
    assert not plt.get_fignums()


def test_a_film_that_cannot_be_read(points, tmp_path):
    with pytest.raises(FilmError, match=r"gone.png: there is no such file"):
        KeyRegionDisplay.from_film(tmp_path / "gone.png", landmarks=points[0])
