"""Warnings that point at the user's line, however deep in the package they arise."""

import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

_PACKAGES = ("sklearn_baccaec", "sklearn", "joblib", "tqdm")
_THREADS = ("threading", "concurrent", "multiprocessing")
_NAMED = 3  # of many things that a message counts


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the nearest caller outside this package and what runs it.

    A thread that the package started has none: it warns where the main thread is.
    """
    frame = _find_user(sys._getframe(1))
    if _package(frame) in _THREADS:
        frame = _find_user(sys._current_frames()[threading.main_thread().ident or 0])
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


@contextmanager
def told_once() -> Iterator[None]:
    """Tell every warning once, however many regions or films give it."""
    with warnings.catch_warnings(record=True) as caught:
        yield
    told = {(str(w.message), w.category, w.filename, w.lineno): w for w in caught}
    for warning in told.values():
        warnings.warn_explicit(
            warning.message, warning.category, warning.filename, warning.lineno
        )


def name_some(names: Iterable[object]) -> str:
    """First few of many names: ('a', 'b', 'c', ...)."""
    named = list(map(repr, names))
    more = ["..."] if len(named) > _NAMED else []
    return f"({', '.join([*named[:_NAMED], *more])})"


def _find_user(frame: FrameType) -> FrameType:
    while frame.f_back and _package(frame) in (*_PACKAGES, *_THREADS):
        frame = frame.f_back
    return frame


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
