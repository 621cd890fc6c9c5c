"""A folder of films with an optional table of ages, in RSNA's layout."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .._utils.files import read_table
from .._utils.validation import check_ages
from ..films._checks import film_id
from ..films._formats import FILM_SUFFIXES, find_format, may_be_film


def load_radiographs(
    folder: str | os.PathLike[str], labels: str | os.PathLike[str] | None = None
) -> Bunch:
    """List the films of a folder, with ages and sexes from a table.

    Only headers of DICOM files are read here: ``data`` holds paths, and estimators read
    the films one at a time, so that a collection of any size fits in memory.

    Parameters
    ----------
    folder : path
        Holds PNG, JPEG, TIFF or DICOM films. Ids are file names without suffix; DICOM
        files may lack one (IM0001, 1.2.840.5). Subfolders are not searched.
    labels : path or None, default=None
        Table in the layout of the RSNA Pediatric Bone Age Challenge: columns ``id``,
        ``boneage`` (months), ``male`` (True or False), or one of the two. It may lack
        films and list others.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        data : ndarray of shape (n_samples,), str
            Paths, sorted by file name.
        target : ndarray of shape (n_samples,), float64
            Bone ages in months, NaN where unknown.
        sex : ndarray of shape (n_samples,), object
            "F", "M", or None where unknown.
        ids : ndarray of shape (n_samples,), str
            File names without suffix.
        frame : DataFrame of shape (n_samples, 6)
            Columns ``id``, ``path``, ``boneage``, ``sex``; ``pixel_spacing`` (mm) and
            ``laterality`` ("L" or "R") from the headers of DICOM files, NaN and None
            elsewhere.

    Raises
    ------
    FileNotFoundError
        If the folder or the table does not exist.
    ValueError
        If the folder holds no films, two films share an id, or the table lacks a
        column, lists an id twice or none of the films, or has an age that is not a
        number of months.

    See Also
    --------
    make_hand_radiographs : Synthetic films with known truth.

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
    >>> films.target
    array([96., nan])
    >>> films.sex
    array(['M', None], dtype=object)
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder")
    paths = sorted(filter(may_be_film, folder.iterdir()))
    if not paths:
        raise ValueError(f"{folder} holds no films ({', '.join(FILM_SUFFIXES)})")
    frame = pd.DataFrame({"id": map(film_id, paths), "path": map(str, paths)})
    for twice in frame["id"][frame["id"].duplicated()]:
        raise ValueError(
            f"{folder} holds several films with the id {twice!r}; ids are "
            "file names without suffix and must differ"
        )
    if labels is None:
        frame["boneage"], frame["sex"] = np.nan, None
    else:
        known = _read_labels(Path(labels))
        if len(known) and not frame["id"].isin(known["id"]).any():
            raise ValueError(
                f"{Path(labels).name} lists none of the {len(frame)} films: its ids "
                f"are like {known['id'].iloc[0]!r}, theirs like {frame['id'].iloc[0]!r}"
            )
        frame = frame.merge(known, on="id", how="left")
    frame["sex"] = frame["sex"].astype(object).where(frame["sex"].notna(), None)
    spacings, sides = zip(*(find_format(p).describe(p) for p in paths), strict=True)
    frame["pixel_spacing"] = spacings
    frame["laterality"] = pd.Series(sides, dtype=object)
    return Bunch(
        data=frame["path"].to_numpy(dtype=str),
        target=frame["boneage"].to_numpy(dtype=np.float64),
        sex=frame["sex"].to_numpy(dtype=object),
        ids=frame["id"].to_numpy(dtype=str),
        frame=frame,
    )


def _read_labels(path: Path) -> pd.DataFrame:
    """Columns id, boneage and sex of a table in RSNA's layout."""
    table = read_table(path, ("id",), ("boneage", "male"))
    if "male" not in table:  # either will do
        table = read_table(path, ("id", "boneage"))
    missing = pd.Series(index=table.index, dtype=object)
    ids = table["id"].str.strip()
    if ids.isna().any():
        raise ValueError(f"{path.name} has a row without an id")
    for twice in ids[ids.duplicated()]:
        raise ValueError(f"{path.name} lists the id {twice!r} twice")
    try:
        names = [f"film {id_!r}" for id_ in ids]
        ages = check_ages(table.get("boneage", missing), names=names)
    except ValueError as error:
        raise ValueError(f"{path.name}, column boneage: {error}") from error
    male = table.get("male", missing)
    codes = {"true": "M", "1": "M", "false": "F", "0": "F"}
    lowered = male.str.strip().str.lower() if male.notna().any() else male
    for code in male[lowered.notna() & ~lowered.isin(codes)]:
        raise ValueError(
            f"{path.name}, column male: {code!r} is neither True nor False"
        )
    return pd.DataFrame({"id": ids, "boneage": ages, "sex": lowered.map(codes)})
