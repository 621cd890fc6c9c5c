"""DICOM files of synthetic films, for the tests that read them."""

from pathlib import Path

import gdcm
import numpy as np
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

DIGITAL_X_RAY = "1.2.840.10008.5.1.4.1.1.1.1"


def save_dicom(
    path: Path,
    pixels: np.ndarray,
    *,
    syntax=ExplicitVRLittleEndian,
    mark=True,
    **elements,
) -> Path:
    """Write pixels as they shall be stored; an element that is None is left out."""
    little_endian, implicit = syntax.is_little_endian, syntax.is_implicit_VR
    dtype = pixels.dtype.newbyteorder("<" if little_endian else ">")
    data = pixels.astype(dtype).tobytes()
    elements = {
        "SOPClassUID": DIGITAL_X_RAY,
        "SOPInstanceUID": generate_uid(),
        "Modality": "DX",
        "BodyPartExamined": "HAND",
        "SamplesPerPixel": 1 if pixels.ndim == 2 else 3,
        "PlanarConfiguration": None if pixels.ndim == 2 else 0,
        "PhotometricInterpretation": "MONOCHROME2" if pixels.ndim == 2 else "RGB",
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "BitsAllocated": pixels.itemsize * 8,
        "BitsStored": pixels.itemsize * 8,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "PixelData": data + b"\0" * (len(data) % 2),
        **elements,
    }
    dataset = Dataset()
    for keyword, value in elements.items():
        if value is not None:
            setattr(dataset, keyword, value)
    if "BitsStored" in dataset and "HighBit" not in dataset:
        dataset.HighBit = dataset.BitsStored - 1
    if "PixelData" in dataset:
        dataset["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"
    if mark:
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = syntax
    dcmwrite(
        path,
        dataset,
        implicit_vr=implicit,
        little_endian=little_endian,
        enforce_file_format=mark,
    )
    return path


def transcode(source: Path, target: Path, syntax: int, lossy: bool = False) -> Path:
    """Compress a file with GDCM, to one of its ``gdcm.TransferSyntax`` numbers."""
    if syntax == gdcm.TransferSyntax.RLELossless:  # GDCM's encoder damages memory
        dataset = dcmread(source)
        dataset.compress(RLELossless)
        dataset.save_as(target)
        return target
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    if lossy:
        codec = gdcm.JPEGCodec()
        codec.SetLossless(False)
        codec.SetQuality(100)
        change.SetUserCodec(codec)
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return target
