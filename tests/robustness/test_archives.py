"""Files of models and weights that few bytes, or strange ones, make dangerous."""

import hashlib
import io
import json
import os
import tracemalloc
import zipfile

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklearn_baccaec import CCAEC, HandLandmarker, load_model, save_model
from sklearn_baccaec._utils.archives import MAX_UNPACKED, read_member
from sklearn_baccaec.regions.landmarking._weights import (
    WeightsError,
    load_weights,
    save_weights,
)


@pytest.fixture(scope="module")
def content(make_model, films, tmp_path_factory):
    """Content of a model's file."""
    path = tmp_path_factory.mktemp("saved") / "model.skops"
    save_model(make_model(encoder=PCA(2)).fit(films.data, films.target), path)
    return path.read_bytes()


def members_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            stored = zipfile.ZIP_STORED if name == "baccaec.json" else None
            archive.writestr(name, member, stored)
        archive.comment = bytes(64)
    return buffer.getvalue()[:-64]


def sealed(data):
    return data + hashlib.sha256(data).hexdigest().encode()


def saved(path, data):
    path.write_bytes(data)
    return path


def peak_of(function, *args):
    """Most bytes that Python allocated in a call that raises a ValueError."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError) as caught:
            function(*args)
        return tracemalloc.get_traced_memory()[1], str(caught.value)
    finally:
        tracemalloc.stop()


def test_a_model_that_would_fill_the_memory_is_refused(content, tmp_path):
    many = {**members_of(content), "more.npy": bytes(MAX_UNPACKED)}
    path = saved(tmp_path / "bomb.skops", sealed(zipped(many)))
    assert path.stat().st_size < 10**6
    peak, said = peak_of(load_model, path)
    assert "bomb.skops cannot be loaded: ValueError('it would unpack to 268," in said
    assert peak < 50 * 2**20


def test_members_that_are_longer_than_told_are_not_unpacked(tmp_path):
    data = zipped({"a": bytes(MAX_UNPACKED)})
    told = MAX_UNPACKED.to_bytes(4, "little")
    assert data.count(told) >= 1
    lying = data.replace(told, (99).to_bytes(4, "little")) + bytes(64)
    with zipfile.ZipFile(io.BytesIO(lying)) as archive:
        assert archive.getinfo("a").file_size == 99
        tracemalloc.start()
        try:
            with pytest.raises((ValueError, zipfile.BadZipFile)):
                read_member(archive, "a")
            assert tracemalloc.get_traced_memory()[1] < 2**20
        finally:
            tracemalloc.stop()


def test_weights_that_would_fill_the_memory_are_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, zeros=np.zeros(MAX_UNPACKED // 4 + 1, np.float32))
    peak, said = peak_of(load_weights, path)
    assert "bomb.npz is damaged, or not one (it would unpack to 268," in said
    assert peak < 50 * 2**20


def test_large_files_of_floats_are_read(tmp_path, monkeypatch):
    """However large: what was saved can be read."""
    monkeypatch.setattr("sklearn_baccaec._utils.archives.MAX_UNPACKED", 0)
    path = tmp_path / "own.npz"
    save_weights(load_weights("rsna"), path)
    assert load_weights(path).keys() == load_weights("rsna").keys()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path, value, hands):
    weights = load_weights("rsna")
    name = next(name for name, array in weights.items() if array.dtype.kind == "f")
    weights[name] = weights[name].copy()
    weights[name].flat[-1] = value
    save_weights(weights, tmp_path / "own.npz")
    landmarker = HandLandmarker(weights=tmp_path / "own.npz")
    message = r"own\.npz holds numbers that are not finite; save it again"
    with pytest.raises(WeightsError, match=message):
        landmarker.predict(hands.data[:1])


@pytest.mark.parametrize("part", ["landmarker", "encoder"])
def test_models_with_weights_that_are_not_finite_are_refused(
    make_model, films, tmp_path, part
):
    model = make_model(landmarker=HandLandmarker(), on_error="skip", min_confidence=0)
    model.set_params(encoder=CCAEC(max_steps=1), regions=["carpus"], n_clusters=1)
    model.fit(films.data[:3])
    path = tmp_path / "model.skops"
    save_model(model, path)
    load_model(path)
    if part == "encoder":
        weights = model.pipeline_["encoder"].encoders_["carpus"].weights_
        kind = "CCAEC"
    else:
        weights = model.landmarker_.weights_ = dict(load_weights("rsna"))
        kind = "HandLandmarker"
    name = next(iter(weights))
    weights[name] = np.full_like(weights[name], np.nan)
    save_model(model, path)
    message = rf"model\.skops cannot be loaded: .*its {kind} has weights .* not finite"
    with pytest.raises(ValueError, match=message):
        load_model(path)


ESCAPES = ["\x1b[2J\x1b]0;owned\x07", "1.2\r3", "9.9\x9b31m", "1.0\n2", "1.0\u202e", ""]


@pytest.mark.parametrize("text", ESCAPES)
@pytest.mark.parametrize("package", ["sklearn-baccaec", "scikit-learn", "skops"])
@pytest.mark.parametrize("form", [1, 99])
def test_control_characters_of_the_metadata_are_not_said(
    content, tmp_path, text, package, form, recwarn
):
    members = members_of(content)
    metadata = json.loads(members["baccaec.json"])
    metadata["versions"][package] = text
    metadata["format"] = form
    members["baccaec.json"] = json.dumps(metadata).encode()
    path = saved(tmp_path / "model.skops", sealed(zipped(members)))
    with pytest.raises(ValueError, match=r"model\.skops cannot be loaded") as caught:
        load_model(path)
    assert str(caught.value).isprintable()
    assert not recwarn.list


def test_control_characters_of_foreign_types_are_not_said(content, tmp_path):
    members = members_of(content)
    schema = json.loads(members["schema.json"])
    evil = {"__class__": "a\x1b[2J", "__module__": "b\x07", "__loader__": "TypeNode"}
    schema["content"]["content"]["landmarker"] = evil
    members["schema.json"] = json.dumps(schema).encode()
    path = saved(tmp_path / "model.skops", sealed(zipped(members)))
    with pytest.raises(
        ValueError, match=r"^model\.skops holds b\\x07\.a\\x1b"
    ) as caught:
        load_model(path)
    assert str(caught.value).isprintable()


@pytest.mark.timeout(60)
def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", tmp_path):
        with pytest.raises(FileNotFoundError, match="no model file"):
            load_model(path)
        with pytest.raises(WeightsError, match="no weights file"):
            load_weights(path)


def test_a_huge_file_of_something_else_is_not_read(tmp_path):
    path = tmp_path / "huge.skops"
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no space
    peak, said = peak_of(load_model, path)
    assert "huge.skops is not a model" in said
    assert peak < 2**20
