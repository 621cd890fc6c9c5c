"""Folders of DICOM films: what is listed, what headers tell, what is cached."""

import numpy as np
import pydicom
import pytest
from dicom_files import save_dicom
from film_files import landmark_table
from pydicom import uid

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import FilmError, _dicom, read_film
from sklearn_baccaec.films._open_film import OpenFilm, film_digest

GREY = np.arange(64 * 48, dtype=np.uint16).reshape(64, 48)


def header_of(tmp_path, **elements):
    save_dicom(tmp_path / "a.dcm", GREY, **elements)
    frame = load_radiographs(tmp_path).frame
    return frame["pixel_spacing"][0], frame["laterality"][0]


# Listing
def test_films_with_and_without_suffix(tmp_path):
    for name in ("b.dcm", "c.DICOM", "IM0001", "1.2.840.5", "d.IMA", ".hidden"):
        save_dicom(tmp_path / name, GREY)
    save_dicom(tmp_path / "old.img", GREY, mark=False)
    directory = {"SOPClassUID": uid.MediaStorageDirectoryStorage}
    save_dicom(tmp_path / "DICOMDIR", GREY, **directory)
    (tmp_path / "a.png").write_bytes(b"no image")
    (tmp_path / "README").write_text("Exported. " * 50)
    (tmp_path / "LOCKFILE").touch()
    (tmp_path / "IM0003").mkdir()
    films = load_radiographs(tmp_path)
    ids = ["1.2.840.5", "IM0001", "a", "b", "c", "d", "old"]
    assert films.ids.tolist() == ids
    np.testing.assert_array_equal(read_film(films.data[0]), GREY)


def test_table_of_ages_by_name(tmp_path):
    for name in ("IM0001", "7.dcm"):
        save_dicom(tmp_path / name, GREY, PixelSpacing=[0.1, 0.1], Laterality="L")
    (tmp_path / "ages.csv").write_text("id,boneage,male\nIM0001,96,True\n8,1,False\n")
    films = load_radiographs(tmp_path, tmp_path / "ages.csv")
    assert films.frame["id"].tolist() == ["7", "IM0001"]
    assert films.frame["boneage"].tolist()[1] == 96
    assert films.frame["pixel_spacing"].tolist() == [0.1, 0.1]
    assert films.frame["laterality"].tolist() == ["L", "L"]


def test_other_films_tell_nothing(film_folder):
    frame = load_radiographs(film_folder).frame
    assert frame["pixel_spacing"].dtype == np.float64
    assert frame["pixel_spacing"].isna().all()
    assert frame["laterality"].tolist() == [None] * len(frame)


# Spacing
@pytest.mark.parametrize(
    ("elements", "spacing"),
    [
        ({"PixelSpacing": [0.15, 0.15], "ImagerPixelSpacing": [0.2, 0.2]}, 0.15),
        ({"ImagerPixelSpacing": [0.2, 0.2]}, 0.2),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.2, 0.2]}, 0.2),
        ({"PixelSpacing": [0.1, 0.1005]}, 0.1),
        ({"PixelSpacing": [0.1, 0.2]}, np.nan),
        ({"PixelSpacing": [-1, -1]}, np.nan),
        ({"PixelSpacing": None}, np.nan),
        ({"PixelSpacing": ""}, np.nan),
    ],
)
def test_spacing(tmp_path, elements, spacing):
    np.testing.assert_equal(header_of(tmp_path, **elements)[0], spacing)


def test_spacing_that_is_no_number(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", GREY)
    for value, spacing in (("0.1\\0.1", 0.1), ("0.1 mm\\0.1 mm", np.nan)):
        dataset = pydicom.dcmread(path)
        dataset.add_new("PixelSpacing", "LO", value)
        dataset.save_as(path)
        frame = load_radiographs(tmp_path).frame
        np.testing.assert_equal(frame["pixel_spacing"][0], spacing)


# Side
@pytest.mark.parametrize(
    ("elements", "side"),
    [
        ({"ImageLaterality": "L"}, "L"),
        ({"Laterality": "R"}, "R"),
        ({"FrameLaterality": "R"}, "R"),
        ({"ImageLaterality": "R", "Laterality": "L"}, "R"),
        ({"ImageLaterality": "U", "Laterality": "L"}, "L"),
        ({"Laterality": "LEFT"}, "L"),
        ({"Laterality": "Right "}, "R"),
        ({"Laterality": "B"}, None),
        ({"Laterality": "LATERAL"}, None),
        ({"Laterality": ""}, None),
        ({}, None),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_side(tmp_path, elements, side):
    assert header_of(tmp_path, **elements)[1] == side


@pytest.mark.parametrize("size", [1, 131, 140, 250, 500])
def test_broken_headers_are_listed(tmp_path, size):
    path = save_dicom(tmp_path / "a.dcm", GREY, Laterality="L")
    path.write_bytes(path.read_bytes()[:size])
    frame = load_radiographs(tmp_path).frame
    assert np.isnan(frame["pixel_spacing"][0])
    with pytest.raises(FilmError):
        read_film(path)


def test_header_is_read_without_the_pixels(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", GREY, Laterality="L", PixelSpacing=[1, 1])
    path.write_bytes(path.read_bytes()[:-3000])
    frame = load_radiographs(tmp_path).frame
    assert frame["pixel_spacing"][0] == 1
    assert frame["laterality"][0] == "L"


# Digests
def test_digest_is_that_of_the_pixels(tmp_path):
    path = save_dicom(tmp_path / "a.dcm", GREY, PatientName="Doe^Jane")
    assert film_digest(path) == film_digest(GREY) == film_digest(read_film(path))
    anonymous = save_dicom(
        tmp_path / "b.dcm", GREY, syntax=uid.DeflatedExplicitVRLittleEndian
    )
    assert film_digest(anonymous) == film_digest(path)
    other = save_dicom(tmp_path / "c.dcm", GREY, PresentationLUTShape="INVERSE")
    assert film_digest(other) != film_digest(path)


@pytest.fixture
def decoded(monkeypatch):
    """Shapes of the films that were decoded."""
    shapes, decode = [], _dicom.read_stored_pixels

    def counted(header):
        shapes.append((header.Rows, header.Columns))
        return decode(header)

    monkeypatch.setattr(_dicom, "read_stored_pixels", counted)
    return shapes


def test_digest_decodes_a_file_once_and_hands_on_its_pixels(tmp_path, decoded):
    path = save_dicom(tmp_path / "a.dcm", GREY)
    film = OpenFilm(path)
    digest = film.digest
    np.testing.assert_array_equal(film.pixels, GREY)
    assert film_digest(str(path)) == digest
    assert len(decoded) == 1
    again = OpenFilm(path)
    assert again.digest == digest
    np.testing.assert_array_equal(again.pixels, GREY)  # nothing kept them
    assert len(decoded) == 2
    save_dicom(path, GREY[::-1])
    assert film_digest(path) != digest
    assert len(decoded) == 3


@pytest.mark.parametrize("remembered", [True, False])
def test_a_film_is_decoded_once_a_call(tmp_path, hands, decoded, remembered):
    path = save_dicom(tmp_path / "a.dcm", hands.data[0])
    memory = tmp_path / "cache" if remembered else None
    landmarker = HandLandmarker(memory=memory)
    landmarker.predict([path])
    assert len(decoded) == 1
    table = landmark_table(["a"], hands.landmarks[0])
    crops = KeyRegionExtractor(landmarker=table, memory=memory)
    crops.transform([path])
    assert len(decoded) == 2
    landmarker.predict([path])
    crops.transform([path])
    assert len(decoded) == (2 if remembered else 4)


def test_anonymous_copy_shares_the_cache(tmp_path, hands, located):
    cached = HandLandmarker(memory=tmp_path / "cache")
    path = save_dicom(tmp_path / "a.dcm", hands.data[0], PatientID="P-1")
    found = cached.predict([path])
    anonymous = save_dicom(tmp_path / "b.dcm", hands.data[0], PatientID="")
    np.testing.assert_array_equal(cached.predict([anonymous]), found)
    assert len(located) == 1
