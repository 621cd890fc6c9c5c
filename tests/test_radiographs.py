import pickle
import warnings

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import read_film

pytestmark = pytest.mark.filterwarnings(
    "ignore:no (film|row) for", "ignore:.*(left out|not searched)"
)
GREY = (np.arange(48 * 40).reshape(48, 40) // 8).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Five broken films in a folder, beside files that are none."""
    for name in ("b.png", "A.JPG", "10.tif", "2.TIFF", "c.jpeg", "note.txt", "x.gif"):
        (tmp_path / name).write_text(f"no image in {name}")
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
    with pytest.raises(ValueError, match=r"note\.txt holds no films"):
        load_radiographs(folder / "note.txt")
    with pytest.raises(FileNotFoundError, match=r"no folder or film .*gone"):
        load_radiographs(folder / "gone")
    with pytest.raises(ValueError, match="the list is empty"):
        load_radiographs([])


def test_one_id_in_two_files_is_refused(folder):
    (folder / "b.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match=r"the id 'b', b\.jpg and b\.png; ids are"):
        load_radiographs(folder)


def test_one_file_or_several_instead_of_a_folder(folder):
    (folder / "ages.csv").write_text("id,boneage\nA,96\nc,97\n")
    one = load_radiographs(folder / "A.JPG", folder / "ages.csv")
    assert one.ids.tolist() == ["A"]
    assert one.target.tolist() == [96]
    files = [str(folder / name) for name in ("c.jpeg", "note.txt", "A.JPG")]
    some = load_radiographs(files, folder / "ages.csv")
    assert some.ids.tolist() == ["c", "A"]
    assert some.target.tolist() == [97, 96]


def test_several_folders(folder):
    films = load_radiographs([folder / "deeper", folder / "b.png"])
    assert films.ids.tolist() == ["deeper/d", "b"]


def warnings_of(*args, **kwargs):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        load_radiographs(*args, **kwargs)
    return [str(warning.message) for warning in told]


def encode(suffix, grey=GREY):
    return cv2.imencode(suffix, grey)[1].tobytes()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("a.jfif", ".jpg"), ("a.jpe", ".jpg"), ("a.bmp", ".bmp"), ("a.BMP", ".bmp")),
        *(("a.webp", ".webp"), ("a", ".png"), ("a.film", ".png"), ("a.dat", ".bmp")),
    ],
)
def test_films_are_known_by_what_they_hold(tmp_path, name, kind):
    (tmp_path / name).write_bytes(encode(kind))
    films = load_radiographs(tmp_path)
    assert films.ids.tolist() == ["a"]
    assert read_film(films.data[0]).shape == GREY.shape


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"BMI of 12 children, by age and sex"),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt "),
        ("a.gif", b"GIF89a"),
        ("a", b""),
        ("a.db", encode(".png")[1:]),
    ],
)
def test_what_holds_no_film_is_counted(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    (tmp_path / ".hidden").write_bytes(content)
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "ages.csv").write_text("id,boneage\nb,96\n")
    told = f"{tmp_path}: left out: 1 that hold no film ({name!r})"
    assert warnings_of(tmp_path, tmp_path / "ages.csv") == [told]


def test_many_that_are_left_out_are_counted_and_some_named(folder):
    for i in range(10):
        (folder / f"z{i}.txt").write_text("")
    assert warnings_of(folder) == [
        f"{folder}: left out: 12 that hold no film ('note.txt', 'x.gif', 'z0.txt', "
        "...); folders not searched without recursive=True: 1 ('deeper')"
    ]


def test_the_same_film_twice_is_told(tmp_path):
    other = encode(".bmp", GREY[::-1].copy())
    for name, content in zip("abcde", [encode(".bmp"), other] * 2 + [b""], strict=True):
        (tmp_path / f"{name}.bmp").write_bytes(content)
    (tmp_path / "z.bmp").write_bytes(encode(".bmp"))
    (told,) = warnings_of([tmp_path / f"{name}.bmp" for name in "abcdz"])
    assert told == "films with the same content: 2 ('a = c = z', 'b = d')"
    for name in "yx":
        (tmp_path / f"{name}.png").touch()  # nothing is not the same film
    assert not warnings_of([tmp_path / "x.png", tmp_path / "y.png"])


# Folders in folders
@pytest.fixture
def patients(tmp_path):
    """Films of two patients whose files have the same names, and a third one's."""
    for name in ("p1/IM1", "p1/IM2", "p2/IM1", "p3/deep/IM3", "IM4"):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


NESTED = ["IM4", "p1/IM1", "p1/IM2", "p2/IM1", "p3/deep/IM3"]


def test_folders_in_folders(patients):
    (patients / "p3" / "deep" / "back").symlink_to(patients)
    (patients / "p1" / ".cache").mkdir()
    (patients / "p1" / ".cache" / "x.png").write_bytes(b"")
    films = load_radiographs(patients, recursive=True)
    assert films.ids.tolist() == NESTED
    paths = [str(patients / f"{name}.png") for name in NESTED]
    assert films.data.tolist() == paths


def test_a_folder_of_folders_alone(patients):
    (patients / "IM4.png").unlink()
    with pytest.raises(ValueError, match=r"holds no films .*recursive=True: 3 \('p1'"):
        load_radiographs(patients)


def test_ids_of_nested_films(patients):
    rows = ["p1/IM1,50", "IM2,60", "p2\\IM1.png,70", "D:\\x\\p3\\deep\\IM3.dcm,80"]
    (patients / "t.csv").write_text("\n".join(["id,boneage", *rows]))
    films = load_radiographs(patients, patients / "t.csv", recursive=True)
    np.testing.assert_array_equal(films.target, [np.nan, 50, 60, 70, 80])
    (patients / "t.csv").write_text("id,boneage\nIM1,50\n")
    message = r"^t\.csv: the id 'IM1' fits the films 'p1/IM1' and 'p2/IM1'"
    with pytest.raises(ValueError, match=message):
        load_radiographs(patients, patients / "t.csv", recursive=True)


def test_films_written_are_films_read(film_folder, films):
    data = load_radiographs(film_folder, film_folder / "ages.csv")
    np.testing.assert_array_equal(read_film(data.data[7]), films.data[7])
    np.testing.assert_allclose(data.target, films.target)
    assert data.sex.tolist() == films.sex.tolist()


@pytest.mark.parametrize(
    ("ages", "sexes", "text"),
    [
        (
            [18, 228, 30],
            ["F", "M", "F"],
            "3 ages from 18 to 228 months, 2 girls, 1 boy",
        ),
        ([96.25, None, None], [None] * 3, "1 age of 96.25 months, no sexes"),
        ([None] * 3, ["M", "M", None], "no ages, 0 girls, 2 boys"),
    ],
)
def test_what_films_say_of_themselves(folder, ages, sexes, text):
    table = pd.DataFrame({"id": ["10", "2", "A"], "boneage": ages, "sex": sexes})
    films = load_radiographs([folder / f for f in ("10.tif", "2.TIFF", "A.JPG")], table)
    assert repr(films) == f"3 films, {text}"
    assert repr(pickle.loads(pickle.dumps(films))) == repr(films)


def test_drawn_films_say_the_same(films):
    assert repr(films).startswith("12 films, 12 ages from ")


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
            load_radiographs(folder, folder / "ages.csv", unit="months")
        return
    data = load_radiographs(folder, folder / "ages.csv", unit="months")
    expected = np.array([ages.get(name) for name in IDS], dtype=float)
    np.testing.assert_allclose(data.target, expected, rtol=1e-12)


def table(**columns):
    return pd.DataFrame(columns)


def test_several_tables_are_joined(folder):
    table(id=["A", "2"], boneage=[96, 30]).to_csv(folder / "ages.csv", index=False)
    sexes = table(filename=["2.TIFF", "c.jpeg", "A.JPG"], sex=["f", "m", None])
    more = table(id=["A", "b"], boneage=[96, 40], male=[True, None])
    films = load_radiographs(folder, [folder / "ages.csv", sexes, more])
    np.testing.assert_array_equal(films.target, [np.nan, 30, 96, 40, np.nan])
    assert films.sex.tolist() == [None, "F", "M", None, "M"]


def test_tables_that_contradict_each_other(folder):
    table(id=["A"], boneage=[96]).to_csv(folder / "a.csv", index=False)
    table(id=["A.JPG"], boneage=[97]).to_csv(folder / "b.csv", index=False)
    message = r"^a\.csv and b\.csv disagree on film 'A\.JPG': its age is 96\.0 and 97"
    with pytest.raises(ValueError, match=message):
        load_radiographs(folder, [folder / "a.csv", folder / "b.csv"])
    sexes = [table(id=["b"], sex=["F"]), table(id=["b"], sex=["M"])]
    with pytest.raises(ValueError, match=r"^labels\[0\] and labels\[1\] .*'b': its"):
        load_radiographs(folder, sexes)


def test_columns_named_in_one_of_several_tables(folder):
    ages = table(Nr=["A", "b"], Alter=[96, 30], sex=["M", None])
    sexes = table(id=["c"], age=[5], gender=["F"])
    films = load_radiographs(folder, [ages, sexes], id="Nr", age="Alter")
    np.testing.assert_array_equal(films.target, [np.nan, np.nan, 96, 30, np.nan])
    assert films.sex.tolist() == [None, None, "M", None, "F"]
    with pytest.raises(ValueError, match=r"labels\[0\] and labels\[1\]: no column 'X'"):
        load_radiographs(folder, [ages, sexes], id="Nr", sex="X")


@pytest.mark.parametrize("labels", [3, {"id": ["A"]}, [None], [["A"]]])
def test_what_is_no_table(folder, labels):
    with pytest.raises(ValueError, match=r"labels: .* is neither a path nor"):
        load_radiographs(folder, labels)


def test_what_matches_nothing_is_counted_once(folder):
    ages = table(id=["A", "b", "x", "y", "z", "w", "v"], boneage=[96, *[30] * 5, None])
    (told,) = warnings_of([folder / f"{n}" for n in ("A.JPG", "b.png", "c.jpeg")], ages)
    assert told == (
        "no film for 4 of 7 rows of the table ('x', 'y', 'z', ...); "
        "no row for 1 of 3 films ('c')"
    )
    whole = table(id=["A", "b", "c"], boneage=[96, None, 30])
    assert not warnings_of([folder / n for n in ("A.JPG", "b.png", "c.jpeg")], whole)


def test_ids_in_the_index(folder):
    by_id = table(boneage=[96.0, 30.0]).set_axis(pd.Index(["A", "c"], name="id"))
    films = load_radiographs(folder, by_id)
    np.testing.assert_array_equal(films.target[[2, 4]], [96, 30])


# Written and read again
NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"])
    | st.sampled_from("\udcff\u200b \t\"'=,;.0123456789-_é"),
    min_size=1,
    max_size=8,
).filter(lambda name: name.strip() and not name.startswith("."))
WRITERS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False, errors=ODD),
    "csv with an index": lambda frame, path: frame.to_csv(path, errors=ODD),
    "semicolons": lambda frame, path: frame.to_csv(
        path, sep=";", decimal=",", index=False, errors=ODD
    ),
    "tabs": lambda frame, path: frame.to_csv(path, sep="\t", errors=ODD),
}
ODD = "surrogateescape"  # how Python keeps the bytes of odd file names


@settings(max_examples=100, deadline=None)
@given(
    names=st.lists(NAMES, min_size=1, max_size=5, unique=True),
    data=st.data(),
    writer=st.sampled_from(list(WRITERS)),
)
def test_the_frame_can_be_written_and_read_again(tmp_path_factory, names, data, writer):
    folder = tmp_path_factory.mktemp("films")
    (folder / "in").mkdir()
    for name in names:
        (folder / "in" / f"{name}.png").touch()
    films = load_radiographs(folder / "in")
    ages = st.sampled_from([None, 3.0, 120.25]) | st.floats(0, 240)
    rows = [
        (id_, data.draw(ages), data.draw(st.sampled_from(["F", "M", None])))
        for id_ in films.ids
    ]
    labels = pd.DataFrame(rows, columns=["id", "boneage", "sex"])
    first = load_radiographs(folder / "in", labels, unit="months")
    WRITERS[writer](first.frame, folder / "frame.csv")
    for table in (folder / "frame.csv", first.frame):
        again = load_radiographs(folder / "in", table)
        pd.testing.assert_frame_equal(again.frame, first.frame)
        np.testing.assert_array_equal(again.target, first.target)
        assert again.sex.tolist() == first.sex.tolist()


def test_the_frame_can_be_an_xlsx(patients):
    pytest.importorskip("openpyxl")
    ages = table(id=["IM4", "p1/IM1"], boneage=[3.5, 12], sex=["F", None])
    first = load_radiographs(patients, ages, unit="months", recursive=True)
    first.frame.to_excel(patients / "frame.xlsx")
    again = load_radiographs(patients, patients / "frame.xlsx", recursive=True)
    pd.testing.assert_frame_equal(again.frame, first.frame)


def test_a_film_given_twice_is_there_once(tmp_path):
    film = tmp_path / "a.png"
    cv2.imwrite(str(film), GREY)
    again = f"{tmp_path}/../{tmp_path.name}/a.png"
    assert load_radiographs([film, again, tmp_path]).ids.tolist() == ["a"]
