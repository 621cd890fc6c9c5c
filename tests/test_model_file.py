"""Files of models: what they tell, and which are refused."""

import functools
import hashlib
import io
import json
import os
import pickle
import pickletools
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved_models import check_same
from sklearn.decomposition import PCA

import sklearn_baccaec
from sklearn_baccaec import BoneAgeClusterer, NamedClusterer, load_model, save_model
from sklearn_baccaec._model_file import _container
from sklearn_baccaec.cluster._cluster_names import ClusterNames


@pytest.fixture(scope="module")
def model(make_model, films) -> BoneAgeClusterer:
    """A fitted model that must stay as it is."""
    regions = ["carpus", "radius", "index_mcp"]
    model = make_model(regions=regions, encoder=PCA(2), method="agreement")
    return model.fit(films.data, films.target, sex=films.sex)


@pytest.fixture(scope="module")
def content(model, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "model.skops"
    save_model(model, path)
    return path.read_bytes()


@pytest.fixture
def path(content, tmp_path) -> Path:
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    return path


@pytest.fixture
def refuse(path):
    """Check that a file of this content is refused."""

    def refuse(content, message, **trusted):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"^model\.skops {message}"):
            load_model(path, **trusted)

    return refuse


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(members, end=None):
    """A whole file of these members, unless it is to end otherwise."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
        archive.comment = bytes(64)
    data = buffer.getvalue()[:-64]
    return data + (end or hashlib.sha256(data).hexdigest().encode())


def forge(content, **changed):
    """A whole file of which some members were changed; named without ".json"."""
    forged = members(content)
    for name, change in changed.items():
        made = change(json.loads(forged[f"{name}.json"]))
        forged[f"{name}.json"] = json.dumps(made).encode()
    return pack(forged)


def test_metadata_is_read_without_loading(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        metadata = json.loads(archive.read("baccaec.json"))
    assert metadata.pop("saved").endswith("+00:00")
    versions = metadata.pop("versions")
    assert versions["sklearn-baccaec"] == sklearn_baccaec.__version__
    assert versions["scikit-learn"] == sklearn.__version__
    assert versions["numpy"] == np.__version__
    assert metadata == {
        "format": 1,
        "method": "agreement",
        "regions": ["carpus", "radius", "index_mcp"],
        "n_clusters": 3,
        "crop_shape": [16, 16],
    }


def test_no_member_is_a_pickle(content):
    for name, member in members(content).items():
        assert name.endswith((".npy", ".json"))
        if name.endswith(".npy"):
            np.lib.format.read_array(io.BytesIO(member), allow_pickle=False)
        with pytest.raises((ValueError, IndexError)):
            list(pickletools.genops(member))


def test_names_in_the_file_tell_no_module(content):
    assert not any(b"sklearn_baccaec." in part for part in members(content).values())
    schema = members(content)["schema.json"]
    estimators = ("BoneAgeClusterer", "NamedClusterer", "MaturityCurve", "AgeRegressor")
    for name in (*estimators, "ClusterNames", "AxisAges", "RegionCurves"):
        written = json.dumps({"__class__": name, "__module__": "sklearn_baccaec"})
        assert written[1:-1].encode() in schema


def test_classes_may_move(model, films, path, monkeypatch):
    elsewhere = types.ModuleType("sklearn_baccaec.elsewhere")
    monkeypatch.setitem(sys.modules, elsewhere.__name__, elsewhere)
    for kind in (NamedClusterer, ClusterNames, BoneAgeClusterer):
        monkeypatch.delattr(sys.modules[kind.__module__], kind.__name__)
        monkeypatch.setattr(kind, "__module__", elsewhere.__name__)
        setattr(elsewhere, kind.__name__, kind)
    loaded = load_model(path)
    check_same(loaded, model, films)
    save_model(loaded, path)
    check_same(load_model(path), model, films)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn_baccaec", "BestClusterer"),
        ("sklearn_baccaec", "load_model"),
        ("sklearn_baccaec", "__version__"),
        ("sklearn_baccaec", ["NamedClusterer"]),
        ("sklearn_baccaec.cluster._named_clusterer", "NamedClusterer"),
        ("sklearn_baccaec.regions.landmarking._weights", "load_weights"),
    ],
)
def test_unknown_names_are_refused(content, refuse, module, name):
    def rename(schema):
        return schema | {"__module__": module, "__class__": name}

    forged = forge(content, schema=rename)
    refuse(forged, "cannot be loaded", trusted=[f"{module}.{name}"])


def test_parts_of_this_package_without_a_name_are_not_saved(model, tmp_path):
    other = pickle.loads(pickle.dumps(model))
    other.landmarker = _container.pack
    with pytest.raises(TypeError, match=r"_container\.pack has no name in files"):
        save_model(other, tmp_path / "model.skops")


FIXTURES_STAY = [HealthCheck.function_scoped_fixture]


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=FIXTURES_STAY)
def test_a_changed_file_is_refused(content, refuse, data):
    """Bytes that were flipped, cut, doubled, put in front or at the end."""
    place = data.draw(st.integers(0, len(content) - 1))
    before, byte, after = content[:place], content[place], content[place + 1 :]
    other = data.draw(
        st.sampled_from(
            [
                before,
                after,
                before + after,
                before + bytes([byte, byte]) + after,
                content + content[place : place + 64],
            ]
        )
        | st.integers(1, 255).map(lambda bits: before + bytes([byte ^ bits]) + after)
    )
    refuse(other, "")


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=FIXTURES_STAY)
def test_a_forged_file_raises_nothing_else(content, path, data):
    """The schema changed at some place, and sealed again."""
    forged = members(content)
    schema = forged["schema.json"].decode()
    start = data.draw(st.integers(0, len(schema) - 1))
    end = start + data.draw(st.integers(0, 40))
    text = data.draw(st.sampled_from(["", "0", '"', "}", "null", "[]", "__id__"]))
    forged["schema.json"] = (schema[:start] + text + schema[end:]).encode()
    path.write_bytes(pack(forged))
    try:
        load_model(path)
    except ValueError as error:
        assert str(error).startswith("model.skops")


def test_members_that_were_changed_are_refused(content, refuse):
    whole = members(content)
    array = next(name for name in whole if name.endswith(".npy"))
    for changed in (
        {name: member for name, member in whole.items() if name != array},
        {**whole, "more.npy": whole[array]},
        {**whole, array: whole[array][:-1] + b"x"},
    ):
        refuse(pack(changed, content[-64:]), "is damaged")


def test_files_of_something_else_are_refused(model, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_model(tmp_path / "nowhere")
    other = tmp_path / "other"
    for text in (b"", b"PK", b"film,cluster\n", b"\x89PNG"):
        other.write_bytes(text)
        with pytest.raises(ValueError, match="other is not a model that save_model"):
            load_model(other)
    np.savez(other, model.labels_)
    with pytest.raises(ValueError, match=r"other\.npz is not a model"):
        load_model(other.with_suffix(".npz"))
    joblib.dump(model, other)
    with pytest.raises(ValueError, match="Pickles can run code and are not loaded"):
        load_model(other)


def test_a_newer_format_is_refused(content, refuse):
    def renew(metadata):
        metadata["versions"]["sklearn-baccaec"] = "9.1.0"
        return {**metadata, "format": 2}

    refuse(forge(content, baccaec=renew), r".* 9\.1\.0.*upgrade")


@pytest.mark.parametrize(
    ("package", "version"),
    [("scikit-learn", "1.2.3"), ("sklearn-baccaec", "9.9.9"), ("opencv", "3.4.0")],
)
def test_other_versions_are_told_once(
    content, films, model, path, package, version, recwarn
):
    def rewrite(metadata):
        metadata["versions"][package] = version
        return metadata

    def age(schema):
        here = json.dumps(json.dumps(sklearn.__version__))
        return json.loads(json.dumps(schema).replace(here, json.dumps('"1.2.3"')))

    path.write_bytes(forge(content, baccaec=rewrite, schema=age))
    loaded = load_model(path)
    (warning,) = recwarn.list
    assert warning.filename == __file__
    assert type(warning.message) is UserWarning
    here = _container._versions()[package]
    assert f"{package} {version} (here: {here})" in str(warning.message)
    check_same(loaded, model, films)


def test_patch_versions_are_not_worth_a_warning(content, path, recwarn):
    def rewrite(metadata):
        saved = metadata["versions"]["scikit-learn"].split(".")
        metadata["versions"]["scikit-learn"] = ".".join([*saved[:2], "99"])
        return metadata

    path.write_bytes(forge(content, baccaec=rewrite))
    load_model(path)
    assert not recwarn.list


class Evil:
    """What a forged file could hold."""

    def __init__(self, file):
        self.file = file

    def __setstate__(self, state):
        Path(state["file"]).touch()

    def predict(self, X):
        raise NotImplementedError


@pytest.mark.filterwarnings("ignore:the model holds")
def test_foreign_content_is_refused_before_it_is_built(model, tmp_path):
    mark = tmp_path / "mark"
    for content, name in (
        (Evil(str(mark)), "Evil"),
        (functools.partial(os.system, f"touch {mark}"), "system"),
        (os.system, "system"),
        (eval, "eval"),
        (mark.touch, "Path"),
        (Evil(str(mark)).predict, "Evil.predict"),
        (subprocess.Popen, "Popen"),
        (NamedClusterer().predict, r"NamedClusterer\.predict"),
    ):
        other = pickle.loads(pickle.dumps(model))
        other.landmarker = content
        save_model(other, tmp_path / "model.skops")
        with pytest.raises(ValueError, match=f"holds .*{name}"):
            load_model(tmp_path / "model.skops")
        assert not mark.exists()


def node(name, module, loader):
    return {"__class__": name, "__module__": module, "__loader__": loader}


TEXT = node("str", "builtins", "JsonNode")


def call(name, module, loader, text):
    """A skops node that would call a function of a module."""
    arguments = [{**TEXT, "content": json.dumps(text)}]
    content = {**node("tuple", "builtins", "TupleNode"), "content": arguments}
    return {**node(name, module, loader), "content": content, "attrs": content}


@pytest.mark.parametrize(
    ("name", "module", "loader"),
    [
        ("system", "os", "ConstructorFromReduceNode"),
        ("system", "posix", "ObjectNode"),
        ("eval", "builtins", "ConstructorFromReduceNode"),
        ("eval", "builtins", "FunctionNode"),
        ("methodcaller", "operator", "OperatorFuncNode"),
        ("attrgetter", "operator", "OperatorFuncNode"),
        ("system", "os", "OperatorFuncNode"),
        ("loads", "pickle", "ConstructorFromReduceNode"),
        ("load_weights", "sklearn_baccaec.regions.landmarking._weights", "TypeNode"),
        ("load_model", "sklearn_baccaec", "ConstructorFromReduceNode"),
        ("Anything", "nowhere", "ObjectNode"),
        ("str", "builtins", "NoSuchNode"),
    ],
)
def test_forged_calls_are_refused(content, refuse, tmp_path, name, module, loader):
    mark = tmp_path / "mark"

    def put(schema):
        attributes = schema["content"]["content"]
        attributes["landmarker"] = call(name, module, loader, f"touch {mark}")
        return schema

    refuse(forge(content, schema=put), "")
    assert not mark.exists()


@pytest.mark.parametrize("step", [None, 0, 2])
def test_a_file_that_names_a_cache_is_refused(content, refuse, step):
    """A cache holds pickles: one that a file brings along could run code."""

    def put(schema):
        attributes = schema["content"]["content"]
        if step is not None:
            steps = attributes["pipeline_"]["content"]["content"]["steps"]["content"]
            attributes = steps[step]["content"][1]["content"]["content"]
        attributes["memory"] = {**TEXT, "content": '"cache"'}
        return schema

    refuse(forge(content, schema=put), ".*names a cache")


def test_another_object_in_the_file_is_refused(refuse):
    data, _ = _container.pack(PCA(), {})
    refuse(data, ".*a PCA is not a BoneAgeClusterer")
