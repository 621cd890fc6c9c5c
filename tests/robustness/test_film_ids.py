"""Ids as tables write them: they match the film that they mean, or none."""

import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec.datasets import load_radiographs

pytestmark = pytest.mark.filterwarnings("ignore:no (film|row) for")


def months_of(folder, files, cells):
    """Months of films, of which the rows of a table are 30, 31, ..."""
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    ages = np.arange(30, 30 + len(cells))
    table = pd.DataFrame({"id": pd.Series(cells, dtype=object), "boneage": ages})
    return load_radiographs(folder, table, recursive=True).target.tolist()


@pytest.mark.parametrize(
    ("file", "cell"),
    [
        ("a.png", "a"),
        ("a.png", "a.png"),
        ("a.png", "a.PNG"),
        ("a.dcm", "a.png"),
        ("a.jpg", "a.jfif"),
        ("a.dcm", "images/a.dcm"),
        ("a.png", "C:\\films\\a.png"),
        ("a.png", "\\\\server\\films\\a"),
        ("7.png", "7"),
        ("7.png", 7),
        ("7.png", 7.0),
        ("7.png", np.int64(7)),
        ("7.png", np.float32(7)),
        ("7.png", "7.0"),
        ("7.png", "7,00"),
        ("007.png", "007"),
        ("007.png", 7),
        ("007.png", 7.0),
        ("7.0.png", "7.0"),
        ("1.2.840.5.dcm", "1.2.840.5"),
        ("1.2.840.5.dcm", "1.2.840.5.dcm"),
        ("12345678901234567890.png", "12345678901234567890"),
        ("12345678901234567890.png", 12345678901234567890),
        ("1e5.png", "1e5"),
        ("NA.png", "NA"),
        ("nan.png", "nan"),
        ("None.png", "None"),
        ("True.png", "True"),
        ("1_80.png", "1_80"),
        ("-.png", "-"),
        ("a.png", " a "),
        ("a.png", "\ta\n"),
        ("a.png", "\u200ba\ufeff"),
        ("a.png", "\u00a0a\u2007"),
        ("\ufeffa\u00a0.png", "a"),
        ("a b.png", "a\u00a0b"),
        ("a\u00a0b.png", "a  b"),
        ("\u00e9.png", "e\u0301"),
        ("e\u0301.png", "\u00e9"),
        ("\u00fc.png", "\udcfc"),  # of a csv in Windows' encoding
        ("s\udcff.png", "s\udcff"),
        ("=1+1.png", "'=1+1"),  # escaped for spreadsheets
        ("'=1+1.png", "'=1+1"),
        ("x.y.png", "x.y"),
        ("p1/a.png", "p1/a"),
        ("p1/a.png", "p1\\a.PNG"),
        ("p1/a.png", "a"),
        ("p1/a.png", "D:/export/p1/a.dcm"),
    ],
)
def test_ids_that_mean_a_film(tmp_path, file, cell):
    others = ["b.png", "x.png", "77.png"]
    months = months_of(tmp_path, [file, *others], [cell, "x"])
    paths = sorted(tmp_path / name for name in [file, *others])
    expected = {tmp_path / file: 30, tmp_path / "x.png": 31}
    np.testing.assert_array_equal(months, [expected.get(p, np.nan) for p in paths])


@pytest.mark.parametrize(
    ("file", "cell"),
    [
        ("007.png", "7"),
        ("7.png", "007"),
        ("7.png", "7.5"),
        ("7.png", 7.5),
        ("7.png", "1_7"),
        ("10.png", "1e1"),
        ("1.png", True),
        ("a.png", "A"),
        ("a.png", "a.txt"),
        ("ab.png", "a b"),
        ("a.png", "a/b"),
        ("a.png", "\u0430"),  # Cyrillic
        ("p1/a.png", "p2"),
        ("inf.png", float("-inf")),
    ],
)
def test_ids_that_mean_another(tmp_path, file, cell):
    months = months_of(tmp_path, [file, "x.png"], [cell, "x"])
    paths = sorted([tmp_path / file, tmp_path / "x.png"])
    expected = [31 if path.name == "x.png" else np.nan for path in paths]
    np.testing.assert_array_equal(months, expected)


@pytest.mark.parametrize(
    ("files", "cells", "expected"),
    [
        (["7.png", "007.png"], ["7", "007"], {"7.png": 30, "007.png": 31}),
        (["7.png", "007.png"], [7], {"7.png": 30}),
        (["7.png", "7.0.png"], ["7.0", "7"], {"7.0.png": 30, "7.png": 31}),
        (["a.png", " a.png"], [" a", "a"], {" a.png": 30, "a.png": 31}),
        (["\u00e9.png", "e\u0301.png"], ["e\u0301"], {"e\u0301.png": 30}),
        (["a.png", "a.png.dcm"], ["a.png"], {"a.png.dcm": 30}),
        (["a.png", "p/a.png"], ["a", "p/a"], {"a.png": 30, "p/a.png": 31}),
    ],
)
def test_the_more_exact_film_is_meant(tmp_path, files, cells, expected):
    months = months_of(tmp_path, files, cells)
    paths = sorted(tmp_path / name for name in files)
    wanted = {tmp_path / name: age for name, age in expected.items()}
    np.testing.assert_array_equal(months, [wanted.get(p, np.nan) for p in paths])


@pytest.mark.parametrize(
    ("files", "cell"),
    [
        (["07.png", "007.png"], 7),
        ([" a.png", "a .png"], "a"),
        (["p/a.png", "q/a.png"], "a.png"),
    ],
)
def test_ids_that_may_mean_several_films(tmp_path, files, cell):
    with pytest.raises(ValueError, match=rf"the table: the id '{cell}' fits the films"):
        months_of(tmp_path, files, [cell])


NAMES = st.text(st.characters(exclude_characters="/\0\\", exclude_categories=["Cs"]))
AROUND = st.text(st.sampled_from(" \t\n\u00a0\u200b\ufeff\u200e\u3000"), max_size=3)


@settings(max_examples=100, deadline=None)
@given(
    name=NAMES.filter(lambda name: name.strip() and len(name.encode()) < 60),
    before=AROUND,
    after=AROUND,
    form=st.sampled_from(["NFC", "NFD"]),
    suffix=st.sampled_from(["", ".png", ".PNG", ".dcm"]),
)
def test_any_name_is_known_again(tmp_path_factory, name, before, after, form, suffix):
    name = f"f{name}f"
    written = f"{before}{unicodedata.normalize(form, name)}{suffix}{after}"
    assert months_of(tmp_path_factory.mktemp("x"), [f"{name}.png"], [written]) == [30]
