"""What the Bland-Altman plot draws."""

import numpy as np
import pytest
from charts import legend_of
from sklearn.decomposition import PCA

from sklearn_baccaec.plotting import AgeDifferenceDisplay

pytestmark = pytest.mark.usefixtures("drawing")


def test_what_is_drawn():
    display = AgeDifferenceDisplay.from_predictions(
        [30, 80, 130, 200, None, 50],
        [40, 110, 120, 204, 30, None],
        sex=["F", "F", "M", "M", "F", "F"],
    )
    points = {name: dots.get_offsets() for name, dots in display.points_.items()}
    assert list(points) == ["girls", "boys"]
    np.testing.assert_array_equal(points["girls"], [[35, 10], [95, 30]])
    np.testing.assert_array_equal(points["boys"], [[125, -10], [202, 4]])
    assert display.medians_ == {"girls": 20, "boys": -3}
    assert display.limits_["girls"] == pytest.approx((10.5, 29.5))
    assert display.limits_["boys"] == pytest.approx((-9.65, 3.65))
    assert display.median_ == 7
    assert display.ax_.get_title() == (
        "median difference +7.0 months, 95% from -8.9 to +28.5\n4 films"
    )
    assert legend_of(display.ax_) == [
        "girls (2)\n+20.0, +10 to +30",
        "boys (2)\n-3.0, -10 to +4",
    ]
    heights = [line.get_ydata()[0] for line in display.ax_.lines]
    expected = [0, 20, 10.5, 29.5, -3, -9.65, 3.65]
    np.testing.assert_allclose(heights, expected)
    assert display.ax_.get_xlabel() == "mean of both, months"


def test_limits_hold_95_percent_whatever_the_distribution():
    rng = np.random.default_rng(0)
    ages, differences = rng.uniform(30, 200, 4000), rng.exponential(10, 4000) - 10
    display = AgeDifferenceDisplay.from_predictions(ages, ages + differences)
    low, high = display.limits_["films"]
    assert ((differences >= low) & (differences <= high)).mean() == 0.95
    assert (differences < low).mean() == 0.025
    assert display.median_ == pytest.approx(np.median(differences))


def test_from_estimator(make_model, films, some_ages):
    model = make_model(encoder=PCA(2, random_state=0))
    model.fit(films.data, films.target, sex=films.sex)
    display = AgeDifferenceDisplay.from_estimator(
        model, films.data, some_ages, sex=films.sex
    )
    differences = model.predict_age(films.data, sex=films.sex) - some_ages
    assert display.median_ == pytest.approx(np.nanmedian(differences))
    assert set(display.points_) == {"girls", "boys"}


def test_nothing_to_compare(pca_model, films):
    with pytest.raises(ValueError, match="both a known age and a prediction"):
        AgeDifferenceDisplay.from_predictions([30, None], [None, 40])
    with pytest.raises(ValueError, match=r"y\[0\] is -1"):
        AgeDifferenceDisplay.from_estimator(pca_model, films.data, [-1] * 12)
    with pytest.raises(ValueError, match=r"sex h.* 12 films"):
        AgeDifferenceDisplay.from_estimator(
            pca_model, films.data, films.target, sex=["F"]
        )
