"""What the report says: figures are the model's, and films are told apart."""

import base64
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from report_pages import ReportPage
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import sklearn_baccaec
from sklearn_baccaec import LandmarkTable, load_model, load_pretrained, save_model
from sklearn_baccaec._cli._errors import print_errors
from sklearn_baccaec.cluster import NamedClusterer
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
    majority_label_scorer,
)
from sklearn_baccaec.report import write_report

SEEN, UNSEEN = slice(8), slice(8, None)
IN_SAMPLE, HELD_OUT = "Films seen before: in-sample", "Held-out films"
RIGHT, CHANCE = "films in the right interval", "chance level"
MONTHS, COVERAGE = "mean absolute error, months", "within the 80% range"


def percent(share):
    return f"{share:.1%}"


def mean_error(model, X, y, **sex):
    return f"{np.abs(model.predict_age(X, **sex) - y).mean():.1f}"


def coverage(model, X, y):
    low, high = model.predict_age(X, return_range=True)[1].T
    return f"{((low <= y) & (y <= high)).mean():.0%}"


def test_in_sample_and_held_out_figures_stand_apart(model, films, page):
    X, y = films.data[SEEN], films.target[SEEN]
    chance = chance_majority_label_accuracy(assign_age_intervals(y), model.labels_)
    in_sample = {
        RIGHT: percent(model.score(X, y)),
        CHANCE: percent(chance),
        MONTHS: mean_error(model, X, y),
        COVERAGE: coverage(model, X, y),
    }
    # Where films name their own clusters, that is the paper's figure.
    assert in_sample[RIGHT] == percent(majority_label_scorer(model, X, y))
    X, y = films.data[UNSEEN], films.target[UNSEEN]
    largest = np.bincount(assign_age_intervals(y)).max() / len(y)
    held_out = {
        RIGHT: percent(model.score(X, y)),
        CHANCE: percent(largest),
        MONTHS: mean_error(model, X, y),
        COVERAGE: coverage(model, X, y),
    }
    assert page.figures == {IN_SAMPLE: in_sample, HELD_OUT: held_out}
    assert page.table("The run, and its films")["Of these"] == [
        "8 seen before (in fit, or naming the clusters), 4 held-out"
    ]


def test_the_report_and_the_command_score_tell_the_same(
    model, films, read_report, capsys
):
    """Ages outside the intervals too: they have an error, and no interval."""
    y = films.target[UNSEEN].astype(float)
    y[0] = 230
    figures = read_report(model, films.data[UNSEEN], y).figures[HELD_OUT]
    table = model.assign(films.data[UNSEEN])
    print_errors(table, y, np.zeros(4, bool), model.named_clusterer_.edges_)
    said = capsys.readouterr().out
    assert f"mean absolute error {figures[MONTHS]} months" in said
    assert f"holds {figures[COVERAGE]}" in said
    assert f"right interval {figures[RIGHT]} of 3 " in said
    assert f"the largest: {figures[CHANCE]})" in said


@pytest.mark.parametrize(
    ("chosen", "own", "other"),
    [(SEEN, IN_SAMPLE, "held-out"), (UNSEEN, HELD_OUT, "in-sample")],
)
def test_films_of_one_kind_have_its_figures_alone(
    model, films, page, read_report, chosen, own, other
):
    alone = read_report(model, films.data[chosen], films.target[chosen])
    assert alone.figures == {own: page.figures[own]}
    assert other not in " ".join(alone.captions)


def test_a_film_is_known_again_as_a_file_and_as_pixels(
    make_pca_model, films, film_folder, read_report
):
    paths = sorted(film_folder.glob("a*.png"))
    table = LandmarkTable(film_folder / "landmarks.csv")
    model = make_pca_model(landmarker=table).fit(paths[:8], films.target[:8])
    as_files = read_report(model, paths, films.target).figures
    assert set(as_files) == {IN_SAMPLE, HELD_OUT}
    model.landmarker_ = LandmarkTable.from_films(films.data, films.landmarks)
    assert read_report(model, films.data, films.target).figures == as_files


def test_films_that_named_the_clusters_are_not_held_out(
    make_pca_model, films, read_report
):
    model = make_pca_model().fit(films.data[SEEN])
    model.name_clusters(films.data[UNSEEN], films.target[UNSEEN])
    page = read_report(model, films.data[UNSEEN], films.target[UNSEEN])
    assert set(page.figures) == {IN_SAMPLE}
    model.name_clusters(films.data[SEEN], films.target[SEEN])
    page = read_report(model, films.data[UNSEEN], films.target[UNSEEN])
    assert set(page.figures) == {HELD_OUT}


def test_what_fit_knew_of_films_survives_a_file(
    model, films, tmp_path, page, read_report
):
    save_model(model, tmp_path / "model.skops")
    again = load_model(tmp_path / "model.skops")
    assert read_report(again, films.data, films.target).figures == page.figures


def test_table_of_clusters_is_the_models(model, page):
    rows = page.tables["All films"]
    table = model.cluster_table_
    assert rows[0][2:6] == list(table.columns[:4])
    by_age = table.sort_values("median_age", kind="stable")
    assert [int(row[0]) for row in rows[1:-1]] == by_age.index.tolist()
    for cluster, name, *counts, share, median, n_films in rows[1:-1]:
        own = table.loc[int(cluster)]
        assert [name, *map(int, counts)] == [own["interval"], *own.iloc[:4]]
        assert (share, median) == (f"{own['accuracy']:.0%}", f"{own['median_age']:.0f}")
        assert n_films == f"{own['films']}"
    assert [int(cell) for cell in rows[-1][2:6]] == table.iloc[:, :4].sum().tolist()
    assert rows[-1][-1] == str(table["films"].sum())


def test_without_ages_there_is_what_the_model_knows(model, films, page, read_report):
    ageless = read_report(model, films.data)
    assert ageless.tables["All films"] == page.tables["All films"]
    assert not ageless.figures
    assert "No ages of these films were given" in ageless.sections["accuracy"]
    assert "No ages of these films were given" in ageless.sections["misclassified"]


def test_a_model_without_names(make_pca_model, films, read_report):
    model = make_pca_model().fit(films.data[SEEN])
    page = read_report(model, films.data, films.target)
    assert not page.figures
    assert "The model knows no ages" in page.sections["ages"]
    assert "The model knows no ages" in page.sections["accuracy"]
    assert "The model knows no ages" in page.sections["misclassified"]
    assert "name_clusters" in page.sections["clusters"]
    sizes = {int(row[0]): int(row[1]) for row in page.tables["Films by cluster"][1:-1]}
    assert sizes == dict(enumerate(np.bincount(model.labels_).tolist()))


@pytest.mark.filterwarnings("ignore:.* films are in clusters that no known age")
def test_clusters_that_no_known_age_names(make_pca_model, films, read_report):
    model = make_pca_model().fit(films.data)
    model.name_clusters(films.data[:1], [100])
    page = read_report(model, films.data, films.target)
    named = str(model.labels_[0])
    assert {row[0]: row[1] for row in page.tables["All films"][1:-1]} == {
        cluster: "72-120" if cluster == named else "\N{EN DASH}" for cluster in "012"
    }
    assert page.sections["typical"].count(": no name") == 2
    assert f"Cluster {named}: 72-120 months, median 100" in page.sections["typical"]


def test_names_by_sex(make_pca_model, films, read_report):
    model = make_pca_model().fit(films.data, films.target, sex=films.sex)
    page = read_report(model, films.data, films.target, sex=films.sex)
    partition = assign_age_intervals(films.target), model.labels_, films.sex
    figures = page.figures[IN_SAMPLE]
    assert figures[RIGHT] == percent(majority_label_accuracy(*partition))
    assert figures[CHANCE] == percent(chance_majority_label_accuracy(*partition))
    for sex, title in (("F", "Girls"), ("M", "Boys")):
        assert page.tables[title][-1][-1] == f"{int((films.sex == sex).sum())}"
    assert "No sexes were given" not in page.sections["ages"]
    with pytest.warns(UserWarning, match="named for each sex, but no sex") as warned:
        blind = read_report(model, films.data, films.target)
    assert len(warned) == 1
    assert "No sexes were given to the report" in blind.sections["ages"]


def test_a_consensus_has_maturity(make_pca_model, films, read_report):
    regions = ["carpus", "radius", "index_mcp"]
    model = make_pca_model(method="agreement", regions=regions)
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
    assert page.tables["All films"][0][-2:] == ["Median maturity", "Films"]
    months = mean_error(named, films.data, films.target)
    assert page.figures[IN_SAMPLE][MONTHS] == months


def test_with_an_axis_films_are_scored_by_the_intervals_that_hold_their_ages(
    make_pca_model, films, read_report
):
    regions = ["carpus", "radius", "index_mcp"]
    model = make_pca_model(method="agreement", regions=regions)
    model.fit(films.data[SEEN], films.target[SEEN])
    page = read_report(model, films.data, films.target)
    true = assign_age_intervals(films.target)
    right = assign_age_intervals(model.predict_age(films.data)) == true
    held_out = page.figures[HELD_OUT]
    assert held_out[RIGHT] == percent(right[UNSEEN].mean())
    assert page.figures[IN_SAMPLE][RIGHT] == percent(right[SEEN].mean())
    largest = np.bincount(true[SEEN]).max() / 8
    assert page.figures[IN_SAMPLE][CHANCE] == percent(largest)
    months = mean_error(model, films.data[UNSEEN], films.target[UNSEEN])
    assert held_out[MONTHS] == months
    # By the names of their clusters other films would be right.
    names = NamedClusterer(model.named_clusterer_.clusterer_, random_state=0)
    latents = model.transform(films.data)
    names.fit(latents[SEEN], films.target[SEEN])
    by_name = names.predict_interval(latents)
    assert (by_name != model.predict_interval(films.data)).any()
    wrong = page.sections["misclassified"].count("interval ")
    assert wrong == (~right).sum() > 0


def test_models_inside_others_report_too(make_pca_model, films, read_report):
    search = GridSearchCV(make_pca_model(), {"n_clusters": [2]}, cv=2)
    nested = make_pipeline(search).fit(films.data, films.target)
    page = read_report(nested, films.data, films.target)
    assert page.table("The run, and its films")["Clusters"] == ["2"]


def test_what_was_run(model, page):
    facts = page.table("The run, and its films")
    assert facts["Key regions (2)"] == ["carpus, radius"]
    assert facts["Encoder"] == ["PCA"]
    assert facts["Clusterer"] == ["KMeans"]
    assert facts["Seed"] == ["0"]
    assert facts["Films in fit"] == ["8, 0 set aside (0.0%)"]
    assert facts["Names"] == [
        "intervals of 48 months from 24 to 216, from 8 known ages"
    ]
    assert page.table("Versions")["sklearn-baccaec"] == [sklearn_baccaec.__version__]
    assert "torch" in page.table("Versions")
    parameters = page.table("Parameters")
    assert set(parameters) == set(model.get_params())
    assert parameters["crop_shape"] == ["16, 16"]


def charts_of(page):
    found = {
        alt.split()[0].rstrip(":"): src for src, alt in page.images if "svg" in src[:20]
    }
    for source in found.values():
        assert b"<svg" in base64.b64decode(source.partition("base64,")[2])
    return found


def test_charts_need_what_they_show(model, films, page, tmp_path, monkeypatch):
    charts = charts_of(page)
    assert list(charts) == ["Held-out", "In-sample", "Histogram", "Bars", "Map"]
    assert "A random sample" not in " ".join(page.captions)

    before = plt.get_fignums()
    monkeypatch.setattr("sklearn_baccaec.report._charts.MAP_FILMS", 5)
    with plt.style.context("dark_background"):
        path = write_report(model, films.data, path=tmp_path / "report.html")
    assert plt.get_fignums() == before
    ageless = ReportPage(path)
    assert list(charts_of(ageless)) == ["Bars", "Map"]
    assert charts_of(ageless)["Bars"] == charts["Bars"]  # whatever the user's style
    assert "A random sample of 5 of the 12 films." in " ".join(ageless.captions)


def test_an_axis_has_a_chart_of_maturity_and_no_map(
    make_pca_model, films, landmarker, tmp_path
):
    regions = ["carpus", "radius", "index_mcp"]
    model = make_pca_model(method="agreement", regions=regions).fit(films.data)
    path = tmp_path / "report.html"
    write_report(model, films.data, path=path)
    assert list(charts_of(ReportPage(path))) == []  # neither known ages nor others
    write_report(model, films.data, films.target, path=path)
    assert list(charts_of(ReportPage(path))) == ["Maturity", "Histogram"]
    model = load_pretrained(landmarker=landmarker)
    write_report(model, films.data, sex=films.sex, path=path)
    page = ReportPage(path)
    assert list(charts_of(page)) == ["Maturity"]
    assert "Maturity against estimated age of girls and boys." in page.captions


def test_the_pretrained_model_tells_where_its_months_come_from(
    films, landmarker, read_report
):
    model = load_pretrained(landmarker=landmarker)
    page = read_report(model, films.data, films.target, sex=films.sex)
    assert "drawn hands, without a label" in page.sections["ages"]
    assert "for research only" in page.sections[""]
    assert set(page.figures) == {HELD_OUT}
    figures = page.figures[HELD_OUT]
    score = model.score(films.data, films.target, sex=films.sex)
    assert figures[RIGHT] == percent(score)
    assert figures[MONTHS] == mean_error(model, films.data, films.target, sex=films.sex)
    assert "Films by cluster" not in page.tables  # no film was in `fit`
    calibrated = model.name_clusters(films.data[:2], films.target[:2], sex=["F", "M"])
    page = read_report(calibrated, films.data, films.target, sex=films.sex)
    assert "without a label; 2 known ages" in page.sections["ages"]
    assert set(page.figures) == {IN_SAMPLE, HELD_OUT}


def test_parameters_come_last_and_are_folded(page):
    assert list(page.sections)[-1] == "details"
    assert "n_clusters" not in page.source.partition("<details>")[0]
    last = page.source.rpartition("<h2")[2]
    assert "<details>" in last
    assert "n_clusters" in last


def test_a_training_that_did_not_converge_is_told_first(
    make_model, films, read_report, page
):
    assert "converge" not in page.sections[""]  # PCA has nothing to train
    model = make_model().fit(films.data)

    def first_part():
        return read_report(model, films.data).sections[""]

    encoders = model.pipeline_["encoder"].encoders_
    said = "Steps of training: 3, where real films take 300 or more (carpus, radius)."
    assert f"The training did not converge. {said}" in first_part()
    for encoder in encoders.values():
        encoder.n_iter_ = 300
    encoders["radius"].dead_latents_[0] = True
    said = "Some latents are dead: they are the same for all films (radius)."
    assert f"The training did not converge. {said}" in first_part()
    encoders["radius"].loss_curve_[-1] = np.nan
    said = "The loss is not finite: try a smaller lr (radius)."
    assert f"The training did not converge. {said}" in first_part()
    encoders["radius"].loss_curve_[-1] = 1.0
    encoders["radius"].dead_latents_[0] = False
    assert "converge" not in first_part()


def test_bad_requests(model, make_model, films, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    with pytest.raises(NotFittedError):
        write_report(make_model(), films.data, path=path)
    with pytest.raises(TypeError, match="NamedClusterer is not a BoneAgeClusterer"):
        write_report(NamedClusterer(), films.data, path=path)
    with (
        monkeypatch.context() as patch,
        pytest.raises(ImportError, match="jinja2"),
    ):
        patch.setitem(sys.modules, "jinja2", None)
        write_report(model, "no films", path=path)
    with pytest.raises(FileNotFoundError, match=r"report\.html: no such folder"):
        write_report(model, "no films", path=tmp_path / "nowhere" / "report.html")
    with pytest.raises(FileNotFoundError, match="it is a folder"):
        write_report(model, "no films", path=tmp_path)
    with pytest.raises(TypeError, match="sex as a keyword"):
        write_report(model, films.data, films.target, films.sex)
    for y in (films.target[:3], [np.nan] * 12):
        with pytest.raises(ValueError, match="y h"):
            write_report(model, films.data, y, path=path)
    with pytest.raises(ValueError, match=r"sex h.* 12 films"):
        write_report(model, films.data, sex=["F", "M"], path=path)
    assert not any(tmp_path.iterdir())


def test_a_failure_leaves_the_page_that_was_there(
    model, films, tmp_path, read_report, monkeypatch
):
    page = read_report(model, films.data)

    def fail(template, **content):
        raise RuntimeError("out of paper")

    monkeypatch.setattr("sklearn_baccaec.report._page.render", fail)
    with pytest.raises(RuntimeError, match="out of paper"):
        read_report(model, films.data)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page.source
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
