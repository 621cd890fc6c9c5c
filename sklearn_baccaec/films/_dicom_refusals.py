"""Which DICOM files are refused, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._dicom_header import text_of, value_of

if TYPE_CHECKING:
    from pydicom import Dataset

MAX_PIXELS = 2**30  # as many as OpenCV decodes
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


def find_refusal(header: Dataset) -> str | None:
    """Say why a film cannot be used, in the standard's words, not the header's own."""
    modality = text_of(header, "Modality")
    other_part = _find_other_part(header)
    n_frames = header.get("NumberOfFrames", 1)
    if _OTHER_MODALITY.fullmatch(modality):
        return f"it is not a radiograph (modality {modality})"
    if "Rows" not in header:
        return _missing_image(header)
    if header.Rows * header.get("Columns", 0) > MAX_PIXELS:
        return f"it is too large ({header.Rows} x {header.Columns} pixels)"
    if n_frames > 1:
        return f"it has {n_frames} frames instead of one"
    if other_part:
        return f"it shows another part of the body ({other_part.lower()})"
    if header.PhotometricInterpretation == "PALETTE COLOR":
        return "it is a colour image (with a palette); radiographs are grey"
    if "PixelData" not in header:
        return "it has no pixels, or is truncated"
    return None


def _find_other_part(header: Dataset) -> str | None:
    """Find a part of the body, in the header's text or code, that is not the hand's."""
    codes = value_of(header, "AnatomicRegionSequence") or ()
    texts = [text_of(header, "BodyPartExamined")]
    text = " ".join(texts + [text_of(code, "CodeMeaning") for code in codes])
    other = None if _HAND_PART.search(text) else _OTHER_PART.search(text)
    return other and other[0]


def _missing_image(header: Dataset) -> str:
    """Say what a file without an image is, if the standard has a name for it."""
    from pydicom.uid import UID_dictionary

    kind = UID_dictionary.get(str(value_of(header, "SOPClassUID")), ("",))[0]
    if kind and "Image" not in kind:
        return f"it is not an image ({kind})"
    return "it is not an image, or is damaged"
