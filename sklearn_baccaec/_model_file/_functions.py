"""Models to files and back, without pickle."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sklearn.utils.validation import check_is_fitted

from .._clusterer import BoneAgeClusterer
from .._utils.files import open_whole
from .._utils.warning import warn_user
from ._container import foreign_types, pack, read, refusing
from ._plain_model import from_plain, to_plain


def save_model(model: BoneAgeClusterer, path: str | os.PathLike[str]) -> None:
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
    >>> from sklearn_baccaec import (
    ...     BoneAgeClusterer,
    ...     LandmarkTable,
    ...     load_model,
    ...     save_model,
    ... )
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
    >>> save_model(model, file)
    >>> loaded = load_model(file)
    >>> bool((loaded.predict(films.data) == labels).all())
    True
    """
    check_is_fitted(model)
    extractor = model.pipeline_[0]
    data = pack(
        to_plain(model),
        {
            "saved": datetime.now(UTC).isoformat(timespec="seconds"),
            "method": model.method,
            "regions": list(extractor.regions_),
            "n_clusters": model.n_clusters_,
            "crop_shape": [int(side) for side in extractor.crop_shape],
        },
    )
    foreign = sorted(foreign_types(data))
    if foreign:
        warn_user(
            f"the model holds {', '.join(foreign)}: loading it will need "
            f"load_model(path, trusted={foreign})"
        )
    with open_whole(path) as file:
        file.write(data)


def load_model(
    path: str | os.PathLike[str], trusted: Iterable[str | type] | None = None
) -> BoneAgeClusterer:
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
    content = read(path, trusted or ())
    with refusing(Path(path).name):
        model = from_plain(content)
        if not isinstance(model, BoneAgeClusterer):
            raise TypeError(f"a {type(model).__name__} is not a BoneAgeClusterer")
    return model
