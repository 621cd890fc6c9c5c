"""Which films of a model's clusters, and which misclassified ones, a sheet shows."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from charts import found_by_search, titles_of
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_baccaec import KeyRegionExtractor
from sklearn_baccaec.plotting import FilmSheetDisplay

pytestmark = pytest.mark.usefixtures("drawing")


def test_films_near_the_centres(pca_model, films):
    display = FilmSheetDisplay.from_estimator(pca_model, films.data, n_films=3)
    latents = pca_model.transform(films.data)
    table = pca_model.cluster_table_.sort_values("median_age")
    expected = {}
    for cluster, name in table["interval"].items():
        members = np.flatnonzero(pca_model.labels_ == cluster)
        centre = latents[members].mean(axis=0)
        distances = np.linalg.norm(latents[members] - centre, axis=1)
        plural = "s" * (len(members) > 1)
        title = f"cluster {cluster}\n{name} months\n{len(members)} film{plural}"
        expected[title] = (
            np.sort(distances)[:3],
            dict(zip(members, distances, strict=True)),
        )
    assert list(display.groups) == list(expected)
    for row, (nearest, distance_of) in zip(
        display.groups.values(), expected.values(), strict=True
    ):
        # Two films of a cluster are equally far: which is first depends on rounding.
        found = [distance_of[film] for film in row]
        np.testing.assert_allclose(found, nearest, rtol=1e-5)


def test_ages_name_the_rows_instead(pca_model, films):
    without = FilmSheetDisplay.from_estimator(pca_model, films.data, n_films=1)
    display = FilmSheetDisplay.from_estimator(
        pca_model, films.data, 240 - films.target, n_films=1
    )
    assert display.order_.tolist() == without.order_.tolist()[::-1]


def test_ages_outside_the_range_do_not_sort_clusters(pca_model, films):
    ages = np.where(pca_model.labels_ == 1, 100.0, 300)
    ages[np.flatnonzero(pca_model.labels_ == 0)[0]] = 30
    display = FilmSheetDisplay.from_estimator(pca_model, films.data, ages, n_films=1)
    rows = [title.split("\n")[:2] for title in display.groups]
    assert rows == [
        ["cluster 0", "24-72 months"],
        ["cluster 1", "72-120 months"],
        ["cluster 2", "no name"],
    ]


def test_crops(pca_model, films, landmarker):
    display = FilmSheetDisplay.from_estimator(
        pca_model, films.data, region=17, n_films=12
    )
    crops = KeyRegionExtractor(
        "radius", landmarker=landmarker, crop_shape=(16, 16)
    ).transform(films.data)
    for axes, row in zip(display.axes_, display.groups.values(), strict=True):
        for ax, i in zip(axes, row, strict=False):
            np.testing.assert_array_equal(
                ax.images[0].get_array(), crops[i].reshape(16, 16)
            )


def test_films_set_aside_are_in_no_row(make_model, films):
    model = make_model(encoder=PCA(2, random_state=0), on_error="skip")
    model.fit(films.data, films.target)
    blank = films.data.copy()
    blank[3] = 0
    display = FilmSheetDisplay.from_estimator(model, blank, region="carpus", n_films=12)
    assert sorted(display.order_) == [0, 1, 2, *range(4, 12)]


def test_misclassified(make_model, films):
    model = make_model(encoder=PCA(2, random_state=0), age_range=(24, 200))
    model.fit(films.data, films.target, sex=films.sex)
    ages = films.target[::-1].astype(float)
    ages[0] = np.nan
    display = FilmSheetDisplay.from_estimator(
        model, films.data, ages, kind="misclassified", sex=films.sex, n_films=5
    )
    expected = FilmSheetDisplay.from_intervals(
        films.data,
        ages,
        model.predict_interval(films.data, sex=films.sex),
        age_range=(24, 200),
        n_films=5,
    )
    assert titles_of(display) == titles_of(expected)
    assert len(display.order_) == 5
    assert display.figure_.get_suptitle() == expected.figure_.get_suptitle()


@pytest.mark.parametrize("kind", ["clusters", "misclassified"])
def test_wrapped_models(kind, pca_model, films):
    def draw(estimator, X):
        display = FilmSheetDisplay.from_estimator(
            estimator, X, 240 - films.target, kind=kind, region="carpus"
        )
        return titles_of(display)

    expected = draw(pca_model, films.data)
    for wrap in (make_pipeline, found_by_search):
        assert draw(wrap(pca_model), films.data) == expected
    flip = FunctionTransformer(lambda X: X[:, :, ::-1])
    pipeline = make_pipeline(flip, pca_model)
    assert draw(pipeline, films.data[:, :, ::-1]) == expected


def test_misclassified_are_those_that_score_does_not_count(pca_model, films):
    display = FilmSheetDisplay.from_estimator(
        pca_model, films.data, films.target, kind="misclassified", n_films=12
    )
    correct = pca_model.score(films.data, films.target)
    assert 1 - len(display.order_) / 12 == pytest.approx(correct)


def test_a_clusterer_of_pixels(films):
    flatten = FunctionTransformer(lambda X: np.reshape(X, (len(X), -1)))
    pipeline = make_pipeline(flatten, KMeans(2, n_init=1, random_state=0))
    pipeline.fit(films.data)
    display = FilmSheetDisplay.from_estimator(pipeline, films.data, n_films=12)
    assert sorted(display.order_) == list(range(12))
    with pytest.raises(TypeError, match="KMeans is not a BoneAgeClusterer"):
        FilmSheetDisplay.from_estimator(pipeline, films.data, region="ulna")
    with pytest.raises(TypeError, match="KMeans has no predict_interval"):
        FilmSheetDisplay.from_estimator(
            pipeline, films.data, films.target, kind="misclassified"
        )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"region": "hip"}, "unknown region 'hip'"),
        ({"region": "ulna"}, "no crops of 'ulna', only of carpus, radius"),
        ({"kind": "wrong"}, "kind is 'wrong'; expected 'clusters' or"),
        ({"y": [30, 40]}, "y has 2 ages for 12 films"),
        ({"kind": "misclassified", "y": None}, "y is None; expected one bone age"),
        ({"kind": "misclassified", "sex": ["F"]}, "sex has 1 codes for 12 films"),
        ({"n_films": 0}, "n_films == 0, must be >= 1"),
    ],
    ids=str,
)
def test_wrong_input(pca_model, films, settings, message):
    given = {"y": films.target, **settings}
    with pytest.raises(ValueError, match=message):
        FilmSheetDisplay.from_estimator(pca_model, films.data, **given)
    assert not plt.get_fignums()
