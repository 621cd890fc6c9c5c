from __future__ import annotations

import ast
import importlib
import inspect
import pickle
import re
import subprocess
import sys
from fractions import Fraction
from importlib.resources import files

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

import sklearn_baccaec
from sklearn_baccaec import CCAEC, BoneAgeClusterer

SUBPACKAGES = [
    "cluster",
    "datasets",
    "encoders",
    "films",
    "maturity",
    "metrics",
    "model_selection",
    "nn",
    "plotting",
    "preprocessing",
    "regions",
    "report",
]
PUBLIC = [
    getattr(sklearn_baccaec, name)
    for name in sklearn_baccaec.__all__
    if isinstance(getattr(sklearn_baccaec, name), type)
]


@pytest.mark.parametrize("package", ["", *SUBPACKAGES])
def test_every_public_name_resolves(package):
    module = importlib.import_module(f"sklearn_baccaec.{package}".rstrip("."))
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert set(module.__all__) <= set(dir(module))


def test_subpackages_are_attributes():
    for name in SUBPACKAGES:
        assert inspect.ismodule(getattr(sklearn_baccaec, name))
        assert name in dir(sklearn_baccaec)


def test_top_level_names_are_those_of_the_subpackages():
    found = {
        name: getattr(getattr(sklearn_baccaec, package), name)
        for package in SUBPACKAGES
        for name in getattr(sklearn_baccaec, package).__all__
    }
    own = {"BoneAgeClusterer", "load_model", "load_pretrained", "save_model"}
    own |= {"show_versions", "__version__"}
    for name in set(sklearn_baccaec.__all__) - own:
        assert getattr(sklearn_baccaec, name) is found[name]


@pytest.mark.parametrize("name", ["Clusterer", "torch", "_MODULE", "ccaec"])
def test_unknown_attribute(name):
    with pytest.raises(AttributeError, match=f"'sklearn_baccaec'.*'{name}'"):
        getattr(sklearn_baccaec, name)
    assert not hasattr(sklearn_baccaec, name)


def modules_after(statement):
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_import_is_light():
    heavy = {"torch", "skorch", "cv2", "matplotlib"}
    assert not heavy & modules_after("import sklearn_baccaec; dir(sklearn_baccaec)")
    needless = modules_after(
        "from sklearn_baccaec import NamedClusterer, majority_label_scorer\n"
        "from sklearn_baccaec import KeyRegionExtractor, RegionPreprocessor, plotting"
    )
    assert not heavy & needless


def test_show_versions(capsys):
    assert sklearn_baccaec.show_versions() is None
    printed = capsys.readouterr().out
    for name in ("python", "torch", "scikit-learn", "numpy"):
        assert re.search(rf"\b{name}: *\d", printed), name
    assert f"sklearn-baccaec: {sklearn_baccaec.__version__}" in printed


def test_typed_and_versioned():
    assert files("sklearn_baccaec").joinpath("py.typed").is_file()
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.?\w+)?", sklearn_baccaec.__version__)


def read_default(text):
    is_fraction = re.fullmatch(r"\d+/\d+", text)
    return float(Fraction(text)) if is_fraction else ast.literal_eval(text)


@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: kind.__name__)
class TestDocumentation:
    def test_every_parameter_is_described(self, kind):
        if not inspect.signature(kind).parameters:
            return
        sections = inspect.getdoc(kind).split("\nParameters\n----------\n")
        assert len(sections) == 2
        described = re.findall(
            r"^(\w[\w, ]*) : (.+)$", sections[1].split("\n\n")[0], re.MULTILINE
        )
        names = [name for entry, _ in described for name in entry.split(", ")]
        parameters = inspect.signature(kind).parameters
        assert names == list(parameters)
        for name, text in described:
            default = text.partition("default=")[2]
            if default:
                assert read_default(default) == parameters[name].default

    def test_every_public_method_is_described(self, kind):
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_") and "sklearn_baccaec" in method.__module__:
                assert inspect.getdoc(method), name

    def test_parameters_are_stored_as_given(self, kind):
        given = {name: object() for name in inspect.signature(kind).parameters}
        if issubclass(kind, BaseEstimator):
            estimator = kind(**given)
            for name, value in given.items():
                assert getattr(estimator, name) is value


@pytest.fixture(scope="module")
def model(films, landmarker):
    return BoneAgeClusterer(
        ["carpus", "radius"],
        3,
        landmarker=landmarker,
        encoder=CCAEC(max_steps=2),
        crop_shape=(16, 16),
        random_state=0,
    ).fit(films.data, films.target)


def test_clusterer_survives_pickle_and_joblib(model, films, tmp_path):
    joblib.dump(model, tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model")):
        for method in ("predict", "transform", "predict_age", "predict_interval"):
            np.testing.assert_array_equal(
                getattr(copy, method)(films.data), getattr(model, method)(films.data)
            )
        pd.testing.assert_frame_equal(copy.cluster_table_, model.cluster_table_)
    assert b"torch" not in pickle.dumps(model)


def test_clone_and_nested_parameters(model, films):
    copy = clone(model).set_params(encoder__max_steps=1, regions=["ulna"])
    assert (model.encoder.max_steps, copy.encoder.max_steps) == (2, 1)
    with pytest.raises(NotFittedError):
        copy.predict(films.data)
    steps = copy.fit(films.data).pipeline_.named_steps
    assert steps["encoder"].encoders_["ulna"].n_iter_ == 1
    with pytest.raises(ValueError, match="Invalid parameter 'max_steps'"):
        copy.set_params(max_steps=3)


def test_html_and_text(model):
    for estimator in (model, clone(model), BoneAgeClusterer()):
        assert "BoneAgeClusterer" in estimator._repr_html_()
        assert repr(estimator).startswith("BoneAgeClusterer(")
    assert "RegionEncoder" in model.pipeline_._repr_html_()
