"""Films on the page: which, what is said of them, and what must not be said."""

import base64
import re
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from report_pages import ReportPage

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.plotting import FilmSheetDisplay
from sklearn_baccaec.report import write_report

HARMFUL = '<script>alert("x")&amp;.png'


@pytest.fixture(scope="module")
def harmed(film_folder, films, make_pca_model, tmp_path_factory):
    """A model of films of which two are useless and one does harm; its report."""
    root = tmp_path_factory.mktemp("harm")
    folder = root / "secret" / "patients"
    shutil.copytree(film_folder, folder)
    (folder / "broken.png").write_text("no image")
    useful = sorted(folder.glob("a*.png"))
    useful[3] = useful[3].rename(folder / HARMFUL)
    paths = [*useful, folder / "broken.png", folder / "gone.png"]
    ages = [*films.target, 100.0, 100.0]
    model = make_pca_model(
        landmarker=LandmarkTable.from_films(useful, films.landmarks),
        on_error="skip",
        memory=root / "secret" / "cache",
    ).fit(paths, ages)
    with pytest.MonkeyPatch.context() as patch:  # the session's page has charts
        patch.setattr("sklearn_baccaec.report._page.draw_charts", lambda films: {})
        path = write_report(model, paths, ages, path=root / "report.html")
    return model, ReportPage(path)


def test_films_set_aside_are_listed_with_their_reason(harmed):
    model, page = harmed
    assert film_names(page, "aside") == ["broken.png", "gone.png"]
    reasons = model.assignments_.set_index("film")["reason"]
    for name in ("broken.png", "gone.png"):
        assert f"cannot be read {name} {reasons[name]}" in page.sections["aside"]
    assert [row[0] for row in page.tables["Films"][-2:]] == [
        "broken.png",
        "gone.png",
    ]
    assert "14 hand films, 2 set aside" in page.sections[""]
    assert "2 of 14 films cannot be used" in page.sections["aside"]
    facts = page.table("The run, and its films")
    assert facts["Films in fit"] == ["14, 2 set aside (14.3%)"]
    assert facts["Of these"] == [
        "14 seen before (in fit, or naming the clusters), 0 held-out"
    ]
    said = "of 14 with a known age in an interval, 2 of them set aside, which count as"
    assert said in page.sections["accuracy"]


def test_names_of_films_do_no_harm(harmed):
    _, page = harmed
    assert [tag for tag, _ in page.tags].count("script") == 1  # the page's own
    assert any(HARMFUL in text for text in page.captions)
    assert HARMFUL in [row[0] for row in page.tables["Films"]]


def test_nothing_of_the_machine_is_told(harmed, tmp_path_factory):
    _, page = harmed
    root = str(tmp_path_factory.getbasetemp())
    for part in ("secret", "patients", root, str(Path.home()), str(Path.cwd())):
        assert part not in page.bare
    assert page.table("Parameters")["memory"] == ["cache"]
    assert not re.search(
        r"[A-Za-z0-9_]/[A-Za-z0-9_]+/", " ".join(page.sections.values())
    )


@pytest.fixture(params=["with charts", "harmed"])
def any_page(request, page, harmed):
    return page if request.param == "with charts" else harmed[1]


def test_the_page_asks_for_nothing(any_page):
    for _, attributes in any_page.tags:
        for name, value in attributes.items():
            if name in ("src", "href"):
                assert value.startswith(("data:image/", "#"))
            assert not name.startswith("on")
    tags = {tag for tag, _ in any_page.tags}
    assert not {"link", "iframe", "object"} & tags
    assert not re.search(r"https?:|url\(|@import", any_page.bare)


def test_the_page_is_whole(any_page):
    tags = any_page.tags
    assert tags[0] == ("html", {"lang": "en"})
    ids = [value["id"] for _, value in tags if "id" in value]
    assert len(set(ids)) == len(ids)
    assert [value["href"][1:] for tag, value in tags if tag == "a"] == ids
    assert all(alt for _, alt in any_page.images)
    assert all(value["scope"] for tag, value in tags if tag == "th")
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def film_names(page, section):
    """Films in the captions of a section, by the order of the page."""
    source = page.source.partition(f'<h2 id="{section}"')[2].partition("<h2")[0]
    return re.findall(r'<span class="film">(.*?)</span>', source)


def test_typical_films_are_those_of_the_gallery(model, films, page):
    gallery = FilmSheetDisplay.from_estimator(model, films.data)
    shown = [f"film {i}" for i in gallery.order_]
    assert film_names(page, "typical") == shown
    headings = re.findall(r"<h3>Cluster (\d+):", page.source)
    rows = [title.partition("\n")[0] for title in gallery.groups]
    assert rows == [f"cluster {cluster}" for cluster in headings]
    crops = [alt for _, alt in page.images if alt in ("carpus", "radius")]
    assert len(crops) == 2 * len(shown)


def test_crops_are_those_that_the_model_sees(model, films, page):
    order = [int(name.split()[1]) for name in film_names(page, "typical")]
    crops = model.examine(films.data).crops.reshape(12, 2, 16, 16)
    shown = [(alt, src) for src, alt in page.images if alt in ("carpus", "radius")]
    for i, (alt, source) in enumerate(shown):
        code = np.frombuffer(base64.b64decode(source.partition("base64,")[2]), np.uint8)
        seen = crops[order[i // 2], ["carpus", "radius"].index(alt)]
        found = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE).astype(float)
        assert np.abs(found - seen).mean() < 12  # of 255: the picture is a JPEG
        others = np.abs(found - crops).mean(axis=(2, 3))
        assert np.abs(found - seen).mean() == others.min()


def test_misclassified_films_are_those_of_the_display(model, films, page):
    display = FilmSheetDisplay.from_estimator(
        model, films.data, films.target, kind="misclassified"
    )
    assert film_names(page, "misclassified") == [f"film {i}" for i in display.order_]
    assert f"{len(display.order_)} films" in page.sections["misclassified"]
    first = display.order_[0]
    low, high = model.predict_interval(films.data)[first]
    said = f"{films.target[first]:.0f} months\ninterval {low:g}-{high:g}\n"
    assert any(said in text for text in page.captions)


def test_least_certain_films_come_first_with_landmarks(
    make_pca_model, films, read_report
):
    landmarks = np.dstack([films.landmarks, np.ones(films.landmarks.shape[:2])])
    landmarks[7, :, 2] = 0.6
    landmarks[2, :, 2] = 0.8
    landmarks[5, :, 2] = 0.1
    model = make_pca_model(
        landmarker=LandmarkTable.from_films(films.data, landmarks),
        on_error="skip",
    ).fit(films.data)
    page = read_report(model, films.data)
    assert film_names(page, "doubtful")[:3] == ["film 7", "film 2", "film 0"]
    assert "film 5" not in film_names(page, "doubtful")
    assert film_names(page, "aside") == ["film 5"]
    assert model.reasons_[5] in page.sections["aside"]
    dots = [attributes for tag, attributes in page.tags if tag == "circle"]
    assert len(dots) == 19 * 12
    # The film set aside comes first; 0.6 of the way from magenta to yellow.
    assert dots[19]["fill"] == "#ff9966"


def test_landmarks_lie_on_the_picture(films, page):
    height, width = films.data[0].shape
    order = [int(name.split()[1]) for name in film_names(page, "doubtful")]
    circles = [attributes for tag, attributes in page.tags if tag == "circle"]
    first = [(float(dot["cx"]), float(dot["cy"])) for dot in circles[:19]]
    pictures = {alt: src for src, alt in page.images}
    source = pictures[f"Film film {order[0]} with landmarks"]
    code = np.frombuffer(base64.b64decode(source.partition("base64,")[2]), np.uint8)
    picture = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)
    assert picture.shape == (height, width)
    np.testing.assert_allclose(first, films.landmarks[order[0]] + 0.5, atol=0.06)


@pytest.fixture
def few_shown(monkeypatch):
    """Show a film or two of each kind."""
    for name, number in {"MOST_TILES": 1, "MOST_TYPICAL": 3}.items():
        monkeypatch.setattr(f"sklearn_baccaec.report._film_tiles.{name}", number)


@pytest.mark.usefixtures("few_shown")
def test_only_some_of_many_films_are_shown(model, films, read_report):
    blank = np.zeros_like(films.data[0])
    X = [*films.data, blank, blank]
    page = read_report(model.set_params(on_error="skip"), X, [*films.target, 50, 50])
    model.set_params(on_error="raise")
    assert len(film_names(page, "doubtful")) == 1
    assert len(film_names(page, "misclassified")) == 1
    assert len(film_names(page, "typical")) == 3
    assert len(film_names(page, "aside")) == 1
    assert len(page.tables["Films"]) == 1 + 14
    assert "2 of 14 films cannot be used" in page.sections["aside"]
    assert (
        "1 are shown, the others are at the end of the table" in page.sections["aside"]
    )


@pytest.mark.usefixtures("few_shown")
def test_films_are_decoded_once_and_once_more_if_they_are_shown(
    make_pca_model, film_folder, films, read_report, monkeypatch
):
    paths = sorted(film_folder.glob("a*.png"))
    table = LandmarkTable(film_folder / "landmarks.csv")
    model = make_pca_model(landmarker=table).fit(paths, films.target)
    decoded, imdecode = Counter(), cv2.imdecode

    def count(content, *args):
        decoded[bytes(content)] += 1
        return imdecode(content, *args)

    monkeypatch.setattr(cv2, "imdecode", count)
    page = read_report(model, paths, films.target)
    shown = set(re.findall(r'<span class="film">(.*?)</span>', page.source))
    assert 3 <= len(shown) <= 5
    assert {path.name: decoded[path.read_bytes()] for path in paths} == {
        path.name: 1 + (path.name in shown) for path in paths
    }
