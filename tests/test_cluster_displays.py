"""What the charts of ages and clusters draw: heights, lines, words, not pixels."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from charts import (
    bars_of,
    legend_of,
    lightness,
    ticks_of,
)
from sklearn.cluster import KMeans
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
)
from sklearn_baccaec.plotting import ClusterCompositionDisplay, LatentMapDisplay

pytestmark = pytest.mark.usefixtures("drawing")


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

    def test_from_estimator(self, pca_model, films, some_ages):
        display = ClusterCompositionDisplay.from_estimator(
            pca_model, films.data, some_ages
        )
        expected = ClusterCompositionDisplay.from_predictions(
            some_ages, pca_model.labels_
        )
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
        assert LatentMapDisplay.from_estimator(pipeline, X, films.target).interval == 96


class TestLatentMapDisplay:
    @pytest.fixture
    def latents(self, ages):
        rows = np.random.default_rng(2).normal(size=(len(ages), 4))
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
        # Numbers stand in the middle of their clusters.
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
        [np.arange(5.0)[:, None], np.zeros((6, 3)), np.eye(3), np.eye(80)],
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

    def test_from_estimator(self, pca_model, films, some_ages):
        display = LatentMapDisplay.from_estimator(pca_model, films.data, some_ages)
        expected = LatentMapDisplay.from_predictions(
            pca_model.transform(films.data), some_ages, pca_model.labels_
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
