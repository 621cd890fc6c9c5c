"""Warnings that point at the user's line, however deep in the package they arise."""

import sys
import warnings
from types import FrameType

_PACKAGES = ("sklearn_baccaec", "sklearn", "joblib", "tqdm")


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the nearest caller outside this package and what runs it."""
    level = 1
    frame = sys._getframe(1)
    while frame.f_back and _package(frame) in _PACKAGES:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level + 1)


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
