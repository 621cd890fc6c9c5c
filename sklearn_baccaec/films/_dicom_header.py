"""Headers of DICOM films: what they say of the film, and nothing of the patient."""

from __future__ import annotations

import math
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._utils.archives import MAX_UNPACKED
from ._checks import size_refusal
from ._dicom_silence import silent_pydicom

if TYPE_CHECKING:
    from pydicom import Dataset

_DEFLATED = b"1.2.840.10008.1.2.1.99"  # transfer syntax

_INTEGERS = (
    *("SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
)
_DECIMALS = ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth")
_LOOKUP_TABLES = ("ModalityLUTSequence", "VOILUTSequence")
_DEFERRED = 2**20  # bytes of an element that is not read before it is asked for
PADDINGS = ("PixelPaddingValue", "PixelPaddingRangeLimit")
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing")
_SQUARE_TOLERANCE = 0.01  # relative difference of rows' and columns' spacing
_SIDES = ("ImageLaterality", "Laterality", "FrameLaterality")
_SIDE_CODES = {"L": "L", "LEFT": "L", "R": "R", "RIGHT": "R"}
# Nothing else is parsed: what cannot be named here reaches no output.
_KEYWORDS = (
    *("SOPClassUID", "Modality", "BodyPartExamined", "AnatomicRegionSequence"),
    *("PhotometricInterpretation", "PresentationLUTShape", "VOILUTFunction"),
    *("PixelData", *_INTEGERS, *_DECIMALS, *_LOOKUP_TABLES),
    *(*PADDINGS, *_SPACINGS, *_SIDES),
)

# Terms of the standard. Others pass, as vendors' own do: the landmarker judges them.
_OTHER_MODALITY = re.compile(
    "BI|BMD|CT|DG|ECG|ES|GM|IO|IVOCT|IVUS|MG|MR|NM|OCT|OP|OPT|PT|PX|RTDOSE|RTIMAGE|SEG|"
    "SM|ST|TG|US|XC"
)
_OTHER_PART = re.compile(
    "(?<![A-Z])(ABDOMEN|ANKLE|BRAIN|BREAST|CALCANEUS|CHEST|CLAVICLE|COCCYX|CSPINE|"
    "ELBOW|FEMUR|FIBULA|FOOT|HEAD|HEART|HEEL|HIP|HUMERUS|JAW|KNEE|LEG|LSPINE|LUNG|"
    "MANDIBLE|MAXILLA|NECK|ORBIT|PATELLA|PELVIS|RIBS?|SACRUM|SCAPULA|SHOULDER|SINUS|"
    "SKULL|SPINE|SSPINE|STERNUM|THORAX|TIBIA|TOE|TSPINE|ZYGOMA)(?![A-Z])"
)
_HAND_PART = re.compile("CARPUS|FINGER|FOREARM|HAND|RADIUS|THUMB|ULNA|WRIST")


def read_header(path: Path, *, with_pixels: bool) -> Dataset:
    """Read what a file says of its pixels and nothing of the patient.

    A file that cannot be parsed has an empty header. Of several numbers the first is
    kept, with its right type; values that are not numbers are left out.
    """
    with silent_pydicom():
        from pydicom import Dataset, dcmread

        try:
            if _inflates_too_far(path):
                return Dataset()
            asked: dict[str, Any] = {"specific_tags": list(_KEYWORDS), "force": True}
            asked |= {"stop_before_pixels": not with_pixels, "defer_size": _DEFERRED}
            header = dcmread(path, **asked)
            _mend(header)
            _keep_transfer_syntax(header)
        except Exception:
            return Dataset()
        return header


def describe_dicom(path: Path) -> tuple[float, str | None]:
    """Spacing of a film's pixels in mm, and "L" or "R"; NaN and None where unknown."""
    try:
        header = read_header(path, with_pixels=False)
    except ImportError:  # reading the film will say so
        return math.nan, None
    sides = [_SIDE_CODES.get(text_of(header, keyword)) for keyword in _SIDES]
    side = next(filter(None, sides), None)
    for keyword in _SPACINGS:
        spacing = numbers_of(header, keyword)
        if len(spacing) == 2 and min(spacing) > 0:
            square = math.isclose(*spacing, rel_tol=_SQUARE_TOLERANCE)
            return spacing[0] if square else math.nan, side
    return math.nan, side


def find_refusal(header: Dataset) -> str | None:
    """Say why a film cannot be used, in the standard's words, not the header's own."""
    modality = text_of(header, "Modality")
    if _OTHER_MODALITY.fullmatch(modality):
        return f"it is not a radiograph (modality {modality})"
    if "Rows" not in header:
        from pydicom.uid import UID_dictionary

        kind = UID_dictionary.get(str(_value_of(header, "SOPClassUID")), ("",))[0]
        known = kind and "Image" not in kind
        return f"it is not an image{f' ({kind})' if known else ', or is damaged'}"
    too_large = size_refusal(header.Rows, header.get("Columns", 0))
    if too_large:
        return too_large
    if header.get("NumberOfFrames", 1) > 1:
        return f"it has {header.NumberOfFrames} frames instead of one"
    codes = _value_of(header, "AnatomicRegionSequence") or ()
    texts = [text_of(code, "CodeMeaning") for code in codes]
    part = " ".join([text_of(header, "BodyPartExamined"), *texts])
    other = None if _HAND_PART.search(part) else _OTHER_PART.search(part)
    if other:
        return f"it shows another part of the body ({other[0].lower()})"
    if header.PhotometricInterpretation == "PALETTE COLOR":
        return "it is a colour image (with a palette); radiographs are grey"
    if "PixelData" not in header:
        return "it has no pixels, or is truncated"
    return None


def _mend(header: Dataset) -> None:
    """Give numbers their types, and lookup tables what pydicom needs to apply them."""
    for keyword in (*_INTEGERS, *_DECIMALS):
        numbers = numbers_of(header, keyword)
        header.pop(keyword, None)  # and with it a wrong VR
        if numbers and keyword in _INTEGERS:
            setattr(header, keyword, int(numbers[0]))
        elif numbers:
            header.add_new(keyword, "FD", numbers[0])
    photometric = text_of(header, "PhotometricInterpretation")
    header.PhotometricInterpretation = photometric or "MONOCHROME2"
    header.setdefault("SamplesPerPixel", 1)
    header.setdefault("PixelRepresentation", 0)
    if "HighBit" in header and "BitsStored" in header:
        # Bits up to the highest one count, whichever of the two is wrong.
        bits = max(header.BitsStored, header.HighBit + 1)
        header.BitsStored = min(bits, header.get("BitsAllocated", bits))
    for keyword in _LOOKUP_TABLES:
        try:
            first = _value_of(header, keyword)[0]
            # pydicom counts the entries with numbers of as many bits as they have.
            first.LUTDescriptor = [*first.LUTDescriptor[:2], 16]
            setattr(header, keyword, [first])
        except Exception:  # it is missing or broken
            header.pop(keyword, None)


def _inflates_too_far(path: Path) -> bool:
    """Whether a deflated file is one of a few bytes that would fill the memory."""
    with path.open("rb") as file:
        start = file.read(144)  # ends in the length of the file's own header
        length = int.from_bytes(start[-4:], "little")
        if _DEFLATED not in file.read(min(length, 2**16)):
            return False
        inflater, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while size <= MAX_UNPACKED:
            tail = inflater.unconsumed_tail or file.read(2**20)
            if not tail or inflater.eof:
                return False
            size += len(inflater.decompress(tail, 2**24))
        return True


def _keep_transfer_syntax(header: Dataset) -> None:
    """Leave nothing else of the file's own header, which names the study."""
    from pydicom import uid
    from pydicom.dataset import FileMetaDataset

    syntax = text_of(header.file_meta, "TransferSyntaxUID")
    if not syntax:  # of old files, whose pixels are not compressed
        implicit, little = header.original_encoding
        explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
        syntax = uid.ImplicitVRLittleEndian if implicit else explicit
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = uid.UID(syntax)


def numbers_of(header: Dataset, keyword: str) -> list[float]:
    """Values of an element; an empty list unless all are finite numbers."""
    try:
        numbers = np.asarray(_value_of(header, keyword), np.float64).ravel()
    except (ValueError, TypeError):
        return []
    return numbers.tolist() if np.isfinite(numbers).all() else []


def text_of(header: Dataset, keyword: str) -> str:
    return str(_value_of(header, keyword) or "").strip().upper()


def _value_of(header: Dataset, keyword: str) -> Any:
    """Value of an element; None where it is missing or cannot be parsed."""
    with silent_pydicom():
        try:
            return header.get(keyword)
        except Exception:
            return None
