import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import (
    CCAEC,
    BoneAgeClusterer,
    KeyRegionExtractor,
    LandmarkTable,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
    majority_label_scorer,
)

SPLITS = KFold(3, shuffle=True, random_state=0)
REGION_SETS = [["carpus"], ["carpus", "radius"], ["index_mcp", "carpus", 17]]


@pytest.fixture
def model(landmarker, tmp_path):
    return BoneAgeClusterer(
        landmarker=landmarker,
        encoder=PCA(2),
        clusterer=KMeans(2, n_init=1),
        crop_shape=(16, 16),
        memory=tmp_path,
        random_state=0,
    )


def entries(folder, function):
    return len(list(folder.rglob(f"{function}/*/output.pkl")))


@pytest.mark.filterwarnings("ignore:.*no known age:UserWarning")
def test_search_trains_a_region_once_a_fold(model, films, tmp_path):
    search = GridSearchCV(
        model, {"regions": REGION_SETS, "clusterer__n_clusters": [2, 3]}, cv=SPLITS
    )
    search.fit(films.data, films.target)
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) == 6
    assert np.isfinite(scores).all()
    # Three distinct regions a fold, then those of the best set on all films.
    n_best = len(search.best_params_["regions"])
    assert entries(tmp_path, "_fit_region") == 3 * 3 + n_best
    assert entries(tmp_path, "_crop_film") == len(films.data)
    assert search.predict(films.data).shape == (12,)
    search.fit(films.data, films.target)
    assert entries(tmp_path, "_fit_region") == 3 * 3 + n_best


def test_search_gives_what_a_loop_gives(model, films):
    grid = {"regions": REGION_SETS[:2], "encoder__n_components": [1, 2]}
    search = GridSearchCV(
        model, grid, cv=SPLITS, scoring=majority_label_scorer, refit=False
    )
    search.fit(films.data, films.target)
    results = search.cv_results_
    for params, mean in zip(results["params"], results["mean_test_score"], strict=True):
        scores = []
        for train, test in SPLITS.split(films.data):
            model.set_params(memory=None, **params).fit(films.data[train])
            X, y = films.data[test], films.target[test]
            scores.append(majority_label_scorer(model, X, y))
        assert mean == pytest.approx(np.mean(scores))


def test_search_over_parameters_of_the_clusterer(model, films):
    model.set_params(regions="carpus")
    search = GridSearchCV(model, {"clusterer__n_clusters": [1, 6]}, cv=SPLITS)
    search.fit(films.data, films.target)
    one, six = search.cv_results_["mean_test_score"]
    assert one != six
    best = search.best_params_["clusterer__n_clusters"]
    assert best == (1 if one > six else 6)
    assert search.best_estimator_.n_clusters_ == best
    search.estimator.set_params(n_clusters=6)
    with (
        pytest.warns(FitFailedWarning, match="give the number once"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.set_params(refit=False).fit(films.data, films.target)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [True, False]


def test_majority_label_scorer_needs_no_names(model, films):
    model.fit(films.data)
    score = majority_label_scorer(model, films.data, films.target)
    named = model.name_clusters(films.data, films.target)
    assert score == pytest.approx(named.score(films.data, films.target))
    model.set_params(clusterer__n_clusters=12, interval=24).fit(films.data)
    assert majority_label_scorer(model, films.data, films.target) == 1


def test_scorer_counts_films_set_aside_as_wrong(model, films):
    spoilt = [*films.data[:9], *(np.zeros((3, 160, 120), np.uint8) + 5)]
    model.set_params(on_error="skip").fit(spoilt)
    good = majority_label_scorer(model, spoilt[:9], films.target[:9])
    score = majority_label_scorer(model, spoilt, films.target)
    assert score == pytest.approx(good * 9 / 12)


def test_pipeline_of_the_steps_can_be_searched(films, landmarker, tmp_path):
    regions = ["carpus", "radius", "ulna"]
    pipeline = make_pipeline(
        KeyRegionExtractor(regions, landmarker=landmarker, crop_shape=(16, 16)),
        RegionPreprocessor(regions=regions),
        RegionEncoder(PCA(2), regions=regions, memory=tmp_path, random_state=0),
        RegionSelector(all_regions=regions),
        KMeans(n_init=1, random_state=0),
    )
    grid = {
        "regionselector__regions": [None, ["carpus"], ["ulna", "radius"]],
        "kmeans__n_clusters": [1, 2],
    }
    search = GridSearchCV(pipeline, grid, cv=SPLITS, scoring=majority_label_scorer)
    search.fit(films.data, films.target)
    assert entries(tmp_path, "_fit_region") == 3 * 3 + 3
    scores = search.cv_results_["mean_test_score"].reshape(2, 3)
    assert (scores[1] >= scores[0]).all()  # more clusters are never less pure
    assert len(set(scores[0])) == 1  # one cluster is one, whatever the regions


def test_column_names_tell_the_selector_its_regions(films, landmarker):
    regions = ["carpus", "radius"]
    pipeline = make_pipeline(
        KeyRegionExtractor(regions, landmarker=landmarker, crop_shape=(16, 16)),
        RegionEncoder(CCAEC(max_steps=1), random_state=0),
        RegionSelector(["radius"]),
    ).set_output(transform="pandas")
    frame = pipeline.fit_transform(films.data)
    assert list(frame.columns) == [f"radius_ccaec{i}" for i in range(8)]
    assert pipeline["regionencoder"].regions_ == ("carpus", "radius")


@pytest.fixture
def mixed(films):
    """List of films of different sizes and types, with their landmarks."""
    types = [np.uint8, np.uint16, np.float32]
    data = [
        np.pad(film, ((0, i), (0, 12 - i)), "edge").astype(types[i % 3])
        for i, film in enumerate(films.data)
    ]
    return data, LandmarkTable.from_films(data, films.landmarks)


@pytest.mark.filterwarnings("ignore:.*no known age:UserWarning")
def test_cross_validation_of_films_of_different_sizes(model, films, mixed):
    data, table = mixed
    model.set_params(landmarker=table, regions="carpus")
    scores = cross_val_score(model, data, films.target, cv=SPLITS)
    assert ((scores >= 0) & (scores <= 1)).all()
    for (train, test), score in zip(SPLITS.split(data), scores, strict=True):
        fitted = model.fit([data[i] for i in train], films.target[train])
        assert fitted.score([data[i] for i in test], films.target[test]) == score
    labels = cross_val_predict(model, data, films.target, cv=SPLITS)
    assert set(labels) <= {0, 1}


def test_cross_validation_of_paths(model, films, film_folder):
    paths = sorted(film_folder.glob("*.png"))
    model.set_params(regions="carpus")
    expected = cross_val_score(model, films.data, films.target, cv=SPLITS)
    model.set_params(landmarker=LandmarkTable(film_folder / "landmarks.csv"))
    scores = cross_val_score(model, paths, films.target, cv=SPLITS)
    np.testing.assert_array_equal(scores, expected)
