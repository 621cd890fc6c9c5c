"""OpenCV, loaded when an image is first touched."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_lock = threading.Lock()
_users = 0
_optimised_before = True


def load_cv2() -> ModuleType:
    """Return the module `cv2`, or say how to mend its installation.

    Raises
    ------
    ImportError
        If OpenCV is missing or cannot load the system libraries it needs.
    """
    try:
        import cv2
    except ImportError as error:
        raise ImportError(
            f"OpenCV cannot be loaded ({error}). Install exactly one of "
            "'opencv-python' and 'opencv-python-headless': both write the same folder "
            "'cv2', so remove the other first. Where libGL is missing (servers, "
            "containers), take 'opencv-python-headless'."
        ) from error
    return cv2


@contextmanager
def optimised_cv2() -> Iterator[None]:
    """Let OpenCV compute as it comes: its plain code rounds in other ways.

    All threads share the setting; the last one to leave restores it.
    """
    global _users, _optimised_before
    cv2 = load_cv2()
    with _lock:
        if _users == 0:
            _optimised_before = cv2.useOptimized()
            cv2.setUseOptimized(True)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                cv2.setUseOptimized(_optimised_before)
