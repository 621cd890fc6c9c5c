"""The least certain films of many, small and side by side."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Self

import numpy as np

from .._utils.regions import check_regions
from .._utils.sklearn_compat import check_matplotlib_support
from ..films import read_film
from ..films._checks import check_films, film_name
from ._drawing import digit_lines, draw_landmarks
from ._film_selection import mean_confidence
from ._found_landmarks import find_landmarks
from ._styles import count_of
from ._tiles import check_counts, draw_tile, make_sheet, shorten


class ContactSheetDisplay:
    """Show the least certain films of many as thumbnails, to check them at a glance.

    Use :meth:`from_films` to make one. Lines join the joints of each digit, so that a
    wrong finger meets the eye.

    Parameters
    ----------
    films : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
        The films; only those shown are read, one at a time.
    landmarks : ndarray of shape (n_films, 19, 3)
        x, y in pixels and confidence in [0, 1]; NaN, NaN, 0 where unknown.
    regions : sequence of str or int, or None, default=None
        The regions whose confidence counts. None means all 19.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The sheet.
    axes_ : ndarray of shape (n_rows, n_columns), object
        The tiles; those past the last film are empty.
    order_ : ndarray of shape (n_shown,), int
        Positions of the films shown, the least certain first.
    confidence_ : ndarray of shape (n_films,)
        Each film's mean confidence over the regions, where unknown landmarks count
        as 0.

    See Also
    --------
    KeyRegionDisplay : One film, with the crops.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.plotting import ContactSheetDisplay
    >>> films = make_hand_radiographs(4, random_state=0)
    >>> films.landmarks[2, :5] = float("nan")
    >>> display = ContactSheetDisplay.from_films(
    ...     films.data, landmarks=films.landmarks, n_films=2
    ... )
    >>> display.order_
    array([2, 0])
    >>> display.confidence_.round(2)
    array([1.  , 1.  , 0.74, 1.  ])
    """

    def __init__(
        self,
        films: Any,
        landmarks: np.ndarray,
        *,
        regions: Iterable[str | int] | str | int | None = None,
    ) -> None:
        self.films = films
        self.landmarks = landmarks
        self.regions = regions

    @classmethod
    def from_films(
        cls,
        X: Any,
        *,
        landmarker: Any = None,
        landmarks: Any = None,
        regions: Iterable[str | int] | str | int | None = None,
        n_films: int = 40,
        n_columns: int = 8,
    ) -> Self:
        """Find the films' landmarks, and draw the least certain ones.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        landmarker : object with ``predict(X) -> (n_samples, 19, 3)``, default=None
            What finds the landmarks. None means
            :class:`~sklearn_baccaec.regions.HandLandmarker`.
        landmarks : array-like of shape (n_samples, 19, 2 or 3), default=None
            Landmarks found before, instead: x, y in pixels and optionally
            confidence; NaN where unknown.
        regions : sequence of str or int, or None, default=None
            The regions whose confidence counts. None means all 19.
        n_films, n_columns
            As for :meth:`plot`.

        Returns
        -------
        display : ContactSheetDisplay
            Drawn.

        Raises
        ------
        ValueError
            For landmarks of another shape, unknown regions, or n_films or n_columns
            below 1.
        """
        check_matplotlib_support(f"{cls.__name__}.from_films")
        check_counts(n_films, n_columns)
        check_regions(regions)
        films = check_films(X)
        found = find_landmarks(films, landmarker, landmarks)
        return cls(films, found, regions=regions).plot(
            n_films=n_films, n_columns=n_columns
        )

    def plot(self, *, n_films: int = 40, n_columns: int = 8) -> Self:
        """Draw the sheet in a new figure.

        Parameters
        ----------
        n_films : int, default=40
            How many films to show at most.
        n_columns : int, default=8
            How many of them side by side.

        Returns
        -------
        display : ContactSheetDisplay
            This one.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        check_counts(n_films, n_columns)
        self.confidence_ = mean_confidence(self.landmarks, self.regions)
        self.order_ = np.argsort(self.confidence_, kind="stable")[:n_films]
        self.figure_, self.axes_ = make_sheet(len(self.order_), n_columns)
        films = count_of(len(self.films), "film")
        self.figure_.suptitle(f"The {len(self.order_)} least certain of {films}")
        for ax, i in zip(self.axes_.flat, self.order_, strict=False):
            self._draw_tile(ax, i)
        return self

    def _draw_tile(self, ax: Any, i: int) -> None:
        title = f"{shorten(film_name(self.films[i], i))}\n{self.confidence_[i]:.2f}"
        scale = draw_tile(ax, title, partial(read_film, self.films[i], i))
        if scale is None:
            return
        landmarks = self.landmarks[i].copy()
        landmarks[:, :2] = (landmarks[:, :2] + 0.5) * scale - 0.5
        for joints, colour in digit_lines(landmarks):
            ax.plot(*joints.T, color=colour, linewidth=1)
        draw_landmarks(ax, landmarks, size=2.5)
