"""Tables as people make them: every cell is understood or named."""

import datetime
import gzip
import io
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec._utils import archives
from sklearn_baccaec._utils.validation import check_ages
from sklearn_baccaec.datasets import load_radiographs

HEAD = "id,boneage,male\n"
ROW = HEAD + "01,84,True\n"


@pytest.fixture
def load(tmp_path):
    for name in ("01", "02"):
        (tmp_path / f"{name}.png").write_bytes(b"")

    def load(content, **told):
        if isinstance(content, str):
            content = content.encode()
        (tmp_path / "t.csv").write_bytes(content)
        return load_radiographs(tmp_path, tmp_path / "t.csv", **told)

    return load


UNDERSTOOD = [
    ROW,
    "\ufeff" + ROW,
    ROW.replace("\n", "\r\n"),
    ROW.replace("\n", "\r"),
    ROW.replace(",", ";"),
    ROW.replace(",", "\t"),
    ROW.replace(",", "|"),
    ROW.encode("utf-16"),
    ROW.encode("utf-16-le"),
    ROW.encode("utf-16-be"),
    ("\ufeff" + ROW).encode("utf-16-be"),
    "sep=;\r\n" + ROW.replace(",", ";"),
    "sep=\t\n" + ROW.replace(",", "\t"),
    '"id","boneage","male"\n"01","84","True"\n',
    "\u200bid\u00a0,boneage,male\n01,\ufeff84\u00a0,\u200bM\n",
    "file path,boneage,male\nx/01.png,84,M\n",
    '"id", "boneage", "male"\n"01", "84", "True"\n',
    "id;bone age, in months;male\n01;84;1\n",
    '"image\nid";"bone\nage";male\n01;84;1\n',
    HEAD + "\n\n  01  , 84 , true \n\n",
    HEAD + "01,84,1,of no column,nor this\n",
    HEAD + "x" * 100_000 + ",1,True\n01,84,True\n",
    "id,boneage,male," + ",".join(f"c{i}" for i in range(2000)) + "\n01,84,1\n",
    "note, male, boneage, id\n,True, 84, 01\n",
    "id,boneage,male,,\n01,84,True,,\n,,,,\nTotal: 1,,,,\n",
    ("id;boneage;male;note\n01;84;1;Gr\u00f6\u00dfe\n").encode("cp1252"),
    ("id;boneage;male;Gr\u00f6\u00dfe\n01;84;1;x\n").encode("cp1252"),
    "ID,BoneAge,Male\n01,84,True\n",
    "Image ID,BONE AGE,Gender\n01,84,Male\n",
    "case_id,Age,sex\n01,84,m\n",
    "Filename,age (months),Sex\n01.PNG,84,M\n",
    "film,Bone-Age [mo.],female\n01.png,84,0\n",
    "id,age,boneage,sex,male\n01,120,84,1,1\n",
    HEAD + "01,84.0,1.0\n",
    HEAD + "01,84,M\n01,84.00,male\n",
    HEAD + "01,84,\n01,,True\n",
    "id;boneage;male\n01;84,0;True\n",
    HEAD + '01,"84,0",True\n',
]


@pytest.mark.filterwarnings("ignore:no (film|row) for")
@pytest.mark.parametrize("content", UNDERSTOOD, ids=range(len(UNDERSTOOD)))
def test_tables_that_are_understood(load, content):
    films = load(content)
    np.testing.assert_array_equal(films.target, [84, np.nan])
    assert films.sex.tolist() == ["M", None]


REFUSED = [
    ("", "is not a csv table"),
    ("\n\n\n", "is not a csv table"),
    (ROW.encode("utf-16")[:-1], "is not a csv table"),
    (gzip.compress(ROW.encode()), "is not a csv table"),
    (b"\x89PNG\r\n\x1a\n" + bytes(99), "is not a csv table"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save the old Excel file as xlsx or csv"),
    (HEAD + '"01,84,True\n', "is not a csv table"),
    (HEAD + "0\x001,84,True\n", "is not a csv table: it holds NUL"),
    ("PK\x03\x04", "no column 'id'"),
    ("<html></html>", "no column 'id'"),
    ('{"id": ["01"]}', "no column 'id'"),
    ("01,84,True\n", "no column 'id'.*; it has 01, 84, True"),
    ("id,months old\n01,1\n", "no column 'boneage'"),
    ("# a comment\n" + ROW, "no column 'id'"),
    ("id,boneage\n01,30\n02,2\n01,1\n", "the id '01' twice: its age is 30.0 and 1.0"),
    ("id,boneage\nno,31\nno,30\n01,3\n", "lists the id 'no' twice"),
    (HEAD + "01,84,M\n01.png,,F\n", "the id '01.png' twice: its sex is M and F"),
    ("id,boneage,boneage\n01,84,85\n", "has the column 'boneage' twice"),
    ("id,id,boneage\n01,02,84\n", "has the column 'id' twice"),
    ("id,ID,boneage\n01,02,84\n", "has the columns 'id' and 'ID'"),
    ("id,age (months),age (years)\n01,84,7\n", "has the columns 'age .months.' and"),
    (HEAD + "1,84,True\n", "lists none of the 2 films"),
    (HEAD + "1.0,84,True\n", "lists none of the 2 films"),
    (HEAD + ",84,True\n", r"a row without an id \(row 2\)"),
    (HEAD + "01,84,True\n\n,,F\n", r"a row without an id \(row 4\)"),
    (HEAD + "01,120 months,True\n", "column boneage: film '01' is '120 months'"),
    (HEAD + "01,0x54,True\n", "film '01' is '0x54'"),
    (HEAD + "01,1_80,True\n", "film '01' is '1_80': not an age"),
    (HEAD + "01,True,True\n", "film '01' is 'True'"),
    (HEAD + "01,-1,True\n", "film '01' is -1"),
    (HEAD + "01,1e400,True\n", "film '01' is inf"),
    (HEAD + "01," + "9" * 5000 + ",True\n", "film '01' is inf"),
    (HEAD + '01,"1,084,5",True\n', "film '01' is '1,084,5'"),
    ("id,boneage\n01,84,5\n", "row 2: 3 cells for 2 columns; a number with a dec"),
    (HEAD + "01,84,2\n", "column male: film '01' is '2', neither male nor female"),
    ("id,sex\n01,1\n", "column sex: '1' does not say which sex it is; call the col"),
    ("id,gender\n01,True\n", "column gender: 'True' does not say which sex"),
    ("id,boneage\n01,7\n02,20\n", "boneage: no age is above 20; say unit='years' or"),
    ("id,boneage (years)\n01,84\n", "its name says years; say unit='years' or"),
    ("id,age_in_yrs\n01,7\n", "its name says years"),
    ("id,years\n01,7\n", "its name says years"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED, ids=range(len(REFUSED)))
def test_tables_that_are_refused(load, content, message):
    with pytest.raises(ValueError, match=rf"^t\.csv.*{message}"):
        load(content)


@pytest.mark.parametrize(
    ("column", "unit", "expected"),
    [
        ("boneage", "years", [84, 126]),
        ("boneage", "months", [7, 10.5]),
        ("boneage (years)", "years", [84, 126]),
        ("boneage (years)", "months", [7, 10.5]),
        ("boneage (months)", None, [7, 10.5]),
        ("boneage (months)", "years", [84, 126]),
    ],
)
def test_units_that_are_told_are_believed(load, column, unit, expected):
    films = load(f"id;{column}\n01;7\n02;10,5\n", unit=unit)
    np.testing.assert_array_equal(films.target, expected)


def test_other_units(load):
    with pytest.raises(ValueError, match=r"unit must be 'months' or 'years', got 'y'"):
        load(ROW, unit="y")


def test_columns_that_are_named(load):
    table = "Nr;Alter;w;age\n01;84;m;7\n02;;f;8\n"
    films = load(table, id="nr", age="ALTER", sex="w")
    np.testing.assert_array_equal(films.target, [84, np.nan])
    assert films.sex.tolist() == ["M", "F"]
    with pytest.raises(ValueError, match=r"t\.csv: no column 'B' \(age\); .* Nr, Al"):
        load(table, id="nr", age="B")


@pytest.mark.filterwarnings("ignore:no row for")
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-8-sig"])
def test_columns_in_another_language(load, encoding):
    table = "id;R\u00f6ntgenalter\n01;84\n".encode(encoding)
    films = load(table, age="R\u00f6ntgenalter")
    np.testing.assert_array_equal(films.target, [84, np.nan])


@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        ("male", ["1", "0"], ["M", "F"]),
        ("male", ["1.0", "FALSE"], ["M", "F"]),
        ("is male", ["True", "False"], ["M", "F"]),
        ("Female", ["1", "0"], ["F", "M"]),
        ("female", ["true", "0.0"], ["F", "M"]),
        ("female", ["M", "F"], ["M", "F"]),
        ("male", ["f", ""], ["F", None]),
        ("sex", ["Female", " male "], ["F", "M"]),
        ("GENDER", ["girl", "boy"], ["F", "M"]),
        ("patient sex", ["O", "F"], [None, "F"]),
        ("sex", ["unknown", "n/a"], [None, None]),
    ],
)
def test_sexes_as_people_write_them(load, column, cells, expected):
    films = load(f"id,{column}\n01,{cells[0]}\n02,{cells[1]}\n")
    assert films.sex.tolist() == expected


def write_xlsx(path, rows):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Notes").append(["nothing", "of", "ours"])
    book.save(path)


def test_xlsx(load, tmp_path):
    rows = [[], ["Image ID", "Bone age", "Male"], [1, 84, True], ["02.png", 90.5, None]]
    write_xlsx(tmp_path / "t.xlsx", rows)
    films = load((tmp_path / "t.xlsx").read_bytes())  # whatever it is called
    np.testing.assert_array_equal(films.target, [84, 90.5])
    assert films.sex.tolist() == ["M", None]


def test_dates_are_no_ages(load, tmp_path):
    rows = [["id", "boneage"], ["01", datetime.datetime(2026, 5, 10)]]
    write_xlsx(tmp_path / "t.xlsx", rows)
    with pytest.raises(ValueError, match=r"film '01' is datetime.*: not an age"):
        load((tmp_path / "t.xlsx").read_bytes())


@pytest.fixture
def zipped():
    """Bytes of a zip, which an xlsx is too."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("content.xml", ROW)
    return content.getvalue()


def test_xlsx_without_its_reader(load, zipped, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"^t\.csv: .*pip install openpyxl"):
        load(zipped)


def test_xlsx_that_would_fill_the_memory(load, zipped, monkeypatch):
    pytest.importorskip("openpyxl")
    monkeypatch.setattr(archives, "MAX_UNPACKED", 9)
    monkeypatch.setattr(archives, "_MOST_GROWTH", 0)
    with pytest.raises(ValueError, match=r"^t\.csv is not .*it would unpack to \d\d "):
        load(zipped)


def test_other_files_in_a_zip(load, zipped):
    pytest.importorskip("openpyxl")
    with pytest.raises(ValueError, match=r"^t\.csv is not an xlsx table"):
        load(zipped)


@pytest.mark.parametrize("age", ["", "   ", "nan", "NA", "NULL", "#N/A", "-", "."])
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
    "age",
    [
        *("1_80", b"1_80", np.complex128(84), 84j, 10**400),
        *(pd.Timestamp(0), pd.Timedelta(1), [84], {}),
    ],
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
