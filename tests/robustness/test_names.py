"""Names are data: whatever the file system allows passes unharmed."""

import cv2
import numpy as np
import pandas as pd
import pytest
from film_files import landmark_table
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from sklearn_baccaec import LandmarkTable, load_model, save_model
from sklearn_baccaec._utils.text import printable
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import FilmError, read_film
from sklearn_baccaec.plotting import FilmSheetDisplay, KeyRegionDisplay
from sklearn_baccaec.report import write_report

NAMES = {
    "a$b$c$\\frac{": "a$b$c$\\frac{",  # and how they are shown
    "s\udcff": "s\\udcff",
    "new\nline": "new\\nline",
    "<b>x<&amp;": "<b>x<&amp;",
    "=1+1": "=1+1",
    "\u202ertl": "\\u202ertl",
    "\x1b[31m": "\\x1b[31m",
    "tab\tx": "tab\\tx",
    "\"q';": "\"q';",
    "%s{}": "%s{}",
    "e\u0301": "e\u0301",
    "100% ü": "100% ü",
}


@pytest.fixture(scope="module")
def named(films, tmp_path_factory):
    """Films under odd names, in the order of a listing, and their landmarks."""
    folder = tmp_path_factory.mktemp("named")
    for name, film in zip(NAMES, films.data, strict=True):
        content = cv2.imencode(".png", film)[1].tobytes()
        (folder / f"{name}.png").write_bytes(content)
    listed = load_radiographs(folder)
    order = [list(NAMES).index(name) for name in listed.ids]
    tables = [
        landmark_table([name], films.landmarks[place]).table
        for name, place in zip(listed.ids, order, strict=True)
    ]
    ages = films.target[order].astype(float)
    return listed, ages, LandmarkTable(pd.concat(tables))


@pytest.fixture(scope="module")
def model(named, make_model):
    films, ages, landmarker = named
    return make_model(landmarker=landmarker, encoder=PCA(2)).fit(films.data, ages)


def test_tables_and_models_keep_them(named, model, tmp_path):
    films = named[0]
    assert sorted(films.ids) == sorted(NAMES)
    files = [f"{name}.png" for name in films.ids]
    assert model.assignments_["film"].tolist() == files
    assert model.assign(films.data)["film"].tolist() == files
    save_model(model, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert loaded.assignments_["film"].tolist() == files


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_pictures_show_them(named, tmp_path, suffix):
    films, _, landmarker = named
    how = {"landmarker": landmarker, "n_films": 12}
    display = FilmSheetDisplay.from_landmarks(films.data, **how)
    titles = [ax.get_title().partition("\n")[0] for ax in display.figure_.axes]
    assert sorted(filter(None, titles)) == sorted(f"{n}.png" for n in NAMES.values())
    display.figure_.savefig(tmp_path / f"sheet.{suffix}")
    for path in films.data[:3]:
        how = {"landmarker": landmarker, "regions": ["carpus"]}
        display = KeyRegionDisplay.from_film(path, **how)
        display.figure_.savefig(tmp_path / f"film.{suffix}")


def test_pictures_of_films_that_cannot_be_read(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.png").write_bytes(b"no film")
    films = [f"{tmp_path}/{name}.png" for name in NAMES]
    for film, name in zip(films, NAMES, strict=True):
        with pytest.raises(FilmError) as caught:
            read_film(film)
        assert caught.value.film == f"{name}.png"
    display = FilmSheetDisplay(films, {"": np.arange(12)}).plot()
    display.figure_.savefig(tmp_path / "sheet.png")


def test_the_report_shows_them_and_is_not_broken(named, model, tmp_path):
    films, ages, _ = named
    path = write_report(model, films.data, ages, path=tmp_path / "report.html")
    page = path.read_text(encoding="utf-8")
    assert "<b>x<" not in page
    assert "&lt;b&gt;x&lt;&amp;amp;.png" in page
    assert "s\\udcff.png" in page
    assert "=1+1.png" in page


@given(st.text())
def test_printable_text_is_one_line_of_characters(text):
    shown = printable(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    if text.isprintable():
        assert shown == text
