"""Tables as people make them: every cell is understood or named."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec._utils.validation import check_ages
from sklearn_baccaec.datasets import load_radiographs

HEAD = "id,boneage,male\n"
ROW = HEAD + "01,84,True\n"


@pytest.fixture
def load(tmp_path):
    for name in ("01", "02"):
        (tmp_path / f"{name}.png").write_bytes(b"")

    def load(content):
        if isinstance(content, str):
            content = content.encode()
        (tmp_path / "t.csv").write_bytes(content)
        return load_radiographs(tmp_path, tmp_path / "t.csv")

    return load


@pytest.mark.parametrize(
    "content",
    [
        ROW,
        "\ufeff" + ROW,
        ROW.replace("\n", "\r\n"),
        ROW.replace("\n", "\r"),
        '"id","boneage","male"\n"01","84","True"\n',
        HEAD + "\n\n  01  , 84 , true \n\n",
        HEAD + "01,84,1,of no column,nor this\n",
        HEAD + "x" * 100_000 + ",1,True\n01,84,True\n",
        "id,boneage,male," + ",".join(f"c{i}" for i in range(2000)) + "\n01,84,1\n",
        "note, male, boneage, id\n,True, 84, 01\n",
    ],
    ids=range(10),
)
@pytest.mark.filterwarnings("ignore:Length of header or names")
def test_tables_that_are_understood(load, content):
    films = load(content)
    np.testing.assert_array_equal(films.target, [84, np.nan])
    assert films.sex.tolist() == ["M", None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a csv table"),
        ("\n\n\n", "is not a csv table"),
        (ROW.encode("utf-16"), "is not a csv table"),
        ((HEAD + "ü,3,True\n").encode("latin-1"), "is not a csv table"),
        (gzip.compress(ROW.encode()), "is not a csv table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "is not a csv table"),
        (HEAD + '"01,84,True\n', "is not a csv table"),
        ("PK\x03\x04", "no column 'id'"),
        ("<html></html>", "no column 'id'"),
        ('{"id": ["01"]}', "no column 'id'"),
        (ROW.replace(",", ";"), "no column 'id'"),
        (ROW.replace(",", "\t"), "no column 'id'"),
        ("01,84,True\n", "no column 'id'; it has 01, 84, True"),
        ("id,age\n01,1\n", "no column 'boneage'"),
        ("id,boneage\n01,1\n02,2\n01,1\n", "lists the id '01' twice"),
        ("id,boneage\nnobody,1\nnobody,2\n", "lists the id 'nobody' twice"),
        ("ID,BoneAge,Male\n01,84,True\n", "no column 'id'"),
        ("# a comment\n" + ROW, "no column 'id'"),
        ("id,boneage,boneage\n01,84,85\n", "has the column 'boneage' twice"),
        ("id,id,boneage\n01,02,84\n", "has the column 'id' twice"),
        (HEAD + "01.png,84,True\n", "lists none of the 2 films"),
        (HEAD + "1,84,True\n", "lists none of the 2 films"),
        (HEAD + "1.0,84,True\n", "lists none of the 2 films"),
        (HEAD + "0\x001,84,True\n", "lists none of the 2 films"),
        (HEAD + ",84,True\n", "a row without an id"),
        (HEAD + "01,120 months,True\n", "film '01' is '120 months'"),
        (HEAD + '01,"84,5",True\n', "film '01' is '84,5'"),
        (HEAD + "01,0x54,True\n", "film '01' is '0x54'"),
        (HEAD + "01,True,True\n", "film '01' is 'True'"),
        (HEAD + "01,-1,True\n", "film '01' is -1"),
        (HEAD + "01,1e400,True\n", "film '01' is inf"),
        (HEAD + "01," + "9" * 5000 + ",True\n", "film '01' is inf"),
        (HEAD + "01,84,F\n", "'F' is neither True nor False"),
        (HEAD + "01,84,2\n", "'2' is neither True nor False"),
    ],
    ids=range(34),
)
def test_tables_that_are_refused(load, content, message):
    with pytest.raises(ValueError, match=rf"^t\.csv.*{message}"):
        load(content)


@pytest.mark.parametrize("age", ["", "   ", "nan", "NA", "NULL"])
def test_unknown_ages(load, age):
    assert np.isnan(load(f"{HEAD}01,{age},True\n").target).all()


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: HEAD + t))
def test_any_table_is_read_or_refused(content, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    (folder / "01.png").touch()
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    (folder / "t.csv").write_bytes(data)
    try:
        films = load_radiographs(folder, folder / "t.csv")
    except ValueError as error:
        assert "t.csv" in str(error)
        return
    assert films.ids.tolist() == ["01"]
    assert films.target[0] >= 0 or np.isnan(films.target[0])


def test_masked_values_are_unknown(films, make_model):
    masked = np.ma.masked_array([84, 96, -7], [0, 0, 1])
    np.testing.assert_array_equal(check_ages(masked), [84, 96, np.nan])
    model = make_model().fit(films.data, films.target, sex=films.sex)
    sexes = np.ma.masked_array(films.sex, np.arange(12) < 3)
    known = np.where(np.arange(12) < 3, None, films.sex.astype(object))
    np.testing.assert_array_equal(
        model.predict_age(films.data, sex=sexes),
        model.predict_age(films.data, sex=known),
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "age", [np.complex128(84), 84j, 10**400, pd.Timestamp(0), pd.Timedelta(1), [84], {}]
)
def test_what_is_no_age(age):
    with pytest.raises(ValueError, match=r"^y\[1\] is .*: not an age in months"):
        check_ages([84, age])
    ages = np.empty(1, object)
    ages[0] = age
    with pytest.raises(ValueError, match=r"^y\[0\] is .*: not an age in months"):
        check_ages(ages)


def test_complex_arrays_are_no_ages():
    with pytest.raises(ValueError, match=r"y\[0\] is .*not an age"):
        check_ages(np.array([84 + 0j]))
