"""Every way to encode pixels that radiographs come in."""

import tracemalloc

import cv2
import gdcm
import numpy as np
import pydicom
import pytest
from dicom_files import save_dicom, transcode
from pydicom import uid
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder

from sklearn_baccaec.films import FilmError, _dicom_header, read_film

# No fixture of the project: these tests run with pydicom and python-gdcm alone, too.
GREY = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (64, 48), np.uint8), (0, 0), 3
)
GREY = cv2.normalize(GREY, None, 0, 255, cv2.NORM_MINMAX)
DEEP = (GREY.astype(np.uint16) << 8) + GREY[::-1]
PIXELS = {8: GREY, 10: DEEP >> 6, 12: DEEP >> 4, 14: DEEP >> 2, 16: DEEP}


@pytest.mark.parametrize("bits", PIXELS)
@pytest.mark.parametrize(
    "syntax",
    [
        *(uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian),
        *(uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian),
    ],
    ids=["implicit", "explicit", "big", "deflated"],
)
def test_uncompressed(tmp_path, syntax, bits):
    path = save_dicom(tmp_path / "a.dcm", PIXELS[bits], syntax=syntax, BitsStored=bits)
    np.testing.assert_array_equal(read_film(path), PIXELS[bits])


@pytest.mark.parametrize("bits", PIXELS)
@pytest.mark.parametrize(
    "syntax",
    [
        *("RLELossless", "JPEGLosslessProcess14", "JPEGLosslessProcess14_1"),
        *("JPEGLSLossless", "JPEG2000Lossless"),
    ],
)
@pytest.mark.parametrize("sign", [0, 1], ids=["unsigned", "signed"])
def test_lossless(tmp_path, syntax, bits, sign):
    pixels = PIXELS[bits]
    if sign:
        half = 1 << (bits - 1)
        pixels = (pixels.astype(int) - half).astype(f"i{pixels.itemsize}")
    plain = save_dicom(tmp_path / "plain.dcm", pixels, BitsStored=bits)
    path = transcode(plain, tmp_path / "a.dcm", getattr(gdcm.TransferSyntax, syntax))
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID.is_encapsulated
    expected = PIXELS[bits] - PIXELS[bits].min() if sign else PIXELS[bits]
    np.testing.assert_array_equal(read_film(path), expected)


@pytest.mark.parametrize(
    ("syntax", "bits"),
    [
        ("JPEGBaselineProcess1", 8),
        ("JPEGExtendedProcess2_4", 8),
        ("JPEGExtendedProcess2_4", 12),
        ("JPEGLSNearLossless", 12),
        ("JPEG2000", 12),
    ],
)
def test_lossy(tmp_path, syntax, bits):
    plain = save_dicom(tmp_path / "plain.dcm", PIXELS[bits], BitsStored=bits)
    number = getattr(gdcm.TransferSyntax, syntax)
    path = transcode(plain, tmp_path / "a.dcm", number, lossy=syntax != "JPEG2000")
    np.testing.assert_allclose(read_film(path), PIXELS[bits], atol=2)


@pytest.mark.parametrize(
    ("suffix", "syntax"),
    [(".jpg", uid.JPEGBaseline8Bit), (".jp2", uid.JPEG2000)],
    ids=["baseline", "2000"],
)
def test_odd_image_of_another_encoder(tmp_path, suffix, syntax):
    film = GREY[:-1, :-3]
    _, encoded = cv2.imencode(suffix, film)
    image = encapsulate([encoded.tobytes()])
    path = save_dicom(tmp_path / "a.dcm", film, syntax=syntax, PixelData=image)
    expected = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(read_film(path), expected, atol=2)


def test_near_lossless_of_another_encoder(tmp_path):
    jpeg_ls = pytest.importorskip("jpeg_ls")
    encoded = jpeg_ls.encode_array(PIXELS[12], lossy_error=2)
    path = save_dicom(
        tmp_path / "a.dcm",
        PIXELS[12],
        BitsStored=12,
        syntax=uid.JPEGLSNearLossless,
        PixelData=encapsulate([bytes(encoded)]),
    )
    np.testing.assert_allclose(read_film(path), PIXELS[12], atol=2)


@pytest.mark.parametrize(
    ("syntax", "message"),
    [
        (uid.HTJ2KLossless, "High-Throughput JPEG.* pip install .*pylibjpeg-openjpeg"),
        (uid.JPEGLosslessSV1, "JPEG Lossless.* needs .*pip install python-gdcm"),
    ],
)
def test_missing_decoder_is_named(tmp_path, monkeypatch, syntax, message):
    monkeypatch.setattr(
        type(get_decoder(syntax)), "is_available", property(lambda self: False)
    )
    path = save_dicom(
        tmp_path / "a.dcm", GREY, syntax=syntax, PixelData=encapsulate([b"\xff\xd9"])
    )
    with pytest.raises(FilmError, match=rf"^a\.dcm: its transfer syntax, {message}"):
        read_film(path)


@pytest.mark.parametrize(
    ("syntax", "message"),
    [
        (uid.MPEG4HP41, "its transfer syntax, MPEG-4 .*, cannot be decoded; save it"),
        (uid.UID("1.2.3.4"), "its transfer syntax cannot be decoded; save it"),
    ],
    ids=["video", "unknown"],
)
def test_undecodable_syntax(tmp_path, syntax, message):
    path = save_dicom(tmp_path / "a.dcm", GREY)
    header = pydicom.dcmread(path)
    header.PixelData = encapsulate([b"no image"])
    header.file_meta.TransferSyntaxUID = syntax
    header["PixelData"].is_undefined_length = True
    header.save_as(path, implicit_vr=False, little_endian=True)
    with pytest.raises(FilmError, match=message):
        read_film(path)


@pytest.mark.parametrize(
    "syntax",
    [
        *("RLELossless", "JPEGBaselineProcess1", "JPEGLosslessProcess14_1"),
        *("JPEGLSLossless", "JPEG2000Lossless"),
    ],
)
@pytest.mark.parametrize("where", ["image", "file"])
def test_truncated(tmp_path, syntax, where):
    plain = save_dicom(tmp_path / "plain.dcm", GREY)
    number = getattr(gdcm.TransferSyntax, syntax)
    path = transcode(plain, tmp_path / "a.dcm", number, lossy="Baseline" in syntax)
    if where == "file":
        path.write_bytes(path.read_bytes()[:-400])
    else:
        header = pydicom.dcmread(path)
        image = pydicom.encaps.get_frame(header.PixelData, 0, number_of_frames=1)
        header.PixelData = encapsulate([image[:-400]])
        header.save_as(path)
    with pytest.raises(FilmError, match=r"^a\.dcm: .*(truncated|damaged)"):
        read_film(path)


@pytest.mark.parametrize(
    "syntax",
    ["JPEGBaselineProcess1", "JPEGExtendedProcess2_4", "JPEGLosslessProcess14_1"],
)
@pytest.mark.parametrize("part", ["segment", "bits", "rows", "channels"])
def test_torn_jpeg_does_not_end_the_process(tmp_path, syntax, part):
    pixels = PIXELS[8 if "Baseline" in syntax else 12]
    bits = 8 if "Baseline" in syntax else 12
    plain = save_dicom(tmp_path / "plain.dcm", pixels, BitsStored=bits)
    number = getattr(gdcm.TransferSyntax, syntax)
    path = transcode(plain, tmp_path / "a.dcm", number, lossy="Lossless" not in syntax)
    content = bytearray(path.read_bytes())
    size = bytes([0, 64, 0, 48, 1])  # rows, columns, channels, after the bits
    at = content.index(size, content.index(b"\xff\xd8\xff"))
    where, byte = {
        "segment": (at - 5, 7),
        "bits": (at - 1, 33),
        "rows": (at + 1, 65),
        "channels": (at + 4, 2),
    }[part]
    content[where] = byte
    path.write_bytes(content)
    with pytest.raises(FilmError, match=r"^a\.dcm: its pixels .*damaged$"):
        read_film(path)


@pytest.mark.parametrize("syntax", ["JPEGLSLossless", "JPEG2000Lossless"])
@pytest.mark.parametrize(
    "said",
    [{"Rows": 48, "Columns": 64}, {"Rows": 32}, {"SamplesPerPixel": 3}],
    ids=["turned", "half", "colour"],
)
def test_header_of_another_image_does_not_end_the_process(tmp_path, syntax, said):
    plain = save_dicom(tmp_path / "plain.dcm", GREY)
    path = transcode(plain, tmp_path / "a.dcm", getattr(gdcm.TransferSyntax, syntax))
    header = pydicom.dcmread(path)
    for keyword, value in said.items():
        setattr(header, keyword, value)
    header.save_as(path)
    with pytest.raises(FilmError, match=r"^a\.dcm: its pixels .*damaged$"):
        read_film(path)


def test_few_bytes_that_inflate_to_many(tmp_path, monkeypatch):
    path = save_dicom(
        tmp_path / "a.dcm", GREY, syntax=uid.DeflatedExplicitVRLittleEndian
    )
    monkeypatch.setattr(_dicom_header, "MAX_UNPACKED", GREY.size)
    with pytest.raises(FilmError, match=r"^a\.dcm: it is not an image, or is damaged$"):
        read_film(path)


@pytest.mark.parametrize(
    "syntax",
    [
        *(uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian),
        *(uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian),
        *("JPEGLosslessProcess14_1", "JPEG2000Lossless", "RLELossless"),
    ],
)
def test_large_films(tmp_path, syntax):
    """Their pixels are read from the file when they are asked for."""
    pixels = np.random.default_rng(0).integers(0, 2**16, (900, 800), np.uint16)
    plain = {"syntax": syntax} if isinstance(syntax, uid.UID) else {}
    path = save_dicom(tmp_path / "a.dcm", pixels, **plain)
    if not plain:
        number = getattr(gdcm.TransferSyntax, syntax)
        path = transcode(path, tmp_path / "b.dcm", number)
    np.testing.assert_array_equal(read_film(path), pixels)


def test_pixels_of_many_frames_are_not_read(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", DEEP, NumberOfFrames=50_000)
    content = path.read_bytes()
    head = content[: content.rindex(b"\xe0\x7f\x10\x00OW") + 8]
    with path.open("wb") as file:  # takes no space
        file.write(head + (DEEP.nbytes * 50_000).to_bytes(4, "little"))
        file.truncate(len(head) + 4 + DEEP.nbytes * 50_000)
    tracemalloc.start()
    try:
        with pytest.raises(FilmError, match="it has 50000 frames instead of one"):
            read_film(path)
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("lost", [1, 100, 3000])
def test_truncated_uncompressed(tmp_path, lost):
    path = save_dicom(tmp_path / "a.dcm", GREY)
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(FilmError, match=r"^a\.dcm: its pixels are truncated"):
        read_film(path)


@pytest.mark.parametrize("size", [0, 20, 132, 200, 400])
def test_torn_header(tmp_path, size):
    path = save_dicom(tmp_path / "a.dcm", GREY)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(FilmError, match=r"^a\.dcm: .*(empty|damaged|truncated)"):
        read_film(path)
