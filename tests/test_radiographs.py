import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import read_film


@pytest.fixture
def folder(tmp_path):
    """Five broken films in a folder, beside files that are none."""
    for name in ("b.png", "A.JPG", "10.tif", "2.TIFF", "c.jpeg", "note.txt", "x.gif"):
        (tmp_path / name).write_bytes(b"no image")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "d.png").write_bytes(b"no image")
    return tmp_path


IDS = ["10", "2", "A", "b", "c"]


def labelled(folder, text):
    (folder / "ages.csv").write_text(text)
    return load_radiographs(folder, folder / "ages.csv")


# Films
def test_films_in_order_of_their_names(folder):
    data = load_radiographs(str(folder))
    assert data.ids.tolist() == IDS
    names = [path.rsplit("/")[-1] for path in data.data]
    assert names == ["10.tif", "2.TIFF", "A.JPG", "b.png", "c.jpeg"]
    assert data.data.dtype.kind == data.ids.dtype.kind == "U"


def test_nothing_is_known_without_labels(folder):
    data = load_radiographs(folder)
    assert data.target.dtype == np.float64
    assert np.isnan(data.target).all()
    assert data.sex.tolist() == [None] * 5


def test_frame_says_the_same(folder):
    data = labelled(folder, "id,boneage,male\nA,96,True\n")
    assert list(data.frame.columns) == [
        *("id", "path", "boneage", "sex", "pixel_spacing", "laterality")
    ]
    assert data.frame["id"].tolist() == data.ids.tolist()
    assert data.frame["path"].tolist() == data.data.tolist()
    np.testing.assert_array_equal(data.frame["boneage"], data.target)
    assert data.frame["sex"].tolist() == data.sex.tolist()


def test_empty_or_missing_folder(folder):
    (folder / "deeper" / "d.png").unlink()
    with pytest.raises(ValueError, match=r"deeper holds no films \(\.dcm, "):
        load_radiographs(folder / "deeper")
    for path in (folder / "gone", folder / "b.png"):
        with pytest.raises(FileNotFoundError, match=path.name):
            load_radiographs(path)


def test_one_id_in_two_files_is_refused(folder):
    (folder / "b.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="several films with the id 'b'"):
        load_radiographs(folder)


def test_films_written_are_films_read(film_folder, films):
    data = load_radiographs(film_folder, film_folder / "ages.csv")
    np.testing.assert_array_equal(read_film(data.data[7]), films.data[7])
    np.testing.assert_allclose(data.target, films.target)
    assert data.sex.tolist() == films.sex.tolist()


# Labels
def test_missing_and_extra_rows_and_any_order(folder):
    rows = "c,12,False\nnobody,99,True\n10,180.5,True\nA,,\n"
    data = labelled(folder, "id,boneage,male\n" + rows)
    np.testing.assert_array_equal(data.target, [180.5, np.nan, np.nan, np.nan, 12])
    assert data.sex.tolist() == ["M", None, None, None, "F"]
    assert data.ids.tolist() == IDS


def test_without_male_column_or_rows(folder):
    assert labelled(folder, "id,boneage\nA,96\n").sex.tolist() == [None] * 5
    empty = labelled(folder, "id,boneage,male\n")
    assert np.isnan(empty.target).all()
    assert empty.sex.tolist() == [None] * 5


@pytest.mark.parametrize(
    ("male", "sex"),
    [("True", "M"), ("FALSE", "F"), ("1", "M"), ("0", "F"), ("", None)],
)
def test_codes_of_sex(folder, male, sex):
    data = labelled(folder, f"id,boneage,male\nA,96,{male}\nb,1,True\n")
    assert data.sex[2] == sex


def test_missing_table(folder):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        load_radiographs(folder, folder / "gone.csv")


@settings(max_examples=25, deadline=None)
@given(
    ages=st.dictionaries(
        st.sampled_from([*IDS, "nobody", "B"]), st.none() | st.floats(0, 240)
    ),
    order=st.randoms(use_true_random=False),
)
def test_every_film_gets_its_own_age(tmp_path_factory, ages, order):
    folder = tmp_path_factory.mktemp("radiographs")
    for name in IDS:
        (folder / f"{name}.png").touch()
    rows = list(ages.items())
    order.shuffle(rows)
    table = pd.DataFrame(rows, columns=["id", "boneage"])
    table.to_csv(folder / "ages.csv", index=False)
    if ages and not any(name in ages for name in IDS):
        with pytest.raises(ValueError, match="lists none of the"):
            load_radiographs(folder, folder / "ages.csv")
        return
    data = load_radiographs(folder, folder / "ages.csv")
    expected = np.array([ages.get(name) for name in IDS], dtype=float)
    np.testing.assert_allclose(data.target, expected, rtol=1e-12)
