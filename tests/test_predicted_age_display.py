"""What the charts of predictions draw, and which estimators they take."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from charts import (
    forget_ages,
    found_by_search,
    legend_of,
    ticks_of,
)
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.plotting import IntervalConfusionDisplay, PredictedAgeDisplay


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def model(make_model, films):
    return make_model(encoder=PCA(2, random_state=0)).fit(films.data, films.target)


@pytest.fixture(scope="module")
def some_ages(films):
    return forget_ages(films.target)


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
        # 230 months are in no interval, and no prediction is a wrong one.
        assert display.share_right_ == 3 / 5
        assert display.ax_.get_title() == (
            "mean absolute error 24.0 months, right interval 60%\n"
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

    def test_from_estimator(self, make_model, films, some_ages):
        model = make_model(encoder=PCA(2, random_state=0), interval=96)
        model.fit(films.data, films.target, sex=films.sex)
        display = PredictedAgeDisplay.from_estimator(
            model, films.data, some_ages, sex=films.sex
        )
        expected = PredictedAgeDisplay.from_predictions(
            some_ages,
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

    @pytest.mark.filterwarnings("error")
    def test_the_legend_hides_no_film(self):
        display = PredictedAgeDisplay.from_predictions([30, 40], [210, 200])
        display.figure_.canvas.draw()
        legend = display.ax_.get_legend().get_window_extent()
        assert legend.x0 >= display.ax_.get_window_extent().x1

    def test_a_single_film_without_an_interval(self):
        display = PredictedAgeDisplay(np.array([300.0]), np.array([290.0])).plot()
        assert display.ax_.get_title() == "mean absolute error 10.0 months\n1 film"

    def test_films_set_aside_are_wrong(self, make_model, films):
        model = make_model(encoder=PCA(2, random_state=0), on_error="skip")
        model.fit(films.data, films.target)
        blank = films.data.copy()
        blank[0] = 0
        display = PredictedAgeDisplay.from_estimator(model, blank, films.target)
        found = assign_age_intervals(model.predict_age(blank))
        right = (found == assign_age_intervals(films.target)).mean()
        assert display.share_right_ == right > 0
        assert "11 films; 1 without a prediction" in display.ax_.get_title()

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

    def test_from_estimator(self, make_model, films, some_ages):
        model = make_model(encoder=PCA(2, random_state=0), interval=96)
        model.fit(films.data, films.target, sex=films.sex)
        display = IntervalConfusionDisplay.from_estimator(
            model, films.data, some_ages, sex=films.sex, normalize="all"
        )
        expected = IntervalConfusionDisplay.from_predictions(
            some_ages,
            model.predict_interval(films.data, films.sex),
            interval=96,
            normalize="all",
        )
        np.testing.assert_array_equal(
            display.confusion_matrix, expected.confusion_matrix
        )
        assert display.accuracy == model.score(films.data, some_ages, films.sex)
        assert ticks_of(display.ax_.xaxis) == ["24-120", "120-216"]

    @pytest.mark.filterwarnings("error")
    def test_a_single_interval(self):
        display = IntervalConfusionDisplay.from_predictions(
            [30, 80], [[24, 216]] * 2, interval=192
        )
        assert display.confusion_matrix.tolist() == [[2]]

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


with_both_displays = pytest.mark.parametrize(
    "kind", [PredictedAgeDisplay, IntervalConfusionDisplay]
)


@with_both_displays
@pytest.mark.parametrize("wrap", [make_pipeline, found_by_search])
def test_wrapped_models(kind, wrap, model, films, some_ages):
    display = kind.from_estimator(wrap(model), films.data, some_ages)
    expected = kind.from_estimator(model, films.data, some_ages)
    assert display.ax_.get_title() == expected.ax_.get_title()


@with_both_displays
def test_steps_before_the_model(kind, model, films, some_ages):
    pipeline = make_pipeline(FunctionTransformer(lambda X: X[:, :, ::-1]), model)
    display = kind.from_estimator(pipeline, films.data[:, :, ::-1], some_ages)
    expected = kind.from_estimator(model, films.data, some_ages)
    assert display.ax_.get_title() == expected.ax_.get_title()


@with_both_displays
def test_sex_left_out_of_names_by_sex(kind, make_model, films):
    model = make_model(encoder=PCA(2, random_state=0))
    model.fit(films.data, films.target, sex=films.sex)
    with pytest.warns(UserWarning, match="named for each sex") as caught:
        kind.from_estimator(model, films.data, films.target)
    assert caught[0].filename == __file__


@with_both_displays
def test_estimators_that_name_nothing(kind, films):
    with pytest.raises(TypeError, match=r"KMeans has no predict_.* from_predictions"):
        kind.from_estimator(KMeans(), films.data, films.target)
    search = GridSearchCV(KMeans(), {"n_clusters": [2]})
    with pytest.raises(NotFittedError, match="GridSearchCV instance is not fitted"):
        kind.from_estimator(search, films.data, films.target)
