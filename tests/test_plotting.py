"""What the displays draw: data, labels and order, not pixels."""

from __future__ import annotations

import sys

import cv2
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_baccaec import KeyRegionExtractor, LandmarkTable, regions
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.plotting import (
    ContactSheetDisplay,
    KeyRegionDisplay,
    _contact_sheet_display,
)
from sklearn_baccaec.regions import KEY_REGIONS

CARPUS, THUMB_IP = KEY_REGIONS.index("carpus"), KEY_REGIONS.index("thumb_ip")


class Known:
    """Landmarks given outright, one set per film; counts how often it is asked."""

    def __init__(self, landmarks=None):
        self.landmarks, self.asked = landmarks, 0

    def predict(self, X):
        self.asked += 1
        return self.landmarks


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def points(films):
    """Landmarks of the films, with a confidence that falls from film to film."""
    confidence = np.broadcast_to(np.linspace(0.9, 0.1, 12)[:, None], (12, 19))
    return np.dstack([films.landmarks, confidence])


def mirrored(film, points):
    """Film and landmarks of a right hand."""
    points = points.copy()
    points[:, 0] = film.shape[1] - 1 - points[:, 0]
    return film[:, ::-1], points


def dashed(collection):
    """Which of a collection's lines are dashed."""
    return [dashes is not None for _, dashes in collection.get_linestyle()]


class TestKeyRegionDisplay:
    def test_what_is_drawn(self, films, points):
        points = points[0]
        points[:, 2] = np.linspace(0.2, 0.8, 19)
        display = KeyRegionDisplay.from_film(films.data[0], landmarks=points)
        np.testing.assert_array_equal(display.image_.get_array(), films.data[0])
        np.testing.assert_allclose(display.landmarks_.get_offsets(), points[:, :2])
        outlines = [path.vertices[:4] for path in display.outlines_.get_paths()]
        np.testing.assert_allclose(outlines, display.outlines)
        np.testing.assert_allclose(
            display.tops_.get_segments(), display.outlines[:, :2]
        )
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
    def test_outlines_are_those_of_the_crops(self, films, points, right, crop_shape):
        film, landmarks = films.data[1], points[1]
        if right:
            film, landmarks = mirrored(film, landmarks)
        settings = {"crop_shape": crop_shape, "scales": {"carpus": 0.4}}
        display = KeyRegionDisplay.from_film(film, landmarks=landmarks, **settings)
        side = "right" if right else "left"
        assert display.side == side
        assert f"{side} hand" in display.ax_.get_title()
        crops = KeyRegionExtractor(
            landmarker=Known([landmarks]), **settings
        ).fit_transform([film])
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

    def test_chosen_regions_and_their_names(self, films, points):
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

    def test_unknown_landmarks_are_left_out(self, films, points):
        points[0, [2, CARPUS], 0] = np.nan
        display = KeyRegionDisplay.from_film(
            films.data[0], landmarks=points[0], names=True
        )
        known = np.delete(np.arange(19), [2, CARPUS])
        np.testing.assert_allclose(
            display.landmarks_.get_offsets(), points[0, known, :2]
        )
        assert len(display.outlines_.get_paths()) == len(display.text_) == 17
        assert f"confidence {0.9 * 17 / 19:.2f}" in display.ax_.get_title()

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("n_known", [0, 2])
    def test_a_film_without_a_hand(self, films, points, n_known):
        points[0, n_known:, :2] = np.nan
        display = KeyRegionDisplay.from_film(
            films.data[0], landmarks=points[0], names=True
        )
        display.figure_.canvas.draw()
        assert display.ax_.get_title() == "film\nno hand found"
        assert len(display.landmarks_.get_offsets()) == len(display.text_) == n_known
        assert not display.outlines_.get_paths()
        np.testing.assert_array_equal(display.image_.get_array(), films.data[0])

    def test_a_file_and_its_landmarker(self, film_folder):
        display = KeyRegionDisplay.from_film(
            film_folder / "a03.png",
            landmarker=LandmarkTable(film_folder / "landmarks.csv"),
        )
        assert display.ax_.get_title() == "a03.png\nleft hand, confidence 1.00"
        named = KeyRegionDisplay.from_film(
            film_folder / "a03.png", landmarks=display.landmarks, name="patient 4"
        )
        assert named.ax_.get_title().startswith("patient 4\n")

    def test_the_landmarker_by_default(self, films, points, monkeypatch):
        known = Known(points[:1])
        monkeypatch.setattr(regions, "HandLandmarker", lambda: known, raising=False)
        display = KeyRegionDisplay.from_film(films.data[0])
        np.testing.assert_array_equal(display.landmarks, points[0])
        assert known.asked == 1

    @pytest.mark.parametrize("factor", [np.uint16(257), np.float32(0.001)])
    def test_faint_films_are_visible(self, films, points, factor):
        film = films.data[0].astype(factor.dtype) * factor
        film[:3, :10] = film.max() * 5 if factor < 1 else 65535  # a marker
        display = KeyRegionDisplay.from_film(film, landmarks=points[0])
        low, high = display.image_.get_clim()
        assert film.min() <= low < high < film.max()
        assert (film >= high).mean() < 0.01

    def test_nearly_all_pixels_alike(self, points):
        film = np.zeros((160, 120))
        film[80, 60] = 3
        display = KeyRegionDisplay.from_film(film, landmarks=points[0])
        assert display.image_.get_clim() == (0, 3)

    def test_the_view_holds_the_crops_but_no_stray_landmark(self, films, points):
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

    def test_plot_into_axes_at_hand(self, films, points):
        figure, axes = plt.subplots(1, 2)
        display = KeyRegionDisplay.from_film(
            films.data[0], landmarks=points[0], ax=axes[0]
        )
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
        ],
        ids=str,
    )
    def test_wrong_parameters(self, films, points, settings, message):
        with pytest.raises(ValueError, match=message):
            KeyRegionDisplay.from_film(
                films.data[0], **{"landmarks": points[0], **settings}
            )
        assert not plt.get_fignums()

    def test_a_film_that_cannot_be_read(self, points, tmp_path):
        with pytest.raises(FilmError, match=r"gone.png: there is no such file"):
            KeyRegionDisplay.from_film(tmp_path / "gone.png", landmarks=points[0])


class TestContactSheetDisplay:
    def test_the_least_certain_films_first(self, films, points):
        points[3, :, :2] = np.nan
        display = ContactSheetDisplay.from_films(
            films.data, landmarks=points, n_films=5, n_columns=3
        )
        assert display.order_.tolist() == [3, 11, 10, 9, 8]
        confidence = points[:, 0, 2].copy()
        confidence[3] = 0
        np.testing.assert_allclose(display.confidence_, confidence)
        assert display.axes_.shape == (2, 3)
        for ax, i in zip(display.axes_.flat, display.order_, strict=False):
            assert ax.get_title() == f"film {i}\n{confidence[i]:.2f}"
            np.testing.assert_array_equal(ax.images[0].get_array(), films.data[i])
        assert not display.axes_[1, 2].has_data()
        assert not display.axes_[1, 2].axison
        title = display.figure_.get_suptitle()
        assert title == "The 5 least certain of 12 films"

    def test_confidence_of_chosen_regions(self, films, points):
        points[4, CARPUS, 2] = 0.01
        display = ContactSheetDisplay.from_films(
            films.data, landmarks=points, regions="carpus", n_films=2
        )
        assert display.order_.tolist() == [4, 11]
        assert display.confidence_[4] == 0.01
        assert display.axes_.shape == (1, 2)

    def test_equally_certain_films_keep_their_order(self, films):
        display = ContactSheetDisplay.from_films(films.data, landmarks=films.landmarks)
        assert display.order_.tolist() == list(range(12))
        assert display.axes_.shape == (2, 8)

    def test_dots_and_digits(self, films, points):
        points[0, KEY_REGIONS.index("index_pip"), :2] = np.nan
        display = ContactSheetDisplay.from_films(films.data[:1], landmarks=points[:1])
        (ax,) = display.axes_.flat
        dots = ax.collections[0]
        assert len(dots.get_offsets()) == 18
        np.testing.assert_allclose(dots.get_array(), 0.9)
        chains = [
            ["thumb_ip", "thumb_mcp", "thumb_cmc", "carpus"],
            ["index_dip", "index_mcp", "carpus"],
            *(
                [f"{digit}_dip", f"{digit}_pip", f"{digit}_mcp", "carpus"]
                for digit in ("middle", "ring", "little")
            ),
            ["radius", "wrist", "ulna"],
        ]
        assert len({line.get_color() for line in ax.lines}) == 6
        for line, chain in zip(ax.lines, chains, strict=True):
            joints = [points[0, KEY_REGIONS.index(region), :2] for region in chain]
            np.testing.assert_allclose(line.get_xydata(), joints)

    @pytest.mark.filterwarnings("error")
    def test_large_films_become_thumbnails(self, films, points):
        large = cv2.resize(films.data[0], None, fx=8, fy=8)
        points[0, :, :2] = (points[0, :, :2] + 0.5) * 8 - 0.5
        points[0, THUMB_IP, :2] = 9999  # outside the film
        display = ContactSheetDisplay.from_films([large], landmarks=points[:1])
        (ax,) = display.axes_.flat
        image = ax.images[0].get_array()
        assert image.shape == (320, 240)
        expected = cv2.resize(films.data[0], None, fx=2, fy=2)
        assert np.abs(image - expected.astype(float)).max() <= 2
        np.testing.assert_allclose(
            ax.collections[0].get_offsets()[1:],
            (films.landmarks[0, 1:] + 0.5) * 2 - 0.5,
        )
        assert ax.get_xlim() == (-0.5, 239.5)
        display.figure_.canvas.draw()

    def test_only_the_films_shown_are_read_and_all_found_once(
        self, films, points, monkeypatch
    ):
        reads, read_film = [], _contact_sheet_display.read_film

        def counted(film, index):
            reads.append(index)
            return read_film(film, index)

        monkeypatch.setattr(_contact_sheet_display, "read_film", counted)
        landmarker = Known(points)
        display = ContactSheetDisplay.from_films(
            films.data, landmarker=landmarker, n_films=2
        )
        assert reads == [11, 10]
        assert display.plot(n_films=1, n_columns=1) is display
        assert reads == [11, 10, 11]
        assert display.order_.tolist() == [11]
        assert landmarker.asked == 1

    def test_films_that_cannot_be_read_say_why(self, film_folder, tmp_path):
        broken = tmp_path / "a_name_much_too_long_for_a_thumbnail_01.png"
        broken.write_bytes(b"no image at all")
        paths = [film_folder / "a00.png", broken, tmp_path / "gone.png"]
        display = ContactSheetDisplay.from_films(
            paths, landmarker=LandmarkTable(film_folder / "landmarks.csv")
        )
        assert display.order_.tolist() == [1, 2, 0]
        unread, gone, read = display.axes_.flat
        assert unread.get_title() == "a_name_much…bnail_01.png\n0.00"
        reason = unread.texts[0].get_text().replace("\n", " ")
        assert (
            reason == "the file is not a DICOM, PNG, JPEG or TIFF image, or is damaged"
        )
        assert gone.texts[0].get_text() == "there is no such file"
        assert not unread.images
        assert not unread.lines
        assert read.get_title() == "a00.png\n1.00"
        assert read.images

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"n_films": 0}, "n_films == 0, must be >= 1"),
            ({"n_columns": -1}, "n_columns == -1, must be >= 1"),
            ({"regions": ["hip"]}, "unknown region 'hip'"),
        ],
        ids=str,
    )
    def test_wrong_parameters(self, films, settings, message):
        landmarker = Known()
        with pytest.raises(ValueError, match=message):
            ContactSheetDisplay.from_films(
                films.data, landmarker=landmarker, **settings
            )
        assert not landmarker.asked

    @pytest.mark.parametrize("shape", [(11, 19, 3), (12, 18, 3), (12, 19), (12, 19, 1)])
    def test_landmarks_of_the_wrong_shape(self, films, shape):
        with pytest.raises(ValueError, match=r"has shape .*expected \(12, 19, 2 or 3"):
            ContactSheetDisplay.from_films(films.data, landmarker=Known(np.ones(shape)))


@pytest.mark.parametrize(
    "draw", [KeyRegionDisplay.from_film, ContactSheetDisplay.from_films]
)
def test_without_matplotlib(films, draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"\.from_films? requires matplotlib"):
        draw(films.data, landmarker=Known())
