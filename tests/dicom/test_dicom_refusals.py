"""DICOM files that are no hand radiographs say why."""

import builtins
import sys

import cv2
import numpy as np
import pytest
from dicom_files import save_dicom
from pydicom import Dataset

from sklearn_baccaec import BoneAgeClusterer, KeyRegionExtractor
from sklearn_baccaec._cli import main
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import FilmError, read_film

GREY = np.arange(64 * 48, dtype=np.uint16).reshape(64, 48)


def named(meaning):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "T-1", "SRT"
    code.CodeMeaning = meaning
    return [code]


def refusal(tmp_path, **elements):
    with pytest.raises(FilmError, match=r"^a\.dcm: ") as caught:
        read_film(save_dicom(tmp_path / "a.dcm", GREY, **elements))
    return caught.value.reason


@pytest.mark.parametrize("modality", ["CT", "MR", "US", "PT", "NM", "MG", "SEG"])
def test_other_modalities(tmp_path, modality):
    reason = refusal(tmp_path, Modality=modality)
    assert reason == f"it is not a radiograph (modality {modality})"


@pytest.mark.parametrize(
    "modality", ["CR", "DX", "RG", "RF", "XA", "OT", "DR", "", None]
)
def test_radiographs(tmp_path, modality):
    path = save_dicom(tmp_path / "a.dcm", GREY, Modality=modality)
    np.testing.assert_array_equal(read_film(path), GREY)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("CHEST", "chest"),
        ("CHEST PA", "chest"),
        ("LEFT_FOOT", "foot"),
        ("L-KNEE", "knee"),
        ("CSPINE", "cspine"),
        ("Thorax", "thorax"),
        (["SKULL", "JAW"], "skull"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_other_parts_of_the_body(tmp_path, part, said):
    reason = refusal(tmp_path, BodyPartExamined=part)
    assert reason == f"it shows another part of the body ({said})"


def test_other_part_by_its_code(tmp_path):
    reason = refusal(
        tmp_path, BodyPartExamined="", AnatomicRegionSequence=named("Knee joint")
    )
    assert reason == "it shows another part of the body (knee)"


@pytest.mark.parametrize(
    "part",
    [
        *("HAND", "Hand", "HAND LEFT", "L HAND", "LHAND", "HAND/FOOT", "WRIST"),
        *("FOREARM", "UP EXM", "EXTREMITY", "BONE AGE", "ARM", "XQ7", "FOOTBALL"),
        *("", None),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_hands_whatever_they_are_called(tmp_path, part):
    path = save_dicom(tmp_path / "a.dcm", GREY, BodyPartExamined=part)
    np.testing.assert_array_equal(read_film(path), GREY)


def test_head_of_the_ulna(tmp_path):
    elements = {"BodyPartExamined": "", "AnatomicRegionSequence": named("Head of ulna")}
    path = save_dicom(tmp_path / "a.dcm", GREY, **elements)
    np.testing.assert_array_equal(read_film(path), GREY)


def test_several_frames(tmp_path):
    frames = np.stack([GREY, GREY])
    reason = refusal(tmp_path, NumberOfFrames="2", PixelData=frames.tobytes())
    assert reason == "it has 2 frames instead of one"


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR Storage"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "Encapsulated PDF Storage"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "RT Structure Set Storage"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "Grayscale Softcopy Presentation State"),
    ],
)
def test_objects_without_pixels(tmp_path, uid, name):
    absent = dict.fromkeys(("Rows", "Columns", "PixelData"))
    reason = refusal(tmp_path, SOPClassUID=uid, Modality="OT", **absent)
    assert reason.startswith(f"it is not an image ({name}")


def test_no_pixels(tmp_path):
    assert refusal(tmp_path, PixelData=None) == "it has no pixels, or is truncated"


@pytest.mark.parametrize(
    "content",
    [b"text", b"GIF89a" + bytes(500), bytes(128) + b"DICM", b"\xff" * 999],
)
def test_no_dicom_at_all(tmp_path, content):
    (tmp_path / "a.dcm").write_bytes(content)
    with pytest.raises(FilmError, match=r"^a\.dcm: it is not an image, or is damaged$"):
        read_film(tmp_path / "a.dcm")


def test_a_picture_of_another_kind_is_read_as_what_it_is(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), GREY)
    (tmp_path / "a.png").rename(tmp_path / "a.dcm")
    np.testing.assert_array_equal(read_film(tmp_path / "a.dcm"), GREY)


def test_more_pixels_than_a_film_has(tmp_path):
    reason = refusal(tmp_path, Rows=60_000, Columns=60_000)
    assert reason.startswith("the film is too large (60000 x 60000 pixels")


@pytest.mark.parametrize("keyword", ["Columns", "BitsAllocated"])
def test_pixels_that_are_not_described(tmp_path, keyword):
    reason = refusal(tmp_path, **{keyword: None})
    assert reason == "its pixels are truncated or damaged"


@pytest.fixture
def no_pydicom(monkeypatch):
    """An environment without pydicom."""
    importing = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "pydicom":
            raise ImportError("No module named 'pydicom'")
        return importing(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == "pydicom"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)


ADVICE = r'pip install "sklearn-baccaec\[dicom\]"'


def test_without_pydicom_everything_stops(tmp_path, no_pydicom, capsys):
    for name in ("a.dcm", "b.dcm"):
        (tmp_path / name).write_bytes(b"\0" * 128 + b"DICM")
    films = load_radiographs(tmp_path)
    assert films.frame["pixel_spacing"].isna().all()
    with pytest.raises(ImportError, match=ADVICE):
        read_film(films.data[0])
    for memory in (None, tmp_path / "cache"):
        extractor = KeyRegionExtractor(["carpus"], on_error="skip", memory=memory)
        with pytest.raises(ImportError, match=ADVICE):
            extractor.fit(films.data)
        model = BoneAgeClusterer(n_clusters=2, on_error="skip", memory=memory)
        with pytest.raises(ImportError, match=ADVICE):
            model.fit(films.data)
    assert main(["landmarks", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert "sklearn-baccaec[dicom]" in capsys.readouterr().err
