"""What sex tells, scored: metrics with groups, the scorer, and routing."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sklearn
from given_labels import GivenLabels, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import Pipeline

from sklearn_baccaec import majority_label_scorer
from sklearn_baccaec.cluster import NamedClusterer
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)

SPLITS = KFold(2, shuffle=True, random_state=0)


# Groups
@st.composite
def grouped(draw):
    """Class, cluster and group of each film; -1: unknown class, set aside."""
    n_films = draw(st.integers(1, 40))
    true, pred, groups = (
        draw(hnp.arrays(int, n_films, elements=st.integers(least, most)))
        for least, most in [(-1, 4), (-1, 5), (0, 3)]
    )
    true[draw(st.integers(0, n_films - 1))] = 0
    return true, pred, groups


@settings(deadline=None, max_examples=50)
@given(grouped())
def test_accuracy_with_groups_counts_the_best_of_each_cell(case):
    true, pred, groups = case
    counts = Counter(zip(pred, groups, true, strict=True))
    best = Counter()
    for (cluster, group, label), count in counts.items():
        if cluster >= 0 and label >= 0:
            best[cluster, group] = max(best[cluster, group], count)
    accuracy = majority_label_accuracy(true, pred, groups)
    assert accuracy == pytest.approx(best.total() / np.sum(true >= 0))
    assert accuracy >= majority_label_accuracy(true, pred) - 1e-12
    names = np.array(["girl", "boy", None, 3], dtype=object)[groups]
    assert majority_label_accuracy(true, pred, names) == accuracy


@settings(deadline=None, max_examples=50)
@given(grouped())
def test_chance_with_groups_is_that_of_each(case):
    true, pred, groups = case
    known = true >= 0
    expected = sum(
        chance_majority_label_accuracy(true[own], pred[own]) * own.sum()
        for own in (known & (groups == group) for group in set(groups[known]))
    )
    chance = chance_majority_label_accuracy(true, pred, groups)
    assert chance == pytest.approx(expected / known.sum())
    assert 0 <= chance <= np.mean(pred[known] >= 0) + 1e-9
    one = np.zeros_like(groups)
    assert chance_majority_label_accuracy(true, pred, one) == pytest.approx(
        chance_majority_label_accuracy(true, pred)
    )
    assert majority_label_accuracy(true, pred, one) == majority_label_accuracy(
        true, pred
    )


def test_chance_with_groups_by_counting_every_partition():
    true, groups = np.array([0, 0, 1, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1, 1, 1])
    pred = np.array([0, 1, 1, 0, 0, 1, -1])
    accuracies = [
        majority_label_accuracy(true, [*girls, *boys], groups)
        for girls in itertools.permutations(pred[:3])
        for boys in itertools.permutations(pred[3:])
    ]
    chance = chance_majority_label_accuracy(true, pred, groups)
    assert chance == pytest.approx(np.mean(accuracies))


def test_formula_agrees_with_permutations_within_groups():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 3, 300)
    true = (rng.integers(0, 4, 300) + groups) % 5  # classes differ between groups
    pred = rng.integers(-1, 8, 300)
    exact = chance_majority_label_accuracy(true, pred, groups)
    by_group = np.argsort(groups, kind="stable")
    drawn = []
    for _ in range(300):
        order = np.lexsort([rng.random(300), groups])
        shuffled = np.empty_like(pred)
        shuffled[by_group] = pred[order]
        drawn.append(majority_label_accuracy(true, shuffled, groups))
    assert np.mean(drawn) == pytest.approx(exact, abs=0.005)
    assert exact > chance_majority_label_accuracy(true, pred) + 0.02
    assert majority_label_accuracy(true, pred, groups) == pytest.approx(exact, abs=0.05)


@pytest.mark.parametrize(
    "groups",
    [
        ["F", None, "F", None],
        pd.Series(["F", None, "F", None], dtype="string", index=[9, 8, 7, 6]),
        pd.Series([True, None, True, None], dtype="boolean"),
        pd.Categorical(["F", "M", "F", "M"]),
        np.array([1, np.nan, 1, np.nan]),
    ],
)
def test_groups_of_any_kind(groups):
    assert majority_label_accuracy([0, 1, 0, 1], [0] * 4, groups) == 1
    assert chance_majority_label_accuracy([0, 1, 0, 1], [0] * 4, groups) == 1
    assert majority_label_accuracy([0, 1, 0, 1], [0] * 4) == 0.5


def test_groups_must_match_the_samples():
    for metric in (majority_label_accuracy, chance_majority_label_accuracy):
        with pytest.raises(ValueError, match="inconsistent numbers"):
            metric([0, 1, 0], [0, 0, 0], ["F", "M"])


# Scorer
@pytest.fixture(scope="module")
def X():
    """Films of two clusters."""
    return rows_of(np.arange(12) // 6)


@pytest.fixture(scope="module")
def sex():
    return np.array(["F", "M"] * 6)


@pytest.fixture(scope="module")
def ages(sex):
    return np.where(sex == "M", 150.0, 60.0) + np.arange(12) % 3


def make_clusterer():
    return NamedClusterer(GivenLabels())


@pytest.fixture(scope="module")
def fitted(X, ages, sex):
    return make_clusterer().fit(X, ages, sex=sex)


@pytest.mark.filterwarnings("error::UserWarning")
def test_scorer_names_the_clusters_of_each_sex(fitted, X, ages, sex):
    assert majority_label_scorer(fitted, X, ages, sex=sex) == 1
    assert majority_label_scorer(fitted, X, ages, sex=sex == "M") == 1
    common = majority_label_accuracy(assign_age_intervals(ages), fitted.labels_)
    assert majority_label_scorer(fitted, X, ages) == common < 1
    assert majority_label_scorer(fitted, X, ages, sex=[None] * 12) == common
    with pytest.raises(ValueError, match=r"sex\[11\] is 'X'"):
        majority_label_scorer(fitted, X, ages, sex=["F"] * 11 + ["X"])


def test_scorer_takes_any_clusterer():
    X, y = np.repeat([[0.0], [9.0]], 4, axis=0), [30, 30, 80, 80, 130, 130, 180, 180]
    model = KMeans(2, n_init=1, random_state=0).fit(X)
    assert majority_label_scorer(model, X, y) == 0.5
    assert majority_label_scorer(model, X, y, sex=["F", "F", "M", "M"] * 2) == 1
    assert majority_label_scorer(model, X, y, sex=["F", "M"] * 4) == 0.5


# Routing
@pytest.fixture
def routed():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def requesting(model):
    return model.set_fit_request(sex=True).set_score_request(sex=True)


def held_out(model, X, ages, sex):
    """Scores that a loop over the splits gives."""
    for train, test in SPLITS.split(X):
        fitted = clone(model).fit(X[train], ages[train], sex=sex[train])
        yield fitted.score(X[test], ages[test], sex=sex[test])


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.parametrize("convert", [np.asarray, list])
def test_cross_validation_routes_sex(routed, X, ages, sex, convert):
    one = np.zeros_like(X)  # cluster
    results = cross_validate(
        requesting(make_clusterer()),
        one,
        ages,
        cv=SPLITS,
        params={"sex": convert(sex)},
        return_estimator=True,
        error_score="raise",
    )
    expected = list(held_out(make_clusterer(), one, ages, sex))
    np.testing.assert_array_equal(results["test_score"], expected)
    assert expected == [1, 1]  # each sex has a name in each split
    tables = [fitted.cluster_table_by_sex_ for fitted in results["estimator"]]
    assert [table["films"].sum() for table in tables] == [6] * 2


@pytest.mark.filterwarnings("error::UserWarning")
def test_films_and_their_sex_are_routed_too(routed, make_model, films, ages, sex):
    model = make_model(encoder=PCA(2), n_clusters=2)
    results = cross_validate(
        requesting(model),
        films.data,
        ages,
        cv=SPLITS,
        params={"sex": sex},
        error_score="raise",
    )
    expected = list(held_out(model, films.data, ages, sex))
    np.testing.assert_array_equal(results["test_score"], expected)


@pytest.mark.filterwarnings("error::UserWarning")
def test_search_routes_sex(routed, X, ages, sex):
    model = requesting(NamedClusterer(random_state=0))
    search = GridSearchCV(model, {"n_clusters": [1, 2]}, cv=SPLITS, error_score="raise")
    search.fit(X, ages, sex=sex)
    # One cluster has two names, and nobody's sex is missing in a split.
    assert search.cv_results_["mean_test_score"][0] == 1
    assert search.best_params_ == {"n_clusters": 1}
    assert search.best_estimator_.cluster_table_by_sex_["films"].sum() == 12
    assert search.score(X, ages, sex=sex) == 1


def test_sex_that_nobody_asked_for_is_refused(routed, X, ages, sex):
    search = GridSearchCV(NamedClusterer(), {"n_clusters": [2]}, cv=SPLITS)
    with pytest.raises(UnsetMetadataPassedError, match=r"\[sex\].*fit_request"):
        search.fit(X, ages, sex=sex)


@pytest.mark.filterwarnings("error::UserWarning")
def test_pipeline_passes_sex_on(routed, X, ages, sex, fitted):
    model = requesting(make_clusterer())
    pipeline = Pipeline([("as is", "passthrough"), ("model", model)])
    labels = pipeline.fit_predict(X, ages, sex=sex)
    np.testing.assert_array_equal(labels, fitted.labels_)
    pd.testing.assert_frame_equal(
        pipeline.fit(X, ages, sex=sex)[-1].cluster_table_by_sex_,
        fitted.cluster_table_by_sex_,
    )


def test_pipeline_passes_sex_on_without_routing(X, ages, sex, fitted):
    pipeline = Pipeline([("as is", "passthrough"), ("model", make_clusterer())])
    pipeline.fit(X, ages, model__sex=sex)
    np.testing.assert_array_equal(
        pipeline[-1].predict_age(X, sex=sex), fitted.predict_age(X, sex=sex)
    )
    with pytest.warns(UserWarning, match="named for each sex") as caught:
        pipeline.score(X, ages)
    assert caught[0].filename == __file__


def test_cross_validation_without_routing_names_by_sex_and_warns(X, ages, sex):
    with pytest.warns(UserWarning, match="named for each sex, but no sex"):
        results = cross_validate(
            make_clusterer(),
            X,
            ages,
            cv=SPLITS,
            params={"sex": sex},
            return_estimator=True,
            error_score="raise",
        )
    for fitted in results["estimator"]:
        assert fitted.cluster_table_by_sex_["films"].sum() == 6
