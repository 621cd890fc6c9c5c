"""What to paste into a bug report."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from ._utils.version import __version__

_DEPENDENCIES = (
    "scikit-learn",
    "skorch",
    "torch",
    "opencv-python",
    "opencv-python-headless",
    "numpy",
    "scipy",
    "pandas",
    "joblib",
    "skops",
    "tqdm",
    "matplotlib",
    "jinja2",
    "pydicom",
    "python-gdcm",
    "dask",
)
_MISSING = "not installed"


def show_versions() -> None:
    """Print the versions of Python, of this package and of what it builds on.

    Examples
    --------
    >>> import sklearn_baccaec
    >>> sklearn_baccaec.show_versions()
    System:
        python: ...
    """
    print("System:")
    print(f"    python: {sys.version.replace(chr(10), ' ')}")
    print(f"executable: {sys.executable}")
    print(f"   machine: {platform.platform()}")
    print("\nPackages:")
    print(f"{'sklearn-baccaec':>22}: {__version__}")
    for name in _DEPENDENCIES:
        print(f"{name:>22}: {installed_version(name)}")


def installed_packages() -> list[tuple[str, str]]:
    """Names and versions of this package and of those that it builds on."""
    found = [(name, installed_version(name)) for name in _DEPENDENCIES]
    others = [(name, number) for name, number in found if number != _MISSING]
    return [("sklearn-baccaec", __version__), *others]


def installed_version(name: str) -> str:
    """Version of a distribution, or that there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return _MISSING
