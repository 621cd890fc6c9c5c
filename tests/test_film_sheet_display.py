"""Which films sheets show, in which order, and what is written beside them."""

import cv2
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import titles_of

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.metrics import cluster_table
from sklearn_baccaec.plotting import FilmSheetDisplay, _drawing
from sklearn_baccaec.regions import KEY_REGIONS

CARPUS, THUMB_IP = KEY_REGIONS.index("carpus"), KEY_REGIONS.index("thumb_ip")


pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture
def paths(film_folder):
    return sorted(film_folder.glob("a*.png"))


@pytest.fixture
def reads(monkeypatch):
    """List that grows by the position of every file that is read for a tile."""
    positions, read_film = [], _drawing.read_film

    def counted(film, index):
        positions.append(index)
        return read_film(film, index)

    monkeypatch.setattr(_drawing, "read_film", counted)
    return positions


def check_images(display, images):
    """Whether the tiles of a sheet of one group show these films, in its order."""
    for ax, i in zip(display.axes_.flat, display.order_, strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), images[i])


class TestFromLandmarks:
    def test_the_least_certain_films_first(self, films, points):
        points[3, :, :2] = np.nan
        display = FilmSheetDisplay.from_landmarks(
            films.data, points, n_films=5, n_columns=3
        )
        assert display.order_.tolist() == [3, 11, 10, 9, 8]
        assert display.axes_.shape == (2, 3)
        check_images(display, films.data)
        certain = [0, *points[[11, 10, 9, 8], 0, 2]]
        assert titles_of(display) == [
            *[
                f"film {i}\n{x:.2f}"
                for i, x in zip(display.order_, certain, strict=True)
            ],
            "",
        ]
        assert not display.axes_[1, 2].has_data()
        assert not display.axes_[1, 2].axison
        assert display.figure_.get_suptitle() == "The 5 least certain of 12 films"
        assert display.text_ == []

    def test_confidence_of_chosen_regions(self, films, points):
        points[4, CARPUS, 2] = 0.01
        display = FilmSheetDisplay.from_landmarks(
            films.data, points, regions="carpus", n_films=2
        )
        assert titles_of(display) == ["film 4\n0.01", "film 11\n0.10"]

    def test_equally_certain_films_keep_their_order(self, films):
        display = FilmSheetDisplay.from_landmarks(films.data, films.landmarks)
        assert display.order_.tolist() == list(range(12))
        assert display.axes_.shape == (2, 8)

    def test_dots_and_digits(self, films, points):
        points[0, KEY_REGIONS.index("index_pip"), :2] = np.nan
        display = FilmSheetDisplay.from_landmarks(films.data[:1], points[:1])
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
        display = FilmSheetDisplay.from_landmarks([large], points[:1])
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

    def test_only_the_films_shown_are_read(self, paths, points, reads):
        display = FilmSheetDisplay.from_landmarks(paths, points, n_films=2)
        assert reads == [11, 10]
        assert display.plot(n_columns=1) is display
        assert display.axes_.shape == (2, 1)
        assert reads == [11, 10, 11, 10]

    def test_films_that_cannot_be_read_say_why(self, film_folder, tmp_path):
        broken = tmp_path / "a_name_much_too_long_for_a_thumbnail_01.png"
        broken.write_bytes(b"no image at all")
        paths = [film_folder / "a00.png", broken, tmp_path / "gone.png"]
        display = FilmSheetDisplay.from_landmarks(
            paths, landmarker=LandmarkTable(film_folder / "landmarks.csv")
        )
        assert display.order_.tolist() == [1, 2, 0]
        unread, gone, read = display.axes_.flat
        assert unread.get_title() == "a_name_mu…ail_01.png\n0.00"
        reason = unread.texts[0].get_text().replace("\n", " ")
        assert "PNG, JPEG, TIFF, BMP or WebP image" in reason
        assert gone.texts[0].get_text() == "there is no such\nfile"
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
            ({"landmarks": np.ones((11, 19, 3))}, r"expected \(12, 19, 2 or 3"),
            ({"landmarks": np.ones((12, 19, 1))}, r"expected \(12, 19, 2 or 3"),
            ({"landmarker": LandmarkTable("none.csv")}, "give one of them"),
        ],
        ids=str,
    )
    def test_wrong_input(self, films, settings, message):
        given = {"landmarks": films.landmarks, **settings}
        with pytest.raises(ValueError, match=message):
            FilmSheetDisplay.from_landmarks(films.data, **given)
        assert not plt.get_fignums()


class TestFromLabels:
    LABELS = [0, 0, 0, 1, 1, 1, 1, -1, 2, 2, 2, 2]
    DISTANCES = [3, 1, 2, 4, 3, np.nan, 1, np.nan, 0, 0, 0, 0]

    def test_what_is_drawn(self, films):
        display = FilmSheetDisplay.from_labels(
            films.data, self.LABELS, self.DISTANCES, n_films=4
        )
        rows = {name: row.tolist() for name, row in display.groups.items()}
        assert rows == {
            "cluster 0\n3 films": [1, 2, 0],
            "cluster 1\n4 films": [6, 4, 3, 5],
            "cluster 2\n4 films": [8, 9, 10, 11],
        }
        assert display.axes_.shape == (3, 4)
        for axes, row in zip(display.axes_, rows.values(), strict=True):
            for ax, i in zip(axes, row, strict=False):
                np.testing.assert_array_equal(ax.images[0].get_array(), films.data[i])
                assert ax.get_title() == f"film {i}"
        assert not display.axes_[0, 3].has_data()
        assert not display.axes_[0, 3].axison
        assert [text.get_text() for text in display.text_] == list(rows)
        assert [text.axes for text in display.text_] == display.axes_[:, 0].tolist()

    def test_names_and_order_of_a_table(self, films):
        ages = [200, 210, 190, None, None, None, None, 30, 80, 30, 40, 50]
        display = FilmSheetDisplay.from_labels(
            films.data,
            self.LABELS,
            self.DISTANCES,
            table=cluster_table(ages, self.LABELS),
            n_films=1,
        )
        assert list(display.groups) == [
            "cluster 2\n24-72 months\n4 films",
            "cluster 0\n168-216 months\n3 films",
            "cluster 1\nno name\n4 films",
        ]
        assert display.axes_.shape == (3, 1)

    def test_chosen_clusters(self, films):
        display = FilmSheetDisplay.from_labels(
            pd.Series(list(films.data), index=range(5, 17)),
            self.LABELS,
            self.DISTANCES,
            clusters=[2, 0],
            n_films=2,
        )
        assert display.order_.tolist() == [1, 2, 8, 9]
        check_images(display, films.data)

    def test_a_long_group_goes_on_below(self, films):
        display = FilmSheetDisplay(films.data, {"a": range(3), "b": [5]})
        assert display.plot(n_columns=2) is display
        assert titles_of(display) == ["film 0", "film 1", "film 2", "", "film 5", ""]
        first, _, last = display.axes_[:, 0]
        assert [text.axes for text in display.text_] == [first, last]

    def test_crops_that_do_not_exist(self, films, tmp_path):
        images = [None, tmp_path / "a_name_too_long_for_a_tile.png", films.data[2, :9]]
        display = FilmSheetDisplay.from_labels(images, [0] * 3, [0, 1, 2])
        missing, gone, shown = display.axes_[0]
        assert missing.texts[0].get_text() == "not cropped"
        assert gone.texts[0].get_text() == "there is no such\nfile"
        assert gone.get_title() == "a_name_to…a_tile.png"
        assert shown.images

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"n_films": 0}, "n_films == 0, must be >= 1"),
            (
                {"clusters": [0, 5]},
                "cluster 5 holds no film; there are films of 0, 1, 2",
            ),
            ({"clusters": []}, "none is given"),
            ({"labels": [-1] * 12}, "every film is set aside"),
            ({"labels": [0]}, r"labels has shape \(1,\).*expected \(12,\)"),
            ({"labels": [0.0] * 12}, "labels must be 1-D: integers"),
            ({"distances": [[0.0]]}, r"distances \(1, 1\); expected \(12,\)"),
        ],
        ids=str,
    )
    def test_wrong_input(self, films, settings, message):
        given = {"labels": self.LABELS, "distances": self.DISTANCES, **settings}
        with pytest.raises(ValueError, match=message):
            FilmSheetDisplay.from_labels(films.data, **given)
        assert not plt.get_fignums()


class TestFromIntervals:
    AGES = [30, 72, 90, 216, 150, None, 100, 300, 40, 168, 84.25, 60]
    BOUNDS = [
        [24, 72],
        [24, 72],  # the upper edge is the next interval's
        [120, 168],
        [168, 216],  # but not in the last one
        [24, 72],
        [24, 72],
        [np.nan, np.nan],
        [168, 216],  # no interval could be correct
        [24, 72],
        [168, 216],
        [120, 168],
        [24, 72],
    ]

    def test_what_is_drawn(self, films):
        display = FilmSheetDisplay.from_intervals(
            films.data, self.AGES, self.BOUNDS, n_films=3, n_columns=2
        )
        assert display.order_.tolist() == [4, 10, 2]
        assert display.axes_.shape == (2, 2)
        assert titles_of(display) == [
            "film 4\n150 months,\npredicted 24-72",
            "film 10\n84.2 months,\npredicted 120-168",
            "film 2\n90 months,\npredicted 120-168",
            "",
        ]
        check_images(display, films.data)
        assert display.figure_.get_suptitle() == (
            "3 of 4 misclassified films, furthest off first\n"
            "(9 with an interval, 1 without one)"
        )
        every = FilmSheetDisplay.from_intervals(films.data, self.AGES, self.BOUNDS)
        assert every.order_.tolist() == [4, 10, 2, 1]

    @pytest.mark.filterwarnings("error")
    def test_none_is_misclassified(self, films):
        display = FilmSheetDisplay.from_intervals(
            films.data[:4], [30, 40, None, 50], [[24, 72]] * 3 + [[np.nan] * 2]
        )
        assert display.figure_.get_suptitle() == (
            "no misclassified film (2 with an interval, 1 without one)"
        )
        assert display.order_.tolist() == []
        assert not display.axes_[0, 0].has_data()

    def test_only_the_films_shown_are_read(self, paths, reads, tmp_path):
        paths[4] = tmp_path / "gone.png"
        display = FilmSheetDisplay.from_intervals(
            paths, self.AGES, self.BOUNDS, n_films=2
        )
        assert reads == [4, 10]
        gone, shown = display.axes_.flat
        assert gone.texts[0].get_text() == "there is no such\nfile"
        assert shown.get_title().startswith("a10.png\n84.2 months")

    def test_intervals_beyond_the_range(self, films):
        """No age in the range is in them, not even the oldest."""
        display = FilmSheetDisplay.from_intervals(
            films.data[:5],
            [216, 216, 24, 20, 230],
            [[216, np.inf], [168, 216], [0, 24], [0, 24], [216, np.inf]],
        )
        assert display.order_.tolist() == [0, 2]
        assert titles_of(display)[:2] == [
            "film 0\n216 months,\npredicted over 216",
            "film 2\n24 months,\npredicted 0-24",
        ]

    def test_other_range(self, films):
        display = FilmSheetDisplay.from_intervals(
            films.data[:2], [100, 300], [[50, 100], [50, 100]], age_range=(0, 100)
        )
        assert not len(display.order_)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"n_films": 0}, "n_films == 0, must be >= 1"),
            ({"n_columns": 0}, "n_columns == 0, must be >= 1"),
            ({"y": [30]}, "y has 1 ages for 12 films"),
            ({"y": [None] * 12}, "no known age: all 12 are missing"),
            ({"bounds": [24, 72]}, r"bounds has shape \(2,\); expected \(12, 2\)"),
            (
                {"bounds": [[72, 24]] * 12},
                r"bounds\[0\] is \[72.0, 24.0\]: not an interval",
            ),
        ],
        ids=str,
    )
    def test_wrong_input(self, films, settings, message):
        given = {"y": self.AGES, "bounds": self.BOUNDS, **settings}
        with pytest.raises(ValueError, match=message):
            FilmSheetDisplay.from_intervals(films.data, **given)
        assert not plt.get_fignums()


def test_nothing_written_is_too_small(films):
    gallery = FilmSheetDisplay.from_labels(films.data, [0] * 12, range(12))
    sheet = FilmSheetDisplay.from_intervals(films.data, [30] * 12, [[72, 120]] * 12)
    for figure in (gallery.figure_, sheet.figure_):
        figure.canvas.draw()
        words = figure.findobj(matplotlib.text.Text)
        written = [text for text in words if text.get_text() and text.get_visible()]
        assert min(text.get_fontsize() for text in written) >= 8
    # What is written beside a row ends where its films begin.
    (title,) = gallery.text_
    beside = title.get_window_extent()
    assert 0 <= beside.x0 < beside.x1 <= gallery.axes_[0, 0].get_window_extent().x0
