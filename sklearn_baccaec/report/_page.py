"""The page: its parts put into the template, and written."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.validation import sex_by_keyword
from .._utils.wrapped import unwrap
from ._accuracy import find_accuracy
from ._charts import draw_charts
from ._cluster_tables import tabulate_clusters
from ._film_table import list_films
from ._film_tiles import choose_crops, show_films
from ._rendering import check_report_support, check_target, render, write_page
from ._reported_films import ReportedFilms
from ._run_facts import list_facts, list_parameters, list_versions, tell_region
from ._training import find_unconverged


@sex_by_keyword
@fill_docstrings
def write_report(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    sex: Any = None,
    path: str | os.PathLike[str] = "baccaec-report.html",
) -> Path:
    """Write one HTML page that tells what a model says of films, and how far it holds.

    Ages and where they come from; with known ages accuracy and a Bland-Altman plot; a
    table of all films; the clusters, with the paper's Table 1; pictures of films that
    are typical, least certain, set aside and misclassified. The page needs no network
    and no scripts, with which the table can be sorted; writing it needs jinja2 and
    matplotlib (the extra ``plot``).

    Parameters
    ----------
    model : BoneAgeClusterer
        Fitted; one at the end of a search or a Pipeline will do.
    {films}
        Those in `fit`, or others. Each is read once, and once more if it is shown.
    {optional_ages}
        Without them the page has no accuracy.
    {sex}
        For clusters that were named for each sex; leaving it out then warns.
    path : path, default="baccaec-report.html"
        File to write. One that is there is replaced, in one go.

    Returns
    -------
    path : Path
        The page, as confidential as the films it shows. It names files, not folders.

    Raises
    ------
    NotFittedError, TypeError
        If the model is not fitted, or is not a BoneAgeClusterer.
    ImportError
        If jinja2 or matplotlib is missing.
    FilmError
        If a film cannot be used and ``on_error="raise"``.
    ValueError
        If ages or sexes are invalid, or do not match the films.
    OSError
        If the file cannot be written.

    Notes
    -----
    The share of films in the right interval is ``score``. Films that were in `fit`, or
    named the clusters, have figures of their own, apart from held-out films. A film is
    known again by its crops: as a file or as pixels, but only with the same landmarker.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.decomposition import PCA
    >>> from sklearn_baccaec import BoneAgeClusterer, LandmarkTable
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.report import write_report
    >>> films = make_hand_radiographs(12, film_shape=(160, 120), random_state=0)
    >>> landmarker = LandmarkTable.from_films(films.data, films.landmarks)
    >>> params = {"n_clusters": 3, "encoder": PCA(2), "crop_shape": (16, 16)}
    >>> model = BoneAgeClusterer(["carpus", "radius"], landmarker=landmarker, **params)
    >>> model = model.fit(films.data, films.target)
    >>> path = tempfile.mkdtemp() + "/report.html"
    >>> write_report(model, films.data, films.target, path=path).name
    'report.html'
    """
    check_report_support()
    target = check_target(path)
    model, X = unwrap(model, X)
    if not hasattr(model, "examine"):
        raise TypeError(f"{type(model).__name__} is not a BoneAgeClusterer")
    check_is_fitted(model)
    films = ReportedFilms(model, X, y, sex)
    page = render(
        "report.html",
        films=films,
        faults=find_unconverged(model),
        accuracies={
            "in_sample": find_accuracy(films, films.found.seen),
            "held_out": find_accuracy(films, ~films.found.seen),
        },
        film_table=list_films(films),
        tables=tabulate_clusters(model),
        charts=draw_charts(films),
        crop_regions=[tell_region(region) for region in choose_crops(films)],
        facts=list_facts(films),
        parameters=list_parameters(model),
        versions=list_versions(),
        made=datetime.now().astimezone(),
        **show_films(films),
    )
    return write_page(target, page)
