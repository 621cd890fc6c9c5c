"""Tables as files keep them: pandas' own insides change with its versions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


class PlainTable:
    """A DataFrame as numpy arrays; what is no number becomes text."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.index = _plain_levels(frame.index)
        self.columns = _plain_levels(frame.columns)
        self.values = [_plain(frame.iloc[:, i]) for i in range(frame.shape[1])]

    def to_frame(self) -> pd.DataFrame:
        """Make the DataFrame again."""
        frame = pd.DataFrame(dict(enumerate(map(_series, self.values))))
        return frame.set_axis(_to_index(*self.index)).set_axis(
            _to_index(*self.columns), axis=1
        )


def _plain(values: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Numbers; or text, and where it is missing."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array, None
    missing = np.asarray(pd.isna(values), bool)
    return np.where(missing, "", array.astype(object)).astype(str), missing


def _series(plain: tuple[np.ndarray, np.ndarray | None]) -> pd.Series:
    values, missing = plain
    if missing is None:
        return pd.Series(values)
    return pd.Series(values, dtype=str).mask(missing)


def _plain_levels(index: pd.Index) -> tuple[list[Any], list[Any]]:
    """Names and values of the levels of an index."""
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    return list(index.names), [_plain(level) for level in levels]


def _to_index(names: list[Any], levels: list[Any]) -> pd.Index:
    series = [_series(level) for level in levels]
    if len(series) > 1:
        return pd.MultiIndex.from_arrays(series, names=names)
    return pd.Index(series[0], name=names[0])
