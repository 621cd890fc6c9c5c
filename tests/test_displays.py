"""What the charts of ages and clusters draw: heights, lines, words, not pixels."""

from __future__ import annotations

import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
    median_age_error,
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

N_FILMS = 80


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ages():
    """80 ages in months; the first two are unknown."""
    months = np.random.default_rng(0).integers(24, 217, N_FILMS).astype(float)
    months[:2] = np.nan
    return months


@pytest.fixture(scope="module")
def labels(ages):
    """Six clusters that follow age, and three films set aside."""
    noise = np.random.default_rng(1).normal(0, 12, N_FILMS)
    clusters = np.clip((np.nan_to_num(ages, nan=100) + noise - 24) // 32, 0, 5)
    clusters[5:8] = -1
    return np.where(clusters >= 0, (clusters + 2) % 6, -1).astype(int)


@pytest.fixture(scope="module")
def model(make_model, films):
    return make_model(encoder=PCA(2, random_state=0)).fit(films.data, films.target)


@pytest.fixture(scope="module")
def partial(films):
    """Ages of the films, of which two are unknown."""
    months = films.target.astype(float)
    months[[1, 4]] = np.nan
    return months


def lightness(colours):
    return np.array([to_rgb(colour) for colour in colours]) @ [0.299, 0.587, 0.114]


def bars_of(display):
    """Lengths of the bars, one array per interval."""
    return [np.array(bars.datavalues) for bars in display.bars_]


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ticks_of(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


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

    def test_from_estimator(self, model, films, partial):
        display = AgeHistogramDisplay.from_estimator(
            model, films.data, partial, bin_width=24
        )
        expected = AgeHistogramDisplay.from_predictions(partial, bin_width=24)
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

    def test_from_estimator(self, model, films, partial):
        display = ClusterCompositionDisplay.from_estimator(model, films.data, partial)
        expected = ClusterCompositionDisplay.from_predictions(partial, model.labels_)
        pd.testing.assert_frame_equal(display.table, expected.table)
        assert display.ax_.get_title() == expected.ax_.get_title()

    def test_intervals_of_a_search(self, films):
        X = np.arange(12.0)[:, np.newaxis]

        class Clusterer(KMeans):
            interval, age_range = 96, (24, 216)

        folds = [(np.arange(12), np.arange(12))]
        search = GridSearchCV(Clusterer(random_state=0), {"n_clusters": [2]}, cv=folds)
        display = ClusterCompositionDisplay.from_estimator(
            search.fit(X), X, films.target
        )
        assert list(display.table)[:2] == ["24-120", "120-216"]


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

    def test_from_estimator(self, model, films, partial):
        display = LatentMapDisplay.from_estimator(model, films.data, partial)
        expected = LatentMapDisplay.from_predictions(
            model.transform(films.data), partial, model.labels_
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


class TestRegionAccuracyDisplay:
    @pytest.fixture
    def by_region(self, labels):
        rng = np.random.default_rng(3)
        return {
            region: [np.where(rng.random(N_FILMS) < 0.2, 0, labels) for _ in range(3)]
            for region in ("thumb_ip", "carpus", "another")
        }

    def test_results(self, ages, by_region):
        results = RegionAccuracyDisplay.from_predictions(ages, by_region).results
        assert list(results) == ["region", "interval", "run", "accuracy", "chance"]
        assert len(results) == 3 * 4 * 3
        row = results.query("region == 'carpus' and interval == 24 and run == 1")
        intervals = assign_age_intervals(ages, interval=24)
        clusters = by_region["carpus"][1]
        assert row["accuracy"].item() == majority_label_accuracy(intervals, clusters)
        assert row["chance"].item() == chance_majority_label_accuracy(
            intervals, clusters
        )

    def test_what_is_drawn(self, ages, by_region):
        display = RegionAccuracyDisplay.from_predictions(
            ages, by_region, intervals=[24, 48]
        )
        for interval in (24, 48):
            rows = display.results.query("interval == @interval")
            runs = rows.groupby("region", sort=False)
            line, chance = display.lines_[interval], display.chance_lines_[interval]
            np.testing.assert_array_equal(line.get_ydata(), runs["accuracy"].median())
            np.testing.assert_array_equal(chance.get_ydata(), runs["chance"].median())
            assert chance.is_dashed()
            assert not line.is_dashed()
            assert chance.get_color() == line.get_color()
            (path,) = display.bands_[interval].get_paths()
            assert path.vertices[:, 1].min() == rows["accuracy"].min()
            assert path.vertices[:, 1].max() == rows["accuracy"].max()
        young, old = display.lines_.values()
        assert young.get_color() != old.get_color()
        assert young.get_marker() != old.get_marker()
        assert ticks_of(display.ax_.xaxis) == ["thumb ip 1", "carpus 19", "another"]
        assert legend_of(display.ax_) == ["24 months", "48 months", "chance"]
        assert display.ax_.get_ylim() == (0, 1)

    def test_a_single_run_has_no_band(self, ages, labels):
        display = RegionAccuracyDisplay.from_predictions(
            ages, {"wrist": labels.tolist(), "ulna": [labels]}, intervals=[36]
        )
        assert display.bands_ == {36: None}
        assert display.results["accuracy"].nunique() == 1

    def test_results_of_others_in_any_order(self, ages, by_region):
        results = RegionAccuracyDisplay.from_predictions(ages, by_region).results
        shuffled = results.sort_values("interval", ascending=False, kind="stable")
        shuffled = shuffled[~shuffled.eval("region == 'carpus' and interval == 12")]
        display = RegionAccuracyDisplay(shuffled).plot()
        assert list(display.lines_) == [12, 24, 36, 48]
        drawn = display.lines_[12].get_ydata()
        assert np.isnan(drawn).tolist() == [False, True, False]
        with pytest.raises(ValueError, match="no column 'chance'"):
            RegionAccuracyDisplay(results.drop(columns="chance")).plot()

    def test_from_estimator(self, model, films, partial):
        display = RegionAccuracyDisplay.from_estimator(
            model, films.data, partial, intervals=[48, 96], random_states=[0, 7]
        )
        latents = model.transform(films.data)
        expected = {
            region: [
                KMeans(3, n_init=10, random_state=seed).fit_predict(columns)
                for seed in (0, 7)
            ]
            for region, columns in [
                ("carpus", latents[:, :2]),
                ("radius", latents[:, 2:]),
            ]
        }
        expected = RegionAccuracyDisplay.from_predictions(
            partial, expected, intervals=[48, 96]
        )
        pd.testing.assert_frame_equal(display.results, expected.results)

    def test_films_set_aside_are_wrong(self, make_model, films):
        model = make_model(encoder=PCA(2, random_state=0), on_error="skip")
        model.fit(films.data, films.target)
        blank = films.data.copy()
        blank[0] = 0
        few, every = (
            RegionAccuracyDisplay.from_estimator(
                model, X, films.target, intervals=[192], random_states=[0]
            )
            for X in (blank, films.data)
        )
        np.testing.assert_allclose(every.results["accuracy"], 1)
        np.testing.assert_allclose(few.results["accuracy"], 11 / 12)

    def test_not_a_model(self, films):
        with pytest.raises(TypeError, match="KMeans is no BoneAgeClusterer"):
            RegionAccuracyDisplay.from_estimator(KMeans(), films.data, films.target)

    @pytest.mark.parametrize(
        ("regions", "settings", "message"),
        [
            ({}, {}, "give a region and an interval"),
            ({"ulna": [0] * N_FILMS}, {"intervals": []}, "a region and an interval"),
            ({"ulna": [0, 1]}, {}, "y has 80 ages for 2 films"),
            ({"ulna": [[[0], [1]]]}, {}, r"one of shape \(2, 1\)"),
        ],
    )
    def test_wrong_input(self, ages, regions, settings, message):
        with pytest.raises(ValueError, match=message):
            RegionAccuracyDisplay.from_predictions(ages, regions, **settings)


class TestAccuracyCurveDisplay:
    @pytest.fixture
    def by_number(self, labels):
        rng = np.random.default_rng(4)
        return {
            k: [
                np.where(labels < 0, -1, (labels + rng.integers(0, 2, N_FILMS)) % k)
                for _ in range(3)
            ]
            for k in (8, 2, 4)
        }

    def test_what_is_drawn(self, ages, by_number):
        display = AccuracyCurveDisplay.from_predictions(ages, by_number)
        runs = display.results.groupby("x")
        for line, column in [
            (display.line_, "accuracy"),
            (display.chance_line_, "chance"),
            (display.mae_line_, "mae"),
        ]:
            np.testing.assert_array_equal(line.get_xdata(), [2, 4, 8])
            np.testing.assert_array_equal(line.get_ydata(), runs[column].median())
        assert display.line_.axes is display.chance_line_.axes is display.ax_
        assert display.mae_line_.axes is display.mae_ax_
        assert display.figure_.axes == [display.ax_, display.mae_ax_]
        assert display.chance_line_.is_dashed()
        assert legend_of(display.ax_) == ["accuracy", "chance"]
        assert ticks_of(display.mae_ax_.xaxis) == ["2", "4", "8"]
        assert display.mae_ax_.get_xlabel() == "number of clusters"
        assert display.mae_ax_.get_ylabel() == "MAE, months"
        assert len(display.ax_.collections) == 2  # bands of accuracy and chance

    def test_results(self, ages, by_number):
        results = AccuracyCurveDisplay.from_predictions(ages, by_number).results
        assert list(results) == ["x", "run", "accuracy", "chance", "mae"]
        row = results.query("x == 2 and run == 2").iloc[0]
        clusters, intervals = by_number[2][2], assign_age_intervals(ages)
        assert row["accuracy"] == majority_label_accuracy(intervals, clusters)
        assert row["chance"] == chance_majority_label_accuracy(intervals, clusters)
        assert row["mae"] == median_age_error(ages, clusters)

    def test_several_curves_share_axes(self, ages, by_number):
        first = AccuracyCurveDisplay.from_predictions(ages, by_number, name="first")
        first.ax_.axhline(0.5)  # a line of the user's
        second = AccuracyCurveDisplay.from_predictions(
            ages,
            {16: by_number[8]},
            ax=first.ax_,
            mae_ax=first.mae_ax_,
            name="second",
        )
        assert second.figure_ is first.figure_
        assert first.line_.get_color() != second.line_.get_color()
        assert first.line_.get_marker() != second.line_.get_marker()
        assert second.mae_line_.get_color() == second.line_.get_color()
        assert legend_of(first.ax_) == ["first", "chance", "second"]
        assert second.chance_line_.get_color() == first.chance_line_.get_color()
        assert ticks_of(first.mae_ax_.xaxis) == ["2", "4", "8", "16"]
        assert first.ax_.get_xscale() == "log"

    def test_accuracy_alone(self, ages, by_number):
        _, ax = plt.subplots()
        display = AccuracyCurveDisplay.from_predictions(ages, by_number, ax=ax)
        assert display.ax_ is ax
        assert display.mae_ax_ is display.mae_line_ is None
        display = AccuracyCurveDisplay(display.results.drop(columns="mae")).plot()
        assert display.mae_ax_ is None
        assert display.ax_.get_xlabel() == "number of clusters"

    def test_other_films_for_every_number(self, ages, labels):
        display = AccuracyCurveDisplay.from_predictions(
            {40: ages[:40], 80: ages},
            {40: labels[:40], 80: labels},
            xlabel="number of films",
        )
        assert display.results["accuracy"].tolist() == [
            majority_label_accuracy(assign_age_intervals(ages[:n]), labels[:n])
            for n in (40, 80)
        ]
        assert display.mae_ax_.get_xlabel() == "number of films"
        assert display.ax_.get_xscale() == "linear"
        assert not display.ax_.collections  # a single run has no band

    def test_from_estimator(self, model, films, partial):
        display = AccuracyCurveDisplay.from_estimator(
            model, films.data, partial, n_clusters=[2, 3, 12, 13], random_states=[0, 1]
        )
        latents = model.transform(films.data)
        labels = {
            k: [
                KMeans(k, n_init=10, random_state=seed).fit_predict(latents)
                for seed in (0, 1)
            ]
            for k in (2, 3, 12)
        }
        expected = AccuracyCurveDisplay.from_predictions(partial, labels)
        pd.testing.assert_frame_equal(display.results, expected.results)
        assert model.pipeline_[-1].n_clusters == 3  # left as it was

    def test_from_a_pipeline(self, ages):
        X = np.nan_to_num(ages, nan=100)[:, np.newaxis] + np.arange(2)
        pipeline = make_pipeline(PCA(1), KMeans(2, random_state=0)).fit(X)
        display = AccuracyCurveDisplay.from_estimator(
            pipeline, X, ages, n_clusters=[1, 40], random_states=[5]
        )
        few, many = display.results["accuracy"]
        assert few < 0.5 < 0.8 < many

    @pytest.mark.parametrize(
        ("y", "labels", "settings", "message"),
        [
            ([30, 80], {}, {}, "labels_by_x is empty"),
            ({2: [30, 80]}, {3: [0, 1]}, {}, "y has no ages for 3"),
            ([30, 80], {2: [0, 1, 1]}, {}, "y has 2 ages for 3 films"),
            ([30, 80], {2: [0, 1]}, {"mae_ax": 1}, "mae_ax is given without ax"),
        ],
    )
    def test_wrong_input(self, y, labels, settings, message):
        with pytest.raises(ValueError, match=message):
            AccuracyCurveDisplay.from_predictions(y, labels, **settings)

    def test_wrong_estimators(self, model, films):
        with pytest.raises(ValueError, match=r"12 films .* n_clusters=\(64,\)"):
            AccuracyCurveDisplay.from_estimator(
                model, films.data, films.target, n_clusters=[64]
            )
        with pytest.raises(TypeError, match="DBSCAN is no BoneAgeClusterer"):
            AccuracyCurveDisplay.from_estimator(DBSCAN(), films.data, films.target)


class TestPredictedAgeDisplay:
    def test_what_is_drawn(self):
        display = PredictedAgeDisplay.from_predictions(
            [30, 80, 130, 200, None, 50, 230],
            [40, 110, 180, 200, 30, None, 200],
            sex=["F", "F", "M", None, "F", "F", "M"],
        )
        points = {name: dots.get_offsets() for name, dots in display.points_.items()}
        assert list(points) == ["girls", "boys", "sex unknown"]
        np.testing.assert_array_equal(points["girls"], [[30, 40], [80, 110]])
        np.testing.assert_array_equal(points["boys"], [[130, 180], [230, 200]])
        np.testing.assert_array_equal(points["sex unknown"], [[200, 200]])
        assert display.mae_ == pytest.approx((10 + 30 + 50 + 0 + 30) / 5)
        assert display.share_right_ == 3 / 4  # 230 months are in no interval
        assert display.ax_.get_title() == (
            "mean absolute error 24.0 months, right interval 75%\n"
            "5 films; 1 of unknown age, 1 without a prediction"
        )
        assert legend_of(display.ax_) == [
            "same age",
            "girls (2)",
            "boys (2)",
            "sex unknown (1)",
        ]
        np.testing.assert_array_equal(
            display.line_.get_xdata(), display.line_.get_ydata()
        )
        assert display.ax_.get_xlabel() == "age, months"
        assert display.ax_.get_ylabel() == "predicted age, months"

    def test_girls_and_boys_differ_in_colour_and_marker(self):
        display = PredictedAgeDisplay.from_predictions(
            [30, 80], [40, 90], sex=["F", "M"]
        )
        girls, boys = display.points_.values()
        assert girls.get_facecolor().tolist() != boys.get_facecolor().tolist()
        assert girls.get_paths()[0].vertices.shape != boys.get_paths()[0].vertices.shape

    def test_right_squares(self):
        display = PredictedAgeDisplay.from_predictions([30], [40], interval=60)
        boxes = [square.get_bbox().extents.tolist() for square in display.squares_]
        assert boxes == [
            [24, 24, 84, 84],
            [84, 84, 144, 144],
            [144, 144, 204, 204],
            [204, 204, 216, 216],
        ]
        assert display.ax_.get_xticks().tolist() == [24, 84, 144, 204, 216]
        assert list(display.points_) == ["films"]

    def test_from_estimator(self, make_model, films, partial):
        model = make_model(encoder=PCA(2, random_state=0), interval=96)
        model.fit(films.data, films.target, sex=films.sex)
        display = PredictedAgeDisplay.from_estimator(
            model, films.data, partial, sex=films.sex
        )
        expected = PredictedAgeDisplay.from_predictions(
            partial,
            model.predict_age(films.data, films.sex),
            sex=films.sex,
            interval=96,
        )
        for name, dots in expected.points_.items():
            np.testing.assert_array_equal(
                display.points_[name].get_offsets(), dots.get_offsets()
            )
        assert display.ax_.get_title() == expected.ax_.get_title()
        assert len(display.squares_) == 2

    def test_nothing_to_compare(self):
        with pytest.raises(ValueError, match="both a known age and a prediction"):
            PredictedAgeDisplay.from_predictions([30, None], [None, 40])


class TestIntervalConfusionDisplay:
    BOUNDS = [[24, 72], [72, 120], [72, 120], [168, 216], [np.nan] * 2, [24, 72]]
    AGES = [30, 71, 72, 216, 130, None]

    def test_what_is_drawn(self):
        display = IntervalConfusionDisplay.from_predictions(self.AGES, self.BOUNDS)
        expected = np.zeros((5, 5), int)
        expected[0, :2] = expected[1, 1] = expected[2, 4] = expected[3, 3] = 1
        np.testing.assert_array_equal(display.confusion_matrix, expected)
        names = ["24-72", "72-120", "120-168", "168-216"]
        assert ticks_of(display.ax_.yaxis) == names
        assert ticks_of(display.ax_.xaxis) == [*names, "none"]
        assert display.ax_.get_ylim() == (3.5, -0.5)
        assert display.text_.shape == (4, 5)
        written = [text.get_text() for text in display.ax_.texts]
        assert written == expected[:4].ravel().astype(str).tolist()
        assert display.ax_.get_ylabel() == "interval of the age, months"
        assert display.ax_.get_xlabel() == "named interval, months"

    def test_accuracy_and_chance_in_the_title(self):
        display = IntervalConfusionDisplay.from_predictions(self.AGES, self.BOUNDS)
        chance = (2 * 1 + 1 * 2 + 1 * 0 + 1 * 1) / 5**2
        assert display.accuracy == 3 / 5
        assert display.chance == pytest.approx(chance)
        assert display.ax_.get_title() == f"right 60.0% (chance {chance:.1%})"

    def test_none_has_a_column_only_if_it_is_needed(self):
        display = IntervalConfusionDisplay.from_predictions(
            self.AGES[:4], self.BOUNDS[:4]
        )
        assert display.confusion_matrix.shape == (4, 4)
        assert ticks_of(display.ax_.xaxis) == ticks_of(display.ax_.yaxis)

    def test_shares(self):
        display = IntervalConfusionDisplay.from_predictions(
            self.AGES, self.BOUNDS, normalize="true"
        )
        np.testing.assert_allclose(
            display.confusion_matrix.sum(axis=1), [1, 1, 1, 1, 0]
        )
        assert display.text_[0, 1].get_text() == "50%"

    def test_without_numbers(self):
        display = IntervalConfusionDisplay.from_predictions(self.AGES, self.BOUNDS)
        assert display.plot(include_values=False).text_ is None
        assert not list(display.ax_.texts)
        assert IntervalConfusionDisplay(np.eye(2)).plot().ax_.get_title() == ""

    def test_from_estimator(self, make_model, films, partial):
        model = make_model(encoder=PCA(2, random_state=0), interval=96)
        model.fit(films.data, films.target, sex=films.sex)
        display = IntervalConfusionDisplay.from_estimator(
            model, films.data, partial, sex=films.sex, normalize="all"
        )
        expected = IntervalConfusionDisplay.from_predictions(
            partial,
            model.predict_interval(films.data, films.sex),
            interval=96,
            normalize="all",
        )
        np.testing.assert_array_equal(
            display.confusion_matrix, expected.confusion_matrix
        )
        assert display.accuracy == model.score(films.data, partial, films.sex)
        assert ticks_of(display.ax_.xaxis) == ["24-120", "120-216"]

    @pytest.mark.parametrize(
        ("bounds", "message"),
        [
            ([[24, 72]], r"bounds has shape \(1, 2\); expected \(2, 2\)"),
            ([[24, 72], [24, 60]], r"bounds\[1\] is \[24.0, 60.0\]: none of the inter"),
            ([[72, 24], [24, 72]], r"bounds\[0\] .* lower edge below an upper one"),
        ],
    )
    def test_wrong_bounds(self, bounds, message):
        with pytest.raises(ValueError, match=message):
            IntervalConfusionDisplay.from_predictions([30, 80], bounds)


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
