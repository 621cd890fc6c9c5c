"""Which films the galleries show, in which order, and what they write beside them."""

from __future__ import annotations

import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import found_by_search
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import KeyRegionExtractor
from sklearn_baccaec.metrics import cluster_table
from sklearn_baccaec.plotting import (
    ClusterGalleryDisplay,
    MisnamedFilmsDisplay,
    _cluster_gallery_display,
    _misnamed_films_display,
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def model(make_model, films):
    return make_model(encoder=PCA(2, random_state=0)).fit(films.data, films.target)


@pytest.fixture
def paths(film_folder):
    return sorted(film_folder.glob("a*.png"))


def count_reads(monkeypatch, module):
    """List that grows by the position of every film that is read."""
    reads, read_film = [], module.read_film

    def counted(film, index):
        reads.append(index)
        return read_film(film, index)

    monkeypatch.setattr(module, "read_film", counted)
    return reads


class TestClusterGalleryDisplay:
    LABELS = [0, 0, 0, 1, 1, 1, 1, -1, 2, 2, 2, 2]
    DISTANCES = [3, 1, 2, 4, 3, np.nan, 1, np.nan, 0, 0, 0, 0]

    def test_what_is_drawn(self, films):
        display = ClusterGalleryDisplay.from_predictions(
            films.data, self.LABELS, self.DISTANCES, n_films=4
        )
        assert display.clusters_.tolist() == [0, 1, 2]
        assert [row.tolist() for row in display.shown_] == [
            [1, 2, 0],
            [6, 4, 3, 5],
            [8, 9, 10, 11],
        ]
        assert display.axes_.shape == (3, 4)
        assert display.ax_ is display.axes_[0, 0]
        for axes, row in zip(display.axes_, display.shown_, strict=True):
            for ax, i in zip(axes, row, strict=False):
                np.testing.assert_array_equal(ax.images[0].get_array(), films.data[i])
                assert ax.get_title() == f"film {i}"
        assert not display.axes_[0, 3].has_data()
        assert not display.axes_[0, 3].axison
        assert [text.get_text() for text in display.text_] == [
            "cluster 0\n3 films",
            "cluster 1\n4 films",
            "cluster 2\n4 films",
        ]

    def test_names_and_order_of_a_table(self, films):
        ages = [200, 210, 190, None, None, None, None, 30, 80, 30, 40, 50]
        table = cluster_table(ages, self.LABELS)
        display = ClusterGalleryDisplay.from_predictions(
            films.data, self.LABELS, self.DISTANCES, table=table, n_films=1
        )
        assert display.clusters_.tolist() == [2, 0, 1]
        assert [text.get_text() for text in display.text_] == [
            "cluster 2\n24-72 months\n4 films",
            "cluster 0\n168-216 months\n3 films",
            "cluster 1\nno name\n4 films",
        ]
        assert display.axes_.shape == (3, 1)

    def test_clusters_without_a_name_come_last(self, films):
        table = cluster_table([20] * 3 + [100] * 9, self.LABELS)
        display = ClusterGalleryDisplay.from_predictions(
            films.data, self.LABELS, self.DISTANCES, table=table, n_films=1
        )
        assert display.clusters_.tolist() == [1, 2, 0]

    def test_ages_outside_the_range_do_not_sort_clusters(self, model, films):
        ages = np.where(model.labels_ == 1, 100.0, 300)
        ages[np.flatnonzero(model.labels_ == 0)[0]] = 30
        display = ClusterGalleryDisplay.from_estimator(
            model, films.data, ages, n_films=1
        )
        assert display.clusters_.tolist() == [0, 1, 2]

    def test_images_of_a_series(self, films):
        images = pd.Series(list(films.data[:3]), index=[5, 6, 7])
        display = ClusterGalleryDisplay(images, np.zeros(3, int), np.arange(3)).plot()
        shown = [ax.images[0].get_array() for ax in display.axes_[0]]
        np.testing.assert_array_equal(shown, films.data[:3])

    @pytest.mark.parametrize("wrap", [make_pipeline, found_by_search])
    def test_names_of_a_wrapped_model(self, wrap, model, films):
        settings = {"region": "ulna", "n_films": 1}
        display, expected = (
            ClusterGalleryDisplay.from_estimator(estimator, films.data, **settings)
            for estimator in (wrap(model), model)
        )
        assert display.table is model.cluster_table_
        assert display.clusters_.tolist() == expected.clusters_.tolist()

    def test_chosen_clusters(self, films):
        display = ClusterGalleryDisplay.from_predictions(
            films.data, self.LABELS, self.DISTANCES, clusters=[2, 0]
        )
        assert display.clusters_.tolist() == [0, 2]
        assert display.plot(clusters=[1], n_films=2) is display
        assert [row.tolist() for row in display.shown_] == [[6, 4]]

    def test_only_the_films_shown_are_read(self, paths, monkeypatch):
        reads = count_reads(monkeypatch, _cluster_gallery_display)
        display = ClusterGalleryDisplay.from_predictions(
            paths, self.LABELS, self.DISTANCES, n_films=1
        )
        assert reads == [1, 6, 8]
        assert display.axes_[1, 0].get_title() == "a06.png"

    def test_images_that_there_are_not(self, films, tmp_path):
        images = [None, tmp_path / "a_name_too_long_for_a_tile.png", films.data[2]]
        display = ClusterGalleryDisplay.from_predictions(images, [0] * 3, [0, 1, 2])
        missing, gone, shown = display.axes_[0]
        assert missing.texts[-1].get_text().startswith("cluster 0")
        assert missing.texts[0].get_text() == "not cropped"
        assert gone.texts[0].get_text() == "there is no such file"
        assert gone.get_title() == "a_name_…tile.png"
        assert shown.images

    def test_from_estimator(self, model, films):
        display = ClusterGalleryDisplay.from_estimator(model, films.data, n_films=3)
        latents = model.transform(films.data)
        ages = model.cluster_table_["median_age"]
        assert display.clusters_.tolist() == ages.sort_values().index.tolist()
        for cluster, row, text in zip(
            display.clusters_, display.shown_, display.text_, strict=True
        ):
            members = np.flatnonzero(model.labels_ == cluster)
            centre = latents[members].mean(axis=0)
            distances = np.linalg.norm(latents[members] - centre, axis=1)
            assert row.tolist() == members[np.argsort(distances)][:3].tolist()
            name = model.cluster_table_["interval"][cluster]
            assert text.get_text().startswith(f"cluster {cluster}\n{name} months\n")

    def test_ages_name_the_rows_instead(self, model, films):
        oldest_first = 240 - films.target
        display = ClusterGalleryDisplay.from_estimator(
            model, films.data, oldest_first, n_films=1
        )
        pd.testing.assert_frame_equal(
            display.table, cluster_table(oldest_first, model.labels_)
        )
        without = ClusterGalleryDisplay.from_estimator(model, films.data, n_films=1)
        assert display.clusters_.tolist() == without.clusters_.tolist()[::-1]

    @pytest.mark.parametrize("region", ["radius", 17, "ulna"])
    def test_crops(self, model, films, landmarker, region):
        display = ClusterGalleryDisplay.from_estimator(
            model, films.data, region=region, n_films=2
        )
        crops = KeyRegionExtractor(
            region, landmarker=landmarker, crop_shape=(16, 16)
        ).transform(films.data)
        for axes, row in zip(display.axes_, display.shown_, strict=True):
            for ax, i in zip(axes, row, strict=False):
                np.testing.assert_array_equal(
                    ax.images[0].get_array(), crops[i].reshape(16, 16)
                )

    def test_films_set_aside_are_in_no_row(self, make_model, films):
        model = make_model(encoder=PCA(2, random_state=0), on_error="skip")
        model.fit(films.data, films.target)
        blank = films.data.copy()
        blank[3] = 0
        display = ClusterGalleryDisplay.from_estimator(
            model, blank, region="carpus", n_films=12
        )
        assert sorted(np.concatenate(display.shown_)) == [0, 1, 2, *range(4, 12)]

    def test_any_clusterer(self):
        X = np.random.default_rng(0).random((6, 40, 40))

        class Clusterer:
            def transform(self, X):
                return np.reshape(X, (len(X), -1))[:, :2]

            def predict(self, X):
                return np.array([4, 4, 4, 4, 4, 9])

        display = ClusterGalleryDisplay.from_estimator(Clusterer(), X)
        assert display.clusters_.tolist() == [4, 9]
        assert display.table is None
        with pytest.raises(TypeError, match="Clusterer is no BoneAgeClusterer"):
            ClusterGalleryDisplay.from_estimator(Clusterer(), X, region="ulna")

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
            ClusterGalleryDisplay.from_predictions(films.data, **given)
        assert not plt.get_fignums()

    def test_wrong_films_and_ages(self, model, films):
        with pytest.raises(ValueError, match="unknown region 'hip'"):
            ClusterGalleryDisplay.from_estimator(model, films.data, region="hip")
        with pytest.raises(ValueError, match="y has 2 ages for 12 films"):
            ClusterGalleryDisplay.from_estimator(model, films.data, [30, 40])
        with pytest.raises(ValueError, match="X is one path"):
            ClusterGalleryDisplay.from_estimator(model, "films")


class TestMisnamedFilmsDisplay:
    AGES = [30, 72, 90, 216, 150, None, 100, 300, 40, 168, 84.25, 60]
    BOUNDS = [
        [24, 72],
        [24, 72],  # the upper edge is the next interval's
        [120, 168],
        [168, 216],  # but not in the last one
        [24, 72],
        [24, 72],
        [np.nan, np.nan],
        [168, 216],  # no interval could be right
        [24, 72],
        [168, 216],
        [120, 168],
        [24, 72],
    ]

    def test_what_is_drawn(self, films):
        display = MisnamedFilmsDisplay.from_predictions(
            films.data, self.AGES, self.BOUNDS, n_films=3, n_columns=2
        )
        assert np.flatnonzero(display.misnamed_).tolist() == [1, 2, 4, 10]
        assert display.order_.tolist() == [4, 10, 2]
        np.testing.assert_array_equal(
            display.distance_,
            [0, 0, 30, 0, 78, np.nan, np.nan, np.nan, 0, 0, 35.75, 0],
        )
        assert display.axes_.shape == (2, 2)
        assert display.ax_ is display.axes_[0, 0]
        titles = [ax.get_title() for ax in display.axes_.flat]
        assert titles == [
            "film 4\n150 months,\nnamed 24-72",
            "film 10\n84.2 months,\nnamed 120-168",
            "film 2\n90 months,\nnamed 120-168",
            "",
        ]
        for ax, i in zip(display.axes_.flat, display.order_, strict=False):
            np.testing.assert_array_equal(ax.images[0].get_array(), films.data[i])
        assert not display.axes_[1, 1].axison
        assert display.figure_.get_suptitle() == (
            "3 of 4 misnamed films, furthest off first "
            "(9 named in all, 1 without an interval)"
        )

    def test_none_is_misnamed(self, films):
        display = MisnamedFilmsDisplay.from_predictions(
            films.data[:4], [30, 40, None, 50], [[24, 72]] * 3 + [[np.nan] * 2]
        )
        assert display.figure_.get_suptitle() == (
            "none of 2 named films is misnamed\n1 without an interval"
        )
        assert display.order_.tolist() == []
        assert not display.ax_.has_data()
        assert not display.ax_.axison

    def test_only_the_films_shown_are_read(self, paths, monkeypatch, tmp_path):
        reads = count_reads(monkeypatch, _misnamed_films_display)
        paths[4] = tmp_path / "gone.png"
        display = MisnamedFilmsDisplay.from_predictions(
            paths, self.AGES, self.BOUNDS, n_films=2
        )
        assert reads == [4, 10]
        gone, shown = display.axes_.flat
        assert gone.texts[0].get_text() == "there is no such file"
        assert shown.get_title().startswith("a10.png\n84.2 months")
        assert display.plot(n_films=1) is display
        assert reads == [4, 10, 4]

    def test_other_range(self, films):
        display = MisnamedFilmsDisplay.from_predictions(
            films.data[:2], [100, 300], [[50, 100], [50, 100]], age_range=(0, 100)
        )
        assert not display.misnamed_.any()

    def test_from_estimator(self, make_model, films):
        model = make_model(encoder=PCA(2, random_state=0), age_range=(24, 200))
        model.fit(films.data, films.target, sex=films.sex)
        ages = films.target[::-1].astype(float)
        ages[0] = np.nan
        display = MisnamedFilmsDisplay.from_estimator(
            model, films.data, ages, sex=films.sex, n_films=5, n_columns=3
        )
        expected = MisnamedFilmsDisplay.from_predictions(
            films.data,
            ages,
            model.predict_interval(films.data, films.sex),
            age_range=(24, 200),
            n_films=5,
            n_columns=3,
        )
        assert display.order_.tolist() == expected.order_.tolist()
        assert len(display.order_) == 5
        assert display.figure_.get_suptitle() == expected.figure_.get_suptitle()

    @pytest.mark.parametrize("wrap", [make_pipeline, found_by_search])
    def test_wrapped_models(self, wrap, model, films):
        displays = [
            MisnamedFilmsDisplay.from_estimator(
                estimator, films.data, 240 - films.target
            )
            for estimator in (wrap(model), model)
        ]
        np.testing.assert_array_equal(*[display.distance_ for display in displays])

    def test_misnamed_are_those_that_score_does_not_count(self, model, films):
        display = MisnamedFilmsDisplay.from_estimator(model, films.data, films.target)
        right = 1 - display.misnamed_.mean()
        assert model.score(films.data, films.target) == pytest.approx(right)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"n_films": 0}, "n_films == 0, must be >= 1"),
            ({"n_columns": 0}, "n_columns == 0, must be >= 1"),
            ({"y": [30]}, "y has 1 ages for 12 films"),
            ({"y": [None] * 12}, "no known age: all 12 are missing"),
            ({"bounds": [24, 72]}, r"bounds has shape \(2,\); expected \(12, 2\)"),
        ],
        ids=str,
    )
    def test_wrong_input(self, films, settings, message):
        given = {"y": self.AGES, "bounds": self.BOUNDS, **settings}
        with pytest.raises(ValueError, match=message):
            MisnamedFilmsDisplay.from_predictions(films.data, **given)
        assert not plt.get_fignums()

    def test_one_sex_per_film(self, model, films):
        with pytest.raises(ValueError, match="sex has 1 codes for 12 films"):
            MisnamedFilmsDisplay.from_estimator(
                model, films.data, films.target, sex=["F"]
            )


def test_nothing_written_is_too_small(films):
    gallery = ClusterGalleryDisplay.from_predictions(films.data, [0] * 12, range(12))
    sheet = MisnamedFilmsDisplay.from_predictions(
        films.data, [30] * 12, [[72, 120]] * 12
    )
    for figure in (gallery.figure_, sheet.figure_):
        figure.canvas.draw()
        words = figure.findobj(matplotlib.text.Text)
        written = [text for text in words if text.get_text() and text.get_visible()]
        assert min(text.get_fontsize() for text in written) >= 8
    # What is written beside a row ends where its films begin.
    (title,) = gallery.text_
    beside = title.get_window_extent()
    assert 0 <= beside.x0 < beside.x1 <= gallery.ax_.get_window_extent().x0


@pytest.mark.parametrize("kind", [ClusterGalleryDisplay, MisnamedFilmsDisplay])
def test_without_matplotlib(kind, model, films, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="from_estimator requires matplotlib"):
        kind.from_estimator(model, films.data, films.target)
    with pytest.raises(ImportError, match="from_predictions requires matplotlib"):
        kind.from_predictions(films.data, [0] * 12, [0] * 12)
