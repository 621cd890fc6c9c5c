"""What the charts of accuracy draw: lines, bands, limits and words."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import (
    N_FILMS,
    forget_ages,
    found_by_search,
    legend_of,
    make_ages,
    make_labels,
    ticks_of,
)
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
    median_age_error,
)
from sklearn_baccaec.plotting import AccuracyCurveDisplay, RegionAccuracyDisplay


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

    def test_intervals_that_outnumber_the_colours(self, ages, labels):
        display = RegionAccuracyDisplay.from_predictions(
            ages, {"ulna": labels}, intervals=(width for width in range(12, 108, 12))
        )
        first, *_, last = display.lines_.values()
        assert first.get_color() == last.get_color()
        assert first.get_fillstyle() != last.get_fillstyle()

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

    def test_from_estimator(self, model, films, some_ages):
        display = RegionAccuracyDisplay.from_estimator(
            model, films.data, some_ages, intervals=[48, 96], random_states=[0, 7]
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
            some_ages, expected, intervals=[48, 96]
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
            ({}, {}, "labels_by_region is empty"),
            ({"ulna": [0] * N_FILMS}, {"intervals": []}, "intervals is empty"),
            ({"ulna": [0, 1]}, {}, "y has 80 ages for 2 films"),
            ({"ulna": [[[0], [1]]]}, {}, r"one of shape \(2, 1\)"),
            ({"ulna": []}, {}, "a list of them, got none"),
            ({"ulna": 3}, {}, "a list of them, got 3"),
            ({"ulna": [0.0] * N_FILMS}, {}, "labels must be 1-D: integers"),
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
        assert legend_of(first.ax_) == ["first", "second", "chance"]
        for display in (first, second):
            assert display.chance_line_.get_color() == display.line_.get_color()
        assert ticks_of(first.mae_ax_.xaxis) == ["2", "4", "8", "16"]
        assert first.ax_.get_xscale() == "log"

    def test_later_curves_stay_in_the_panel(self):
        first = AccuracyCurveDisplay.from_predictions(
            [30, 60, 80, 200], {1: [0, 0, 0, 0], 2: [0, 0, 1, 1]}
        )
        AccuracyCurveDisplay.from_predictions(
            [24, 24, 216, 216], {1: [0] * 4}, ax=first.ax_, mae_ax=first.mae_ax_
        )
        low, high = first.mae_ax_.get_ylim()
        assert low == 0
        assert high > 96

    def test_error_of_ages_within_the_range(self):
        results = AccuracyCurveDisplay.from_predictions(
            [30, 40, 300, None], {1: [0] * 4}
        ).results
        assert results["mae"].tolist() == [5]

    @pytest.mark.filterwarnings("error")
    def test_a_run_without_clusters_has_no_error(self):
        display = AccuracyCurveDisplay.from_predictions(
            [30, 80], {2: [0, 1], 4: [-1, -1]}
        )
        assert display.results["accuracy"].tolist() == [1, 0]
        assert np.isnan(display.results["mae"]).tolist() == [False, True]

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

    def test_from_estimator(self, model, films, some_ages):
        display = AccuracyCurveDisplay.from_estimator(
            model,
            films.data,
            some_ages,
            n_clusters=[2, 3, 12, 13],
            random_states=[0, 1],
        )
        latents = model.transform(films.data)
        labels = {
            k: [
                KMeans(k, n_init=10, random_state=seed).fit_predict(latents)
                for seed in (0, 1)
            ]
            for k in (2, 3, 12)
        }
        expected = AccuracyCurveDisplay.from_predictions(some_ages, labels)
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

    def test_wrapped_models(self, model, films, some_ages):
        expected = AccuracyCurveDisplay.from_estimator(
            model, films.data, some_ages, n_clusters=2, random_states=0
        ).results
        numbers = RegionAccuracyDisplay.from_estimator(
            model, films.data, some_ages, intervals=48, random_states=iter([0])
        ).results
        for wrap in (make_pipeline, found_by_search):
            display = AccuracyCurveDisplay.from_estimator(
                wrap(model),
                films.data,
                some_ages,
                n_clusters=iter([2]),
                random_states=[0],
            )
            pd.testing.assert_frame_equal(display.results, expected)
            display = RegionAccuracyDisplay.from_estimator(
                wrap(model), films.data, some_ages, intervals=[48], random_states=[0]
            )
            pd.testing.assert_frame_equal(display.results, numbers)

    @pytest.mark.parametrize("empty", ["n_clusters", "random_states"])
    def test_no_numbers(self, model, films, some_ages, empty):
        with pytest.raises(ValueError, match=f"{empty} is empty"):
            AccuracyCurveDisplay.from_estimator(
                model, films.data, some_ages, **{empty: []}
            )

    @pytest.mark.parametrize(
        ("y", "labels", "settings", "message"),
        [
            ({2: [30, 80]}, {"many": [0, 1]}, {}, "y has no ages for 'many'"),
            ([30, 80], {2: []}, {}, "a list of them, got none"),
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
        search = GridSearchCV(model, {"n_clusters": [2]})
        with pytest.raises(NotFittedError, match="GridSearchCV instance is not fitted"):
            AccuracyCurveDisplay.from_estimator(search, films.data, films.target)
        search = search.set_params(refit=False)
        with pytest.raises(TypeError, match="no best_estimator_ with refit=False"):
            AccuracyCurveDisplay.from_estimator(search, films.data, films.target)
        with pytest.raises(TypeError, match="DBSCAN is no BoneAgeClusterer"):
            AccuracyCurveDisplay.from_estimator(DBSCAN(), films.data, films.target)
