"""pydicom, kept silent: what it warns and logs quotes what stands in headers."""

import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

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
# From Python 3.14 on, this flag (the default of free-threaded builds) makes
# `catch_warnings` a matter of one thread's context, in which `warnings.filters` do not
# count: there it does what is wanted here. Without the flag, 3.14 is as 3.13.
_WARNINGS_HAVE_CONTEXTS = getattr(sys.flags, "context_aware_warnings", False)

_lock = threading.Lock()
_users = 0
_changed: list[list] = []  # lists of filters: `catch_warnings` exchanges them


@contextmanager
def silent_pydicom() -> Iterator[None]:
    """Let pydicom neither warn nor log in this thread.

    ``catch_warnings`` and levels of loggers would change what other threads say, so
    filters affect only threads in this context; the last to leave takes them away.
    """
    global _users
    load_cv2()  # before GDCM, with whose zlib it would write damaged PNGs, or crash
    try:
        import pydicom.pixels  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"DICOM films need pydicom 3 or newer, which cannot be loaded ({error}): "
            'pip install "sklearn-baccaec[dicom]"'
        ) from error
    with _lock:
        _users += 1
        for logger in _pydicom_loggers():
            logger.addFilter(_FILTER)
        filters: Any = warnings.filters
        if filters[:1] != [_IGNORE]:  # or another thread has put its own before it
            filters.insert(0, _IGNORE)
            _changed.append(filters)
    token = _silent.set(True)
    try:
        if _WARNINGS_HAVE_CONTEXTS:
            with warnings.catch_warnings(action="ignore"):
                yield
        else:
            yield
    finally:
        _silent.reset(token)
        with _lock:
            _users -= 1
            if _users == 0:
                for logger in _pydicom_loggers():
                    logger.removeFilter(_FILTER)
                for filters in (*_changed, warnings.filters):
                    while _IGNORE in filters:
                        filters.remove(_IGNORE)
                _changed.clear()


def _pydicom_loggers() -> list[logging.Logger]:
    loggers = list(logging.root.manager.loggerDict.items())
    own = [logger for name, logger in loggers if name.split(".")[0] == "pydicom"]
    return [logger for logger in own if isinstance(logger, logging.Logger)]
