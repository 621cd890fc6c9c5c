"""What the chart of predicted ages draws, and which estimators it takes."""

import numpy as np
import pytest
from charts import found_by_search, legend_of
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.plotting import PredictedAgeDisplay

pytestmark = pytest.mark.usefixtures("drawing")


def test_what_is_drawn():
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
    assert display.accuracy_ == 3 / 5
    assert display.ax_.get_title() == (
        "mean absolute error 24.0 months, correct interval 60%\n"
        "5 films; 1 of unknown age, 1 without a prediction"
    )
    names = ["same age", "girls (2)", "boys (2)", "sex unknown (1)"]
    assert legend_of(display.ax_) == names
    np.testing.assert_array_equal(display.line_.get_xdata(), display.line_.get_ydata())
    assert display.ax_.get_xlabel() == "age, months"
    assert display.ax_.get_ylabel() == "predicted age, months"


def test_girls_and_boys_differ_in_colour_and_marker():
    display = PredictedAgeDisplay.from_predictions([30, 80], [40, 90], sex=["F", "M"])
    girls, boys = display.points_.values()
    assert girls.get_facecolor().tolist() != boys.get_facecolor().tolist()
    assert girls.get_paths()[0].vertices.shape != boys.get_paths()[0].vertices.shape


def test_squares_of_the_same_interval():
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


def test_from_estimator(make_model, films, some_ages):
    model = make_model(encoder=PCA(2, random_state=0), interval=96)
    model.fit(films.data, films.target, sex=films.sex)
    display = PredictedAgeDisplay.from_estimator(
        model, films.data, some_ages, sex=films.sex
    )
    expected = PredictedAgeDisplay.from_predictions(
        some_ages,
        model.predict_age(films.data, sex=films.sex),
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
def test_the_legend_hides_no_film():
    display = PredictedAgeDisplay.from_predictions([30, 40], [210, 200])
    display.figure_.canvas.draw()
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.x0 >= display.ax_.get_window_extent().x1


def test_a_single_film_without_an_interval():
    display = PredictedAgeDisplay(np.array([300.0]), np.array([290.0])).plot()
    assert display.ax_.get_title() == "mean absolute error 10.0 months\n1 film"


def test_films_set_aside_are_wrong(make_model, films):
    model = make_model(encoder=PCA(2, random_state=0), on_error="skip")
    model.fit(films.data, films.target)
    blank = films.data.copy()
    blank[0] = 0
    display = PredictedAgeDisplay.from_estimator(model, blank, films.target)
    found = assign_age_intervals(model.predict_age(blank))
    correct = (found == assign_age_intervals(films.target)).mean()
    assert display.accuracy_ == correct > 0
    assert "11 films; 1 without a prediction" in display.ax_.get_title()


def test_nothing_to_compare():
    with pytest.raises(ValueError, match="both a known age and a prediction"):
        PredictedAgeDisplay.from_predictions([30, None], [None, 40])


def test_wrapped_models(pca_model, films, some_ages):
    flip = FunctionTransformer(lambda X: X[:, :, ::-1])
    expected = PredictedAgeDisplay.from_estimator(pca_model, films.data, some_ages)
    for wrapped, X in [
        (make_pipeline(pca_model), films.data),
        (found_by_search(pca_model), films.data),
        (make_pipeline(flip, pca_model), films.data[:, :, ::-1]),
    ]:
        display = PredictedAgeDisplay.from_estimator(wrapped, X, some_ages)
        assert display.ax_.get_title() == expected.ax_.get_title()


def test_estimators_that_name_nothing(films):
    with pytest.raises(TypeError, match="KMeans has no predict_age"):
        PredictedAgeDisplay.from_estimator(KMeans(), films.data, films.target)
    search = GridSearchCV(KMeans(), {"n_clusters": [2]})
    with pytest.raises(NotFittedError, match="GridSearchCV instance is not fitted"):
        PredictedAgeDisplay.from_estimator(search, films.data, films.target)
