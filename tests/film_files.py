"""Files of films, and tables of their landmarks, for the tests that read them."""

import struct

import pandas as pd

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.regions import KEY_REGIONS


def tiff(height, width, pixels, bits=8, kind=1):
    """Bytes of a TIFF whose header says what it likes, and comes before the pixels."""
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 273: 0, 277: 1}
    tags |= {278: height, 279: len(pixels), 339: kind}
    tags[273] = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHII", k, 4, 1, v) for k, v in tags.items())
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    return head + entries + struct.pack("<I", 0) + pixels


def landmark_table(ids, points):
    """Landmarks of films in files, the same points for all of them."""
    rows = [
        (film, region, *point)
        for film in ids
        for region, point in zip(KEY_REGIONS, points, strict=True)
    ]
    return LandmarkTable(pd.DataFrame(rows, columns=["id", "region", "x", "y"]))
