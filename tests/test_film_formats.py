"""Formats of film files: told by their first bytes, whole, and of a size that fits."""

import os
import re
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from dicom_files import save_dicom
from film_files import tiff
from PIL import Image

from sklearn_baccaec.films import FilmError, _checks, read_film
from sklearn_baccaec.films._formats import is_film, may_be_film

RNG = np.random.default_rng(0)
SMOOTH = cv2.GaussianBlur(RNG.integers(0, 256, (160, 120), np.uint8), (0, 0), 3)
SMOOTH = cv2.normalize(SMOOTH, None, 0, 255, cv2.NORM_MINMAX)
TAILS = [b"\0" * 100, b"\xff\xd9", b"\xff\xda" + bytes(99), b"IDAT" * 9, b"IEND"]


def encoded(suffix, film=SMOOTH, *options):
    return cv2.imencode(suffix, film, options)[1].tobytes()


# What is a film
@pytest.mark.parametrize("suffix", ["jfif", "jpe", "bmp", "dib", "webp", "JPG"])
def test_usual_suffixes_are_read(tmp_path, suffix):
    kind = {"jfif": "jpg", "jpe": "jpg", "dib": "bmp"}.get(suffix, suffix.lower())
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(encoded(f".{kind}"))
    assert np.abs(read_film(path) - SMOOTH).max() <= (10 if kind == "jpg" else 0)
    assert may_be_film(path)
    assert is_film(path)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "bmp", "webp", "dcm"])
@pytest.mark.parametrize("name", ["a", "a.IMA", "a.txt", "1.2.840.7"])
def test_a_film_is_told_by_its_first_bytes(tmp_path, suffix, name):
    path = tmp_path / name
    if suffix == "dcm":
        save_dicom(path, SMOOTH)
    else:
        path.write_bytes(encoded(f".{suffix}"))
    assert is_film(path)
    assert may_be_film(path)
    path.write_bytes(path.read_bytes()[:200])
    assert is_film(path)  # though torn: whoever reads it says so


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"id,boneage\n1,2\n", b"PK\x03\x04" + bytes(300), b"BM, a firm"),
        *(bytes(300), b"RIFF\x24\0\0\0WAVEfmt ", b"GIF89a", b"<html>"),
        *(b"\x93NUMPY\x01\0", b"%PDF-1.7"),
    ],
)
def test_what_is_no_film(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    assert not is_film(path)
    assert not may_be_film(path)
    with pytest.raises(FilmError, match=r"^a: the file is (empty|not a DICOM, PNG)"):
        read_film(path)


def test_neither_pipes_nor_folders_are_opened(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    assert not is_film(tmp_path / "a.png")
    assert not is_film(tmp_path)
    assert not is_film(tmp_path / "nothing")


# Ends
@pytest.mark.parametrize("tail", [*TAILS, "itself", "half of itself"], ids=range(7))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tif"])
def test_what_follows_the_end_does_not_matter(tmp_path, suffix, tail):
    content = encoded(suffix)
    (tmp_path / "a").write_bytes(content)
    if isinstance(tail, str):
        tail = content[: len(content) // (2 if "half" in tail else 1)]
    (tmp_path / "b").write_bytes(content + tail)
    np.testing.assert_array_equal(read_film(tmp_path / "b"), read_film(tmp_path / "a"))


JPEG_KINDS = {
    "plain": (),
    "progressive": (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "with restarts": (cv2.IMWRITE_JPEG_RST_INTERVAL, 4),
}


@pytest.mark.parametrize("kind", JPEG_KINDS)
@pytest.mark.parametrize("share", [0.2, 0.35, 0.5])
@pytest.mark.parametrize("channels", [1, 3])
def test_half_a_jpeg_with_an_end_is_refused(tmp_path, kind, share, channels):
    film = np.dstack([SMOOTH] * channels).squeeze()
    content = encoded(".jpg", film, *JPEG_KINDS[kind])
    head = content.index(b"\xff\xda")
    cut = head + int(share * (len(content) - head))
    (tmp_path / "a.jpg").write_bytes(content[:cut] + b"\xff\xd9")
    with pytest.raises(FilmError, match=r"^a\.jpg: the file is truncated$"):
        read_film(tmp_path / "a.jpg")


def test_a_jpeg_cut_at_a_restart_is_refused(tmp_path):
    content = encoded(".jpg", SMOOTH, *JPEG_KINDS["with restarts"])
    marks = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", content)]
    for mark in (marks[3], marks[-1]):
        (tmp_path / "a.jpg").write_bytes(content[:mark] + b"\xff\xd9")
        with pytest.raises(FilmError, match=r"^a\.jpg: the file is truncated$"):
            read_film(tmp_path / "a.jpg")


@pytest.mark.parametrize("kind", JPEG_KINDS)
def test_a_corner_of_mid_grey_is_no_missing_part(tmp_path, kind):
    film = SMOOTH.copy()
    film[80:, 60:] = 128
    (tmp_path / "a.jpg").write_bytes(encoded(".jpg", film, *JPEG_KINDS[kind]))
    assert np.abs(read_film(tmp_path / "a.jpg") - film).max() <= 60
    assert (read_film(tmp_path / "a.jpg")[100:, 80:] == 128).all()


# Sizes
SIZES = {"small": (40, 36), "too large": (20_000, 19_999)}


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + zlib.crc32(body).to_bytes(4)


def one_bit_png(height, width):
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x0f" * (width // 8 + (width % 8 > 0))) * height, 1)
    parts = (b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def tiled_tiff(height, width, *, big=False):
    """Few pixels in one large tile."""
    tags = {256: 40, 257: 40, 258: 8, 259: 1, 262: 1, 277: 1}
    tags |= {322: width, 323: height, 324: 8, 325: 1600}
    if big:
        body = b"".join(struct.pack("<HHQQ", k, 4, 1, v) for k, v in tags.items())
        return struct.pack("<2sHHHQQ", b"II", 43, 8, 0, 16, len(tags)) + body + bytes(8)
    body = b"".join(struct.pack("<HHII", k, 4, 1, v) for k, v in tags.items())
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + body + bytes(4)


def patched(suffix, find, put):
    def make(height, width):
        content = bytearray(encoded(suffix))
        at = find(content)
        new = put(height, width)
        content[at : at + len(new)] = new
        return bytes(content)

    return make


HUGE = {
    "png": one_bit_png,
    "jpeg": patched(
        ".jpg", lambda c: c.index(b"\xff\xc0") + 5, lambda *hw: struct.pack(">HH", *hw)
    ),
    "tiff": lambda height, width: tiff(height, width, bytes(99)),
    "tile": tiled_tiff,
    "big tiff": lambda *shape: tiled_tiff(*shape, big=True),
    "bmp": patched(".bmp", lambda c: 18, lambda h, w: struct.pack("<ii", w, -h)),
    "dicom": None,
}


@pytest.mark.parametrize("kind", HUGE)
def test_size_is_told_before_pixels_are_made(tmp_path, kind, monkeypatch):
    height, width = SIZES["too large"]
    path = tmp_path / "a"
    if kind == "dicom":
        save_dicom(path, SMOOTH, Rows=height, Columns=width)
    else:
        path.write_bytes(HUGE[kind](height, width))

    def fail(*args):
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(cv2, "imdecode", fail)
    said = rf"^a: the film is too large \({height} x {width} pixels; at most 100 mega"
    with pytest.raises(FilmError, match=said):
        read_film(path)


@pytest.mark.parametrize("options", [(), (cv2.IMWRITE_WEBP_QUALITY, 80), "VP8X"])
def test_size_of_webp_is_that_of_its_header(tmp_path, options, monkeypatch):
    path = tmp_path / "a.webp"
    if options == "VP8X":  # a header of its own, here for what tells of the colours
        Image.fromarray(SMOOTH).save(path, icc_profile=b"x" * 128)
        assert path.read_bytes()[12:16] == b"VP8X"
    else:
        path.write_bytes(encoded(".webp", SMOOTH, *options))
    assert read_film(path).shape == (160, 120)
    monkeypatch.setattr(_checks, "MAX_PIXELS", 160 * 120 - 1)
    with pytest.raises(FilmError, match=r"^a\.webp: .*too large \(160 x 120 pixels"):
        read_film(path)


@pytest.mark.parametrize("kind", ["tif", "tif16", "jpg", "bmp", "png"])
def test_a_film_at_the_limit_is_read(tmp_path, kind, monkeypatch):
    film = SMOOTH if kind != "tif16" else SMOOTH.astype(np.uint16) * 257
    path = tmp_path / f"a.{kind[:3]}"
    path.write_bytes(encoded(path.suffix, film))
    monkeypatch.setattr(_checks, "MAX_PIXELS", 160 * 120)
    assert read_film(path).shape == (160, 120)
    monkeypatch.setattr(_checks, "MAX_PIXELS", 160 * 120 - 1)
    with pytest.raises(FilmError, match="too large"):
        read_film(path)


def test_pixels_too_have_a_limit():
    with pytest.raises(FilmError, match=r"^film 3: the film is too large \(1000000 x"):
        read_film(np.broadcast_to(np.uint8(0), (10**6, 10**6)), 3)


def test_a_huge_film_takes_no_memory(tmp_path):
    (tmp_path / "a.png").write_bytes(one_bit_png(20_000, 20_000))
    code = (
        "import resource, sys; from sklearn_baccaec.films import read_film, FilmError\n"
        "import cv2\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_film(sys.argv[1])\n"
        "except FilmError: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    unit = 1024 if sys.platform == "linux" else 1
    assert int(done.stdout) * unit < 50 * 2**20
