"""The sheet on one film: what it says, how it is sorted, and what it must not tell."""

import os
import re

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pytest
from report_pages import ReportPage

from sklearn_baccaec import (
    BoneAgeClusterer,
    HOGComponents,
    LandmarkTable,
    __version__,
    load_pretrained,
)
from sklearn_baccaec.films import FilmError
from sklearn_baccaec.plotting import RegionAgeDisplay
from sklearn_baccaec.plotting._region_age_display import tell_colour
from sklearn_baccaec.report import write_sheet

REGIONS = "Months by each region alone, ahead (+) or behind (\N{MINUS SIGN}) the hand"
SOURCES = "Sources and versions"


class Sheet(ReportPage):
    """A page whose figures, regions and pictures are at hand."""

    @property
    def facts(self):
        return self.figures[""]

    @property
    def rows(self):
        """Region, months and how far ahead, as they stand."""
        return [row[-3:] for row in self.tables[REGIONS][1:]]

    @property
    def groups(self):
        return [row[0] for row in self.tables[REGIONS][1:] if len(row) == 4]


@pytest.fixture(scope="module")
def sheet_model(landmarker):
    return load_pretrained(landmarker=landmarker)


@pytest.fixture
def read_sheet(tmp_path):
    def read(model, film, **kwargs):
        path = tmp_path / "sheet.html"
        assert write_sheet(model, film, path=path, **kwargs) == path
        return Sheet(path)

    return read


def number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_ages_are_those_of_the_model(sheet_model, films, read_sheet):
    film = films.data[6]
    sheet = read_sheet(sheet_model, film, sex="M", age=100.4)
    (age,), ((low, high),) = sheet_model.predict_age(
        [film], sex=["M"], return_range=True
    )
    assert np.isfinite(high)
    assert sheet.facts == {
        "months of bone age": f"{age:.0f}",
        "range in months": f"{low:.0f} to {high:.0f}",
        "sex": "male",
        "months of chronological age": "100",
        "months of difference": f"{round(age - 100.4):+d}".replace(
            "-", "\N{MINUS SIGN}"
        ),
    }
    assert sheet.table(SOURCES)["Ages"] == ["drawn hands, without a label"]
    assert sheet.table(SOURCES)["Model"][0].startswith("pretrained: ")
    assert sheet.table(SOURCES)["Regions"] == ["19 of 19 on this film"]
    assert sheet.table(SOURCES)["Version"] == [f"sklearn-baccaec {__version__}"]
    (reason,) = sheet_model.assign([film], sex=["M"])["reason"]  # of a drawn film
    assert sheet.sections["reasons"] == f"Reasons for caution {reason} "
    assert "for research only" in sheet.sections[""]


def test_an_open_range_says_at_least(landmarker, films, read_sheet):
    oldest = films.data[np.argmax(films.target)]
    model = load_pretrained(landmarker=landmarker)  # which takes drawn hands for young
    model.name_clusters(films.data, np.minimum(films.target + 60, 216), sex=["F"] * 12)
    sheet = read_sheet(model, oldest, sex="F", age=150)
    (age,), ((low, high),) = model.predict_age([oldest], sex=["F"], return_range=True)
    assert np.isinf(high)
    assert sheet.facts["months of bone age"] == f"at least {age:.0f}"
    assert sheet.facts["range in months"] == f"{low:.0f} or more"
    assert sheet.facts["months of difference"] == f"at least +{round(age - 150)}"


@pytest.mark.filterwarnings("error")
def test_without_sex_and_age(sheet_model, films, read_sheet):
    figures = plt.get_fignums()
    sheet = read_sheet(sheet_model, films.data[6])
    assert [*sheet.facts] == ["months of bone age", "range in months", "sex"]
    assert sheet.facts["sex"] == "unknown"
    assert "mean of girls and boys" in sheet.sections[""]
    assert plt.get_fignums() == figures


def test_regions_are_sorted_and_grouped(sheet_model, films, read_sheet):
    film = films.data[6]
    sheet = read_sheet(sheet_model, film, sex="F")
    ages = sheet_model.predict_region_age([film], sex=["F"])[0]
    (age,) = sheet_model.predict_age([film], sex=["F"])
    assert sorted(int(months) for _, months, _ in sheet.rows) == sorted(
        np.rint(ages).astype(int).tolist()
    )
    # As the groups stand, so do their medians; and rows within each.
    names = [re.split(" ?median", group)[0] for group in sheet.groups]
    fingers = {f"fingers, {joint}" for joint in ("DIP", "PIP", "MCP")}
    assert set(names) == fingers | {"thumb", "carpal bones", "radius", "ulna"}
    assert len(names) == 7
    found, members = [], []
    for row in sheet.tables[REGIONS][1:]:
        if len(row) == 4:
            members.append([])
        members[-1].append(number(row[-1]))
    for group in members:
        assert group == sorted(group, reverse=True)
        found.append(np.median(group))
    assert np.all(np.diff(found) <= 1)  # of rounded months
    swatches = [a["style"] for t, a in sheet.tags if a.get("class") == "swatch"]
    assert sorted(swatches) == sorted(
        f"background: {tell_colour(months)}" for months in ages - age
    )


def test_absent_regions_and_reasons(films, read_sheet):
    landmarks = np.dstack([films.landmarks, np.ones((12, 19))])
    landmarks[6, 11:14, 2] = 0.1
    model = load_pretrained(landmarker=LandmarkTable.from_films(films.data, landmarks))
    with pytest.warns(UserWarning, match="uncertain"):
        sheet = read_sheet(model, films.data[6], sex="F")
    rows = {region: (months, ahead) for region, months, ahead in sheet.rows}
    for joint in ("DIP", "PIP", "MCP"):
        assert rows.pop(f"little {joint}") == ("absent", "")
    assert all(number(months) > 0 for months, _ in rows.values())
    assert sheet.table(SOURCES)["Regions"] == ["16 of 19 on this film"]
    with pytest.warns(UserWarning, match="uncertain"):
        (reason,) = model.assign(films.data[6:7], sex=["F"])["reason"]
    assert sheet.sections["reasons"] == f"Reasons for caution {reason} "


def test_a_film_without_an_age_says_why(films, read_sheet, tmp_path):
    landmarks = np.full((12, 19, 3), np.nan)
    table = LandmarkTable.from_films(films.data, landmarks)
    model = load_pretrained(landmarker=table, on_error="skip")
    sheet = read_sheet(model, films.data[0], age=100)
    assert sheet.facts == {
        "bone age": "none",
        "sex": "unknown",
        "months of chronological age": "100",
    }
    assert REGIONS not in sheet.tables
    assert "no landmarks are known for it" in sheet.sections["reasons"]
    model.set_params(on_error="raise")
    with pytest.raises(FilmError, match="no landmarks are known"):
        write_sheet(model, films.data[0], path=tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()


def test_known_ages_are_told(films, landmarker, read_sheet):
    regions = ["wrist", "radius", "ulna", "carpus"]
    model = BoneAgeClusterer(
        regions,
        2,
        method="agreement",
        landmarker=landmarker,
        encoder=HOGComponents(4),
        random_state=0,
    ).fit(films.data, films.target, sex=films.sex)
    sheet = read_sheet(model, films.data[0], sex="F")
    assert sheet.table(SOURCES)["Ages"] == ["12 known ages along the maturity axis"]
    assert sheet.table(SOURCES)["Model"][0].startswith("agreement: ")
    assert len(sheet.rows) == 4
    assert model.assign(films.data[:1], sex=["F"])["reason"][0] is None
    assert sheet.sections["reasons"] == "Reasons for caution none "


ODD = "<script>x&$a$ 中" + "long" * 40 + ".png"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [ODD, os.fsdecode(b"\xff.png")], ids=["odd", "bytes"])
def test_odd_names_do_no_harm_and_no_folder_is_told(name, films, tmp_path, read_sheet):
    folder = tmp_path / "secret"
    folder.mkdir()
    path = folder / name
    path.write_bytes(cv2.imencode(".png", films.data[6])[1].tobytes())
    table = LandmarkTable.from_films([path], films.landmarks[6:7])
    sheet = read_sheet(load_pretrained(landmarker=table), path)
    assert name.encode(errors="backslashreplace").decode() in sheet.sections[""]
    assert "<script" not in sheet.source
    assert "secret" not in sheet.bare
    display = RegionAgeDisplay.from_estimator(load_pretrained(landmarker=table), path)
    assert display.name == name


def test_the_page_needs_nothing_else(sheet_model, films, read_sheet):
    sheet = read_sheet(sheet_model, films.data[6])
    assert not {"script", "link", "iframe"} & {tag for tag, _ in sheet.tags}
    assert not re.search(r"https?:|url\(|@import", sheet.bare)
    ((address, alt),) = sheet.images
    assert address.startswith("data:image/png;base64,")
    assert alt


def test_what_is_refused_before_a_film_is_read(sheet_model, pca_model, films, tmp_path):
    film, path = films.data[0], tmp_path / "sheet.html"
    for wrong, message in [
        ({"age": -3}, "age is -3.0: an age in months"),
        ({"age": "old"}, "age is 'old': not an age"),
        ({"sex": "child"}, "'child': expected"),
    ]:
        with pytest.raises(ValueError, match=message):
            write_sheet(sheet_model, film, path=path, **wrong)
    with pytest.raises(ValueError, match="the model has no maturity axis"):
        write_sheet(pca_model, film, path=path)
    with pytest.raises(TypeError, match="LandmarkTable is not a BoneAgeClusterer"):
        write_sheet(sheet_model.landmarker_, film, path=path)
    with pytest.raises(FileNotFoundError, match="it is a folder"):
        write_sheet(sheet_model, film, path=tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write_sheet(sheet_model, film, path=tmp_path / "no" / "sheet.html")
    assert not list(tmp_path.iterdir())
