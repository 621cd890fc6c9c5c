"""What the report says: figures are the model's, and films are told apart."""

from __future__ import annotations

import base64
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from report_pages import ReportPage
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import sklearn_baccaec
from sklearn_baccaec import BoneAgeClusterer
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
    majority_label_scorer,
)

SEEN, UNSEEN = slice(8), slice(8, None)
IN_SAMPLE = "Films that took part: in-sample"
HELD_OUT = "Films that took part in nothing: held out"
MAJORITY = "majority-label accuracy, in-sample"
RIGHT = "named rightly, held out"
MONTHS = "months from estimated to known age, on average"


def percent(share):
    return f"{share:.1%}"


def test_films_in_fit_have_the_in_sample_figure_beside_chance(
    model, films, read_report
):
    X, y = films.data[SEEN], films.target[SEEN]
    page = read_report(model, X, y)
    assert set(page.figures) == {IN_SAMPLE}
    figures = page.figures[IN_SAMPLE]
    intervals = assign_age_intervals(y)
    assert figures[MAJORITY] == percent(majority_label_scorer(model, X, y))
    assert figures["chance level"] == percent(
        chance_majority_label_accuracy(intervals, model.labels_)
    )
    assert figures[MONTHS] == f"{np.abs(model.predict_age(X) - y).mean():.1f}"
    assert figures["films with an age in an interval"] == "8"


def test_new_films_have_the_score_beside_the_largest_class(model, films, read_report):
    X, y = films.data[UNSEEN], films.target[UNSEEN]
    page = read_report(model, X, y)
    assert set(page.figures) == {HELD_OUT}
    assert page.figures[HELD_OUT][RIGHT] == percent(model.score(X, y))
    largest = np.bincount(assign_age_intervals(y)).max() / len(y)
    assert page.figures[HELD_OUT]["always the largest class"] == percent(largest)
    assert "in-sample" not in " ".join(page.captions)


def test_both_kinds_stand_apart(model, films, page, read_report):
    apart = {
        part: read_report(model, films.data[own], films.target[own]).figures[part]
        for part, own in ((IN_SAMPLE, SEEN), (HELD_OUT, UNSEEN))
    }
    assert page.figures == apart
    assert page.table("The run, and its films")["Of these"] == [
        "8 took part (in fit, or naming), 4 in nothing"
    ]


def test_a_film_is_known_again_as_a_file_as_pixels_and_by_other_landmarks(
    make_model, films, film_folder, read_report
):
    paths = sorted(film_folder.glob("a*.png"))
    model = make_model(
        landmarker=sklearn_baccaec.LandmarkTable(film_folder / "landmarks.csv"),
        encoder=PCA(2, random_state=0),
    ).fit(paths[:8], films.target[:8])
    assert set(read_report(model, paths[:8], films.target[:8]).figures) == {IN_SAMPLE}
    moved = films.landmarks + 3
    model.set_params(landmarker=sklearn_baccaec.LandmarkTable.from_films(paths, moved))
    assert set(read_report(model, paths[:8], films.target[:8]).figures) == {IN_SAMPLE}
    model.set_params(
        landmarker=sklearn_baccaec.LandmarkTable.from_films(films.data, films.landmarks)
    )
    page = read_report(model, films.data, films.target)
    assert page.figures[IN_SAMPLE]["films with an age in an interval"] == "8"
    assert page.figures[HELD_OUT]["films with an age in an interval"] == "4"


def test_films_that_named_the_clusters_are_not_held_out(make_model, films, read_report):
    model = make_model(encoder=PCA(2, random_state=0)).fit(films.data[SEEN])
    model.name_clusters(films.data[UNSEEN], films.target[UNSEEN])
    page = read_report(model, films.data[UNSEEN], films.target[UNSEEN])
    assert set(page.figures) == {IN_SAMPLE}
    model.name_clusters(films.data[SEEN], films.target[SEEN])
    page = read_report(model, films.data[UNSEEN], films.target[UNSEEN])
    assert set(page.figures) == {HELD_OUT}


def test_what_fit_knew_of_films_survives_a_file(
    model, films, tmp_path, page, read_report
):
    model.save(tmp_path / "model.skops")
    again = BoneAgeClusterer.load(tmp_path / "model.skops")
    assert read_report(again, films.data, films.target).figures == page.figures


def test_table_of_clusters_is_the_models(model, page):
    rows = page.tables["All films"]
    table = model.cluster_table_
    assert rows[0][2:6] == list(table.columns[:4])
    by_age = table.sort_values("median_age", kind="stable")
    assert [int(row[0]) for row in rows[1:-1]] == by_age.index.tolist()
    for row in rows[1:-1]:
        own = table.loc[int(row[0])]
        assert row[1] == own["interval"]
        assert [int(cell) for cell in row[2:6]] == own.iloc[:4].tolist()
        assert row[6:] == [
            f"{own['accuracy']:.0%}",
            f"{own['median_age']:.0f}",
            f"{own['films']}",
        ]
    assert [int(cell) for cell in rows[-1][2:6]] == table.iloc[:, :4].sum().tolist()


def test_without_ages_there_is_what_the_model_knows(model, films, page, tmp_path):
    ageless = ReportPage(model.report(films.data, path=tmp_path / "report.html"))
    assert ageless.tables["All films"] == page.tables["All films"]
    assert not ageless.figures
    assert "No ages of these films were given" in ageless.sections["accuracy"]
    assert "No ages of these films were given" in ageless.sections["misnamed"]
    charts = [alt for src, alt in ageless.images if src.startswith("data:image/svg")]
    assert [alt.split()[0] for alt in charts] == ["Bars:", "Map"]


def test_a_model_without_names(make_model, films, read_report):
    model = make_model(encoder=PCA(2, random_state=0)).fit(films.data[SEEN])
    page = read_report(model, films.data, films.target)
    assert set(page.figures) == {IN_SAMPLE}  # ages name the clusters here
    assert "The clusters have no names" in page.sections["accuracy"]
    assert "name_clusters" in page.sections["clusters"]
    sizes = {int(row[0]): int(row[1]) for row in page.tables["Films by cluster"][1:-1]}
    assert sizes == dict(enumerate(np.bincount(model.labels_).tolist()))


def test_names_by_sex(make_model, films, read_report):
    model = make_model(encoder=PCA(2, random_state=0))
    model.fit(films.data, films.target, sex=films.sex)
    page = read_report(model, films.data, films.target, sex=films.sex)
    intervals = assign_age_intervals(films.target)
    own = majority_label_accuracy(intervals, model.labels_, films.sex)
    assert page.figures[IN_SAMPLE][MAJORITY] == percent(own)
    assert page.figures[IN_SAMPLE]["chance level"] == percent(
        chance_majority_label_accuracy(intervals, model.labels_, films.sex)
    )
    for sex, title in (("F", "Girls"), ("M", "Boys")):
        assert page.tables[title][-1][-1] == f"{int((films.sex == sex).sum())}"
    assert "was given none" not in page.sections["accuracy"]
    blind = read_report(model, films.data, films.target)
    assert "the report was given none" in blind.sections["accuracy"]


def test_a_consensus_has_maturity(make_model, films, read_report):
    model = make_model(
        method="agreement",
        regions=["carpus", "radius", "ulna"],
        encoder=PCA(3, random_state=0),
    )
    model.fit(films.data)
    rows = read_report(model, films.data).tables["Films by cluster"]
    assert rows[0] == ["Cluster", "Median maturity", "Films"]
    medians = [float(row[1]) for row in rows[1:-1]]
    assert medians == sorted(medians)
    for row in rows[1:-1]:
        own = np.median(model.maturity_[model.labels_ == int(row[0])])
        assert float(row[1]) == pytest.approx(own, abs=0.006)
    named = clone(model).fit(films.data, films.target)
    page = read_report(named, films.data, films.target)
    months = np.abs(named.assignments_["age"] - films.target).mean()
    assert page.figures[IN_SAMPLE][MONTHS] == f"{months:.1f}"


def test_models_inside_others_report_too(make_model, films, read_report):
    model = make_model(encoder=PCA(2, random_state=0))
    search = GridSearchCV(model, {"n_clusters": [2]}, cv=2)
    search.fit(films.data, films.target)
    page = read_report(search.best_estimator_, films.data, films.target)
    assert page.table("The run, and its films")["Clusters"] == ["2"]
    pipeline = make_pipeline(model).fit(films.data)
    assert read_report(pipeline[-1], films.data).table("Parameters")["n_clusters"]


def test_what_was_run(model, page):
    facts = page.table("The run, and its films")
    assert facts["Key regions (2)"] == ["carpus, radius"]
    assert facts["Encoder"] == ["PCA"]
    assert facts["Seed"] == ["0"]
    assert facts["Films in fit"] == ["8, 0 set aside (0.0%)"]
    assert page.table("Versions")["sklearn-baccaec"] == [sklearn_baccaec.__version__]
    assert "torch" in page.table("Versions")
    parameters = page.table("Parameters")
    assert set(parameters) == set(model.get_params())
    assert parameters["crop_shape"] == ["16, 16"]


def test_steps_of_encoders(make_model, films, read_report):
    model = make_model().fit(films.data)
    facts = read_report(model, films.data).table("The run, and its films")
    assert facts["Encoder"] == ["CCAEC, 3 steps"]


def test_large_maps_are_a_sample(model, films, tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_baccaec.report._charts.MAP_FILMS", 5)
    captions = ReportPage(model.report(films.data, path=tmp_path / "page")).captions
    assert any("A random sample of 5 of the 12 films." in text for text in captions)


def test_charts_are_images_and_leave_no_figure_behind(model, films, page, tmp_path):
    before = plt.get_fignums()
    with plt.style.context("dark_background"):
        path = model.report(films.data, films.target, path=tmp_path / "report.html")
    assert plt.get_fignums() == before
    assert ReportPage(path).images == page.images
    charts = [src for src, _ in page.images if src.startswith("data:image/svg")]
    assert len(charts) == 5
    for chart in charts:
        assert b"<svg" in base64.b64decode(chart.partition("base64,")[2])


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_what_is_missing_is_said_first(model, name, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"pip install {name}"):
        model.report("no films", path=tmp_path / "report.html")


def test_bad_requests(model, make_model, films, tmp_path):
    with pytest.raises(NotFittedError):
        make_model().report(films.data, path=tmp_path / "report.html")
    with pytest.raises(FileNotFoundError, match="in a folder there is"):
        model.report(films.data, path=tmp_path / "nowhere" / "report.html")
    with pytest.raises(FileNotFoundError, match="no name of a file"):
        model.report(films.data, path=tmp_path)
    for args in ((films.data, films.target[:3]), (films.data, [np.nan] * 12)):
        with pytest.raises(ValueError, match="y h"):
            model.report(*args, path=tmp_path / "report.html")
    assert not any(tmp_path.iterdir())


def test_a_failure_leaves_the_page_that_was_there(
    model, films, tmp_path, read_report, monkeypatch
):
    page = read_report(model, films.data)

    def fail(**content):
        raise RuntimeError("out of paper")

    monkeypatch.setattr("sklearn_baccaec.report._page._render", fail)
    with pytest.raises(RuntimeError, match="out of paper"):
        model.report(films.data, path=tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page.source
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
