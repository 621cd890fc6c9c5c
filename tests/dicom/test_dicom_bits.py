"""Headers that say fewer bits than the pixels hold: never is a value wrapped."""

import gdcm
import numpy as np
import pydicom
import pytest
from dicom_files import save_dicom, transcode
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pydicom.encaps import encapsulate, get_frame

from sklearn_baccaec.films import FilmError, read_film
from sklearn_baccaec.films._dicom_bits import grey_values

SMOOTH = np.linspace(0, 4095, 64 * 48).reshape(64, 48).astype(np.uint16)
NOISE = np.random.default_rng(0).integers(0, 4096, (64, 48), dtype=np.uint16)
GDCM = gdcm.TransferSyntax
CARRIES_ALL_BITS = [None, GDCM.JPEGLosslessProcess14_1]  # others wrap as they encode


def saved(tmp_path, pixels, syntax, **elements):
    path = save_dicom(tmp_path / "plain.dcm", pixels, **elements)
    return path if syntax is None else transcode(path, tmp_path / "a.dcm", syntax)


@pytest.mark.parametrize("syntax", CARRIES_ALL_BITS)
@pytest.mark.parametrize("bits", [8, 10, 11])
def test_more_bits_than_said_are_read(tmp_path, bits, syntax):
    path = saved(tmp_path, SMOOTH, syntax, BitsStored=bits)
    assert_array_equal(read_film(path), SMOOTH)


@pytest.mark.parametrize("bits", [9, 10, 11, 12])
def test_signed_values(tmp_path, bits):
    signed = SMOOTH.astype(np.int16) - 1000
    path = saved(tmp_path, signed, None, BitsStored=bits)
    assert_array_equal(read_film(path), signed - signed.min())


def test_signed_values_without_their_sign_in_the_upper_bits(tmp_path):
    signed = SMOOTH.astype(np.int16) // 2 - 1000  # 12 bits are enough
    path = saved(tmp_path, signed & np.int16(0xFFF), None, BitsStored=12)
    assert_array_equal(read_film(path), signed - signed.min())


@pytest.mark.parametrize("syntax", CARRIES_ALL_BITS)
def test_what_is_neither_grey_nor_graphics_is_refused(tmp_path, syntax):
    path = saved(tmp_path, NOISE, syntax, BitsStored=8)
    with pytest.raises(FilmError, match="header says 8 bits, but its pixels hold more"):
        read_film(path)


@pytest.mark.parametrize("bits", [0, 17, 255])
def test_bits_that_cannot_be(tmp_path, bits):
    path = saved(tmp_path, SMOOTH, None, BitsStored=bits, HighBit=15)
    assert_array_equal(read_film(path), SMOOTH)


@settings(deadline=None)
@given(
    bits=st.integers(1, 16),
    signed=st.booleans(),
    seed=st.integers(0, 99),
)
def test_values_that_fit_are_kept(bits, signed, seed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    dtype = np.int16 if signed else np.uint16
    pixels = np.random.default_rng(seed).integers(low, high, (9, 9)).astype(dtype)
    assert_array_equal(grey_values(pixels, bits), pixels)


def with_image(path, change):
    """Change the compressed image of a file."""
    header = pydicom.dcmread(path)
    image = get_frame(header.PixelData, 0, number_of_frames=1)
    header.PixelData = encapsulate([change(image)])
    header.save_as(path)
    return path


@pytest.mark.parametrize("bits", [6, 7])
def test_jpeg_ls_of_few_bits_names_the_limit(tmp_path, bits):
    pixels = (SMOOTH >> 4).astype(np.uint8)
    path = saved(tmp_path, pixels, GDCM.JPEGLSLossless)

    def fewer_bits(image):
        at = image.index(b"\xff\xf7") + 4
        return image[:at] + bytes([bits]) + image[at + 1 :]

    with pytest.raises(FilmError) as caught:
        read_film(with_image(path, fewer_bits))
    assert caught.value.reason == (
        f"its pixels (JPEG-LS Lossless Image Compression) have {bits} bits; the "
        "decoder reads 8 to 16: save it uncompressed (Explicit VR Little Endian)"
    )


@pytest.mark.parametrize(
    "syntax", ["JPEGBaselineProcess1", "JPEGLosslessProcess14_1", "JPEGLSLossless"]
)
@pytest.mark.parametrize("share", [0.4, 0.7])
def test_half_a_compressed_image_with_an_end_is_refused(tmp_path, syntax, share):
    pixels = (NOISE >> 4).astype(np.uint8)
    plain = save_dicom(tmp_path / "plain.dcm", pixels)
    lossy = "Baseline" in syntax
    path = transcode(plain, tmp_path / "a.dcm", getattr(GDCM, syntax), lossy=lossy)
    assert read_film(path).shape == pixels.shape

    def half(image):
        start = image.index(b"\xff\xda")
        return image[: start + int(share * (len(image) - start))] + b"\xff\xd9"

    with pytest.raises(FilmError, match=r"^a\.dcm: its pixels .* truncated or damaged"):
        read_film(with_image(path, half))
