"""A model as files keep it: plain content, and nothing that one machine alone has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from .._utils.files import read_table
from ..regions import HandLandmarker, LandmarkTable
from ._plain_table import PlainTable

# Attributes that only mean something here, and what they are elsewhere.
_OF_A_MACHINE = {"memory": None, "device": "cpu"}
# Which metadata cross-validation shall pass on; scikit-learn keeps it in objects of its
# own, with a reference to the estimator.
_LEFT_OUT = "_metadata_request"


def to_plain(model: Any) -> Any:
    """Copy a model for a file. Its arrays are shared, and it stays as it is.

    Raises
    ------
    FileNotFoundError, WeightsError
        If the file of a landmarker in it is gone: it should come along.
    """
    return _rebuild(model, True, {})


def from_plain(model: Any) -> Any:
    """Make the model again of what `to_plain` made of it.

    Raises
    ------
    ValueError
        If a part of it names a cache: that would load the pickles that lie there.
    """
    for part in _reachable(model, {}):
        if getattr(part, "memory", None) is not None:
            raise ValueError(f"its {type(part).__name__} names a cache: {part.memory}")
    return _rebuild(model, False, {})


def _rebuild(value: Any, plain: bool, done: dict[int, tuple[Any, Any]]) -> Any:
    """Copy estimators and what holds them; an object that occurs twice stays one."""
    if type(value) is dict:
        return {name: _rebuild(part, plain, done) for name, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_rebuild(part, plain, done) for part in value)
    if id(value) in done:
        return done[id(value)][1]
    twin = value
    if plain and isinstance(value, pd.DataFrame):
        twin = PlainTable(value)
    elif not plain and isinstance(value, PlainTable):
        twin = value.to_frame()
    elif isinstance(value, BaseEstimator) or _is_ours(value):
        kind: Any = type(value)
        twin = kind.__new__(kind)
        done[id(value)] = value, twin
        for name, part in _state_of(value, plain).items():
            vars(twin)[name] = _rebuild(part, plain, done)
    done[id(value)] = value, twin  # the value too: its id must not be used again
    return twin


def _reachable(value: Any, seen: dict[int, Any]) -> Iterator[Any]:
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
        yield from _reachable(part, seen)


def _is_ours(value: Any) -> bool:
    package = type(value).__module__.partition(".")[0]
    return package == __name__.partition(".")[0] and hasattr(value, "__dict__")


def _state_of(value: Any, plain: bool) -> dict[str, Any]:
    state = {name: part for name, part in vars(value).items() if name != _LEFT_OUT}
    state |= {
        name: elsewhere
        for name, elsewhere in _OF_A_MACHINE.items()
        if state.get(name) is not None
    }
    if plain and isinstance(value, LandmarkTable):
        state["table"] = read_table(value.table, ())
    if plain and isinstance(value, HandLandmarker):
        state["weights_"] = value._current_weights()
        if isinstance(value.weights, str | os.PathLike):
            state["weights"] = Path(value.weights).name
    return state
