"""Models to files and back, without pickle."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sklearn.utils.validation import check_is_fitted

from .._clusterer import BoneAgeClusterer
from .._utils.files import open_whole
from .._utils.warning import warn_user
from ._container import pack, read_model, refusing, unpack
from ._portable import portable_copy, refuse_flaws


def save_model(model: BoneAgeClusterer, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to a file that can run no code, for `load_model`.

    The landmarker goes along, with its weights or its table. What belongs to this
    machine does not: the cache (`memory`), and "cuda" as a `device`.

    Parameters
    ----------
    model : BoneAgeClusterer
        A fitted model.
    path : path
        Usually ends in ``.skops``. A file that is there is replaced, in one go.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If it is not a BoneAgeClusterer, or a step of your own needs pickle.
    ValueError, FileNotFoundError
        If the file of a landmarker's weights or table is gone.

    Warns
    -----
    UserWarning
        If `load_model` will not trust it by itself, because of a step of your own.

    Notes
    -----
    The file is a zip in skops' format, with the public names of this package's classes.
    ``baccaec.json`` in it tells versions, method, regions, number of clusters and shape
    of the crops. No film is in it, but what `assignments_` tells of the films in `fit`
    is, with their sex if it was given, and a digest of their crops. Ages are in it as
    counts, medians and curves, from which single ones may be told.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.decomposition import PCA
    >>> from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
    >>> from sklearn_baccaec import load_model, save_model
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(6, film_shape=(160, 120), random_state=0)
    >>> landmarker = LandmarkTable.from_films(films.data, films.landmarks)
    >>> params = {"n_clusters": 2, "encoder": PCA(2), "crop_shape": (16, 16)}
    >>> model = BoneAgeClusterer(["carpus", "radius"], landmarker=landmarker, **params)
    >>> labels = model.fit_predict(films.data)
    >>> path = tempfile.mkdtemp() + "/model.skops"
    >>> save_model(model, path)
    >>> bool((load_model(path).predict(films.data) == labels).all())
    True
    """
    if not isinstance(model, BoneAgeClusterer):
        raise TypeError(f"model is a {type(model).__name__}, not a BoneAgeClusterer")
    check_is_fitted(model)
    extractor = model.pipeline_[0]
    data, foreign = pack(
        portable_copy(model),
        {
            "saved": datetime.now(UTC).isoformat(timespec="seconds"),
            "method": model.method,
            "regions": list(extractor.regions_),
            "n_clusters": int(model.n_clusters_),
            "crop_shape": [int(side) for side in extractor.crop_shape],
        },
    )
    if foreign:
        warn_user(
            f"the model holds {', '.join(foreign)}: loading it will need "
            f"load_model(path, trusted={foreign})"
        )
    with open_whole(path) as file:
        file.write(data)


def load_model(
    path: str | os.PathLike[str], trusted: Iterable[str | type] = ()
) -> BoneAgeClusterer:
    """Load a model that `save_model` wrote.

    Nothing is built unless the file is whole and all that it holds are types of this
    package, of scikit-learn and of numpy: it can run no code.

    Parameters
    ----------
    path : path
        File that `save_model` wrote.
    trusted : iterable of str or type, default=()
        Types of your own steps, or their names, which `save_model` and the error tell.
        Name only what you know.

    Returns
    -------
    model : BoneAgeClusterer
        Fitted.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not such a file, is damaged, newer than this package, would unpack to
        more than 256 MiB and 8 times its size, or holds types that are not trusted or
        weights that are not finite.

    Warns
    -----
    UserWarning
        If another minor version of scikit-learn, OpenCV or this package wrote it.
    """
    path = Path(path)
    model = unpack(read_model(path), path.name, trusted)
    with refusing(path.name):
        if not isinstance(model, BoneAgeClusterer):
            raise TypeError(f"a {type(model).__name__} is not a BoneAgeClusterer")
        refuse_flaws(model)
    return model
