import os
import pickle
import re

import cv2
import numpy as np
import pandas as pd
import pytest
from film_files import tiff
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import FilmError, _formats, read_film
from sklearn_baccaec.films._checks import check_films
from sklearn_baccaec.films._formats import FilmFormat
from sklearn_baccaec.films._open_film import film_digest

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (40, 50), dtype=np.uint8)
GREY[0, :2] = 0, 255
DEEP = RNG.integers(0, 65536, (40, 50), dtype=np.uint16)
DEEP[0, :2] = 0, 65535
SMOOTH = cv2.GaussianBlur(GREY, (0, 0), 4)
THUMBNAIL = b"\xff\xd8\xff\xe1\x00\x08Exif\xff\xd9"  # start of a JPEG with one


def write(path, pixels):
    assert cv2.imwrite(str(path), pixels)
    return path


def plain_tiff(pixels):
    return tiff(*pixels.shape, pixels.tobytes(), pixels.itemsize * 8)


# What X may be
def test_sequences_of_films_keep_their_order(tmp_path):
    paths = [tmp_path / f"{i}.png" for i in (3, 1, 2)]
    assert check_films(paths) == paths
    assert check_films(tuple(map(str, paths))) == list(map(str, paths))
    assert check_films(np.array(list(map(str, paths)))) == list(map(str, paths))
    assert check_films(pd.Series(paths, index=[7, 7, 0])) == paths
    assert check_films(path for path in paths) == paths


def test_stack_and_mixed_list_are_films(tmp_path):
    stack = np.stack([GREY, GREY[::-1]])
    np.testing.assert_array_equal(check_films(stack), stack)
    path, pixels = check_films([tmp_path / "a.png", GREY])
    assert path == tmp_path / "a.png"
    assert pixels is GREY


@pytest.mark.parametrize(
    "X",
    [
        *("a.png", np.array("a.png"), pd.DataFrame({"path": ["a.png"]}), 3, None),
        *(GREY, np.zeros((2, 40, 50, 3)), {"a": GREY}, {1, 2}, frozenset("ab")),
        *(b"ab", bytearray(b"ab"), memoryview(GREY)),
    ],
    ids=lambda X: type(X).__name__ + str(getattr(X, "shape", "")),
)
def test_what_is_no_sequence_of_films_is_refused_with_the_way_out(X):
    with pytest.raises(ValueError, match=r"one path .'a\.png'|list of paths"):
        check_films(X)


@pytest.mark.parametrize("X", [[], (), np.empty((0, 40, 50)), iter(())])
def test_no_films_are_refused(X):
    with pytest.raises(ValueError, match="holds no films"):
        check_films(X)


# Files
@pytest.mark.parametrize("pixels", [GREY, DEEP], ids=["8 bit", "16 bit"])
@pytest.mark.parametrize("suffix", ["png", "tif", "tiff"])
def test_files_are_read_with_their_full_values(tmp_path, pixels, suffix):
    read = read_film(write(tmp_path / f"a.{suffix}", pixels))
    assert read.dtype == np.float32
    assert read.flags.c_contiguous
    np.testing.assert_array_equal(read, pixels)


def test_plain_tiff_and_text_path(tmp_path):
    (tmp_path / "a.tif").write_bytes(plain_tiff(DEEP))
    np.testing.assert_array_equal(read_film(str(tmp_path / "a.tif")), DEEP)


def test_jpeg_is_read_nearly_as_written(tmp_path):
    read = read_film(write(tmp_path / "a.jpg", SMOOTH))
    assert np.abs(read - SMOOTH).max() <= 10


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_grey_film_saved_in_colour_is_read(tmp_path, suffix):
    colours = write(tmp_path / f"a.{suffix}", np.dstack([SMOOTH] * 3))
    assert np.abs(read_film(colours) - SMOOTH).max() <= 10


def test_missing_files_and_files_that_are_no_images(tmp_path):
    path = tmp_path / "a.png"
    with pytest.raises(FilmError, match=r"^a\.png: there is no such file$"):
        read_film(path)
    path.write_bytes(b"")
    with pytest.raises(FilmError, match=r"^a\.png: the file is empty$"):
        read_film(path)
    path.write_text("id,boneage\n1,2\n")
    reason = "the file is not a DICOM, PNG, JPEG, TIFF, BMP or WebP image"
    with pytest.raises(FilmError, match=rf"^a\.png: {reason}"):
        read_film(path)


@pytest.mark.parametrize("kind", ["png", "png16", "jpg", "tif", "tif16", "plain"])
@pytest.mark.parametrize("share", [0.002, 0.01, 0.1, 0.5, 0.9, 0.99, -20, -13])
def test_truncated_files_are_refused(tmp_path, kind, share):
    path = tmp_path / f"a.{kind[:3]}"
    if kind == "plain":
        path.write_bytes(plain_tiff(GREY))
    else:
        write(path.with_suffix("." + kind[:3]), DEEP if "16" in kind else GREY)
    content = path.read_bytes()
    path.write_bytes(content[: int(share) if share < 0 else int(share * len(content))])
    with pytest.raises(FilmError) as caught:
        read_film(path)
    assert caught.value.film == path.name
    if kind.startswith(("png", "jpg")):
        assert caught.value.reason == "the file is truncated"


def test_end_mark_of_a_thumbnail_does_not_hide_a_torn_jpeg(tmp_path):
    path = write(tmp_path / "a.jpg", RNG.integers(0, 256, (99, 99)))
    content = path.read_bytes().replace(b"\xff\xd8", THUMBNAIL, 1)
    path.write_bytes(content)
    assert read_film(path).shape == (99, 99)
    path.write_bytes(content[:-9])
    with pytest.raises(FilmError, match=r"a\.jpg: the file is truncated"):
        read_film(path)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["png", "jpg", "tif"]),
    place=st.floats(0, 1, exclude_max=True),
    flip=st.integers(1, 255),
)
def test_flipped_byte_never_crashes_and_is_found_in_png(
    tmp_path_factory, kind, place, flip
):
    path = tmp_path_factory.mktemp("flip") / f"a.{kind}"
    content = bytearray(write(path, GREY).read_bytes())
    content[int(place * len(content))] ^= flip
    path.write_bytes(content)
    try:
        read = read_film(path)
    except FilmError as error:
        assert error.film == path.name
        return
    assert read.ndim == 2
    if kind == "png":  # the one format with checksums
        np.testing.assert_array_equal(read, GREY)


# Pixels
@pytest.mark.parametrize("scale", [1, 257])
def test_channels(scale):
    grey = GREY.astype(np.uint16) * scale if scale > 1 else GREY
    opaque = np.full_like(grey, np.iinfo(grey.dtype).max)
    for channels in ([grey], [grey] * 3, [grey, opaque], [grey] * 3 + [opaque]):
        np.testing.assert_array_equal(read_film(np.dstack(channels)), grey)
    holed = opaque.copy()
    holed[3, 4] = 0
    for channels in ([grey, holed], [grey] * 3 + [holed]):
        with pytest.raises(FilmError, match="partly transparent"):
            read_film(np.dstack(channels))
    coloured = np.dstack([grey, grey, grey[::-1]])
    for film in (coloured, np.dstack([coloured, opaque])):
        with pytest.raises(FilmError, match="colour image"):
            read_film(film)
    with pytest.raises(FilmError, match="5 channels"):
        read_film(np.dstack([grey] * 5))


def test_transparent_file(tmp_path):
    film = np.dstack([GREY] * 3 + [np.full_like(GREY, 255)])
    np.testing.assert_array_equal(read_film(write(tmp_path / "b.png", film)), GREY)
    film[3, 4, 3] = 0
    with pytest.raises(FilmError, match=r"b\.png: the film is partly transparent"):
        read_film(write(tmp_path / "b.png", film))


def with_pixel(value):
    film = GREY.astype(float)
    film[5, 6] = value
    return film


@pytest.mark.parametrize(
    ("film", "reason"),
    [
        (np.ones((1, 1)), "1 x 1 pixels; at least 32 x 32"),
        (np.arange(31.0 * 99).reshape(31, 99), "31 x 99 pixels"),
        (np.zeros((0, 40)), "0 x 40 pixels"),
        (np.full((40, 40), 7), "constant: every pixel is 7"),
        (with_pixel(np.nan), "NaN or infinite"),
        (with_pixel(np.inf), "NaN or infinite"),
        (with_pixel(-np.inf), "NaN or infinite"),
        (with_pixel(-3), r"negative pixels \(lowest -3\)"),
        (GREY > 99, "pixels are bool"),
        (GREY * 1j, "pixels are complex128"),
        (GREY.astype(object), "pixels are object"),
        (GREY.astype(str), "pixels are <U"),
        (np.arange(99), "1 dimensions instead of 2"),
        (np.array(5), "0 dimensions instead of 2"),
        (np.zeros((2, 2, 40, 40)), "4 dimensions instead of 2"),
        (None, "pixels are object"),
        ([[1, 2], [3]], ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "film",
)
def test_pixels_that_are_no_film(film, reason):
    with pytest.raises(FilmError, match=f"^film 4: .*{reason}"):
        read_film(film, 4)
    with pytest.raises(FilmError, match=f"^film 4: .*{reason}"):
        film_digest(film, 4)


def test_reading_leaves_the_array_alone():
    np.testing.assert_array_equal(read_film(GREY.tolist()), GREY)
    for film in (GREY.astype(np.float32), GREY.copy(), np.dstack([GREY] * 3)):
        before = film.copy()
        read_film(film)
        film_digest(film)
        np.testing.assert_array_equal(film, before)


def test_error_is_a_value_error_and_survives_pickling():
    error = pickle.loads(pickle.dumps(FilmError("a.png", "it is torn")))
    assert isinstance(error, ValueError)
    assert (error.film, error.reason) == ("a.png", "it is torn")
    assert str(error) == "a.png: it is torn"


@settings(max_examples=30, deadline=None)
@given(
    dtype=st.sampled_from(["u1", "u2", ">u2", "i4", "i8", "f4", "f8"]),
    order=st.sampled_from("CF"),
    seed=st.integers(0, 99),
)
def test_digest_ignores_dtype_and_memory_order(dtype, order, seed):
    film = np.random.default_rng(seed).integers(0, 256, (33, 35), dtype=np.uint8)
    digest = film_digest(film)
    assert film_digest(film.astype(dtype, order=order)) == digest
    assert film_digest(np.repeat(film, 2, axis=1)[:, ::2]) == digest
    other = film.copy()
    other[-1, -1] ^= 1
    assert film_digest(other) != digest


def test_digest_tells_shapes_apart():
    assert film_digest(GREY) != film_digest(GREY.reshape(50, 40))


def test_digest_of_a_file_follows_its_content(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(plain_tiff(GREY))
    first = film_digest(path)
    assert film_digest(str(path)) == first
    assert film_digest(write(tmp_path / "b.tif", GREY[::-1])) != first
    path.write_bytes(plain_tiff(GREY[::-1]))  # as many bytes as before
    os.utime(path, ns=(0, 12345))
    assert film_digest(path) != first
    path.write_bytes(plain_tiff(GREY))
    os.utime(path, ns=(0, 23456))
    assert film_digest(path) == first


def test_another_format_is_another_row_of_the_table(tmp_path, monkeypatch):
    def decode(path, name):
        content = path.read_bytes()[4:]
        pixels = np.frombuffer(content, np.uint8)
        return pixels.reshape(40, 50) if len(content) == 2000 else None

    row = FilmFormat(
        "RAW", (".raw",), re.compile(b"RAW1"), decode, lambda path: (0.2, "L")
    )
    monkeypatch.setattr(_formats, "FORMATS", (*_formats.FORMATS, row))
    monkeypatch.setattr(_formats, "FILM_SUFFIXES", (*_formats.FILM_SUFFIXES, ".raw"))
    (tmp_path / "a.raw").write_bytes(b"RAW1" + GREY.tobytes())
    films = load_radiographs(tmp_path)
    assert films.frame["pixel_spacing"].tolist() == [0.2]
    assert films.frame["laterality"].tolist() == ["L"]
    np.testing.assert_array_equal(read_film(films.data[0]), GREY)
    digest = film_digest(films.data[0])
    (tmp_path / "a.raw").write_bytes(b"RAW1")
    with pytest.raises(FilmError, match=r"^a\.raw: .* or is damaged$"):
        read_film(films.data[0])
    assert film_digest(films.data[0]) != digest
