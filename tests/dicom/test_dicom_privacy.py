"""Nothing that a header says of the patient gets anywhere."""

import contextlib
import logging
import subprocess
import sys
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

import gdcm
import numpy as np
import pydicom
import pytest
from dicom_files import save_dicom, transcode
from film_files import landmark_table
from pydicom import Dataset, uid

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor
from sklearn_baccaec._cli import main
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.films import FilmError, read_film
from sklearn_baccaec.films._dicom_header import read_header
from sklearn_baccaec.films._dicom_silence import silent_pydicom
from sklearn_baccaec.films._open_film import film_digest

SECRETS = ("Quagmyre", "ZX-90817", "19031127", "Dr.Blorg", "10.9.8.7.6")


def patient():
    """Elements about the patient, also in sequences of undefined length."""
    name, number, date, doctor, study = SECRETS
    other = Dataset()
    other.PatientID, other.PatientName = number, name
    other.is_undefined_length_sequence_item = True
    return {
        "PatientName": f"{name}^Jane",
        "PatientID": number,
        "PatientBirthDate": date,
        "StudyDate": date,
        "ReferringPhysicianName": doctor,
        "StudyInstanceUID": study,
        "SOPInstanceUID": study,
        "OtherPatientIDsSequence": [other],
        "StudyDescription": f"Hand of {name}",
        "PatientComments": f"{name}: {number}",
    }


def add_patient(path):
    dataset = pydicom.dcmread(path)
    for keyword, value in patient().items():
        setattr(dataset, keyword, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = uid.UID(SECRETS[4])
    dataset["OtherPatientIDsSequence"].is_undefined_length = True
    block = dataset.private_block(0x0011, "SOME VENDOR", create=True)
    block.add_new(1, "LO", SECRETS[0])
    dataset.save_as(path)
    return path


def misplace_names(path):
    """Write names where numbers and terms should be."""
    dataset = pydicom.dcmread(path)
    for keyword in ("WindowCenter", "BodyPartExamined", "Laterality", "PixelSpacing"):
        dataset.pop(keyword, None)
        dataset.add_new(keyword, "LO", SECRETS[0])
    dataset.add_new("Modality", "UN", SECRETS[1].encode())
    dataset.SpecificCharacterSet = SECRETS[3]
    dataset.save_as(path)


def assert_silent(*texts):
    for text in texts:
        content = text if isinstance(text, bytes) else str(text).encode()
        for secret in SECRETS:
            assert secret.encode() not in content
            assert secret.encode("utf-16-le") not in content


@pytest.fixture
def folder(tmp_path, hands):
    """A good film and broken ones, all of one patient."""
    folder = tmp_path / "films"
    folder.mkdir()
    film, small = hands.data[0], hands.data[0][:64, :64]
    broken = {
        "good": {"PixelData": film.tobytes(), "Rows": 400, "Columns": 300},
        "chest": {"BodyPartExamined": "CHEST"},
        "scan": {"Modality": "CT"},
        "frames": {"NumberOfFrames": 7},
        "report": {"Rows": None, "PixelData": None},
        "window": {"WindowCenter": 3, "WindowWidth": 0},
        **{name: {} for name in ("torn", "lost", "syntax")},
    }
    for name, elements in broken.items():
        save_dicom(folder / f"{name}.dcm", small, **elements)
    save_dicom(folder / "colour.dcm", np.dstack([small, small, 255 - small]))
    save_dicom(folder / "constant.dcm", np.zeros((64, 64), np.uint8))
    lossless = gdcm.TransferSyntax.JPEGLosslessProcess14_1
    transcode(folder / "torn.dcm", folder / "jpeg.dcm", lossless)
    for path in folder.iterdir():
        add_patient(path)
    for name, kept in (("torn.dcm", -700), ("lost.dcm", 900), ("jpeg.dcm", -700)):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:kept])
    with warnings.catch_warnings(action="ignore"):
        misplace_names(folder / "window.dcm")
    dataset = pydicom.dcmread(folder / "syntax.dcm")
    dataset.file_meta.TransferSyntaxUID = uid.UID("1.2.3.4")
    dataset.save_as(folder / "syntax.dcm", implicit_vr=False, little_endian=True)
    return folder


@pytest.fixture
def debugging(caplog):
    """Pydicom's debug logging."""
    was = logging.getLogger("pydicom").level
    pydicom.config.debug(True, default_handler=False)
    caplog.set_level(logging.DEBUG, logger="pydicom")
    yield caplog
    pydicom.config.debug(False, default_handler=False)
    logging.getLogger("pydicom").setLevel(was)


def whole_chain(error):
    """All that an error's traceback, causes, contexts and local variables hold."""
    texts = []
    while error is not None:
        texts += traceback.TracebackException.from_exception(
            error, capture_locals=True
        ).format()
        texts += [repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return "".join(texts)


@pytest.mark.filterwarnings("always")
def test_reading(folder, debugging, capfd):
    failed = set()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for path in sorted(folder.iterdir()):
            for read in (read_film, film_digest):
                try:
                    read(path)
                except FilmError as error:
                    failed.add(path.stem)
                    assert_silent(error, whole_chain(error))
        listed = load_radiographs(folder)
    assert {path.stem for path in folder.iterdir()} - failed == {"good", "window"}
    assert not warned
    assert_silent(listed, listed.frame.to_csv())
    assert not [r for r in debugging.records if r.name.startswith("pydicom")]
    assert_silent(debugging.text, *capfd.readouterr())


def test_header_holds_nothing_of_the_patient(folder):
    for path in folder.iterdir():
        if path.stem != "window":
            header = read_header(path, with_pixels=False)
            assert_silent(header, header.to_json(), header.file_meta)


def test_secrets_would_be_noticed(folder, debugging):
    pydicom.dcmread(folder / "good.dcm")
    with pytest.raises(AssertionError):
        assert_silent(debugging.text)
    with pytest.raises(AssertionError):
        assert_silent((folder / "good.dcm").read_bytes())


def test_caches_and_results(folder, tmp_path, hands, debugging, capfd):
    cache = tmp_path / "cache"
    paths = sorted(folder.iterdir())
    landmarker = HandLandmarker(memory=cache)
    located = landmarker.locate(paths)
    table = landmark_table([path.stem for path in paths], hands.landmarks[0])
    extractor = KeyRegionExtractor(
        ["carpus"], landmarker=table, memory=cache, on_error="skip"
    ).fit(paths)
    assert extractor.valid_[paths.index(folder / "good.dcm")].all()
    assert_silent(located, extractor.reasons_, vars(extractor), repr(extractor))
    written = [path for path in cache.rglob("*") if path.is_file()]
    assert len(written) >= 4
    assert_silent(*written, *(path.read_bytes() for path in written))
    assert_silent(debugging.text, *capfd.readouterr())


def test_command_line(folder, tmp_path, debugging, capfd):
    out = tmp_path / "out"
    assert main(["landmarks", str(folder), "--output", str(out)]) == 0
    written = [path for path in out.rglob("*") if path.is_file()]
    assert {"films.csv", "landmarks.csv"} <= {path.name for path in written}
    assert_silent(*written, *(path.read_bytes() for path in written))
    assert_silent(debugging.text, *capfd.readouterr())


# Silence leaves alone what others say
def test_pydicom_speaks_elsewhere(folder, debugging):
    read_film(folder / "good.dcm")
    with pytest.warns(UserWarning, match="Invalid value for VR CS"):
        Dataset().Modality = "not a term"
    assert "Invalid value for VR CS" in debugging.text


def test_pydicom_speaks_in_other_threads(folder, debugging):
    def speak():
        pydicom.misc.warn_and_log("spoken")
        logging.getLogger("pydicom.pixels.decoders.base").warning("said")

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with silent_pydicom(), ThreadPoolExecutor(1) as pool:
            speak()
            assert not warned
            pool.submit(speak).result()
    assert [str(warning.message) for warning in warned] == ["spoken"]
    assert [record.getMessage() for record in debugging.records] == ["spoken", "said"]


def test_warnings_as_errors_change_nothing(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_film(folder / "good.dcm").shape == (400, 300)
        read_film(folder / "window.dcm")


# Reading leaves the filters of warnings and logs as they were
@pytest.fixture
def filters():
    """Lists of the filters of warnings and of pydicom's loggers."""

    def lists():
        loggers = [
            logger
            for name, logger in logging.root.manager.loggerDict.items()
            if name.startswith("pydicom") and isinstance(logger, logging.Logger)
        ]
        assert len(loggers) > 3
        return [warnings.filters, *[logger.filters for logger in loggers]]

    with silent_pydicom():  # loads pydicom
        pass
    with warnings.catch_warnings():
        yield lists


def test_reading_leaves_no_filter(folder, filters):
    before = [list(given) for given in filters()]
    for path in folder.iterdir():
        with contextlib.suppress(FilmError):
            read_film(path)
    load_radiographs(folder)
    assert filters() == before


def test_filters_set_between_and_during_reads_stay(folder, filters):
    expected = [list(given) for given in filters()]
    for i in range(5):
        warnings.filterwarnings("ignore", f"between {i}")
        expected[0].insert(0, warnings.filters[0])
        read_film(folder / "good.dcm")
        with silent_pydicom():
            warnings.filterwarnings("error", f"during {i}")
            expected[0].insert(0, warnings.filters[0])
            read_film(folder / "good.dcm")  # takes precedence once more
            pydicom.misc.warn_and_log(f"during {i}")
        assert filters() == expected


def test_filters_go_when_the_last_thread_leaves(filters):
    before = [list(given) for given in filters()]
    inside = threading.Barrier(3)

    def stay(leave):
        with silent_pydicom():
            inside.wait()
            leave.wait()

    leave = [threading.Event() for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        threads = [pool.submit(stay, event) for event in leave]
        inside.wait()
        pairs = zip(filters(), before, strict=True)
        assert all(set(now) - set(then) for now, then in pairs)
        with warnings.catch_warnings():  # keeps the list with its filters meanwhile
            leave[0].set()
            threads[0].result()
            assert filters() != before
            leave[1].set()
            threads[1].result()
            assert filters() == before
    assert filters() == before


def test_films_read_by_many_threads_leave_no_filter(folder, filters):
    before = [list(given) for given in filters()]
    with ThreadPoolExecutor(4) as pool:
        films = list(pool.map(read_film, [folder / "good.dcm"] * 40))
    assert all(np.array_equal(film, films[0]) for film in films)
    assert filters() == before


def test_pydicom_is_loaded_for_dicom_only():
    code = (
        "import sys, sklearn_baccaec.films as f; "
        "f.read_film([[float(i + j) for i in range(40)] for j in range(40)]); "
        "sys.exit('pydicom' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
