"""The report on a fitted model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted


class ReportingMixin:
    """Writes the report on a fitted clusterer of films."""

    def report(
        self,
        X: Any,
        y: Any = None,
        *,
        sex: Any = None,
        path: str | os.PathLike[str] = "baccaec-report.html",
    ) -> Path:
        """Write one HTML page that tells what was run, and what came of it.

        It needs no network and no scripts: what was run; accuracy; the paper's Table 1;
        charts of the clusters; the films nearest their centres, the least certain
        films, those set aside, and those named wrongly. It needs jinja2 and matplotlib
        (the extra ``plot``).

        Accuracy is told apart by films. Those that were in `fit`, or named the
        clusters, have the paper's in-sample figure beside its chance level; those that
        took part in nothing have `score`. A film counts as the same if its content is,
        or its crops are.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films, such as those in `fit`, or others. With a `memory`, nothing is
            cropped or encoded twice.
        y : array-like of shape (n_samples,) or None, default=None
            Bone ages in months, NaN where unknown. Without them the page has what the
            model itself knows of ages.
        sex : array-like of shape (n_samples,) or None, default=None
            "F" or "M", None or NaN where unknown; booleans mean male. For clusters
            that were named by sex.
        path : path, default="baccaec-report.html"
            File to write. One that is there is replaced, in one go.

        Returns
        -------
        path : Path
            The page. It shows films: it is no less confidential than they are. Of
            files it tells the name alone, never a folder.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ImportError
            If jinja2 or matplotlib is missing.
        FilmError
            If a film cannot be used and ``on_error="raise"``.
        ValueError
            If ages or sexes are none, or do not match the films.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from sklearn.decomposition import PCA
        >>> from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
        >>> from sklearn_baccaec.datasets import make_hand_radiographs
        >>> films = make_hand_radiographs(12, film_shape=(160, 120), random_state=0)
        >>> model = BoneAgeClusterer(
        ...     ["carpus", "radius"],
        ...     n_clusters=3,
        ...     landmarker=LandmarkTable.from_films(films.data, films.landmarks),
        ...     encoder=PCA(2),
        ...     crop_shape=(16, 16),
        ...     random_state=0,
        ... ).fit(films.data, films.target)
        >>> with TemporaryDirectory() as folder:
        ...     page = model.report(
        ...         films.data, films.target, path=Path(folder, "report.html")
        ...     )
        ...     page.name
        'report.html'
        """
        from ..report import write_report

        check_is_fitted(self)
        return write_report(self, X, y, sex, path)
