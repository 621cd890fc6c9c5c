"""Files of models: what they tell, and which are refused."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import pickle
import pickletools
import subprocess
import zipfile
from importlib import import_module
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved_models import check_same

import sklearn_baccaec
from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec._model_file import _container


@pytest.fixture(scope="module")
def model(make_model, films) -> BoneAgeClusterer:
    """A fitted model that must stay as it is."""
    return make_model().fit(films.data, films.target, sex=films.sex)


@pytest.fixture(scope="module")
def content(model, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "model.skops"
    model.save(path)
    return path.read_bytes()


@pytest.fixture
def path(content, tmp_path) -> Path:
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    return path


def test_metadata_is_read_without_loading(model, path):
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
        "method": "ccaec",
        "regions": ["carpus", "radius"],
        "n_clusters": 3,
        "crop_shape": [16, 16],
    }


def test_no_member_is_a_pickle(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            member = archive.read(name)
            assert name.endswith((".npy", ".json"))
            if name.endswith(".npy"):
                np.lib.format.read_array(io.BytesIO(member), allow_pickle=False)
            with pytest.raises((ValueError, IndexError)):
                list(pickletools.genops(member))


def seal(data: bytes) -> bytes:
    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def forge(content: bytes, **changed: object) -> bytes:
    """A whole file of which some members were changed; named without ".json"."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for name in old.namelist():
            change = changed.get(name.partition(".")[0])
            member = old.read(name)
            if change is not None:
                member = json.dumps(change(json.loads(member))).encode()
            new.writestr(name, member)
        new.comment = bytes(64)
    return seal(buffer.getvalue())


@given(data=st.data())
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_changed_file_is_refused(content, tmp_path, data):
    """Bytes that were flipped, cut, doubled, put in front or behind."""
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(
        st.sampled_from(
            [
                content[:place],
                content[place + 1 :],
                content[:place] + content[place + 1 :],
                content[:place] + content[place:][:1] + content[place:],
                content + content[place : place + 64],
            ]
        )
        | st.integers(1, 255).map(
            lambda bits: (
                content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]
            )
        )
    )
    (tmp_path / "other.skops").write_bytes(other)
    with pytest.raises(ValueError, match=r"^other\.skops "):
        BoneAgeClusterer.load(tmp_path / "other.skops")


@given(data=st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_forged_file_raises_nothing_else(content, tmp_path, data):
    """The schema changed at some place, and sealed again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = archive.read("schema.json").decode()
    start = data.draw(st.integers(0, len(schema) - 1))
    end = start + data.draw(st.integers(0, 40))
    text = data.draw(st.sampled_from(["", "0", '"', "}", "null", "[]", "__id__"]))
    changed = (schema[:start] + text + schema[end:]).encode()
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, changed if name == "schema.json" else old.read(name))
        new.comment = bytes(64)
    (tmp_path / "other.skops").write_bytes(seal(buffer.getvalue()))
    try:
        BoneAgeClusterer.load(tmp_path / "other.skops")
    except ValueError as error:
        assert str(error).startswith("other.skops")


def test_members_that_were_changed_are_refused(content, tmp_path):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    array = next(name for name in members if name.endswith(".npy"))
    for changed in (
        {name: member for name, member in members.items() if name != array},
        {**members, "more.npy": members[array]},
        {**members, array: members[array][:-1] + b"x"},
    ):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, member in changed.items():
                archive.writestr(name, member)
            archive.comment = content[-64:]
        (tmp_path / "model.skops").write_bytes(buffer.getvalue())
        with pytest.raises(ValueError, match=r"model\.skops is damaged"):
            BoneAgeClusterer.load(tmp_path / "model.skops")


def test_files_of_something_else_are_refused(model, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        BoneAgeClusterer.load(tmp_path / "nowhere")
    other = tmp_path / "other"
    for text in (b"", b"PK", b"film,cluster\n", b"\x89PNG"):
        other.write_bytes(text)
        with pytest.raises(ValueError, match="other is no model"):
            BoneAgeClusterer.load(other)
    np.savez(other, model.labels_)
    with pytest.raises(ValueError, match=r"other\.npz is no model"):
        BoneAgeClusterer.load(other.with_suffix(".npz"))


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("lzma", 3)])
def test_old_files_say_how_to_make_new_ones(model, tmp_path, compress):
    joblib.dump(model, tmp_path / "model.joblib", compress=compress)
    with pytest.raises(ValueError, match=r"no longer loaded.*baccaec fit"):
        BoneAgeClusterer.load(tmp_path / "model.joblib")


def test_a_newer_format_is_refused(content, tmp_path):
    def renew(metadata):
        metadata["versions"]["sklearn-baccaec"] = "9.1.0"
        return {**metadata, "format": 2}

    (tmp_path / "model.skops").write_bytes(forge(content, baccaec=renew))
    with pytest.raises(ValueError, match=r"model\.skops .* 9\.1\.0.*upgrade"):
        BoneAgeClusterer.load(tmp_path / "model.skops")


@pytest.mark.parametrize(
    ("package", "version"),
    [("scikit-learn", "1.2.3"), ("sklearn-baccaec", "9.9.9"), ("opencv", "3.4.0")],
)
def test_other_versions_are_told_once(
    content, films, model, tmp_path, package, version, recwarn
):
    def rewrite(metadata):
        metadata["versions"][package] = version
        return metadata

    def age(schema):
        return json.loads(
            json.dumps(schema).replace(
                json.dumps(json.dumps(sklearn.__version__)), json.dumps('"1.2.3"')
            )
        )

    file = tmp_path / "model.skops"
    file.write_bytes(forge(content, baccaec=rewrite, schema=age))
    loaded = BoneAgeClusterer.load(file)
    (warning,) = recwarn.list
    assert warning.filename == __file__
    assert type(warning.message) is UserWarning
    here = _container._versions()[package]
    assert f"{package} {version} (here: {here})" in str(warning.message)
    check_same(loaded, model, films)


def test_patch_versions_are_not_worth_a_warning(content, tmp_path, recwarn):
    def rewrite(metadata):
        saved = metadata["versions"]["scikit-learn"].split(".")
        metadata["versions"]["scikit-learn"] = ".".join([*saved[:2], "99"])
        return metadata

    (tmp_path / "model.skops").write_bytes(forge(content, baccaec=rewrite))
    BoneAgeClusterer.load(tmp_path / "model.skops")
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
    ):
        other = pickle.loads(pickle.dumps(model))
        other.landmarker = content
        other.save(tmp_path / "model.skops")
        with pytest.raises(ValueError, match=f"holds .*{name}"):
            BoneAgeClusterer.load(tmp_path / "model.skops")
        assert not mark.exists()


def call(name, module, loader, *args):
    """A skops node that would call a function of a module."""
    argument = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode"}
    arguments = [{**argument, "content": json.dumps(text)} for text in args]
    content = {
        "__class__": "tuple",
        "__module__": "builtins",
        "__loader__": "TupleNode",
        "content": arguments,
    }
    kind = {"__class__": name, "__module__": module, "__loader__": loader}
    return {**kind, "content": content, "attrs": content}


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
        ("Anything", "nowhere", "ObjectNode"),
        ("str", "builtins", "NoSuchNode"),
    ],
)
def test_forged_calls_are_refused(content, tmp_path, name, module, loader):
    mark = tmp_path / "mark"

    def put(schema):
        attributes = schema["content"]["model"]["content"]["content"]
        attributes["landmarker"] = call(name, module, loader, f"touch {mark}")
        return schema

    (tmp_path / "model.skops").write_bytes(forge(content, schema=put))
    with pytest.raises(ValueError, match=r"^model\.skops "):
        BoneAgeClusterer.load(tmp_path / "model.skops")
    assert not mark.exists()


@pytest.mark.parametrize("step", [None, 0, 2])
def test_a_file_that_names_a_cache_is_refused(content, tmp_path, step):
    """A cache holds pickles: one that a file brings along could run code."""
    text = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode"}

    def put(schema):
        attributes = schema["content"]["model"]["content"]["content"]
        if step is not None:
            steps = attributes["pipeline_"]["content"]["content"]["steps"]["content"]
            attributes = steps[step]["content"][1]["content"]["content"]
        attributes["memory"] = {**text, "content": '"cache"'}
        return schema

    (tmp_path / "model.skops").write_bytes(forge(content, schema=put))
    with pytest.raises(ValueError, match="names a cache"):
        BoneAgeClusterer.load(tmp_path / "model.skops")


def test_another_object_in_the_file_is_refused(model, tmp_path):
    data = _container.pack({"model": CCAEC()}, {})
    (tmp_path / "model.skops").write_bytes(data)
    with pytest.raises(ValueError, match="CCAEC is no BoneAgeClusterer"):
        BoneAgeClusterer.load(tmp_path / "model.skops")


def test_trusted_types_are_there():
    """Their names stand in files; a class that moves cannot be loaded."""
    kinds = set()
    for name in _container.TRUSTED:
        module, _, kind = name.rpartition(".")
        kinds.add(getattr(import_module(module), kind))
    estimators = {
        getattr(sklearn_baccaec, name)
        for name in sklearn_baccaec.__all__
        if isinstance(getattr(sklearn_baccaec, name), type)
    }
    assert estimators - kinds == {sklearn_baccaec.RegionSubsetSearchCV}
