"""Landmarks that somebody, or some program, has already found."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from ..._utils.docstrings import fill_docstrings
from ..._utils.regions import KEY_REGIONS, region_index
from ..._utils.sklearn_compat import DocumentationLinkMixin, tag_films
from ..._utils.tables import known_cells, read_table
from ..._utils.validation import check_landmarks
from ...films import FilmError
from ...films._checks import check_films, film_id, is_path
from ...films._open_film import film_digest

_COLUMNS = ("id", "region", "x", "y")
_UNKNOWN = (np.nan, np.nan, 0)


@fill_docstrings
class LandmarkTable(DocumentationLinkMixin, BaseEstimator):
    """Landmarker that looks landmarks up: hand annotations, or earlier results.

    Parameters
    ----------
    table : path, DataFrame or dict of arrays
        A csv, or its columns: ``id`` (file name without suffix), ``region``
        (name, or the paper's number 1 to 19), ``x``, ``y`` (the film's own pixels;
        the centre of the top left pixel is 0, 0) and optionally ``confidence`` (0 to
        1; 1 without the column). Rows may be missing, for whole films too.

    See Also
    --------
    KeyRegionExtractor : Crops regions at a landmarker's landmarks.

    Examples
    --------
    >>> from sklearn_baccaec import LandmarkTable
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(3, random_state=0)
    >>> landmarker = LandmarkTable.from_films(films.data, films.landmarks)
    >>> landmarker.predict(films.data[1:]).shape
    (2, 19, 3)
    """

    def __init__(
        self, table: str | os.PathLike[str] | pd.DataFrame | dict[str, np.ndarray]
    ) -> None:
        self.table = table

    @classmethod
    def from_films(cls, films: Any, landmarks: Any) -> Self:
        """Table for films at hand, in memory or on disk.

        Films in memory are known by their content, so that parts of them, in any
        order (the splits of cross-validation), still find their landmarks.

        Parameters
        ----------
        films : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            The films.
        landmarks : array-like of shape (n_samples, 19, 2 or 3)
            x, y in pixels and optionally confidence; NaN where unknown.

        Returns
        -------
        landmarker : LandmarkTable
            With a DataFrame as its table.
        """
        films = check_films(films)
        landmarks = check_landmarks(landmarks, len(films), "landmarks has")
        ids = [_film_id(film, i) for i, film in enumerate(films)]
        table = pd.DataFrame(_columns(ids, landmarks))
        # The same film given twice has the same landmarks.
        return cls(table.dropna(subset=["x", "y"]).drop_duplicates()).fit()

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Check the table.

        Parameters
        ----------
        X, y : None
            Ignored.

        Returns
        -------
        self : object
            The landmarker.

        Raises
        ------
        ValueError
            If the table lacks a column, names an unknown region, lists a film's
            region twice, or holds coordinates that are not numbers.
        """
        self._lookup()
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Look the films up.

        Parameters
        ----------
        {films}
            Paths are known by their file name without suffix, and by folders before
            it where ids have them; arrays by their content.

        Returns
        -------
        landmarks : ndarray of shape (n_samples, 19, 3)
            x, y in the film's pixels and confidence in [0, 1]; NaN, NaN, 0 where the
            table knows nothing.
        """
        rows = self._lookup()
        films = check_films(X)
        landmarks = np.full((len(films), len(KEY_REGIONS), 3), _UNKNOWN)
        paths: dict[str, Path] = {}
        for i, film in enumerate(films):
            if not is_path(film):
                # Whoever reads a film that has no id says what is wrong with it.
                with contextlib.suppress(FilmError):
                    landmarks[i] = rows.get(_film_id(film, i), _UNKNOWN)
                continue
            path = Path(film).absolute()
            id_ = next((name for name in _names(path) if name in rows), film_id(path))
            known = paths.setdefault(id_, path)
            if known != path:
                raise ValueError(
                    f"{known} and {path} have the same id {id_!r}; a table knows films "
                    "by their file names, and folders if it has them"
                )
            landmarks[i] = rows.get(id_, _UNKNOWN)
        return landmarks

    def __sklearn_tags__(self) -> Any:
        tags = tag_films(super().__sklearn_tags__())
        tags.requires_fit = False
        return tags

    def _portable_state(self) -> dict[str, Any]:
        """State for a file that is read elsewhere: the table's content, as arrays."""
        rows = self._lookup()
        landmarks = np.array(list(rows.values())).reshape(-1, len(KEY_REGIONS), 3)
        return {**vars(self), "table": _columns(list(rows), landmarks)}

    def _lookup(self) -> dict[str, np.ndarray]:
        """Landmarks (19, 3) by film id."""
        table, name = self.table, "the table"
        if isinstance(table, dict):
            table = pd.DataFrame(table)
        elif not isinstance(table, pd.DataFrame):
            name = str(table)
        table = read_table(table, _COLUMNS)
        if table["id"].isna().any():
            raise ValueError(f"{name} has a row without an id")
        ids = table["id"].astype(str).str.strip()
        try:
            codes = {text: region_index(text) for text in table["region"].unique()}
        except ValueError as error:
            raise ValueError(f"{name}, column region: {error}") from error
        regions = table["region"].map(codes)

        def where(rows: Any) -> str:
            """Region and film of the first of rows."""
            row = int(np.flatnonzero(rows)[0])
            return f"{KEY_REGIONS[regions.iloc[row]]} of film {ids.iloc[row]!r}"

        twice = pd.DataFrame({"id": ids, "region": regions}).duplicated()
        if twice.any():
            raise ValueError(f"{name} lists {where(twice)} twice")
        values = np.ones((len(table), 3))
        for k, column in enumerate(("x", "y", "confidence")):
            if column in table:
                cells = known_cells(table[column])
                values[:, k] = numbers = _to_numbers(cells)
                bad = numbers.isna() & cells.notna()
                if bad.any():
                    raise ValueError(
                        f"{name}: {column} of {where(bad)} is "
                        f"{cells[bad.to_numpy()].iloc[0]!r}, not a number"
                    )
        values[np.isnan(values[:, 2]), 2] = 1
        values[np.isnan(values[:, :2]).any(axis=1)] = _UNKNOWN
        if ((values[:, 2] < 0) | (values[:, 2] > 1)).any():
            raise ValueError(f"{name} has a confidence outside [0, 1]")
        films, unique_ids = pd.factorize(ids)
        landmarks = np.full((len(unique_ids), len(KEY_REGIONS), 3), _UNKNOWN)
        landmarks[films, regions.to_numpy(dtype=np.intp)] = values
        return dict(zip(unique_ids, landmarks, strict=True))


def _names(path: Path) -> Iterator[str]:
    """Yield a film's id with all of its folders, and with fewer and fewer."""
    folders = path.parent.parts
    for first in range(len(folders) + 1):
        yield "/".join([*folders[first:], film_id(path)])


def _columns(ids: Sequence[str], landmarks: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a table that holds all landmarks (n_samples, 19, 3)."""
    films = np.repeat(np.array(ids, dtype=str), len(KEY_REGIONS))
    regions = np.tile(KEY_REGIONS, len(ids))
    x, y, confidence = landmarks.reshape(-1, 3).T
    return {"id": films, "region": regions, "x": x, "y": y, "confidence": confidence}


def _to_numbers(column: pd.Series) -> pd.Series:
    """Numbers of a column, NaN for what is not a number: dates and flags, too."""
    if column.dtype.kind in "iuf":
        return column
    return column.map(_to_number).astype(float)


def _to_number(cell: Any) -> float:
    """Exact number of a cell, as pandas does not read it in every version."""
    text = str(cell).strip()
    try:
        return np.nan if "_" in text or isinstance(cell, bool) else float(text)
    except ValueError:
        return np.nan


def _film_id(film: Any, index: int) -> str:
    return film_id(film) if is_path(film) else film_digest(film, index)
