"""The file that a model is saved in: a zip that can run no code, and is whole.

The first member, uncompressed, says what it is and how it was made; the others are by
skops. The last 64 bytes, a comment to a zip, are the SHA-256 of all before: it tells of
damage. What keeps a forged file from running code are the types that are trusted.
"""

import hashlib
import io
import json
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sklearn.exceptions import InconsistentVersionWarning

from .._show_versions import installed_version
from .._utils.archives import check_unpacked, read_member
from .._utils.image_backend import load_cv2
from .._utils.text import printable
from .._utils.version import __version__
from .._utils.warning import warn_user
from ._class_names import read_names, write_names

FORMAT = 1
METADATA, SCHEMA = "baccaec.json", "schema.json"  # the second is of skops

_FIRST_MEMBER = slice(30, 30 + len(METADATA))  # its name, after a zip's first header
_SEAL = 64  # bytes
_KERNELS = ("ConstantKernel", "DotProduct", "Product", "RBF", "Sum")  # of AgeRegressor
_HARMLESS = {  # which skops does not trust
    "builtins.range",
    *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
}
# To what a model predicts. OpenCV 5 resamples crops one grey level off OpenCV 4.
_MATTERS = ("sklearn-baccaec", "scikit-learn", "opencv")


def pack(content: Any, about: dict[str, Any]) -> tuple[bytes, list[str]]:
    """Bytes of a file, ``about`` in its metadata, and the types `unpack` distrusts."""
    import skops.io

    metadata = {"format": FORMAT, **about, "versions": _versions()}
    buffer = io.BytesIO()
    try:
        members = skops.io.dumps(content)
        with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
            archive.writestr(METADATA, json.dumps(metadata, indent=2), ZIP_STORED)
            own = _copy_members(members, archive, write_names)
            archive.comment = bytes(_SEAL)
    except Exception as error:  # whatever the objects' own methods raise
        raise TypeError(
            f"the model holds something that cannot be saved without pickle: {error}"
        ) from error
    foreign = set(skops.io.get_untrusted_types(data=members)) - own - _HARMLESS
    data = buffer.getvalue()[:-_SEAL]
    return data + _seal(data), sorted(foreign)


def unpack(data: bytes, name: str, trusted: Iterable[str | type] = ()) -> Any:
    """Content of a file of this name. Nothing is built before all of it was checked."""
    import skops.io

    _check_whole(data, name)
    with refusing(name), ZipFile(io.BytesIO(data)) as archive:
        check_unpacked(archive, len(data))
        metadata = json.loads(read_member(archive, METADATA))
        newer, versions = metadata["format"] > FORMAT, metadata["versions"]
        saved = {name: _version(versions[name]) for name in (*_MATTERS, "skops")}
    if newer:
        raise ValueError(
            f"{name} was saved by sklearn_baccaec {saved['sklearn-baccaec']}, in a "
            f"format that this version, {__version__}, does not know: upgrade "
            "sklearn-baccaec"
        )
    known, members = _HARMLESS | set(map(_type_name, trusted)), io.BytesIO()
    with refusing(name):
        with ZipFile(members, "w") as archive:
            known |= _copy_members(data, archive, read_names)
        untrusted = skops.io.get_untrusted_types(data=members.getvalue())
    foreign = sorted(set(untrusted) - known)
    if foreign:
        shown = ", ".join(map(printable, foreign))
        raise ValueError(
            f"{name} holds {shown}, which may do anything. Only if these "
            f"are steps that you know, name them: load_model(path, trusted={foreign})"
        )
    with refusing(f"{name}, saved with skops {saved['skops']},"), catch_warnings():
        simplefilter("ignore", InconsistentVersionWarning)  # one, below, is enough
        content = skops.io.loads(members.getvalue(), trusted=sorted(known))
    _warn_of_versions(name, saved)
    return content


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Make one error of whatever a forged file, or an older skops, raises."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"{name} cannot be loaded: {error!r}") from error


def _copy_members(
    data: bytes, archive: ZipFile, rename: Callable[[Any], set[str]]
) -> set[str]:
    """Copy a file's members with classes renamed; returns their full names."""
    with ZipFile(io.BytesIO(data)) as source:
        schema = json.loads(read_member(source, SCHEMA))
        names = rename(schema)
        archive.writestr(SCHEMA, json.dumps(schema))
        for name in source.namelist():
            if name not in (SCHEMA, METADATA):
                archive.writestr(name, read_member(source, name))
    return names


def _type_name(kind: str | type) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, type):
        return f"{kind.__module__}.{kind.__qualname__}"
    raise TypeError(f"trusted holds {kind!r}; expected types or their names")


def read_model(path: Path) -> bytes:
    """Bytes of a file, of which no more than the start is read if it is no model."""
    if not path.is_file():  # opening a pipe would wait for ever
        raise FileNotFoundError(f"there is no model file {path}")
    with path.open("rb") as file:
        start = file.read(_FIRST_MEMBER.stop)
        if not start.startswith(b"PK") or start[_FIRST_MEMBER] != METADATA.encode():
            raise ValueError(
                f"{path.name} is not a model that save_model wrote. Pickles can run "
                "code and are not loaded: fit the model and save it"
            )
        return start + file.read()


def _check_whole(data: bytes, name: str) -> None:
    if data[-_SEAL:] != _seal(data[:-_SEAL]):
        raise ValueError(
            f"{name} is damaged: it was cut or changed after it was saved. Copy it "
            "again, or save the model again"
        )


def _version(value: Any) -> str:
    """Version that a file tells, which messages quote."""
    if not re.fullmatch(r"[\w.+!-]{1,40}", str(value), re.ASCII):
        raise ValueError(f"{value!r} is not a version")
    return str(value)


def _seal(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def _versions() -> dict[str, str]:
    packages = ("scikit-learn", "numpy", "pandas", "torch", "skops")
    return {
        "sklearn-baccaec": __version__,
        "python": platform.python_version(),
        "opencv": load_cv2().__version__,
        **{package: installed_version(package) for package in packages},
    }


def _warn_of_versions(name: str, saved: dict[str, str]) -> None:
    here = _versions()
    others = [
        f"{package} {saved[package]} (here: {here[package]})"
        for package in _MATTERS
        if saved[package].split(".")[:2] != here[package].split(".")[:2]
    ]
    if others:
        warn_user(
            f"{name} was saved with {' and '.join(others)}. Check on films whose "
            "results you know that it predicts the same here; if not, install that "
            "version or fit the model again"
        )
