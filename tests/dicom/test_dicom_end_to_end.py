"""The whole method on DICOM films gives what it gives on the same films as PNG."""

import gdcm
import numpy as np
import pandas as pd
import pytest
from dicom_files import save_dicom, transcode

from sklearn_baccaec import (
    CCAEC,
    BoneAgeClusterer,
    HandLandmarker,
    KeyRegionExtractor,
    LandmarkTable,
)
from sklearn_baccaec._cli import main
from sklearn_baccaec.datasets import load_radiographs

REGIONS = ["carpus", "radius"]


def as_12_bits(film, inverted=False):
    """Pixels that a window from 1000 to 3039 shows as the film, in eight steps each."""
    stored = 1000 + film.astype(np.uint16) * 8
    return 4095 - stored if inverted else stored


@pytest.fixture(scope="module")
def dicom_folder(films, film_folder, tmp_path_factory):
    """The films of ``film_folder`` as hospitals save them, each in another way."""
    folder = tmp_path_factory.mktemp("dicom")
    plain = folder / "plain.dcm"
    syntaxes = [
        gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        gdcm.TransferSyntax.JPEG2000Lossless,
        gdcm.TransferSyntax.JPEGLSLossless,
        gdcm.TransferSyntax.RLELossless,
    ]
    for i, film in enumerate(films.data):
        inverted = i % 2 == 1
        save_dicom(
            plain,
            as_12_bits(film, inverted),
            BitsStored=12,
            PhotometricInterpretation=f"MONOCHROME{1 if inverted else 2}",
            PixelSpacing=[0.2, 0.2],
            WindowCenter=4095 - 2019 if inverted else 2020,
            WindowWidth=2041,
        )
        name = f"a{i:02}" + (".dcm" if i % 3 else "")
        transcode(plain, folder / name, syntaxes[i % len(syntaxes)])
    plain.unlink()
    return folder


def test_same_crops(film_folder, dicom_folder):
    landmarks = LandmarkTable(film_folder / "landmarks.csv")
    pngs, dicoms = load_radiographs(film_folder), load_radiographs(dicom_folder)
    assert dicoms.ids.tolist() == pngs.ids.tolist()
    assert (dicoms.frame["pixel_spacing"] == 0.2).all()
    expected, alone, shared = (
        KeyRegionExtractor(
            REGIONS, landmarker=landmarks, crop_shape=(16, 16), n_jobs=n_jobs
        ).fit_transform(films.data)
        for films, n_jobs in ((pngs, 1), (dicoms, 1), (dicoms, 2))
    )
    np.testing.assert_allclose(expected.astype(int), alone.astype(int), atol=2)
    np.testing.assert_array_equal(alone, shared)


def test_clusterer(film_folder, dicom_folder):
    dicoms = load_radiographs(dicom_folder, film_folder / "ages.csv")
    model = BoneAgeClusterer(
        REGIONS,
        n_clusters=3,
        landmarker=LandmarkTable(film_folder / "landmarks.csv"),
        encoder=CCAEC(max_steps=2),
        crop_shape=(16, 16),
        random_state=0,
    ).fit(dicoms.data, dicoms.target)
    assert set(model.labels_) == {0, 1, 2}
    np.testing.assert_array_equal(model.predict(dicoms.data), model.labels_)


def test_landmarks_are_found(tmp_path, hands, expected):
    path = save_dicom(
        tmp_path / "a.dcm",
        255 - hands.data[0],
        PhotometricInterpretation="MONOCHROME1",
    )
    found = HandLandmarker().predict([path])
    np.testing.assert_allclose(found, expected.landmarks[:1], atol=1e-3)


def test_command_line(film_folder, dicom_folder, tmp_path):
    out = tmp_path / "out"
    landmarks = str(film_folder / "landmarks.csv")
    settings = ["--regions", *REGIONS, "--clusters", "3", "--steps", "2", "--jobs", "1"]
    arguments = ["fit", str(dicom_folder), "--landmarks", landmarks, *settings]
    assert main([*arguments, "--output", str(out)]) == 0
    films = pd.read_csv(out / "assignments.csv")["film"]
    assert sorted(films) == sorted(path.name for path in dicom_folder.iterdir())
    assert pd.read_csv(out / "skipped.csv").empty
