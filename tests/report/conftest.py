"""Small models whose reports are read, and pages that tests share."""

import pytest
from report_pages import ReportPage
from sklearn.decomposition import PCA

from sklearn_baccaec.report import write_report

N_SEEN = 8  # films in fit; the other four are held-out


@pytest.fixture(scope="session")
def make_pca_model(make_model):
    def make(**params):
        return make_model(**{"encoder": PCA(2, random_state=0), **params})

    return make


@pytest.fixture(scope="session")
def model(make_pca_model, films):
    return make_pca_model().fit(films.data[:N_SEEN], films.target[:N_SEEN])


@pytest.fixture(scope="session")
def page_path(model, films, tmp_path_factory):
    """Report on films in fit and others, of known age."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    return write_report(model, films.data, films.target, path=path)


@pytest.fixture(scope="session")
def page(page_path):
    return ReportPage(page_path)


@pytest.fixture
def read_report(tmp_path, monkeypatch):
    """Write a report on films and read its page, without charts, which take long."""
    monkeypatch.setattr("sklearn_baccaec.report._page.draw_charts", lambda films: {})

    def read(model, *args, **kwargs):
        path = tmp_path / "report.html"
        assert write_report(model, *args, path=path, **kwargs) == path
        return ReportPage(path)

    return read
