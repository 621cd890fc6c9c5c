"""Files of landmark weights: npz, half precision, with a checksum of their own."""

import hashlib
import os
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ..._utils.archives import check_unpacked
from ..._utils.files import open_whole

Weights = dict[str, np.ndarray]

SHIPPED_WEIGHTS = "rsna"
"""Name of the weights that come with the package."""

ARCHITECTURE = 1  # of the networks; a file of another is refused, whatever its shapes
_CHECKSUM, _ARCHITECTURE = "checksum", "architecture"


class WeightsError(ValueError):
    """A weights file that is missing, damaged, or of something else."""


def round_weights(weights: Weights) -> Weights:
    """Half precision, as files keep them: then a saved landmarker predicts the same."""
    return {
        name: value.astype(np.float16) if value.dtype.kind == "f" else value
        for name, value in weights.items()
    }


def are_finite(weights: Weights) -> bool:
    """Whether all numbers are finite: others would pass through all layers."""
    return all(
        value.dtype.kind in "biuf" and np.isfinite(value).all()
        for value in weights.values()
    )


def digest_weights(weights: Weights) -> str:
    """Key of the content, the same whatever file it comes from."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(weights):
        value = np.ascontiguousarray(weights[name])
        digest.update(f"{name} {value.dtype.str} {value.shape}".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def save_weights(weights: Weights, path: str | os.PathLike[str]) -> None:
    """Write a file in one go: an interrupt leaves no half of it."""
    content: dict[str, Any] = {**weights, _CHECKSUM: digest_weights(weights)}
    content[_ARCHITECTURE] = ARCHITECTURE
    with open_whole(path) as file:
        np.savez_compressed(file, **content)


def load_weights(weights: str | os.PathLike[str]) -> Weights:
    """Read and verify weights, shipped ones by name, or raise a `WeightsError`."""
    shipped = weights == SHIPPED_WEIGHTS
    own = resources.files(__package__) / f"{SHIPPED_WEIGHTS}.npz"
    source: Any = own if shipped else Path(weights)
    remedy = (
        "install the package again: pip install --force-reinstall sklearn-baccaec"
        if shipped
        else "save it again with HandLandmarker.save_weights, or use the weights that "
        f"come with the package: HandLandmarker(weights={SHIPPED_WEIGHTS!r})"
    )

    def refuse(flaw: str) -> WeightsError:
        return WeightsError(f"the weights file {source} {flaw}; {remedy}")

    try:
        if not source.is_file():  # opening a pipe would wait for ever
            raise FileNotFoundError
        with source.open("rb") as file, np.load(file, allow_pickle=False) as content:
            check_unpacked(content.zip, file.seek(0, os.SEEK_END))
            loaded = {name: content[name] for name in content.files}
    except FileNotFoundError:
        raise WeightsError(f"there is no weights file {source}; {remedy}") from None
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror})") from error
    except Exception as error:  # whatever a damaged archive raises
        raise refuse(f"is damaged, or not one ({error})") from error
    if int(loaded.pop(_ARCHITECTURE, 1)) != ARCHITECTURE:
        raise refuse("is of other networks than this version's")
    if str(loaded.pop(_CHECKSUM, None)) != digest_weights(loaded):
        raise refuse("does not match its checksum")
    if not are_finite(loaded):
        raise refuse("holds numbers that are not finite")
    return loaded
