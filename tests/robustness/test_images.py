"""Films that are none: files and arrays of all kinds."""

import os
import struct
import zlib

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from film_files import tiff
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from sklearn_baccaec import BoneAgeClusterer, HandLandmarker
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import FilmError, read_film
from sklearn_baccaec.films._open_film import film_digest

GREY = np.random.default_rng(0).integers(0, 256, (60, 50)).astype(np.uint8)


def png(width, height, bits=8, pixels=b""):
    """Bytes of a PNG whose header says what it likes."""

    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + zlib.crc32(body).to_bytes(4)

    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


BROKEN_FILES = {
    "empty": b"",
    "nothing but zeros": bytes(1000),
    "html": b"<!doctype html><title>404</title>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "zip": b"PK\x03\x04" + bytes(99),
    "signature alone": b"\x89PNG\r\n\x1a\n",
    "jpeg without data": b"\xff\xd8\xff\xd9",
    "tiff without data": b"II*\0\x08\0\0\0",
    "tiff that points at itself": struct.pack("<2sHIHI", b"II", 42, 8, 0, 8),
    "png of no pixels": png(0, 0),
    "png of 4 exapixels": png(2**31 - 1, 2**31 - 1),
    "png of 900 megapixels": png(30_000, 30_000),
    "tiff of 10 gigapixels": tiff(100_000, 100_000, bytes(99)),
    "tiff of 0 bits": tiff(60, 50, GREY.tobytes(), bits=0),
    "tiff with NaN": tiff(
        60, 50, np.where(GREY > 250, np.nan, GREY).astype("f4").tobytes(), 32, 3
    ),
    "negative tiff": tiff(60, 50, (GREY - np.int16(99)).tobytes(), 16, 2),
    "one pixel": png(1, 1, pixels=b"\0\x07"),
    "constant": png(64, 64, pixels=bytes(65 * 64)),
    "wrong checksum": png(60, 60, pixels=bytes(61 * 60))[:-30] + b"?" * 30,
}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".TIFF"])
@pytest.mark.parametrize("kind", BROKEN_FILES)
def test_broken_files(tmp_path, kind, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(BROKEN_FILES[kind])
    with pytest.raises(FilmError, match=f"^a{suffix}: the fil"):
        read_film(path)


def make_huge(path):
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no space


NO_FILES = {
    "folder": os.mkdir,
    "pipe": os.mkfifo,
    "link to nothing": lambda path: path.symlink_to("/nonexistent"),
    "link to itself": lambda path: path.symlink_to(path),
    "zeros without end": lambda path: path.symlink_to("/dev/zero"),
    "huge": make_huge,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_not_opened(tmp_path, expect_set_aside, extract, kind):
    path = tmp_path / "a.png"
    NO_FILES[kind](path)
    for look in (
        read_film,
        film_digest,
        lambda path: extract([path], on_error="raise"),
    ):
        with pytest.raises(FilmError, match=r"^a\.png: the(re is no such)? file"):
            look(path)
    assert HandLandmarker().locate([path]).reasons[0] == expect_set_aside(path)


def test_a_listing_leaves_out_what_is_no_file(tmp_path):
    for kind, make in NO_FILES.items():
        if kind != "huge":
            make(tmp_path / f"{kind}.png")
    (tmp_path / "film.PNG").write_bytes(b"")
    assert load_radiographs(tmp_path).ids.tolist() == ["film"]


def test_a_file_whose_state_is_unknown_keeps_its_row(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"")

    def forbidden(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.is_file", forbidden)
    assert load_radiographs(tmp_path).ids.tolist() == ["a"]


@pytest.mark.parametrize("name", ["a b", "new\nline", "ünï", '"', "x" * 200, "s\udcff"])
def test_names(tmp_path, name):
    path = tmp_path / f"{name}.png"
    path.write_bytes(cv2.imencode(".png", GREY)[1].tobytes())
    np.testing.assert_array_equal(read_film(path), GREY)
    assert load_radiographs(tmp_path).ids.tolist() == [name]


@pytest.mark.parametrize("path", ["", ".", "x" * 5000, "a\0b", "/dev/null/a.png"])
def test_paths_that_lead_nowhere(path, extract):
    with pytest.raises(FilmError, match=r"^.+: "):
        read_film(path, 7)
    with pytest.raises(FilmError, match=r"^.+: "):
        extract([path], on_error="raise")


def with_pixel(value, dtype=float):
    film = GREY.astype(dtype)
    film[3, 4] = value
    return film


NO_PIXELS = {
    "a number": 3,
    "bytes": b"a.png",
    "a table of text": [["a"] * 40] * 40,
    "dates": GREY.astype("M8[s]"),
    "sparse": sparse.csr_array(GREY),
    "masked": np.ma.masked_less(GREY, 9),
    "torch, with gradients": torch.ones(40, 40, requires_grad=True),
    "torch, without numbers": torch.empty(40, 40, device="meta"),
    "torch, of a type numpy lacks": torch.ones(40, 40, dtype=torch.bfloat16),
    "pandas, with gaps": pd.DataFrame(GREY).astype("Int64").mask(GREY > 250),
    "inf": with_pixel(np.inf, np.float16),
    "beyond float32": with_pixel(1e300),
    "beyond sums of float32": with_pixel(3e38),
    "all below float32": GREY * 1e-310,
    "all alike in float32": GREY + np.uint64(2**62),
    "large and constant": np.broadcast_to(np.uint8(0), (4000, 4000)),
    "a film in a list": [GREY],
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", NO_PIXELS)
def test_what_are_no_pixels(kind, expect_set_aside):
    with pytest.raises(FilmError, match=r"^film 7: "):
        read_film(NO_PIXELS[kind], 7)
    expect_set_aside(NO_PIXELS[kind])


def frozen(film):
    film = film.copy()
    film.setflags(write=False)
    return film


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "change",
    [
        frozen,
        np.asfortranarray,
        lambda film: np.repeat(film, 2, axis=1)[:, ::2],
        lambda film: film[::-1][::-1],
        lambda film: film.astype(">u2"),
        lambda film: film.astype(np.float16),
        lambda film: film.astype(np.uint64),
        lambda film: np.where(film == 0, -0.0, film),
        lambda film: film.tolist(),
        lambda film: torch.tensor(film),
        lambda film: pd.DataFrame(film),
        lambda film: memoryview(film),
        lambda film: np.ma.masked_array(film),
        lambda film: film[..., None],
    ],
    ids=range(14),
)
def test_all_kinds_of_arrays_give_the_same_crops(change, films, extract):
    expected = extract(films.data[:4])
    found = extract([change(films.data[0]), *films.data[1:4]])
    np.testing.assert_array_equal(found.crops, expected.crops)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-44, 1e-30, 1e27])
def test_grey_values_of_any_size(scale, films, extract):
    found = extract([films.data[0] * scale, *films.data[1:4]])
    assert found.valid.all()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    film=hnp.arrays(
        st.sampled_from(["u1", "u2", "i8", "f2", "f4", "f8", "?", "c8"]),
        st.tuples(st.integers(0, 48), st.integers(0, 48)),
        fill=st.sampled_from([0, 1]),
    )
    | st.lists(st.integers(0, 9) | st.none() | st.text(max_size=2), max_size=3)
    | st.binary(max_size=9)
)
def test_any_film_is_read_or_named(film):
    try:
        pixels = read_film(film, 7)
    except FilmError as error:
        assert error.film == "film 7"
        return
    assert pixels.dtype == np.float32
    assert np.isfinite(pixels).all()


def test_films_with_bad_ones_among_them(films, tmp_path, make_model):
    """Every stage keeps the rows: landmarks, crops, latents, clusters and tables."""
    bad = [tmp_path / "gone.png", None, np.zeros((50, 50)), GREY > 9]
    X = [bad[i // 5 % 4] if i % 5 == 0 else films.data[i % 12] for i in range(60)]
    y = np.full(60, 96.0)
    model: BoneAgeClusterer = make_model(on_error="skip").fit(X, y)
    aside = np.arange(60) % 5 == 0
    np.testing.assert_array_equal(model.labels_ < 0, aside)
    np.testing.assert_array_equal(~model.valid_.any(axis=1), aside)
    np.testing.assert_array_equal(model.assignments_["cluster"] < 0, aside)
    np.testing.assert_array_equal(model.assignments_["age"].isna(), aside)
    np.testing.assert_array_equal(np.isnan(model.transform(X)).all(axis=1), aside)
    np.testing.assert_array_equal(model.assign(X)["cluster"] < 0, aside)
    assert model.score(X, y) == pytest.approx(0.8)
