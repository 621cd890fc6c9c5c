"""pydicom, kept silent: what it warns and logs quotes what stands in headers."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .._utils.image_backend import load_cv2

_silent = ContextVar("pydicom_is_silent", default=False)


class _WhileSilent(logging.Filter):
    """Filter of logs, and pattern of a filter of warnings, for this thread only."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _silent.get()

    def match(self, module: str) -> bool:
        return _silent.get()


_FILTER = _WhileSilent()
_IGNORE = ("ignore", None, Warning, _FILTER, 0)


@contextmanager
def silent_pydicom() -> Iterator[None]:
    """Let pydicom neither warn nor log in this thread.

    The filters stay, without effect outside of this context: ``catch_warnings`` and the
    levels of loggers would change what other threads say.

    Raises
    ------
    ImportError
        If pydicom is missing or too old.
    """
    load_cv2()  # before GDCM, with whose zlib it would write damaged PNGs, or crash
    try:
        import pydicom.pixels  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"DICOM films need pydicom 3 or newer, which cannot be loaded ({error}): "
            'pip install "sklearn-baccaec[dicom]"'
        ) from error
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.split(".")[0] == "pydicom" and isinstance(logger, logging.Logger):
            logger.addFilter(_FILTER)
    if _IGNORE not in warnings.filters[:1]:
        warnings.filters.insert(0, _IGNORE)  # type: ignore[attr-defined]
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)
