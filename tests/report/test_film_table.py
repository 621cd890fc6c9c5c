"""The table of all films: what the model says of each, from young to old."""

import numpy as np
import pytest
from report_pages import ReportPage

from sklearn_baccaec import LandmarkTable, load_pretrained
from sklearn_baccaec.report import write_report

MINUS = "\N{MINUS SIGN}"


def rows_of(page):
    """Header, and rows as dictionaries, in the order of the page."""
    header, *rows = page.tables["Films"]
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def check_rows(rows, table, ages):
    by_name = {row["Film"]: row for row in rows}
    assert len(by_name) == len(table)
    for film, age in zip(table.itertuples(), ages, strict=True):
        row = by_name[film.film]
        assert row["Known age"] == ("" if np.isnan(age) else f"{age:.0f}")
        assert row["Confidence"] == f"{film.confidence:.2f}"
        assert row["Reason"] == (film.reason or "")
        if np.isnan(film.age):
            assert row["Age"] == row["80% range"] == row["Interval"] == ""
            assert row["Error"] == ""
            continue
        assert row["Age"] == f"{film.age:.0f}"
        assert row["80% range"] == f"{film.age_low:.0f}\N{EN DASH}{film.age_high:.0f}"
        assert row["Interval"] == film.interval
        if not np.isnan(age):
            error = float(row["Error"].replace(MINUS, "-"))
            assert error == pytest.approx(film.age - age, abs=0.51)
            assert row["Error"][0] in f"0+{MINUS}"


def test_with_a_maturity_axis(films, read_report):
    """Every film once, those set aside last, the others from young to old."""
    landmarks = np.dstack([films.landmarks, np.ones((12, 19))])
    landmarks[3, :, 2] = 0.1
    model = load_pretrained(
        landmarker=LandmarkTable.from_films(films.data, landmarks), on_error="skip"
    )
    y = films.target.astype(float)
    y[[2, 5]] = np.nan
    page = read_report(model, films.data, y, sex=films.sex)
    header, rows = rows_of(page)
    assert header == [
        *("Film", "Sex", "Age", "80% range", "Interval", "Maturity", "Confidence"),
        *("Known age", "Error", "Reason"),
    ]
    table = model.assign(films.data, sex=films.sex)
    check_rows(rows, table, y)
    for row in rows[:-1]:
        i = int(row["Film"].split()[1])
        assert row["Sex"] == films.sex[i]
        assert row["Maturity"] == f"{table['maturity'][i]:.2f}"
    ages = table["age"].dropna()
    assert [row["Film"] for row in rows] == [
        *table["film"][ages.sort_values(kind="stable").index],
        "film 3",
    ]
    assert rows[-1]["Maturity"] == ""
    (head,) = (a for t, a in page.tags if t == "th" and "aria-sort" in a)
    assert head == {"scope": "col", "class": "number", "aria-sort": "ascending"}
    assert "highest in Age" in page.sections["films"]


def test_without_an_axis_the_cluster_is_told(model, films, read_report):
    page = read_report(model, films.data, films.target)
    header, rows = rows_of(page)
    assert header == [
        *("Film", "Age", "80% range", "Interval", "Cluster", "Confidence"),
        *("Known age", "Error", "Kind", "Reason"),
    ]
    table = model.assign(films.data)
    check_rows(rows, table, films.target)
    for row in rows:
        i = int(row["Film"].split()[1])
        assert row["Cluster"] == str(table["cluster"][i])
        assert row["Kind"] == ("in-sample" if i < 8 else "held-out")
    ages = [int(row["Age"]) for row in rows]
    assert ages == sorted(ages)
    assert "the known ages in each cluster" in page.sections["ages"]


@pytest.mark.parametrize("axis", [False, True])
def test_a_model_that_knows_no_ages(make_pca_model, films, read_report, axis):
    method = {"method": "agreement"} if axis else {}
    regions = ["carpus", "radius", "index_mcp"]
    model = make_pca_model(regions=regions, **method).fit(films.data)
    header, rows = rows_of(read_report(model, films.data))
    by = "Maturity" if axis else "Cluster"
    own = ["Cluster", "Maturity"] if axis else ["Cluster"]
    assert header == ["Film", *own, "Confidence", "Reason"]
    assert [float(row[by]) for row in rows] == sorted(float(row[by]) for row in rows)


def test_ages_without_an_end(films, landmarker, read_report):
    model = load_pretrained(landmarker=landmarker)  # which takes drawn hands for young
    older = np.minimum(films.target + 60, 216)
    model.name_clusters(films.data, older, sex=["F"] * 12)
    _, rows = rows_of(read_report(model, films.data, sex=["F"] * 12))
    table = model.assign(films.data, sex=["F"] * 12).sort_values("age", kind="stable")
    oldest = table.iloc[-1]
    assert np.isinf(oldest["age_high"])
    assert rows[-1]["Age"] == f"\N{GREATER-THAN OR EQUAL TO} {oldest['age']:.0f}"
    assert rows[-1]["80% range"] == f"{oldest['age_low']:.0f} or more"


def test_every_film_of_many_has_a_row_and_no_picture_of_its_own(
    model, films, tmp_path, monkeypatch
):
    monkeypatch.setattr("sklearn_baccaec.report._page.draw_charts", lambda films: {})
    path = write_report(model, [*films.data] * 100, path=tmp_path / "many.html")
    page = ReportPage(path)
    assert len(page.tables["Films"]) == 1 + 1200
    shown = {alt for _, alt in page.images if alt.startswith("Film ")}
    assert len(shown) < 60
