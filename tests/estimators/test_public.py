"""Every public estimator is exported, documented, linked, plain and picklable."""

from __future__ import annotations

import pickle
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from public_estimators import ESTIMATORS, EXAMPLES
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr

import sklearn_baccaec
from sklearn_baccaec import CCAEC, RegionEncoder
from sklearn_baccaec._utils import sklearn_compat as documentation

REFERENCE = Path(__file__).parents[2] / "docs" / "api" / "index.rst"
HOME = "https://pages.example"

each_kind = pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=repr)


@pytest.fixture
def home(monkeypatch):
    """Where the pages are, so that these tests need no installed package."""
    monkeypatch.setattr(documentation, "documentation_home", lambda: HOME)


def link_to(kind):
    return f"{HOME}/en/stable/api/generated/sklearn_baccaec.{kind.__name__}.html"


def test_they_are_found():
    names = {kind.__name__ for kind in ESTIMATORS}
    assert {"BoneAgeClusterer", "CCAEC", "KeyRegionExtractor", "LandmarkTable"} <= names
    assert not names & {"RegionAutoencoder", "NeuralNet", "KMeans"}


@each_kind
def test_exported(kind):
    assert kind.__name__ in sklearn_baccaec.__all__
    assert getattr(sklearn_baccaec, kind.__name__) is kind


# Pages
@each_kind
def test_has_a_page_of_its_own(kind):
    """Pages are named after the module that is current where a name is listed."""
    if not REFERENCE.is_file():
        pytest.skip("there are no pages beside these tests")
    module, toctree, pages = "", "", set()
    for line in REFERENCE.read_text().splitlines():
        if found := re.fullmatch(r"\.\. currentmodule:: (.+)", line):
            module = found[1]
        elif found := re.fullmatch(r"   :toctree: (.+)", line):
            toctree = found[1]
        elif found := re.fullmatch(r"   (\w+)", line):
            pages.add(f"{HOME}/en/stable/api/{toctree}/{module}.{found[1]}.html")
    assert link_to(kind) in pages


@each_example
def test_diagram_links_to_the_page(example, home):
    assert f'href="{link_to(type(example))}"' in estimator_html_repr(example)


def test_steps_of_a_diagram_link_to_their_pages(home):
    pipeline = make_pipeline(RegionEncoder(CCAEC()), KMeans())
    html = estimator_html_repr(pipeline)
    assert f'href="{link_to(RegionEncoder)}"' in html
    assert f'href="{link_to(CCAEC)}"' in html
    assert "sklearn.cluster.KMeans.html" in html


def test_estimators_of_users_have_no_page(home):
    class MyEncoder(CCAEC):
        pass

    assert MyEncoder()._get_doc_link() == ""
    assert HOME not in estimator_html_repr(MyEncoder())


def test_address_comes_from_the_installed_package(monkeypatch):
    documentation.documentation_home.cache_clear()
    try:
        metadata("sklearn-baccaec")
    except PackageNotFoundError:
        assert documentation.documentation_home() == ""
    else:
        assert documentation.documentation_home().startswith("https://")

    def nowhere(name):
        raise PackageNotFoundError(name)

    documentation.documentation_home.cache_clear()
    monkeypatch.setattr(documentation, "metadata", nowhere)
    assert CCAEC()._get_doc_link() == ""
    assert "CCAEC" in estimator_html_repr(CCAEC())
    documentation.documentation_home.cache_clear()


# Diagrams
def test_diagram_shows_parameters_and_whether_it_is_fitted(make_model, films):
    model = make_model()
    assert "Not fitted" in estimator_html_repr(model)
    html = estimator_html_repr(model.fit(films.data))
    assert "Not fitted" not in html
    for name in ("regions", "n_clusters", "crop_shape", "random_state"):  # not default
        assert name in html
    assert "max_steps" in html  # of the encoder in it
    assert "RegionEncoder" in estimator_html_repr(model.pipeline_)


# Copies
@each_example
def test_copies(example):
    for copy in (clone(example), pickle.loads(pickle.dumps(example))):
        assert type(copy) is type(example)
        assert repr(copy) == repr(example)
        assert copy.get_params(deep=False).keys() == vars(copy).keys()
