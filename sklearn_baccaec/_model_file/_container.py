"""The file that a model is saved in: a zip that can run no code, and is whole.

The first member, uncompressed, says what the file is and how it was made; the others
are what skops makes of the model. The last 64 bytes, which a zip takes for a comment,
are the SHA-256 of all before. That tells of damage; what keeps a forged file from
running code are the types that are trusted.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sklearn.exceptions import InconsistentVersionWarning

from .._show_versions import installed_version
from .._utils.image_backend import load_cv2
from .._utils.version import __version__

FORMAT = 1
METADATA = "baccaec.json"

# All that a model consists of, beside plain Python, numpy and scikit-learn's
# estimators, which skops trusts by itself. The names stand in files: a class that
# moves makes another FORMAT.
TRUSTED = frozenset(
    {
        "sklearn_baccaec._clusterer._bone_age_clusterer.BoneAgeClusterer",
        "sklearn_baccaec._model_file._plain_table.PlainTable",
        "sklearn_baccaec.cluster._cluster_ages.ClusterAges",
        "sklearn_baccaec.cluster._cluster_names.ClusterNames",
        "sklearn_baccaec.cluster._isotonic_age_regressor.IsotonicAgeRegressor",
        "sklearn_baccaec.cluster._named_clusterer.NamedClusterer",
        "sklearn_baccaec.cluster._hybrid.HybridClusterer",
        "sklearn_baccaec.encoders._ccaec.CCAEC",
        "sklearn_baccaec.encoders._contrastive_region_encoder.ContrastiveRegionEncoder",
        "sklearn_baccaec.maturity._region_consensus.RegionConsensus",
        "sklearn_baccaec.encoders._region_encoder.RegionEncoder",
        "sklearn_baccaec.encoders._region_selector.RegionSelector",
        "sklearn_baccaec.encoders._vae.VAE",
        "sklearn_baccaec.preprocessing._preprocessor.RegionPreprocessor",
        "sklearn_baccaec.regions._extractor.KeyRegionExtractor",
        "sklearn_baccaec.regions.landmarking._hand_landmarker.HandLandmarker",
        "sklearn_baccaec.regions.landmarking._landmark_table.LandmarkTable",
        "builtins.range",
    }
)

_FIRST_MEMBER = slice(30, 30 + len(METADATA))  # its name, behind a zip's first header
_SEAL = 64  # bytes
# To what a model predicts. OpenCV 5 resamples crops one grey level off OpenCV 4.
_MATTERS = ("sklearn-baccaec", "scikit-learn", "opencv")


def pack(content: Any, about: dict[str, Any]) -> bytes:
    """Bytes of a file that holds ``content``; ``about`` becomes part of its metadata.

    Raises
    ------
    TypeError
        If an object in it cannot be saved without pickle.
    """
    import skops.io

    try:
        members = skops.io.dumps(content)
    except Exception as error:  # whatever the object's own methods raise
        raise TypeError(
            f"the model holds something that cannot be saved without pickle: {error}"
        ) from error
    metadata = {"format": FORMAT, **about, "versions": _versions()}
    buffer = io.BytesIO()
    with (
        ZipFile(buffer, "w", ZIP_DEFLATED) as archive,
        ZipFile(io.BytesIO(members)) as made,
    ):
        archive.writestr(METADATA, json.dumps(metadata, indent=2), ZIP_STORED)
        for name in made.namelist():
            archive.writestr(name, made.read(name))
        archive.comment = bytes(_SEAL)
    data = buffer.getvalue()[:-_SEAL]
    return data + _seal(data)


def foreign_types(data: bytes) -> set[str]:
    """Names of the types in a file that are trusted by nobody yet."""
    import skops.io

    return set(skops.io.get_untrusted_types(data=data)) - TRUSTED


def read(path: str | os.PathLike[str], trusted: Iterable[str | type] = ()) -> Any:
    """Content of a file. Nothing is built before all of it was checked.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is none of these files, is damaged, newer than this package, or holds
        types that are not trusted.

    Warns
    -----
    UserWarning
        If other versions wrote it, and that may matter.
    """
    import skops.io

    data = Path(path).read_bytes()
    name = Path(path).name
    _check_whole(data, name)
    with refusing(name), ZipFile(io.BytesIO(data)) as archive:
        metadata = json.loads(archive.read(METADATA))
        newer, versions = metadata["format"] > FORMAT, metadata["versions"]
        saved = {package: str(versions[package]) for package in (*_MATTERS, "skops")}
    if newer:
        raise ValueError(
            f"{name} was saved by sklearn_baccaec {saved['sklearn-baccaec']}, in a "
            f"format that this version, {__version__}, does not know: upgrade "
            "sklearn-baccaec"
        )
    own = {_type_name(kind) for kind in trusted}
    with refusing(name):
        foreign = sorted(foreign_types(data) - own)
    if foreign:
        raise ValueError(
            f"{name} holds {', '.join(foreign)}, which may do anything. Only if these "
            f"are steps that you know, name them: load(path, trusted={foreign})"
        )
    with (
        refusing(f"{name}, saved with skops {saved['skops']},"),
        warnings.catch_warnings(),
    ):
        # One warning for the file, below, not one for each part.
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        content = skops.io.loads(data, trusted=[*TRUSTED, *own])
    _warn_of_versions(name, saved)
    return content


def _type_name(kind: str | type) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, type):
        return f"{kind.__module__}.{kind.__qualname__}"
    raise TypeError(f"trusted holds {kind!r}; expected types or their names")


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Make one error of whatever a forged file, or an older skops, raises."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"{name} cannot be loaded: {error!r}") from error


def _check_whole(data: bytes, name: str) -> None:
    if not data.startswith(b"PK") or data[_FIRST_MEMBER] != METADATA.encode():
        raise ValueError(
            f"{name} is no model that BoneAgeClusterer.save wrote. Pickles, such as "
            "model.joblib of earlier versions, can run code and are no longer loaded: "
            "run the same 'baccaec fit' again, or fit the model and save it"
        )
    if data[-_SEAL:] != _seal(data[:-_SEAL]):
        raise ValueError(
            f"{name} is damaged: it was cut or changed after it was saved. Copy it "
            "again, or save the model again"
        )


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
        warnings.warn(
            f"{name} was saved with {' and '.join(others)}. Check on films whose "
            "results you know that it predicts the same here; if not, install that "
            "version or fit the model again",
            UserWarning,
            stacklevel=4,  # whoever called `load`
        )
