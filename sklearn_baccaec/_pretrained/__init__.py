"""What was learned once, for all: arrays that read the months of any film."""

import hashlib
import io
from functools import cache
from pathlib import Path

import numpy as np

from ..encoders import RegionEncoder
from ..maturity import MaturityCurve
from ..maturity._curve_months import CurveMonths
from ._arrays import keep_regions, restore

__all__ = ["keep_regions", "load_parts"]

_FILE = Path(__file__).with_name("months.npz")
_DIGEST = "f4b6cf9f673a5fc3ee9970d490dfa202"


@cache
def load_parts() -> tuple[RegionEncoder, MaturityCurve, CurveMonths]:
    """Read encoder, curve and months that come with the package; do not change them.

    Raises
    ------
    FileNotFoundError, ValueError
        If their file is gone or was changed.
    """
    content = _FILE.read_bytes()
    if hashlib.blake2b(content, digest_size=16).hexdigest() != _DIGEST:
        raise ValueError(f"{_FILE} was changed: install sklearn-baccaec anew")
    with np.load(io.BytesIO(content)) as arrays:
        return restore(dict(arrays))
