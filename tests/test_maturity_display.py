"""What the chart of maturity against age draws, and which models have one."""

import numpy as np
import pytest
from charts import found_by_search, legend_of
from sklearn.cluster import KMeans

from sklearn_baccaec import load_pretrained
from sklearn_baccaec.plotting import MaturityDisplay

pytestmark = pytest.mark.usefixtures("drawing")


def test_films_are_dots_at_known_ages_and_lines_are_what_is_said():
    display = MaturityDisplay.from_predictions(
        [0.5, 0.2, 0.7, 0.4, np.nan],
        [100, 40, 150, 90, np.nan],
        [110, 30, None, 95, 60],
        sex=["F", "F", "F", "M", "M"],
    )
    points = {name: dots.get_offsets() for name, dots in display.points_.items()}
    assert list(points) == ["girls", "boys"]
    np.testing.assert_array_equal(points["girls"], [[110, 0.5], [30, 0.2]])
    np.testing.assert_array_equal(points["boys"], [[95, 0.4]])
    girls = display.lines_["girls"].get_xydata()
    np.testing.assert_array_equal(girls, [[40, 0.2], [100, 0.5], [150, 0.7]])
    assert display.ax_.get_xlabel() == "known age, months"
    assert display.ax_.get_ylabel() == "maturity"
    assert display.ax_.get_title() == "3 films"
    assert legend_of(display.ax_) == ["girls (2)", "boys (1)"]


@pytest.mark.parametrize("y", [None, [None, None]])
def test_without_known_ages_films_lie_where_they_are_said_to_be(y):
    display = MaturityDisplay.from_predictions([0.5, 0.2], [100, 40], y)
    dots = display.points_["films"].get_offsets()
    np.testing.assert_array_equal(dots, [[100, 0.5], [40, 0.2]])
    assert display.ax_.get_xlabel() == "estimated age, months"


def test_from_estimator(films, landmarker, some_ages):
    model = load_pretrained(landmarker=landmarker)
    table = model.assign(films.data, sex=films.sex)
    girls = films.sex == "F"
    for estimator in (model, found_by_search(model)):
        display = MaturityDisplay.from_estimator(estimator, films.data, sex=films.sex)
        np.testing.assert_allclose(
            display.points_["girls"].get_offsets(), table[["age", "maturity"]][girls]
        )
    display = MaturityDisplay.from_estimator(
        model, films.data, some_ages, sex=films.sex
    )
    drawn = girls & np.isfinite(some_ages)
    np.testing.assert_allclose(
        display.points_["girls"].get_offsets(),
        np.column_stack([some_ages, table["maturity"]])[drawn],
    )


def test_what_is_refused(pca_model, films):
    with pytest.raises(ValueError, match="has no maturity axis"):
        MaturityDisplay.from_estimator(pca_model, films.data)
    with pytest.raises(TypeError, match="KMeans is not a BoneAgeClusterer"):
        MaturityDisplay.from_estimator(KMeans(), films.data)
    with pytest.raises(ValueError, match=r"y\[0\] is -1"):
        MaturityDisplay.from_estimator(pca_model, films.data, [-1] * 12)
    with pytest.raises(ValueError, match="both a maturity and an age"):
        MaturityDisplay.from_predictions([0.5, np.nan], [np.nan, 40])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MaturityDisplay.from_predictions([0.5, 0.2], [40])
