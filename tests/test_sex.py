"""Clusters that are named for each sex, and what else is told of sex."""

from __future__ import annotations

import itertools
import pickle
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from given_labels import GivenLabels, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone

from sklearn_baccaec import majority_label_scorer
from sklearn_baccaec._utils.validation import check_sexes
from sklearn_baccaec.cluster import NamedClusterer
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
CODES += [("female", 0), ("Male", 1), ("f", 0), (" m ", 1), ("girl", 0), ("boy", 1)]
CODES += [(0, 0), (1, 1), (0.0, 0), (1.0, 1), (np.int8(1), 1), (np.float32(0), 0)]
CODES += [("0", 0), ("1", 1), ("0.0", 0), ("1.0", 1), ("True", 1), ("FALSE", 0)]
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
        (np.array([1, 0, 1], np.uint8), [1, 0, 1]),
        (np.array([1.0, np.nan, 0.0]), [1, -1, 0]),
        (pd.Series([1, None, 0], dtype="Int64"), [1, -1, 0]),
        (pd.Series(["male", None, "Female"]), [1, -1, 0]),
    ],
)
def test_codes_of_arrays_and_columns(sex, expected):
    assert check_sexes(sex, 3).tolist() == expected


WRONG_SEXES = [
    (["F"] * 11, "11 codes for 12 films"),
    (["F"] * 13, "13 codes for 12 films"),
    ([], "0 codes for 12 films"),
    (["F"] * 11 + ["X"], r"sex\[11\] is 'X': expected \"F\", \"M\", \"female\""),
    (["F"] * 3 + ["fm"] * 9, r"sex\[3\] is 'fm'"),
    (["mail"] * 12, r"sex\[0\] is 'mail'"),
    ([""] * 12, r"sex\[0\] is ''"),
    ([1, 2] * 6, r"sex\[1\] is 2"),
    (np.array([1.0, 0.5] * 6), r"sex\[1\] is (np\.float64\()?0\.5"),
    ([1 + 0j] * 12, r"sex\[0\] is \(1\+0j\)"),
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
def labels():
    return np.array([0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0])


@pytest.fixture(scope="module")
def X(labels):
    return rows_of(labels)


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


def make_model():
    return NamedClusterer(GivenLabels())


@pytest.fixture(scope="module")
def fitted(X, ages, sex):
    return make_model().fit(X, ages, sex=sex)


def medians(ages, labels, *others):
    """Median age of every film's cluster, or of its part."""
    return pd.Series(ages).groupby([labels, *others]).transform("median").to_numpy()


def test_each_sex_has_names_of_its_own(fitted, X, ages, sex, labels):
    by_sex = medians(ages, labels, sex)
    np.testing.assert_array_equal(fitted.predict_age(X, sex=sex), by_sex)
    edges = np.array([24, 72, 120, 168, 216])
    bounds = np.column_stack([edges[:-1], edges[1:]])
    np.testing.assert_array_equal(
        fitted.predict_interval(X, sex=sex), bounds[assign_age_intervals(ages)]
    )
    other = np.where(sex == "F", "M", "F")
    swapped = fitted.predict_age(X, sex=other)
    np.testing.assert_array_equal(swapped > by_sex, sex == "F")


def test_films_of_unknown_sex_get_the_common_name(fitted, X, ages, sex, labels):
    common = make_model().fit(X, ages)
    for unknown in ([None] * 12, np.full(12, np.nan)):
        found = fitted.predict_age(X, sex=unknown)
        np.testing.assert_array_equal(found, medians(ages, labels))
        found = fitted.predict_interval(X, sex=unknown)
        np.testing.assert_array_equal(found, common.predict_interval(X))
    some = [None, *sex[1:]]
    expected = medians(ages, labels, sex).copy()
    expected[0] = medians(ages, labels)[0]
    np.testing.assert_array_equal(fitted.predict_age(X, sex=some), expected)


@pytest.mark.parametrize("missing", ["films", "ages", "ages in range"])
def test_a_sex_absent_from_a_cluster_gets_the_common_name(
    X, ages, sex, labels, missing
):
    absent = (labels == 1) & (sex == "M")
    known_sex, known_ages = sex.astype(object), ages.copy()
    if missing == "films":
        known_sex[absent] = "F"
    else:
        known_ages[absent] = np.nan if missing == "ages" else 230
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # ages outside the range
        model = make_model().fit(X, known_ages, sex=known_sex)
    found = model.predict_age(X, sex=["M"] * 12)
    named = np.where(absent, np.nan, ages) if missing != "films" else ages
    np.testing.assert_array_equal(found[labels == 1], np.nanmedian(named[labels == 1]))
    boys = ages[(labels == 0) & (sex == "M")]
    np.testing.assert_array_equal(found[labels == 0], np.median(boys))
    bounds = model.predict_interval(X, sex=["M"] * 12)
    common = model.predict_interval(X, sex=[None] * 12)
    np.testing.assert_array_equal(bounds[labels == 1], common[labels == 1])
    for code in ("M", None):  # ranges are of the same films
        ages, ranges = model.predict_age(X, sex=[code] * 12, return_range=True)
        assert {*map(tuple, ranges[labels == 1])} == {
            tuple(np.nanquantile(named[labels == 1], [0.1, 0.9]))
        }


@pytest.mark.filterwarnings("error::UserWarning")
def test_leaving_sex_out_warns_where_each_has_a_name(fitted, X, ages, sex, labels):
    intervals = assign_age_intervals(ages)
    expected = {
        "predict_age": medians(ages, labels),
        "predict_interval": make_model().fit(X, ages).predict_interval(X),
        "score": majority_label_accuracy(intervals, labels),
        "assign": None,
    }
    for method, values in expected.items():
        given_ages = [ages] if method == "score" else []
        with pytest.warns(UserWarning, match="named for each sex.*pass sex") as caught:
            found = getattr(fitted, method)(X, *given_ages)
        assert [warning.filename for warning in caught] == [__file__]
        if method == "assign":
            found, values = found["age"], expected["predict_age"]
        np.testing.assert_array_equal(found, values)
    assert fitted.score(X, ages, sex=[None] * 12) == expected["score"] < 1
    assert fitted.score(X, ages, sex=sex) == 1
    assert fitted.score(X, ages, sex=np.where(sex == "F", "M", "F")) == 0


def test_films_set_aside_have_no_name(fitted, X, sex):
    rows = np.vstack([X[:11], [[np.nan]]])
    found = fitted.predict_age(rows, sex=sex)
    np.testing.assert_array_equal(found[:11], fitted.predict_age(X, sex=sex)[:11])
    assert np.isnan(found[11])
    assert np.isnan(fitted.predict_interval(rows, sex=sex)[11]).all()
    assert fitted.score(rows, [60] * 12, sex=sex) <= 11 / 12


def test_tables_by_sex(fitted, ages, sex, labels):
    table = fitted.cluster_table_by_sex_
    assert table.index.names == ["sex", "cluster"]
    assert list(table.index) == [*itertools.product("FM", range(2))]
    for code in "FM":
        own = cluster_table(ages[sex == code], labels[sex == code], n_clusters=2)
        pd.testing.assert_frame_equal(table.loc[code], own)
    assert table["films"].sum() == fitted.cluster_table_["films"].sum() == 12


def test_tables_by_sex_hold_only_films_of_that_sex(X, ages, sex):
    model = make_model().fit(X, ages, sex=[*sex[:9], None, None, None])
    assert model.cluster_table_["films"].sum() == 12
    assert model.cluster_table_by_sex_["films"].sum() == 9
    girls = make_model().fit(X, ages, sex=["F"] * 12).cluster_table_by_sex_
    assert girls.loc["M", "films"].sum() == 0
    assert girls.loc["M", "interval"].isna().all()


@pytest.mark.parametrize("unknown", [None, [None] * 12, [np.nan] * 12, [pd.NA] * 12])
@pytest.mark.filterwarnings("error::UserWarning")
def test_without_sex_all_is_as_before(X, ages, sex, labels, unknown):
    model = make_model().fit(X, ages, sex=unknown)
    assert not hasattr(model, "cluster_table_by_sex_")
    common = medians(ages, labels)
    for given_sex in (None, unknown, sex):
        found = model.predict_age(X, sex=given_sex)
        np.testing.assert_array_equal(found, common)
        assert model.score(X, ages, sex=given_sex) == majority_label_accuracy(
            assign_age_intervals(ages), labels
        )
    np.testing.assert_array_equal(model.assignments_["age"], common)


def test_sex_without_ages_names_nothing(X, sex, ages):
    model = make_model().fit(X, sex=sex)
    assert not hasattr(model, "cluster_table_by_sex_")
    with pytest.warns(UserWarning, match="no known age"):
        assert np.isnan(model.predict_age(X, sex=sex)).all()
    y = np.where(sex == "F", np.nan, ages)  # that of no girl
    girls = np.where(sex == "F", "F", None)
    assert not hasattr(make_model().fit(X, y, sex=girls), "cluster_table_by_sex_")


def test_naming_again_replaces_the_names(fitted, X, ages, sex):
    model = make_model().fit(X)
    assert model.name_clusters(X, ages, sex=sex) is model
    pd.testing.assert_frame_equal(
        model.cluster_table_by_sex_, fitted.cluster_table_by_sex_
    )
    np.testing.assert_array_equal(
        model.predict_age(X, sex=sex), fitted.predict_age(X, sex=sex)
    )
    model.name_clusters(X, ages)
    assert not hasattr(model, "cluster_table_by_sex_")
    common = fitted.predict_age(X, sex=[None] * 12)
    np.testing.assert_array_equal(model.predict_age(X, sex=sex), common)
    model.name_clusters(X[:6], ages[:6], sex=sex[:6])
    assert model.cluster_table_by_sex_["films"].sum() == 6
    assert not hasattr(model.fit(X, ages), "cluster_table_by_sex_")


def test_assignments(fitted, X, ages, sex, labels):
    pd.testing.assert_frame_equal(fitted.assign(X, sex=sex), fitted.assignments_)
    np.testing.assert_array_equal(
        fitted.assignments_["age"], medians(ages, labels, sex)
    )
    lows = [f"{low:g}" for low, _ in fitted.predict_interval(X, sex=sex)]
    assert [title.split("-")[0] for title in fitted.assignments_["interval"]] == lows
    copy = clone(fitted).fit(X, ages, sex=sex)
    pd.testing.assert_frame_equal(copy.assignments_, fitted.assignments_)
    copy = pickle.loads(pickle.dumps(fitted))
    pd.testing.assert_frame_equal(copy.assignments_, fitted.assignments_)


@pytest.mark.parametrize(("wrong", "message"), WRONG_SEXES[::4])
def test_wrong_sexes_are_refused_everywhere(fitted, X, ages, wrong, message):
    model = make_model()
    for method in (model.fit, model.fit_predict, fitted.score, fitted.name_clusters):
        with pytest.raises(ValueError, match=message):
            method(X, ages, sex=wrong)
    for method in (fitted.predict_age, fitted.predict_interval, fitted.assign):
        with pytest.raises(ValueError, match=message):
            method(X, sex=wrong)
    with pytest.raises(ValueError, match=message):
        majority_label_scorer(fitted, X, ages, sex=wrong)


# Any names
@st.composite
def clusterings(draw, least_sex=-1):
    """Age, cluster and sex of each film; NaN or -1: unknown or set aside."""
    n_films = draw(st.integers(1, 30))
    ages = draw(
        hnp.arrays(float, n_films, elements=st.floats(0, 240) | st.just(np.nan))
    )
    labels = draw(hnp.arrays(int, n_films, elements=st.integers(-1, 3)))
    one = draw(st.integers(0, n_films - 1))
    ages[one], labels[one] = draw(st.floats(24, 216)), draw(st.integers(0, 3))
    sexes = draw(hnp.arrays(int, n_films, elements=st.integers(least_sex, 1)))
    return ages, labels, np.array(["F", "M", None], dtype=object)[sexes]


@pytest.mark.filterwarnings("ignore::UserWarning")  # of ages outside the range
@settings(deadline=None, max_examples=30)
@given(clusterings())
def test_names_by_sex_are_never_worse_and_leave_the_common_ones(clustering):
    ages, labels, sex = clustering
    X, unknown = rows_of(labels), [None] * len(labels)
    model, common = make_model().fit(X, ages, sex=sex), make_model().fit(X, ages)
    pd.testing.assert_frame_equal(model.assign(X, sex=unknown), common.assign(X))
    # A sex is nowhere without a name where the cluster has one.
    pd.testing.assert_frame_equal(
        model.assign(X, sex=sex).isna(), common.assign(X).isna()
    )
    assert model.score(X, ages, sex=sex) >= common.score(X, ages)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(deadline=None, max_examples=30)
@given(clusterings(least_sex=0))
def test_groups_of_the_metric_are_the_names_by_sex(clustering):
    ages, labels, sex = clustering
    accuracy = majority_label_accuracy(assign_age_intervals(ages), labels, sex)
    model = make_model().fit(rows_of(labels), ages, sex=sex)
    assert model.score(rows_of(labels), ages, sex=sex) == pytest.approx(accuracy)
