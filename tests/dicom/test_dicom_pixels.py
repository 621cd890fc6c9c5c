"""Pixels of DICOM films as a viewer shows them, whatever vendors write."""

import tempfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import save_dicom
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pydicom import Dataset, uid
from pydicom.pixels import pack_bits

from sklearn_baccaec.films import FilmError, read_film

# Every grey level of 12 bits, and each in several places.
STORED = np.random.default_rng(0).permutation(
    np.repeat(np.arange(4096, dtype=np.uint16), 2).reshape(128, 64), axis=1
)
BITS = {"BitsStored": 12}


def shown(tmp_path, pixels=STORED, **elements):
    return read_film(save_dicom(tmp_path / "a.dcm", pixels, **{**BITS, **elements}))


def window(stored, centre, width, top=4095):
    """The linear window of the standard."""
    return np.clip(((stored - (centre - 0.5)) / (width - 1) + 0.5) * top, 0, top)


def lookup_table(values, first=0, bits=16, vr="US"):
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if first >= 0 else "SS", [0, first, bits])
    item.LUTDescriptor[0] = len(values) % 65536
    if vr == "OW":
        item.add_new("LUTData", "OW", np.asarray(values, "<u2").tobytes())
    else:
        item.add_new("LUTData", vr, [int(value) for value in values])
    return [item]


def test_plain_pixels_are_kept(tmp_path):
    film = shown(tmp_path)
    assert film.dtype == np.float32
    assert film.flags.c_contiguous
    assert_array_equal(film, STORED)


# Polarity
@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME2", None, False),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME2", "INVERSE", True),
        ("monochrome1 ", "inverse", True),
    ],
)
def test_bone_is_bright(tmp_path, photometric, shape, inverted):
    film = shown(
        tmp_path, PhotometricInterpretation=photometric, PresentationLUTShape=shape
    )
    assert_array_equal(film, 4095 - STORED if inverted else STORED)


def test_inversion_follows_the_window(tmp_path):
    elements = {"WindowCenter": 1000, "WindowWidth": 500}
    film = shown(tmp_path, PhotometricInterpretation="MONOCHROME1", **elements)
    assert_allclose(film, 4095 - window(STORED, 1000, 500), rtol=1e-5, atol=1e-3)


# Modality
@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [("0.5", "100", STORED / 2 + 100), (2, -1024, STORED * 2)],
    ids=["rescaled", "negative values are lifted"],
)
def test_rescaling(tmp_path, slope, intercept, expected):
    film = shown(tmp_path, RescaleSlope=slope, RescaleIntercept=intercept)
    assert_array_equal(film, expected)


@pytest.mark.parametrize("slope", [0, "", "1E300"])
def test_broken_rescaling_is_ignored(tmp_path, slope):
    film = shown(tmp_path, RescaleSlope=slope, RescaleIntercept=7)
    assert_array_equal(film, STORED)


@pytest.mark.parametrize("vr", ["US", "OW"])
@pytest.mark.parametrize("bits", [12, 16])
def test_modality_table(tmp_path, vr, bits):
    table = np.arange(4096)[::-1]
    film = shown(tmp_path, ModalityLUTSequence=lookup_table(table, 0, bits, vr))
    assert_array_equal(film, table[STORED])


# Values of interest
@pytest.mark.parametrize(
    ("elements", "slope", "intercept"),
    [
        ({"WindowCenter": "1000.5", "WindowWidth": "601"}, 1, 0),
        ({"WindowCenter": ["1000.5", "30"], "WindowWidth": ["601", "100"]}, 1, 0),
        ({"WindowCenter": 1000.5, "WindowWidth": 601}, 2, -1000),
        ({"WindowCenter": 1000.5, "WindowWidth": 601}, -1, 4095),
    ],
    ids=["window", "first of several", "of rescaled values", "of a falling slope"],
)
def test_window(tmp_path, elements, slope, intercept):
    elements |= {"RescaleSlope": slope, "RescaleIntercept": intercept}
    film = shown(tmp_path, **elements)
    expected = window(STORED * float(slope) + intercept, 1000.5, 601)
    assert_allclose(film, expected, rtol=1e-5, atol=1e-3)


def test_sigmoid_window(tmp_path):
    film = shown(
        tmp_path, WindowCenter=2000, WindowWidth=1000, VOILUTFunction="SIGMOID"
    )
    expected = 4095 / (1 + np.exp(-4 * (STORED - 2000.0) / 1000))
    assert_allclose(film, expected, rtol=1e-4)


def test_a_window_does_not_depend_on_what_numpy_raises(tmp_path):
    elements = {"VOILUTFunction": "SIGMOID", "WindowCenter": 4000, "WindowWidth": 9}
    usual = shown(tmp_path, **elements)
    with np.errstate(all="raise"):
        assert_array_equal(shown(tmp_path, **elements), usual)


@pytest.mark.parametrize(
    "elements",
    [
        {"WindowCenter": 2000, "WindowWidth": 0},
        {"WindowCenter": 2000, "WindowWidth": -5},
        {"WindowCenter": 2000, "WindowWidth": 1},
        {"WindowWidth": 100},
        {"WindowCenter": 100},
        {"WindowCenter": "", "WindowWidth": ""},
        {"WindowCenter": 90000, "WindowWidth": 10},
        {"WindowCenter": -90000, "WindowWidth": 10},
        {"WindowCenter": 2000, "WindowWidth": 100, "VOILUTFunction": "MAGIC"},
    ],
)
def test_broken_window_is_ignored(tmp_path, elements):
    assert_array_equal(shown(tmp_path, **elements), STORED)


@pytest.mark.parametrize("bits", [8, 10, 16])
@pytest.mark.parametrize("vr", ["US", "OW"])
def test_table_of_values_of_interest(tmp_path, bits, vr):
    table = (np.sqrt(np.arange(2048) / 2047) * (2**bits - 1)).astype(int)
    film = shown(
        tmp_path,
        VOILUTSequence=lookup_table(table, 1024, bits, vr),
        WindowCenter=1,
        WindowWidth=2,
    )
    assert_array_equal(film, table[np.clip(STORED.astype(int) - 1024, 0, 2047)])


@pytest.mark.parametrize("damage", ["no data", "no descriptor", "empty descriptor"])
def test_broken_table_gives_way_to_the_window(tmp_path, damage):
    table = lookup_table(range(10))
    del table[0]["LUTData" if damage == "no data" else "LUTDescriptor"]
    if damage == "empty descriptor":
        table[0].LUTDescriptor = []
    film = shown(tmp_path, VOILUTSequence=table, WindowCenter=1000, WindowWidth=600)
    assert_allclose(film, window(STORED, 1000, 600), rtol=1e-5, atol=1e-3)


def test_first_table_counts(tmp_path):
    table = [*lookup_table(np.arange(4096) // 2), Dataset()]
    assert_array_equal(shown(tmp_path, VOILUTSequence=table), STORED // 2)


@pytest.mark.parametrize("shift", [0, 4], ids=["says so only", "is so"])
def test_left_aligned_bits(tmp_path, shift):
    film = shown(tmp_path, STORED << shift, BitsStored=12, HighBit=15)
    assert_array_equal(film, STORED << shift)


def test_table_after_rescaling_below_zero(tmp_path):
    table = np.arange(4096) // 2
    elements = {"RescaleSlope": 1, "RescaleIntercept": -1000, "BitsStored": 13}
    elements |= {"PixelRepresentation": 1, "VOILUTSequence": lookup_table(table, -1000)}
    film = shown(tmp_path, **elements)
    assert_array_equal(film, table[STORED])


# Padding
@pytest.mark.parametrize("inverted", [False, True])
def test_padding_is_as_dark_as_the_darkest_pixel(tmp_path, inverted):
    pixels = STORED.clip(100, 3000)
    pixels[:30] = 0 if inverted else 4095  # as bright as can be, if shown
    film = shown(
        tmp_path,
        pixels,
        PhotometricInterpretation="MONOCHROME1" if inverted else "MONOCHROME2",
        PixelPaddingValue=int(pixels[0, 0]),
    )
    assert (film[:30] == film[30:].min()).all()
    assert_array_equal(film[30:], 3000.0 - pixels[30:] if inverted else pixels[30:])


def test_range_of_padding(tmp_path):
    film = shown(tmp_path, PixelPaddingValue=4095, PixelPaddingRangeLimit=4000)
    assert_array_equal(film, np.where(STORED >= 4000, 0, STORED))


def test_padding_below_zero_written_without_its_sign(tmp_path):
    pixels = STORED.astype(np.int16)
    pixels[:30] = -2000
    path = save_dicom(tmp_path / "a.dcm", pixels)
    dataset = pydicom.dcmread(path)
    dataset.add_new("PixelPaddingValue", "US", 65536 - 2000)
    dataset.save_as(path)
    film = read_film(path)
    assert (film[:30] == pixels[30:].min()).all()
    assert_array_equal(film[30:], pixels[30:])


# What vendors write
@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian],
)
def test_no_mark_and_no_syntax(tmp_path, syntax):
    path = save_dicom(tmp_path / "old.DCM", STORED, syntax=syntax, mark=False)
    assert b"DICM" not in path.read_bytes()
    assert_array_equal(read_film(path), STORED)


@pytest.mark.parametrize("name", ["IM0001", "a.png", "1.2.840.7"])
def test_mark_counts_more_than_the_name(tmp_path, name):
    assert_array_equal(read_film(save_dicom(tmp_path / name, STORED)), STORED)


def test_overlay_in_the_upper_bits(tmp_path):
    overlay = np.zeros(STORED.shape, np.uint16)
    overlay[10:20] = 0b0001_0000_0000_0000
    overlay[40:50] |= 0b1010_0000_0000_0000
    assert_array_equal(shown(tmp_path, STORED | overlay, HighBit=11), STORED)


def test_overlay_of_its_own(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", STORED, **BITS)
    dataset = pydicom.dcmread(path)
    block = dataset.private_block(0x0041, "SOME VENDOR", create=True)
    block.add_new(1, "LO", "PROCESSING 7")
    block.add_new(2, "SQ", [Dataset()])
    dataset.add_new(0x60000010, "US", STORED.shape[0])
    dataset.add_new(0x60000011, "US", STORED.shape[1])
    dataset.add_new(0x60003000, "OW", pack_bits((STORED % 2).astype(np.uint8).ravel()))
    dataset.save_as(path)
    assert_array_equal(read_film(path), STORED)


@pytest.mark.parametrize("padding", [b"", b"\0", b"\0" * 131, b"\0" * 8192])
def test_odd_size_and_excess_bytes(tmp_path, padding):
    pixels = (STORED[:41, :33] >> 4).astype(np.uint8)
    data = pixels.tobytes()
    assert len(data) % 2
    path = save_dicom(tmp_path / "a.dcm", pixels, PixelData=data + b"\0" + padding)
    assert_array_equal(read_film(path), pixels)


def test_wrong_types_of_numbers(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", STORED, **BITS)
    dataset = pydicom.dcmread(path)
    numbers = {"Rows": "128", "BitsStored": "12 ", "RescaleIntercept": "none"}
    numbers |= {"WindowCenter": "1000", "WindowWidth": "600 ", "RescaleSlope": "one"}
    for keyword, value in numbers.items():
        if keyword in dataset:
            del dataset[keyword]
        dataset.add_new(keyword, "LO", value)
    dataset.save_as(path)
    assert_allclose(read_film(path), window(STORED, 1000, 600), rtol=1e-5, atol=1e-3)


@pytest.mark.filterwarnings("ignore:Unknown encoding")
@pytest.mark.parametrize(
    "charset", ["ISO_IR 100", "\\ISO 2022 IR 87", "ISO_IR 192", "X"]
)
def test_names_in_any_alphabet(tmp_path, charset):
    path = save_dicom(tmp_path / "a.dcm", STORED, **BITS, PatientName="@@@@@@")
    dataset = pydicom.dcmread(path)
    dataset.SpecificCharacterSet = charset.split("\\")
    dataset.save_as(path)
    content = path.read_bytes()
    assert b"@@@@@@" in content
    path.write_bytes(content.replace(b"@@@@@@", b"\xc3\x84\x1b$B\xff"))
    assert_array_equal(read_film(path), STORED)


@pytest.mark.parametrize(
    "elements",
    [
        {"PhotometricInterpretation": None},
        {"PixelSpacing": [0.2, 0.1], "PixelAspectRatio": [2, 1]},
        {"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 4095},
        *({"NumberOfFrames": frames} for frames in (1, "1", 0, "0", "")),
    ],
)
def test_what_changes_no_pixel(tmp_path, elements):
    assert_array_equal(shown(tmp_path, **elements), STORED)


# Channels
def test_equal_channels_are_grey(tmp_path):
    pixels = (STORED >> 4).astype(np.uint8)
    rgb = save_dicom(tmp_path / "a.dcm", np.dstack([pixels] * 3), Modality="OT")
    assert_array_equal(read_film(rgb), pixels)
    neutral = np.full_like(pixels, 128)
    pixels = np.dstack([pixels, neutral, neutral])
    ybr = save_dicom(tmp_path / "b.dcm", pixels, PhotometricInterpretation="YBR_FULL")
    pixels = pixels[..., 0]
    assert_array_equal(read_film(ybr), pixels)


def test_colour_is_refused(tmp_path):
    pixels = (STORED >> 4).astype(np.uint8)
    colour = np.dstack([pixels, pixels, pixels[::-1]])
    path = save_dicom(tmp_path / "a.dcm", colour)
    with pytest.raises(FilmError, match=r"a\.dcm: the film is a colour image"):
        read_film(path)
    path = save_dicom(
        tmp_path / "b.dcm", pixels, PhotometricInterpretation="PALETTE COLOR"
    )
    with pytest.raises(FilmError, match=r"b\.dcm: it is a colour image .*palette"):
        read_film(path)


# Invariants
@given(
    bits=st.sampled_from([8, 10, 12, 14, 16]),
    signed=st.booleans(),
    photometric=st.sampled_from(["MONOCHROME1", "MONOCHROME2"]),
    slope=st.sampled_from([None, 0.25, 1, 3, -1]),
    intercept=st.integers(-3000, 3000),
    windowed=st.booleans(),
    centre=st.floats(0.2, 0.8),
    width=st.floats(0.05, 2),
)
@settings(max_examples=80, deadline=None)
def test_grey_values_keep_their_order(
    bits, signed, photometric, slope, intercept, windowed, centre, width
):
    low = -(1 << (bits - 1)) if signed else 0
    dtype = np.dtype(("i" if signed else "u") + ("1" if bits == 8 else "2"))
    stored = np.linspace(low, low + 2**bits - 1, 64 * 32).astype(int)
    meant = stored.astype(float)
    elements = {"BitsStored": bits, "PhotometricInterpretation": photometric}
    if slope is not None:
        elements |= {"RescaleSlope": slope, "RescaleIntercept": intercept}
        meant = meant * slope + intercept
    if windowed:
        bottom, extent = meant.min(), np.ptp(meant)
        elements |= {
            "WindowCenter": round(bottom + centre * extent, 2),
            "WindowWidth": round(width * extent + 2, 2),
        }
    if photometric == "MONOCHROME1":
        meant = -meant
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.dcm"
        save_dicom(path, stored.astype(dtype).reshape(64, 32), **elements)
        film = read_film(path)
    assert film.dtype == np.float32
    assert film.min() >= 0
    assert np.isfinite(film).all()
    rising = film.ravel()[np.argsort(meant, kind="stable")]
    assert (np.diff(rising) >= 0).all()
    assert rising[-1] > rising[0]
