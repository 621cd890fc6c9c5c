"""Films on disk, with the ages and sexes that tables tell of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ..films._formats import find_format
from ._film_bunch import FilmBunch
from ._film_copies import tell_copies
from ._film_files import Folder, list_films
from ._film_ids import FilmIds
from ._film_labels import Labels, join_labels, list_tables
from ._label_table import MONTHS


def load_radiographs(
    folder: Folder | Iterable[Folder],
    labels: Labels = None,
    *,
    id: str | None = None,
    age: str | None = None,
    sex: str | None = None,
    unit: str | None = None,
    recursive: bool = False,
) -> FilmBunch:
    """List films on disk, with ages and sexes from tables.

    Only headers of DICOM files are read here: ``data`` holds paths, and estimators read
    the films one at a time, so that a collection of any size fits in memory. Warnings
    count what is left out, what has no match, and films with the same content.

    Parameters
    ----------
    folder : path or sequence of paths
        Holds PNG, JPEG, TIFF, BMP, WebP or DICOM films, which are known by their
        content, whatever their names. Files are taken as well as folders.
    labels : path, DataFrame, or sequence of these, default=None
        Tables of ages and sexes, joined by id: csv files (comma, semicolon or tab;
        UTF-8 or UTF-16), xlsx files (with openpyxl) or DataFrames. They may lack films
        and list others. The layout of the RSNA Pediatric Bone Age Challenge, columns
        ``id``, ``boneage`` (months) and ``male``, is one of many.
    id, age, sex : str or None, default=None
        Names of the columns. None: the usual ones, whatever their case, such as
        ``id``, ``image id``, ``case id`` and ``filename``; ``boneage``, ``bone age``
        and ``age``; ``male``, ``female``, ``sex`` and ``gender``. A sex is "F", "M",
        "female" or "male"; in a column called male or female also 1, 0, True or False.
    unit : {"months", "years"} or None, default=None
        Unit of the ages. None: months, unless the column's name says years or no age is
        above 20, which is refused.
    recursive : bool, default=False
        Whether to search folders in the folder, too.

    Returns
    -------
    films : :class:`~sklearn.utils.Bunch`
        data : ndarray of shape (n_samples,), str
            Paths, sorted in each folder.
        target : ndarray of shape (n_samples,), float64
            Bone ages in months, NaN where unknown.
        sex : ndarray of shape (n_samples,), object
            "F", "M", or None where unknown.
        ids : ndarray of shape (n_samples,), str
            File names without suffix, after the folders below the one that all films
            have in common.
        frame : DataFrame of shape (n_samples, 6)
            Columns ``id``, ``path``, ``boneage``, ``sex``; ``pixel_spacing`` (mm) and
            ``laterality`` ("L" or "R") from the headers of DICOM files, NaN and None
            elsewhere. It can be written to a file, and be `labels` again.

    Raises
    ------
    FileNotFoundError
        If a folder, film or table does not exist.
    ImportError
        If a table is an xlsx and openpyxl is not installed.
    ValueError
        If there are no films, two films share an id, or a table lacks a column, lists
        none of the films, contradicts itself or another, or has an age, a unit or a sex
        that is not clear.

    See Also
    --------
    make_hand_radiographs : Synthetic films with known truth.

    Notes
    -----
    Ids in tables are text. They match a film by its id or its file name, with or
    without folders and suffix, in any Unicode form, whatever spaces or invisible
    characters are around them; 7.0 matches the film 7. The text 7 does not match the
    film 007, but a number 7, of an xlsx or a DataFrame, does.

    References
    ----------
    .. [1] Halabi et al., "The RSNA Pediatric Bone Age Machine Learning Challenge",
       Radiology 290(2), 2019.

    Examples
    --------
    >>> import pathlib, tempfile, cv2, pandas
    >>> from sklearn_baccaec.datasets import load_radiographs, make_hand_radiographs
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> synthetic = make_hand_radiographs(2, random_state=0)
    >>> for i, film in enumerate(synthetic.data):
    ...     _ = cv2.imwrite(str(folder / f"{i}.png"), film)
    >>> ages = pandas.DataFrame({"id": ["0"], "boneage": [96], "male": [True]})
    >>> ages.to_csv(folder / "ages.csv", index=False)
    >>> films = load_radiographs(folder, folder / "ages.csv")
    >>> films
    2 films, 1 age of 96 months, 0 girls, 1 boy
    >>> films.target
    array([96., nan])
    >>> films.sex
    array(['M', None], dtype=object)
    """
    if unit not in (None, *MONTHS):
        raise ValueError(f"unit must be {' or '.join(map(repr, MONTHS))}, got {unit!r}")
    tables = list_tables(labels)
    paths, ids = list_films(folder, recursive)
    tell_copies(paths, ids)
    known: list[dict[str, Any]] = [{}] * len(paths)
    if tables:
        known = join_labels(tables, FilmIds(paths, ids), unit, id=id, age=age, sex=sex)
    spacings, sides = zip(*(find_format(p).describe(p) for p in paths), strict=True)
    frame = pd.DataFrame(
        {
            "id": ids,
            "path": list(map(str, paths)),
            "boneage": [labels.get("age", np.nan) for labels in known],
            "sex": pd.Series([labels.get("sex") for labels in known], dtype=object),
            "pixel_spacing": spacings,
            "laterality": pd.Series(sides, dtype=object),
        }
    )
    return FilmBunch(
        data=frame["path"].to_numpy(dtype=str),
        target=frame["boneage"].to_numpy(dtype=np.float64),
        sex=frame["sex"].to_numpy(dtype=object),
        ids=frame["id"].to_numpy(dtype=str),
        frame=frame,
    )
