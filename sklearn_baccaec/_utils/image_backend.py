"""OpenCV, loaded when an image is first touched."""

from types import ModuleType


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
