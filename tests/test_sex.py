"""Clusters that are named for each sex, and what else is told of sex."""

from __future__ import annotations

import itertools
import pickle
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn_baccaec._clusterer._cluster_names import ClusterNames

from sklearn_baccaec import LandmarkTable, majority_label_scorer
from sklearn_baccaec._utils.validation import check_sexes
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    cluster_table,
    majority_label_accuracy,
)

GIRLS_SEE = [60, 110]  # months, in each of two clusters
BOYS_ADD = 48

# Codes
CODES = [("F", 0), ("M", 1), (False, 0), (True, 1), (np.bool_(True), 1)]
CODES += [(np.str_("F"), 0), (None, -1), (np.nan, -1), (pd.NA, -1), (pd.NaT, -1)]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(CODES)),
    st.sampled_from([list, tuple, partial(pd.Series, dtype=object)]),
)
def test_codes_whatever_holds_them(pairs, container):
    codes = check_sexes(container([code for code, _ in pairs]), len(pairs))
    assert codes.dtype.kind == "i"
    assert codes.tolist() == [expected for _, expected in pairs]


@pytest.mark.parametrize(
    ("sex", "expected"),
    [
        (None, [-1] * 3),
        (np.array(["F", "M", "F"]), [0, 1, 0]),
        (np.array([True, False, True]), [1, 0, 1]),
        (np.array([None, "M", np.nan], dtype=object), [-1, 1, -1]),
        (np.full(3, np.nan), [-1] * 3),
        (pd.Series(["M", None, "F"], index=[7, 7, 2]), [1, -1, 0]),
        (pd.Series(["M", None, "F"], dtype="string"), [1, -1, 0]),
        (pd.Series([True, None, False], dtype="boolean"), [1, -1, 0]),
        (pd.Series(["M", None, "F"], dtype="category"), [1, -1, 0]),
        (pd.Index(["F", "F", "M"]), [0, 0, 1]),
    ],
)
def test_codes_of_arrays_and_columns(sex, expected):
    assert check_sexes(sex, 3).tolist() == expected


WRONG_SEXES = [
    (["F"] * 11, "11 codes for 12 films"),
    (["F"] * 13, "13 codes for 12 films"),
    ([], "0 codes for 12 films"),
    (["F"] * 11 + ["X"], r"sex\[11\] is 'X': expected \"F\", \"M\", True"),
    (["F"] * 3 + ["f"] * 9, r"sex\[3\] is 'f'"),
    (["male"] * 12, r"sex\[0\] is 'male'"),
    ([""] * 12, r"sex\[0\] is ''"),
    ([0, 1] * 6, r"sex\[0\] is 0"),
    (np.array([1.0, np.nan] * 6), r"sex\[0\] is (np\.float64\()?1\.0"),
    (np.array([b"F"] * 12), r"sex\[0\] is (np\.bytes_\()?b'F'"),
    ([["F"]] * 12, r"1-D.*\(12, 1\)"),
    (np.full((12, 1), "F"), r"1-D.*\(12, 1\)"),
    (pd.DataFrame({"sex": ["F"] * 12}), r"1-D.*\(12, 1\)"),
    ([["F"], ["F", "M"], *["F"] * 10], r"sex\[0\] is \['F'\]"),
    ("F", "1-D.*got 'F'"),
    ("FMFMFMFMFMFM", "1-D"),
    (True, "1-D.*got True"),
    ((sex for sex in "F" * 12), "1-D.*generator"),
]


@pytest.mark.parametrize(("sex", "message"), WRONG_SEXES)
def test_wrong_sexes(sex, message):
    with pytest.raises(ValueError, match=message):
        check_sexes(sex, 12)


def test_a_table_of_sexes_alone_will_do(film_folder, films, tmp_path):
    table = pd.DataFrame({"id": ["a01", "a03"], "male": [True, False]})
    table.to_csv(tmp_path / "sexes.csv", index=False)
    data = load_radiographs(film_folder, tmp_path / "sexes.csv")
    assert data.sex.tolist() == [None, "M", None, "F", *[None] * 8]
    assert np.isnan(data.target).all()
    table.drop(columns="male").to_csv(tmp_path / "sexes.csv", index=False)
    with pytest.raises(ValueError, match="no column 'boneage'"):
        load_radiographs(film_folder, tmp_path / "sexes.csv")


# Names
@pytest.fixture(scope="module")
def make_model(make_model):
    """Two clusters by an encoder that takes no time."""
    return partial(make_model, encoder=PCA(2), n_clusters=2)


@pytest.fixture(scope="module")
def labels(make_model, films):
    return make_model().fit(films.data).labels_


@pytest.fixture(scope="module")
def sex(labels):
    """Girls and boys in turn, in each cluster, so that there are both."""
    turn = np.array([np.sum(labels[:i] == label) for i, label in enumerate(labels)])
    sex = np.where(turn % 2, "M", "F")
    assert set(zip(labels, sex, strict=True)) == {*itertools.product([0, 1], "FM")}
    sex.setflags(write=False)
    return sex


@pytest.fixture(scope="module")
def ages(labels, sex):
    """Ages that a boy's hand reaches four years after a girl's that looks alike."""
    ages = np.take(GIRLS_SEE, labels) + BOYS_ADD * (sex == "M") + np.arange(12) / 4
    ages.setflags(write=False)
    return ages


@pytest.fixture(scope="module")
def fitted(make_model, films, ages, sex):
    return make_model().fit(films.data, ages, sex=sex)


def medians(ages, labels, *others):
    """Median age of every film's cluster, or of its part."""
    return pd.Series(ages).groupby([labels, *others]).transform("median").to_numpy()


def test_encoders_and_clusters_never_see_sex(make_model, films, fitted, ages, sex):
    latents = make_model().fit(films.data, ages).transform(films.data)
    for given_sex in (sex, sex[::-1], ["M"] * 12):
        model = make_model().fit(films.data, ages, sex=given_sex)
        np.testing.assert_array_equal(model.labels_, fitted.labels_)
        np.testing.assert_array_equal(model.transform(films.data), latents)
        pd.testing.assert_frame_equal(model.cluster_table_, fitted.cluster_table_)
    np.testing.assert_array_equal(
        make_model().fit_predict(films.data, ages, sex=sex), fitted.labels_
    )


def test_each_sex_has_names_of_its_own(fitted, films, ages, sex, labels):
    by_sex = medians(ages, labels, sex)
    np.testing.assert_array_equal(fitted.predict_age(films.data, sex), by_sex)
    edges = np.array([24, 72, 120, 168, 216])
    bounds = np.column_stack([edges[:-1], edges[1:]])
    np.testing.assert_array_equal(
        fitted.predict_interval(films.data, sex), bounds[assign_age_intervals(ages)]
    )
    other = np.where(sex == "F", "M", "F")
    swapped = fitted.predict_age(films.data, other)
    np.testing.assert_array_equal(swapped > by_sex, sex == "F")


def test_films_of_unknown_sex_get_the_common_name(
    fitted, make_model, films, ages, sex, labels
):
    common = make_model().fit(films.data, ages)
    np.testing.assert_array_equal(fitted.predict_age(films.data), medians(ages, labels))
    for method in ("predict_age", "predict_interval"):
        expected = getattr(common, method)(films.data)
        for unknown in (None, [None] * 12, np.full(12, np.nan)):
            found = getattr(fitted, method)(films.data, unknown)
            np.testing.assert_array_equal(found, expected)
    some = [None, *sex[1:]]
    expected = medians(ages, labels, sex).copy()
    expected[0] = medians(ages, labels)[0]
    np.testing.assert_array_equal(fitted.predict_age(films.data, some), expected)


@pytest.mark.parametrize("missing", ["films", "ages", "ages in range"])
def test_a_sex_absent_from_a_cluster_gets_the_common_name(
    make_model, films, ages, sex, labels, missing
):
    absent = (labels == 1) & (sex == "M")
    known_sex, known_ages = sex.astype(object), ages.copy()
    if missing == "films":
        known_sex[absent] = "F"
    else:
        known_ages[absent] = np.nan if missing == "ages" else 230
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # ages outside the range
        model = make_model().fit(films.data, known_ages, sex=known_sex)
    found = model.predict_age(films.data, ["M"] * 12)
    named = np.where(absent, np.nan, ages) if missing != "films" else ages
    np.testing.assert_array_equal(found[labels == 1], np.nanmedian(named[labels == 1]))
    boys = ages[(labels == 0) & (sex == "M")]
    np.testing.assert_array_equal(found[labels == 0], np.median(boys))
    bounds = model.predict_interval(films.data, ["M"] * 12)
    np.testing.assert_array_equal(
        bounds[labels == 1], model.predict_interval(films.data)[labels == 1]
    )


def test_a_cluster_that_no_age_names_warns(make_model, films, ages, sex, labels):
    y = np.where(labels == 1, np.nan, ages)
    model = make_model().fit(films.data, y, sex=sex)
    with pytest.warns(UserWarning, match=f"{np.sum(labels == 1)} of 12 films"):
        found = model.predict_age(films.data, sex)
    np.testing.assert_array_equal(np.isnan(found), labels == 1)


def test_films_set_aside_have_no_name(fitted, films, sex):
    spoilt = [*films.data[:11], np.full((160, 120), 9, np.uint8)]
    model = pickle.loads(pickle.dumps(fitted)).set_params(on_error="skip")
    found = model.predict_age(spoilt, sex)
    np.testing.assert_array_equal(found[:11], fitted.predict_age(films.data, sex)[:11])
    assert np.isnan(found[11])
    assert np.isnan(model.predict_interval(spoilt, sex)[11]).all()
    assert model.score(spoilt, [60] * 12, sex=sex) <= 11 / 12


def test_tables_by_sex(fitted, ages, sex, labels):
    table = fitted.cluster_table_by_sex_
    assert table.index.names == ["sex", "cluster"]
    assert list(table.index) == [*itertools.product("FM", range(2))]
    for code in "FM":
        own = cluster_table(ages[sex == code], labels[sex == code], n_clusters=2)
        pd.testing.assert_frame_equal(table.loc[code], own)
    assert table["films"].sum() == fitted.cluster_table_["films"].sum() == 12


def test_tables_by_sex_hold_only_films_of_that_sex(make_model, films, ages, sex):
    model = make_model().fit(films.data, ages, sex=[*sex[:9], None, None, None])
    assert model.cluster_table_["films"].sum() == 12
    assert model.cluster_table_by_sex_["films"].sum() == 9
    girls = make_model().fit(films.data, ages, sex=["F"] * 12).cluster_table_by_sex_
    assert girls.loc["M", "films"].sum() == 0
    assert girls.loc["M", "interval"].isna().all()


@pytest.mark.parametrize("unknown", [None, [None] * 12, [np.nan] * 12, [pd.NA] * 12])
@pytest.mark.filterwarnings("error::UserWarning")
def test_without_sex_all_is_as_before(make_model, films, ages, sex, labels, unknown):
    model = make_model().fit(films.data, ages, sex=unknown)
    assert not hasattr(model, "cluster_table_by_sex_")
    common = medians(ages, labels)
    for given_sex in (None, unknown, sex):
        found = model.predict_age(films.data, given_sex)
        np.testing.assert_array_equal(found, common)
        assert model.score(films.data, ages, sex=given_sex) == majority_label_accuracy(
            assign_age_intervals(ages), labels
        )
    np.testing.assert_array_equal(model.assignments_["age"], common)


def test_sex_without_ages_names_nothing(make_model, films, sex, ages):
    model = make_model().fit(films.data, sex=sex)
    assert not hasattr(model, "cluster_table_by_sex_")
    with pytest.raises(ValueError, match="no names"):
        model.predict_age(films.data, sex)
    y = np.where(sex == "F", np.nan, ages)  # that of no girl
    girls = np.where(sex == "F", "F", None)
    assert not hasattr(
        make_model().fit(films.data, y, sex=girls), "cluster_table_by_sex_"
    )


def test_naming_again_replaces_the_names(fitted, make_model, films, ages, sex):
    model = make_model().fit(films.data)
    assert model.name_clusters(films.data, ages, sex) is model
    pd.testing.assert_frame_equal(
        model.cluster_table_by_sex_, fitted.cluster_table_by_sex_
    )
    np.testing.assert_array_equal(
        model.predict_age(films.data, sex), fitted.predict_age(films.data, sex)
    )
    model.name_clusters(films.data, ages)
    assert not hasattr(model, "cluster_table_by_sex_")
    assert set(model.predict_age(films.data, sex)) == set(
        fitted.predict_age(films.data)
    )
    model.name_clusters(films.data[:6], ages[:6], sex[:6])
    assert model.cluster_table_by_sex_["films"].sum() == 6
    assert not hasattr(model.fit(films.data, ages), "cluster_table_by_sex_")


def test_assignments(fitted, films, ages, sex, labels):
    pd.testing.assert_frame_equal(fitted.assign(films.data, sex), fitted.assignments_)
    by_sex = medians(ages, labels, sex)
    np.testing.assert_array_equal(fitted.assignments_["age"], by_sex)
    lows = [f"{low:g}" for low, _ in fitted.predict_interval(films.data, sex)]
    assert [title.split("-")[0] for title in fitted.assignments_["interval"]] == lows
    common = fitted.assign(films.data)
    np.testing.assert_array_equal(common["age"], medians(ages, labels))
    named = ["interval", "age", "age_low", "age_high"]
    pd.testing.assert_frame_equal(
        common.drop(columns=named), fitted.assignments_.drop(columns=named)
    )


@pytest.mark.filterwarnings("error::UserWarning")
def test_score_by_sex(fitted, films, ages, sex, labels):
    assert fitted.score(films.data, ages, sex=sex) == 1
    intervals = assign_age_intervals(ages)
    other = np.where(sex == "F", "M", "F")
    assert fitted.score(films.data, ages, other) == 0
    with pytest.warns(UserWarning, match="named for each sex.*pass sex") as caught:
        common = fitted.score(films.data, ages)
    assert caught[0].filename == __file__
    assert common == majority_label_accuracy(intervals, labels) < 1
    assert fitted.score(films.data, ages, sex=[None] * 12) == common


@pytest.mark.parametrize(("wrong", "message"), WRONG_SEXES[::4])
def test_wrong_sexes_are_refused_everywhere(
    make_model, fitted, films, ages, wrong, message
):
    model = make_model(landmarker=LandmarkTable(pd.DataFrame()))  # none is looked up
    for method in (model.fit, model.fit_predict):
        with pytest.raises(ValueError, match=message):
            method(films.data, ages, sex=wrong)
    for method in (fitted.predict_age, fitted.predict_interval, fitted.assign):
        with pytest.raises(ValueError, match=message):
            method(films.data, wrong)
    for method in (
        fitted.score,
        fitted.name_clusters,
        partial(majority_label_scorer, fitted),
    ):
        with pytest.raises(ValueError, match=message):
            method(films.data, ages, wrong)


def test_pickle_and_clone(fitted, films, ages, sex):
    copy = pickle.loads(pickle.dumps(fitted))
    pd.testing.assert_frame_equal(
        copy.cluster_table_by_sex_, fitted.cluster_table_by_sex_
    )
    pd.testing.assert_frame_equal(copy.assignments_, fitted.assignments_)
    expected = fitted.predict_age(films.data, sex)
    np.testing.assert_array_equal(copy.predict_age(films.data, sex), expected)
    copy = clone(fitted)
    assert not hasattr(copy, "cluster_table_by_sex_")
    with pytest.raises(NotFittedError):
        copy.predict_age(films.data, sex)
    copy.fit(films.data, ages, sex=sex)
    np.testing.assert_array_equal(copy.predict_age(films.data, sex), expected)


# Any names
@st.composite
def clusterings(draw, least_sex=-1):
    """Age, cluster and sex of each film; NaN or -1: unknown or set aside."""
    n_films = draw(st.integers(1, 30))
    ages = draw(
        hnp.arrays(float, n_films, elements=st.floats(0, 240) | st.just(np.nan))
    )
    ages[draw(st.integers(0, n_films - 1))] = draw(st.floats(24, 216))
    labels = draw(hnp.arrays(int, n_films, elements=st.integers(-1, 3)))
    sexes = draw(hnp.arrays(int, n_films, elements=st.integers(least_sex, 1)))
    return ages, labels, sexes


def learn(ages, labels, sexes):
    return ClusterNames.learn(
        ages, labels, sexes, n_clusters=4, interval=48, age_range=(24, 216)
    )


def in_sample(names, ages, labels, sexes):
    true = names.true_intervals(ages)
    right = names.interval_of(labels, sexes) == true
    return right[true >= 0].mean()


@settings(deadline=None, max_examples=30)
@given(clusterings())
def test_names_by_sex_are_never_worse_and_leave_the_common_ones(clustering):
    ages, labels, sexes = clustering
    unknown = np.full(len(labels), -1)
    names, common = learn(ages, labels, sexes), learn(ages, labels, unknown)
    assert not common.tables_by_sex
    for method in ("interval_of", "age_of", "bounds_of", "title_of"):
        np.testing.assert_array_equal(
            getattr(names, method)(labels, unknown),
            getattr(common, method)(labels, unknown),
        )
    # A sex is nowhere without a name where the cluster has one.
    np.testing.assert_array_equal(
        names.interval_of(labels, sexes) < 0, common.interval_of(labels, unknown) < 0
    )
    np.testing.assert_array_equal(
        np.isnan(names.age_of(labels, sexes)), np.isnan(common.age_of(labels, unknown))
    )
    accuracy = in_sample(names, ages, labels, sexes)
    assert accuracy >= in_sample(common, ages, labels, unknown)


@settings(deadline=None, max_examples=30)
@given(clusterings(least_sex=0))
def test_groups_of_the_metric_are_the_names_by_sex(clustering):
    ages, labels, sexes = clustering
    accuracy = majority_label_accuracy(assign_age_intervals(ages), labels, sexes)
    names = learn(ages, labels, sexes)
    assert in_sample(names, ages, labels, sexes) == pytest.approx(accuracy)
