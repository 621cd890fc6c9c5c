"""``baccaec fit --report``: when it asks, what it writes, and what it never spoils."""

import sys

import pandas as pd
import pytest
from report_pages import ReportPage

from sklearn_baccaec import _cli


def test_report_holds_what_the_tables_hold_and_nothing_is_done_twice(
    with_ages, tmp_path, capsys
):
    def cached():
        return sorted((tmp_path / "out" / "cache").rglob("output.pkl"))

    assert _cli.main(with_ages) == 0
    before, out = cached(), tmp_path / "out"
    assert not (out / "report.html").exists()
    capsys.readouterr()
    assert _cli.main([*with_ages, "--report"]) == 0
    assert cached() == before
    printed = capsys.readouterr().out
    assert "report.html" in printed
    page = ReportPage(out / "report.html")
    clusters = pd.read_csv(out / "clusters.csv", index_col="cluster")
    films = {int(row[0]): int(row[-1]) for row in page.tables["All films"][1:-1]}
    assert films == clusters["films"].to_dict()
    (figures,) = page.figures.values()
    assert f"accuracy {figures['films in the right interval']}" in printed
    assert f"chance level {figures['chance level']}" in printed
    assert page.table("The run, and its films")["Encoder"] == ["CCAEC, 2 steps"]


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_what_is_missing_is_said_before_any_work(
    with_ages, name, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, name, None)
    assert _cli.main([*with_ages, "--report"]) == 1
    assert f"a report needs {name}: pip install {name}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_report_that_fails_leaves_the_tables_and_the_model(
    with_ages, tmp_path, monkeypatch, capsys
):
    def fail(*args, **kwargs):
        raise RuntimeError("out of paper")

    monkeypatch.setattr("sklearn_baccaec.report.write_report", fail)
    assert _cli.main([*with_ages, "--report"]) == 1
    assert "out of paper" in capsys.readouterr().err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"assignments.csv", "clusters.csv", "model.skops"} <= written
    assert "report.html" not in written
