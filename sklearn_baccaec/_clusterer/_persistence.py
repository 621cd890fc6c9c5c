"""Models to files and back, without pickle."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .. import _model_file
from .._model_file import from_plain, to_plain
from .._utils.files import open_whole
from ..regions import HandLandmarker
from ..regions.landmarking import SHIPPED_WEIGHTS
from ..regions.landmarking._weights import digest_weights, load_weights


class PersistenceMixin:
    """Saves and loads a clusterer of films.

    The class it is mixed into has the parameters `method`, `landmarker`, `n_jobs` and
    `verbose`, and a fitted `pipeline_` and `n_clusters_`.
    """

    method: str
    landmarker: Any
    n_jobs: int | None
    verbose: int
    pipeline_: Pipeline
    n_clusters_: int

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file that can run no code, for `load`.

        Elsewhere it predicts the same: the landmarker goes along, with its weights or
        its table. What belongs to this machine does not: the cache (`memory`), and
        "cuda" as a `device`. The model itself stays as it is.

        Parameters
        ----------
        path : path
            Usually ends in ``.skops``. A file that is there is replaced, in one go.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        TypeError
            If a step of your own holds something that cannot be saved without pickle.
        ValueError, FileNotFoundError
            If the file of a landmarker's weights or table is gone.

        Warns
        -----
        UserWarning
            If the model holds types that `load` will not trust by itself, such as a
            step of your own.

        Notes
        -----
        The file is a zip in skops' format. ``baccaec.json`` in it tells the versions,
        the method, the regions, the number of clusters and the shape of the crops. No
        film is in it, but what `fit` learned of each is: `assignments_`, with the name
        of its file, its sex if it was given, and a digest of its content. Ages are in
        it as counts, medians and curves, from which single ones may be told.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from sklearn.decomposition import PCA
        >>> from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
        >>> from sklearn_baccaec.datasets import make_hand_radiographs
        >>> films = make_hand_radiographs(6, film_shape=(160, 120), random_state=0)
        >>> model = BoneAgeClusterer(
        ...     ["carpus", "radius"],
        ...     n_clusters=2,
        ...     landmarker=LandmarkTable.from_films(films.data, films.landmarks),
        ...     encoder=PCA(2),
        ...     crop_shape=(16, 16),
        ...     random_state=0,
        ... )
        >>> labels = model.fit_predict(films.data)
        >>> file = Path(tempfile.mkdtemp()) / "model.skops"
        >>> model.save(file)
        >>> loaded = BoneAgeClusterer.load(file)
        >>> bool((loaded.predict(films.data) == labels).all())
        True
        """
        check_is_fitted(self)
        model = to_plain(self)
        extractor = model.pipeline_[0]
        extractor.landmarker = model.landmarker  # the one that predicts today
        content = {"model": model}
        if model.landmarker is None:
            content["landmark_weights"] = load_weights(SHIPPED_WEIGHTS)
        data = _model_file.pack(
            content,
            {
                "saved": datetime.now(UTC).isoformat(timespec="seconds"),
                "method": self.method,
                "regions": list(extractor.regions),
                "n_clusters": self.n_clusters_,
                "crop_shape": [int(side) for side in extractor.crop_shape],
            },
        )
        foreign = sorted(_model_file.foreign_types(data))
        if foreign:
            warnings.warn(
                f"the model holds {', '.join(foreign)}: loading it will need "
                f"load(path, trusted={foreign})",
                UserWarning,
                stacklevel=2,
            )
        with open_whole(path) as file:
            file.write(data)

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], trusted: Iterable[str | type] | None = None
    ) -> Self:
        """Load a model that `save` wrote.

        The file can run no code: nothing is built unless the file is whole and all that
        it holds are types of this package, of scikit-learn and of numpy.

        Parameters
        ----------
        path : path
            File that `save` wrote.
        trusted : iterable of str or type, or None, default=None
            Further types that the file may hold: those of your own steps, or their
            names, which `save` and the error tell. Name only what you know.

        Returns
        -------
        model : object
            The fitted model.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is no such file, is damaged or newer than this package, or holds types
            that are not trusted.

        Warns
        -----
        UserWarning
            If another minor version of scikit-learn or of this package wrote it.
        """
        content = _model_file.read(path, trusted or ())
        with _model_file.refusing(Path(path).name):
            model = from_plain(content["model"])
            if not isinstance(model, cls):
                raise TypeError(f"a {type(model).__name__} is no {cls.__name__}")
            if model.landmarker is None:
                model._keep_landmarks(content["landmark_weights"])
        return model

    def _keep_landmarks(self, weights: dict[str, Any]) -> None:
        """Find landmarks as where the model was saved, if the package's are others."""
        if digest_weights(weights) == digest_weights(load_weights(SHIPPED_WEIGHTS)):
            return
        landmarker = HandLandmarker(n_jobs=self.n_jobs, verbose=self.verbose)
        landmarker.weights_ = weights
        frozen = FrozenEstimator(landmarker)  # clones shall have these weights
        self.landmarker = self.pipeline_[0].landmarker = frozen
