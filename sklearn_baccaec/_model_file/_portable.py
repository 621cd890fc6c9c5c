"""Models without what only one machine has."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from ..regions.landmarking._weights import are_finite

_OF_A_MACHINE = {"memory": None, "device": "cpu"}  # and what they are elsewhere
_LEFT_OUT = "_metadata_request"  # which scikit-learn keeps in objects of its own


def portable_copy(value: Any, done: dict[int, tuple[Any, Any]] | None = None) -> Any:
    """Copy estimators, or their ``_portable_state``, and what holds them, once each."""
    done = {} if done is None else done
    if type(value) is dict:
        return {name: portable_copy(part, done) for name, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(portable_copy(part, done) for part in value)
    if not isinstance(value, BaseEstimator):
        return value
    if id(value) not in done:
        kind: Any = type(value)
        twin = kind.__new__(kind)
        done[id(value)] = value, twin  # the value too: its id must not be used again
        for name, part in getattr(kind, "_portable_state", vars)(value).items():
            if name != _LEFT_OUT:
                elsewhere = None if part is None else _OF_A_MACHINE.get(name, part)
                vars(twin)[name] = portable_copy(elsewhere, done)
    return done[id(value)][1]


def refuse_flaws(model: Any) -> None:
    """Refuse a loaded model with weights that are not finite, or with a cache.

    The pickles in a cache could run code.
    """
    for part in _parts_of(model, {}):
        kind = type(part).__name__
        if getattr(part, "memory", None) is not None:
            raise ValueError(f"its {kind} names a cache: {part.memory}")
        weights = getattr(part, "weights_", None)
        if isinstance(weights, dict) and not are_finite(weights):
            raise ValueError(f"its {kind} has weights that are not finite numbers")


def _parts_of(value: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """All that a model consists of, whatever it is kept in."""
    if id(value) in seen or isinstance(value, type | str):
        return
    seen[id(value)] = value
    yield value
    parts: list[Any] = list(getattr(value, "__dict__", {}).values())
    if isinstance(value, dict):
        parts += value.values()
    elif isinstance(value, list | tuple | set):
        parts += value
    elif isinstance(value, np.ndarray) and value.dtype == object:
        parts += value.ravel().tolist()
    for part in parts:
        yield from _parts_of(part, seen)
