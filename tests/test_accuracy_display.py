"""What the chart of accuracy draws: lines, bands, limits and words."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import (
    found_by_search,
    legend_of,
    ticks_of,
)
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_baccaec.cluster import NamedClusterer
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
    median_age_error,
)
from sklearn_baccaec.plotting import AccuracyDisplay

COLUMNS = ["x", "interval", "run", "accuracy", "chance", "mae"]


pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture
def by_region(labels):
    rng = np.random.default_rng(3)
    return {
        region: [np.where(rng.random(len(labels)) < 0.2, 0, labels) for _ in range(3)]
        for region in ("thumb_ip", "carpus", "another")
    }


@pytest.fixture
def by_number(labels):
    rng = np.random.default_rng(4)
    return {
        k: [
            np.where(labels < 0, -1, (labels + rng.integers(0, 2, len(labels))) % k)
            for _ in range(3)
        ]
        for k in (8, 2, 4)
    }


def test_results(ages, by_region):
    results = AccuracyDisplay.from_predictions(
        ages, by_region, intervals=[24, 48]
    ).results
    assert list(results) == COLUMNS
    assert len(results) == 3 * 2 * 3
    row = results.query("x == 'carpus' and interval == 24 and run == 1")
    intervals = assign_age_intervals(ages, interval=24)
    clusters = by_region["carpus"][1]
    assert row["accuracy"].item() == majority_label_accuracy(intervals, clusters)
    assert row["chance"].item() == chance_majority_label_accuracy(intervals, clusters)
    assert row["mae"].item() == median_age_error(ages, clusters)


def test_a_line_for_each_interval(ages, by_region):
    display = AccuracyDisplay.from_predictions(
        ages, by_region, intervals=(width for width in (24, 48)), xlabel="region"
    )
    for interval in (24, 48):
        rows = display.results.query("interval == @interval")
        runs = rows.groupby("x", sort=False)
        line, chance = display.lines_[interval], display.chance_lines_[interval]
        np.testing.assert_array_equal(line.get_ydata(), runs["accuracy"].median())
        np.testing.assert_array_equal(chance.get_ydata(), runs["chance"].median())
        assert chance.is_dashed()
        assert not line.is_dashed()
        assert chance.get_color() == line.get_color()
    band = display.ax_.collections[0].get_paths()[0].vertices[:, 1]
    narrow = display.results.query("interval == 24")["accuracy"]
    assert (band.min(), band.max()) == (narrow.min(), narrow.max())
    young, old = display.lines_.values()
    assert young.get_color() != old.get_color()
    assert young.get_marker() != old.get_marker()
    assert ticks_of(display.ax_.xaxis) == ["thumb ip 1", "carpus 19", "another"]
    assert legend_of(display.ax_) == ["24 months", "48 months", "chance"]
    assert display.ax_.get_ylim() == (0, 1)
    assert display.mae_ax_ is None


def test_intervals_that_outnumber_the_colours(ages, labels):
    display = AccuracyDisplay.from_predictions(
        ages, {"ulna": labels.tolist()}, intervals=range(12, 108, 12)
    )
    first, *_, last = display.lines_.values()
    assert first.get_color() == last.get_color()
    assert first.get_fillstyle() != last.get_fillstyle()
    assert not display.ax_.collections  # a single run has no band


def test_results_of_others_in_any_order(ages, by_region):
    results = AccuracyDisplay.from_predictions(
        ages, by_region, intervals=[12, 24]
    ).results
    shuffled = results.sort_values("interval", ascending=False, kind="stable")
    shuffled = shuffled[~shuffled.eval("x == 'carpus' and interval == 12")]
    display = AccuracyDisplay(shuffled).plot()
    assert list(display.lines_) == [12, 24]
    drawn = display.lines_[12].get_ydata()
    assert np.isnan(drawn).tolist() == [False, True, False]
    with pytest.raises(ValueError, match="no column 'chance'"):
        AccuracyDisplay(results.drop(columns="chance")).plot()


def test_numbers_and_the_error_below(ages, by_number):
    display = AccuracyDisplay.from_predictions(ages, by_number)
    runs = display.results.groupby("x")
    for line, column in [
        (display.lines_[48], "accuracy"),
        (display.chance_lines_[48], "chance"),
        (display.mae_line_, "mae"),
    ]:
        np.testing.assert_array_equal(line.get_xdata(), [2, 4, 8])
        np.testing.assert_array_equal(line.get_ydata(), runs[column].median())
    assert display.mae_line_.axes is display.mae_ax_
    assert display.figure_.axes == [display.ax_, display.mae_ax_]
    assert legend_of(display.ax_) == ["accuracy", "chance"]
    assert ticks_of(display.mae_ax_.xaxis) == ["2", "4", "8"]
    assert display.mae_ax_.get_xlabel() == "number of clusters"
    assert display.mae_ax_.get_ylabel() == "MAE, months"
    assert len(display.ax_.collections) == 2  # bands of accuracy and chance


def test_several_displays_share_axes(ages, by_number):
    first = AccuracyDisplay.from_predictions(ages, by_number, name="first")
    first.ax_.axhline(0.5)  # a line of the user's
    second = AccuracyDisplay.from_predictions(
        [24] * 40 + [216] * 40,
        {16: np.zeros(80, int)},
        ax=first.ax_,
        mae_ax=first.mae_ax_,
        name="second",
    )
    lines = [display.lines_[48] for display in (first, second)]
    assert second.figure_ is first.figure_
    assert lines[0].get_color() != lines[1].get_color()
    assert lines[0].get_marker() != lines[1].get_marker()
    assert second.mae_line_.get_color() == lines[1].get_color()
    assert legend_of(first.ax_) == ["first", "second", "chance"]
    assert ticks_of(first.mae_ax_.xaxis) == ["2", "4", "8", "16"]
    assert first.ax_.get_xscale() == "log"
    low, high = first.mae_ax_.get_ylim()
    assert low == 0
    assert high > 96  # the later curve stays in the panel


def test_error_of_ages_within_the_range():
    results = AccuracyDisplay.from_predictions(
        [30, 40, 300, None], {1: [0] * 4}
    ).results
    assert results["mae"].tolist() == [5]


@pytest.mark.filterwarnings("error")
def test_a_run_without_clusters_has_no_error():
    display = AccuracyDisplay.from_predictions([30, 80], {2: [0, 1], 4: [-1, -1]})
    assert display.results["accuracy"].tolist() == [1, 0]
    assert np.isnan(display.results["mae"]).tolist() == [False, True]


def test_accuracy_alone(ages, by_number):
    _, ax = plt.subplots()
    display = AccuracyDisplay.from_predictions(ages, by_number, ax=ax)
    assert display.ax_ is ax
    assert display.mae_ax_ is display.mae_line_ is None
    display = AccuracyDisplay(display.results.drop(columns="mae")).plot()
    assert display.mae_ax_ is None
    assert display.ax_.get_xlabel() == "number of clusters"


def test_other_films_for_every_number(ages, labels):
    display = AccuracyDisplay.from_predictions(
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


@pytest.mark.parametrize(
    ("y", "labels", "settings", "message"),
    [
        ({2: [30, 80]}, {"many": [0, 1]}, {}, "y has no ages for 'many'"),
        ([30, 80], {2: []}, {}, "a list of runs, got \\[\\]"),
        ([30, 80], {2: 3}, {}, "a list of runs, got 3"),
        ([30, 80], {2: [[[0], [1]]]}, {}, "labels must be 1-D: integers"),
        ([30, 80], {2: [0.0, 1.0]}, {}, "labels must be 1-D: integers"),
        ([30, 80], {}, {}, "labels_by_x is empty"),
        ([30, 80], {2: [0, 1]}, {"intervals": []}, "intervals is empty"),
        ([30, 80], {2: [0, 1, 1]}, {}, "y has 2 ages for 3 films"),
        ([30, 80], {2: [0, 1]}, {"mae_ax": 1}, "mae_ax is given without ax"),
    ],
)
def test_wrong_input(y, labels, settings, message):
    with pytest.raises(ValueError, match=message):
        AccuracyDisplay.from_predictions(y, labels, **settings)


def test_numbers_of_a_model(pca_model, films, some_ages):
    display = AccuracyDisplay.from_estimator(
        pca_model,
        films.data,
        some_ages,
        n_clusters=[2, 3, 12, 13],
        random_states=[0, 1],
    )
    latents = pca_model.transform(films.data)
    labels = {
        k: [
            KMeans(k, n_init=10, random_state=seed).fit_predict(latents)
            for seed in (0, 1)
        ]
        for k in (2, 3, 12)
    }
    expected = AccuracyDisplay.from_predictions(some_ages, labels)
    pd.testing.assert_frame_equal(display.results, expected.results, check_dtype=False)
    assert pca_model.n_clusters_ == 3  # left as it was


def test_regions_of_a_model(pca_model, films, some_ages):
    settings = {"intervals": [48, 96]}
    display = AccuracyDisplay.from_estimator(
        pca_model, films.data, some_ages, by="region", random_states=[0, 7], **settings
    )
    latents = pca_model.examine(films.data).region_latents
    labels = {
        region: [
            KMeans(3, n_init=10, random_state=seed).fit_predict(columns)
            for seed in (0, 7)
        ]
        for region, columns in [("carpus", latents[:, :2]), ("radius", latents[:, 2:])]
    }
    expected = AccuracyDisplay.from_predictions(some_ages, labels, **settings)
    pd.testing.assert_frame_equal(display.results, expected.results)
    assert ticks_of(display.ax_.xaxis) == ["carpus 19", "radius 17"]


@pytest.mark.parametrize("by", ["n_clusters", "region"])
def test_films_set_aside_are_wrong(by, make_model, films):
    model = make_model(encoder=PCA(2, random_state=0), on_error="skip", interval=192)
    model.fit(films.data, films.target)
    blank = films.data.copy()
    blank[0] = 0
    few, every = (
        AccuracyDisplay.from_estimator(
            model, X, films.target, by=by, n_clusters=2, random_states=0
        ).results
        for X in (blank, films.data)
    )
    np.testing.assert_allclose(every["accuracy"], 1)
    np.testing.assert_allclose(few["accuracy"], 11 / 12)


@pytest.mark.parametrize(
    "clusterer",
    [
        KMeans(2, random_state=0),
        make_pipeline(StandardScaler(), KMeans(2, random_state=0)),
        NamedClusterer(n_clusters=2, random_state=0),
    ],
)
def test_any_clusterer_in_a_pipeline(clusterer, ages):
    X = np.nan_to_num(ages, nan=100)[:, np.newaxis] + np.arange(2)
    pipeline = make_pipeline(PCA(1), clusterer).fit(X)
    display = AccuracyDisplay.from_estimator(
        pipeline, X, ages, n_clusters=[1, 40], random_states=[5]
    )
    few, many = display.results["accuracy"]
    assert few < 0.5 < 0.8 < many


@pytest.mark.parametrize("by", ["n_clusters", "region"])
def test_wrapped_models(by, pca_model, films, some_ages):
    expected = AccuracyDisplay.from_estimator(
        pca_model, films.data, some_ages, by=by, n_clusters=2, random_states=0
    ).results
    for wrap in (make_pipeline, found_by_search):
        display = AccuracyDisplay.from_estimator(
            wrap(pca_model),
            films.data,
            some_ages,
            by=by,
            n_clusters=iter([2]),
            random_states=[0],
        )
        pd.testing.assert_frame_equal(display.results, expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_clusters": []}, "n_clusters is empty"),
        ({"random_states": []}, "random_states is empty"),
        ({"intervals": []}, "intervals is empty"),
        ({"by": "sex"}, "by is 'sex'; expected 'n_clusters' or 'region'"),
        ({"n_clusters": [64]}, r"12 films .* n_clusters=\(64,\)"),
    ],
)
def test_wrong_requests(pca_model, films, some_ages, settings, message):
    with pytest.raises(ValueError, match=message):
        AccuracyDisplay.from_estimator(pca_model, films.data, some_ages, **settings)


def test_wrong_estimators(pca_model, films):
    X, y = films.data, films.target
    search = GridSearchCV(pca_model, {"n_clusters": [2]})
    with pytest.raises(NotFittedError, match="GridSearchCV instance is not fitted"):
        AccuracyDisplay.from_estimator(search, X, y)
    search = search.set_params(refit=False)
    with pytest.raises(TypeError, match="no best_estimator_ with refit=False"):
        AccuracyDisplay.from_estimator(search, X, y)
    pixels = X.reshape(12, -1)
    clusterer = KMeans(2, n_init=1).fit(pixels)
    with pytest.raises(TypeError, match="KMeans is not a BoneAgeClusterer"):
        AccuracyDisplay.from_estimator(clusterer, pixels, y, by="region")
    with pytest.raises(TypeError, match="DBSCAN has no predict"):
        AccuracyDisplay.from_estimator(DBSCAN().fit(pixels), pixels, y)
