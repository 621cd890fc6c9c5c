"""What the charts of ages and clusters draw: heights, lines, words, not pixels."""

from __future__ import annotations

import sys
from functools import partial

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import (
    N_FILMS,
    bars_of,
    forget_ages,
    legend_of,
    lightness,
    make_ages,
    make_labels,
    ticks_of,
)
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
)
from sklearn_baccaec.plotting import (
    AccuracyCurveDisplay,
    AgeHistogramDisplay,
    ClusterCompositionDisplay,
    IntervalConfusionDisplay,
    LatentMapDisplay,
    PredictedAgeDisplay,
    RegionAccuracyDisplay,
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ages():
    return make_ages()


@pytest.fixture(scope="module")
def labels(ages):
    return make_labels(ages)


@pytest.fixture(scope="module")
def model(make_model, films):
    return make_model(encoder=PCA(2, random_state=0)).fit(films.data, films.target)


@pytest.fixture(scope="module")
def some_ages(films):
    return forget_ages(films.target)


class TestAgeHistogramDisplay:
    def test_what_is_drawn(self):
        y = [24, 30, 40, 71.9, 72, 100, 200, 216, 230, None]
        display = AgeHistogramDisplay.from_predictions(y)
        assert [bars.tolist() for bars in bars_of(display)] == [
            [2, 1, 0, 1],
            [1, 0, 1, 0],
            [0, 0, 0, 0],
            [0, 0, 1, 1],
        ]
        lefts = [[bar.get_x() for bar in bars] for bars in display.bars_]
        assert np.concatenate(lefts).tolist() == list(range(24, 216, 12))
        assert display.interval_counts_.tolist() == [4, 2, 0, 2]
        assert display.text_[0].get_text() == "24-72:\n4 films"
        edges = [line.get_xdata()[0] for line in display.edge_lines_]
        assert edges == display.ax_.get_xticks().tolist() == [24, 72, 120, 168, 216]
        assert display.ax_.get_xlabel() == "age, months"
        assert display.ax_.get_ylabel() == "films per 12 months"
        assert display.ax_.get_title() == (
            "8 films (1 of unknown age, 1 outside these ages left out)"
        )

    def test_older_intervals_are_lighter(self, ages):
        for interval, n_intervals in [(48, 4), (12, 16)]:
            display = AgeHistogramDisplay.from_predictions(ages, interval=interval)
            colours = [bars[0].get_facecolor()[:3] for bars in display.bars_]
            assert len(colours) == n_intervals
            assert (np.diff(lightness(colours)) > 0).all()
            assert lightness(colours)[-1] < 0.85  # to be seen on white
        assert display.text_[0].get_text() == str(display.interval_counts_[0])

    @pytest.mark.parametrize("interval", [12, 48])
    def test_title_stands_above_the_numbers(self, ages, interval):
        display = AgeHistogramDisplay.from_predictions(ages, interval=interval)
        display.figure_.canvas.draw()
        bottom = display.ax_.title.get_window_extent().y0
        assert bottom >= max(text.get_window_extent().y1 for text in display.text_)

    def test_a_bar_across_an_edge_is_stacked(self):
        display = AgeHistogramDisplay.from_predictions(
            [70, 71, 75], interval=48, bin_width=20
        )
        low, high = display.bars_[0][-1], display.bars_[1][0]
        assert low.get_x() == high.get_x() == 64
        assert (low.get_height(), high.get_y(), high.get_height()) == (2, 2, 1)

    def test_from_estimator(self, model, films, some_ages):
        display = AgeHistogramDisplay.from_estimator(
            model, films.data, some_ages, bin_width=24
        )
        expected = AgeHistogramDisplay.from_predictions(some_ages, bin_width=24)
        np.testing.assert_array_equal(display.counts, expected.counts)
        assert display.counts.sum() == 10

    def test_films_set_aside_are_left_out(self, films):
        class Half:
            interval, age_range = 96, (24, 216)

            def predict(self, X):
                return np.arange(len(X)) % 2 - 1

        display = AgeHistogramDisplay.from_estimator(Half(), films.data, films.target)
        assert display.interval_counts_.shape == (2,)
        assert display.interval_counts_.sum() == 6
        assert display.ax_.get_title() == "6 films (6 set aside left out)"

    def test_the_last_edge_is_in_the_last_bar(self):
        display = AgeHistogramDisplay.from_predictions([30, 216], bin_width=192 / 47)
        assert display.interval_counts_.tolist() == [1, 0, 0, 1]
        assert display.text_[0].get_text() == "24-72:\n1 film"

    def test_edges_too_close_to_be_read_have_one_tick(self):
        display = AgeHistogramDisplay.from_predictions([30], interval=47)
        assert display.ax_.get_xticks().tolist() == [24, 71, 118, 165, 216]
        assert len(display.edge_lines_) == 6
        assert display.ax_.get_title() == "1 film"

    @pytest.mark.parametrize("bin_width", [0, -3])
    def test_wrong_width(self, ages, bin_width):
        with pytest.raises(ValueError, match=f"bin_width == {bin_width}, must be > 0"):
            AgeHistogramDisplay.from_predictions(ages, bin_width=bin_width)


class TestClusterCompositionDisplay:
    def test_what_is_drawn(self, ages, labels):
        display = ClusterCompositionDisplay.from_predictions(ages, labels)
        table = cluster_table(ages, labels)
        pd.testing.assert_frame_equal(display.table, table)
        order = table["median_age"].sort_values().index
        assert display.clusters_.tolist() == order.tolist() != list(range(6))
        assert display.ax_.yaxis_inverted()  # the first row is on top
        counts = table.loc[order].iloc[:, :4]
        np.testing.assert_array_equal(bars_of(display), counts.to_numpy().T)
        lefts = [[bar.get_x() for bar in bars] for bars in display.bars_]
        ends = counts.cumsum(axis=1).to_numpy().T
        np.testing.assert_array_equal(lefts[1:], ends[:-1])
        assert ticks_of(display.ax_.yaxis) == [
            f"cluster {i}: {table['interval'][i]}" for i in order
        ]
        assert [text.get_text() for text in display.text_] == [
            f"{table['accuracy'][i]:.0%} of {counts.loc[i].sum()}" for i in order
        ]
        assert legend_of(display.ax_) == ["24-72", "72-120", "120-168", "168-216"]
        colours = [bars[0].get_facecolor()[:3] for bars in display.bars_]
        assert (np.diff(lightness(colours)) > 0).all()

    def test_accuracy_and_chance_in_the_title(self, ages, labels):
        display = ClusterCompositionDisplay.from_predictions(ages, labels)
        intervals = assign_age_intervals(ages)
        accuracy = majority_label_accuracy(intervals, labels)
        chance = chance_majority_label_accuracy(intervals, labels)
        assert (display.accuracy, display.chance) == (accuracy, chance)
        first, second = display.ax_.get_title().splitlines()
        assert first == (
            f"accuracy {accuracy:.1%} (chance {chance:.1%}): 75 films in 6 clusters"
        )
        assert second == (
            "3 set aside (counted as wrong), 2 of no known age in the range (left out)"
        )

    def test_clusters_without_a_known_age_are_left_out(self):
        display = ClusterCompositionDisplay.from_predictions(
            [30, None, 200, 190], [0, 1, 3, 3]
        )
        assert display.clusters_.tolist() == [0, 3]
        assert len(display.table) == 4
        assert "3 films in 2 clusters" in display.ax_.get_title()

    def test_ages_outside_the_range_do_not_sort_clusters(self):
        display = ClusterCompositionDisplay.from_predictions(
            [30, 230, 230, 230, 100, 100], [0, 0, 0, 0, 1, 1]
        )
        assert display.clusters_.tolist() == [0, 1]

    @pytest.mark.filterwarnings("error")
    def test_no_clusters(self):
        display = ClusterCompositionDisplay.from_predictions([30, 60], [-1, -1])
        assert display.clusters_.tolist() == []
        assert "0 films in 0 clusters\n2 set aside" in display.ax_.get_title()

    @pytest.mark.parametrize("labels", [3, [0.0, 1.0], ["a", "b"], [0, -2]])
    def test_labels_that_are_none(self, labels):
        for draw in (
            partial(ClusterCompositionDisplay.from_predictions, [30, 60], labels),
            partial(LatentMapDisplay.from_predictions, np.eye(2), None, labels),
        ):
            with pytest.raises(ValueError, match="labels must be 1-D: integers"):
                draw()

    def test_from_estimator(self, model, films, some_ages):
        display = ClusterCompositionDisplay.from_estimator(model, films.data, some_ages)
        expected = ClusterCompositionDisplay.from_predictions(some_ages, model.labels_)
        pd.testing.assert_frame_equal(display.table, expected.table)
        assert display.ax_.get_title() == expected.ax_.get_title()

    def test_intervals_of_a_search_and_of_a_pipeline(self, films):
        X = np.arange(12.0)[:, np.newaxis]

        class Clusterer(KMeans):
            interval, age_range = 96, (24, 216)

        folds = [(np.arange(12), np.arange(12))]
        pipeline = make_pipeline(Clusterer(random_state=0))
        search = GridSearchCV(pipeline, {"clusterer__n_clusters": [2]}, cv=folds)
        for estimator in (search, make_pipeline(search), pipeline):
            estimator.fit(X)
            display = ClusterCompositionDisplay.from_estimator(
                estimator, X, films.target
            )
            assert list(display.table)[:2] == ["24-120", "120-216"]
        histogram = AgeHistogramDisplay.from_estimator(pipeline, X, films.target)
        assert len(histogram.bars_) == 2
        assert LatentMapDisplay.from_estimator(pipeline, X, films.target).interval == 96


class TestLatentMapDisplay:
    @pytest.fixture
    def latents(self, ages):
        rows = np.random.default_rng(2).normal(size=(N_FILMS, 4))
        rows[:, 0] += np.nan_to_num(ages, nan=100) / 20
        rows[10:13, 1] = np.nan
        return rows

    def test_what_is_drawn(self, latents, ages, labels):
        display = LatentMapDisplay.from_predictions(latents, ages, labels)
        drawn = np.isfinite(latents).all(axis=1)
        np.testing.assert_array_equal(np.isfinite(display.embedding)[:, 0], drawn)
        intervals = assign_age_intervals(ages)
        names = ["24-72", "72-120", "120-168", "168-216"]
        for i, name in enumerate(names):
            np.testing.assert_allclose(
                display.points_[name].get_offsets(),
                display.embedding[drawn & (labels >= 0) & (intervals == i)],
            )
        np.testing.assert_allclose(
            display.points_["unknown"].get_offsets(), display.embedding[:2]
        )
        np.testing.assert_allclose(
            display.points_["set aside"].get_offsets(), display.embedding[5:8]
        )
        assert legend_of(display.ax_) == [*names, "unknown", "set aside"]
        colours = [display.points_[name].get_facecolor()[0, :3] for name in names]
        assert (np.diff(lightness(colours)) > 0).all()
        assert display.ax_.get_title() == "t-SNE map of 77 films (3 left out)"

    def test_numbers_stand_in_the_middle_of_their_clusters(self, latents, ages, labels):
        display = LatentMapDisplay.from_predictions(latents, ages, labels)
        assert list(display.text_) == list(range(6))
        for cluster, text in display.text_.items():
            expected = np.nanmedian(display.embedding[labels == cluster], axis=0)
            np.testing.assert_allclose(text.get_position(), expected)
            assert text.get_text() == str(cluster)

    @pytest.mark.parametrize(("n_clusters", "size"), [(24, 11), (25, 8)])
    def test_many_numbers_are_small(self, n_clusters, size):
        rows = np.random.default_rng(0).normal(size=(n_clusters, 2))
        display = LatentMapDisplay(rows, labels=np.arange(n_clusters)).plot()
        assert {text.get_fontsize() for text in display.text_.values()} == {size}

    def test_without_ages_and_labels(self, latents):
        display = LatentMapDisplay.from_predictions(latents)
        assert list(display.points_) == ["films"]
        assert len(display.points_["films"].get_offsets()) == 77
        assert display.text_ == {}
        assert display.ax_.get_legend() is None

    def test_neighbours_stay_neighbours(self):
        latents = np.repeat([[0.0, 0], [50, 0]], 10, axis=0)
        latents += np.random.default_rng(0).normal(size=latents.shape)
        near, far = np.split(LatentMapDisplay.from_predictions(latents).embedding, 2)
        gap = np.linalg.norm(near.mean(axis=0) - far.mean(axis=0))
        assert gap > 2 * np.linalg.norm(near - near.mean(axis=0), axis=1).mean()

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize(
        "latents",
        [
            np.arange(5.0)[:, None],
            np.zeros((6, 3)),
            np.eye(3),
            np.arange(80.0)[:, None],
        ],
        ids=["one column", "all alike", "three films", "many films"],
    )
    def test_whatever_can_be_mapped(self, latents):
        display = LatentMapDisplay.from_predictions(latents)
        assert np.isfinite(display.embedding).all()

    def test_the_seed_decides(self, latents):
        first, again = (
            LatentMapDisplay.from_predictions(latents[:, :1], random_state=3).embedding
            for _ in range(2)
        )
        np.testing.assert_array_equal(first, again)

    def test_from_estimator(self, model, films, some_ages):
        display = LatentMapDisplay.from_estimator(model, films.data, some_ages)
        expected = LatentMapDisplay.from_predictions(
            model.transform(films.data), some_ages, model.labels_
        )
        np.testing.assert_array_equal(display.embedding, expected.embedding)
        assert list(display.points_) == list(expected.points_)
        assert list(display.text_) == [0, 1, 2]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([[1.0], [2.0]],), "at least 3 films with latents, got 2"),
            (([[1.0], [np.nan], [2.0]],), "at least 3 films with latents, got 2"),
            (([1.0, 2.0, 3.0],), r"must be 2-D, got an array of shape \(3,\)"),
            ((np.eye(3), [30, 40]), "y has 2 ages for 3 films"),
            ((np.eye(3), None, [0, 1]), "inconsistent numbers of samples"),
        ],
    )
    def test_wrong_input(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            LatentMapDisplay.from_predictions(*arguments)


# How to draw each display from ages alone, and from a model.
FROM_AGES = {
    AgeHistogramDisplay: lambda y, **kw: AgeHistogramDisplay.from_predictions(y, **kw),
    ClusterCompositionDisplay: lambda y, **kw: (
        ClusterCompositionDisplay.from_predictions(y, [0, 0, 1], **kw)
    ),
    LatentMapDisplay: lambda y, **kw: LatentMapDisplay.from_predictions(
        np.eye(3), y, **kw
    ),
    RegionAccuracyDisplay: lambda y, **kw: RegionAccuracyDisplay.from_predictions(
        y, {"ulna": [0, 0, 1]}, **kw
    ),
    AccuracyCurveDisplay: lambda y, **kw: AccuracyCurveDisplay.from_predictions(
        y, {2: [0, 0, 1]}, **kw
    ),
    PredictedAgeDisplay: lambda y, **kw: PredictedAgeDisplay.from_predictions(
        y, [40, 80, 200], **kw
    ),
    IntervalConfusionDisplay: lambda y, **kw: IntervalConfusionDisplay.from_predictions(
        y, [[24, 72], [72, 120], [72, 120]], **kw
    ),
}
with_every_display = pytest.mark.parametrize(
    "kind", list(FROM_AGES), ids=lambda kind: kind.__name__
)


@with_every_display
class TestEveryDisplay:
    def test_axes_at_hand_are_used(self, kind):
        figure, axes = plt.subplots(1, 2)
        display = FROM_AGES[kind]([30, 80, 200], ax=axes[0])
        assert display.ax_ is axes[0]
        assert display.figure_ is figure
        assert axes[0].has_data()
        assert not axes[1].has_data()
        assert display.plot(ax=axes[1]) is display
        assert display.ax_ is axes[1]
        assert axes[1].get_title() == axes[0].get_title()
        assert len(plt.get_fignums()) == 1

    @pytest.mark.filterwarnings("error")
    def test_everything_written_fits_the_figure(self, kind):
        display = FROM_AGES[kind]([30, 80, 200])
        figure = display.figure_
        figure.canvas.draw()
        words = figure.findobj(
            lambda artist: (
                isinstance(artist, matplotlib.text.Text)
                and artist.get_visible()
                and artist.get_text()
            )
        )
        assert words
        whole = figure.bbox.padded(2)
        for text in words:
            assert text.get_fontsize() >= 8
            corners = text.get_window_extent().corners()
            inside = [whole.contains(*corner) for corner in corners]
            # Ticks beyond the view are not drawn.
            assert all(inside) or text.get_text().replace(".", "").isdigit()

    def test_ages_that_are_none(self, kind):
        for y, message in [
            ([30, -1, 200], r"y\[1\] is -1"),
            ([[30, 40, 50]], "one age per film"),
        ]:
            with pytest.raises(ValueError, match=message):
                FROM_AGES[kind](y)
        assert not plt.get_fignums()

    def test_no_known_age(self, kind):
        if kind is LatentMapDisplay:  # it takes none at all
            assert list(FROM_AGES[kind]([None] * 3).points_) == ["unknown"]
            return
        with pytest.raises(ValueError, match="no known age: all 3 are missing"):
            FROM_AGES[kind]([None] * 3)
        with pytest.raises(ValueError, match=r"within age_range=\(24, 216\) months"):
            FROM_AGES[kind]([None, 10, 300])
        assert not plt.get_fignums()

    def test_one_age_per_film(self, kind, model, films):
        with pytest.raises(ValueError, match="y has 3 ages for 12 films"):
            kind.from_estimator(model, films.data, [30, 40, 50])

    def test_without_matplotlib(self, kind, model, films, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="from_predictions requires matplotlib"):
            FROM_AGES[kind]([30, 80, 200])
        with pytest.raises(ImportError, match="from_estimator requires matplotlib"):
            kind.from_estimator(model, films.data, films.target)
