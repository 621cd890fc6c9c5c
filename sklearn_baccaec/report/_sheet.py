"""The sheet on one film: its bone age, and why it has it, on one printed page."""

import io
import os
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._utils.docstrings import fill_docstrings
from .._utils.validation import check_ages, sex_by_keyword
from .._utils.version import __version__
from .._utils.wrapped import last_model
from ..films._checks import is_path
from ..plotting import RegionAgeDisplay
from ..plotting._region_age_display import tell_colour
from ._film_table import tell_difference
from ._rendering import check_report_support, check_target, render, write_page
from ._run_facts import METHODS, tell_region

_SIZE = 7.4, 4.2  # inches: with the table it fits A4 and Letter
_DPI = 160
_SEXES = {
    "F": ("female", "months of girls"),
    "M": ("male", "months of boys"),
    None: ("unknown", "mean of girls and boys"),
}


class RegionRow(NamedTuple):
    """What the sheet says of a region, in words, and its colour."""

    region: str
    months: str
    ahead: str
    colour: str


class BoneGroup(NamedTuple):
    """Regions that mature together, and the median of how far they are ahead."""

    name: str
    ahead: str
    rows: list[RegionRow]


@sex_by_keyword
@fill_docstrings
def write_sheet(
    model: Any,
    film: Any,
    *,
    path: str | os.PathLike[str],
    sex: str | bool | None = None,
    age: float | None = None,
) -> Path:
    """Write one HTML page on one film: its bone age, and why it has it.

    The film, its regions coloured by how far they are ahead or behind, beside an atlas
    plate of its bone age; bone age and range; the months that each region tells by
    itself; and how they were made. It prints on one page, A4 or Letter, and needs no
    network and no scripts; writing it needs jinja2 and matplotlib (the extra ``plot``).

    Parameters
    ----------
    model : fitted BoneAgeClusterer
        Such as :func:`~sklearn_baccaec.load_pretrained` returns. One at the end of a
        search or a Pipeline will do.
    film : path or array of shape (H, W)
        One film as the model takes it.
    path : path
        File to write. One that is there is replaced, in one go.
    sex : {"F", "M"} or None, default=None
        Sex; booleans mean male. None means the mean of girls and boys.
    age : float or None, default=None
        Chronological age in months, which bone age is compared with.

    Returns
    -------
    path : Path
        The page, as confidential as the film it shows. It names the file, no folder.

    Raises
    ------
    NotFittedError, TypeError
        If the model is not fitted, or is not a BoneAgeClusterer.
    ImportError
        If jinja2 or matplotlib is missing.
    FilmError
        If the film cannot be used and ``on_error="raise"``, or cannot be read. A film
        that is set aside gets a sheet without a bone age, which says why.
    ValueError
        If the model reads no ages of single regions, or sex or age are invalid.
    OSError
        If the file cannot be written.

    See Also
    --------
    write_report : One page on a model and many films.
    plotting.RegionAgeDisplay : The picture.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn_baccaec import LandmarkTable, load_pretrained
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.report import write_sheet
    >>> films = make_hand_radiographs(1, random_state=0)  # drawn: its months are off
    >>> landmarker = LandmarkTable.from_films(films.data, films.landmarks)
    >>> model = load_pretrained(landmarker=landmarker)
    >>> path = tempfile.mkdtemp() + "/sheet.html"
    >>> write_sheet(model, films.data[0], sex="F", age=100, path=path).name
    'sheet.html'
    """
    check_report_support()
    target = check_target(path)
    given: Any = [age]
    chronological = float(check_ages(given, names=["age"])[0])
    display, image = _draw(model, film, sex)
    fitted, told = last_model(model), np.isfinite(display.region_ages)
    page = render(
        "sheet.html",
        name=Path(film).name if is_path(film) else "film",
        display=display,
        image=image,
        figures=_tell_figures(display, chronological),
        groups=_group_regions(display),
        made=[
            ("Ages", fitted.named_clusterer_.age_source_),
            ("Model", METHODS[fitted.method]),
            ("Regions", f"{told.sum()} of {len(told)} on this film"),
            ("Written", f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"),
            ("Version", f"sklearn-baccaec {__version__}"),
        ],
    )
    return write_page(target, page)


def _draw(model: Any, film: Any, sex: Any) -> tuple[RegionAgeDisplay, str]:
    """Picture of film and plate, and the address that holds it."""
    import matplotlib.style
    from matplotlib.figure import Figure  # which pyplot, and so a notebook, never sees

    with matplotlib.style.context(["default", {"font.size": 8, "axes.titlesize": 9}]):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.subplots(1, 2)
        known: dict[str, Any] = {"sex": sex, "name": "film"}  # fonts lack some names
        display = RegionAgeDisplay.from_estimator(model, film, **known, ax=axes)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=_DPI)
    return display, f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


def _tell_figures(
    display: RegionAgeDisplay, chronological: float
) -> list[tuple[str, str, str]]:
    """Label, value and note of what is known of ages, all in months."""
    age, (low, high) = display.age, display.age_range
    least = "at least " if np.isinf(high) else ""
    end = "or more" if np.isinf(high) else f"to {high:.0f}"
    found = [("bone age", "none", "see the reasons")]
    if np.isfinite(age):
        found = [
            ("months of bone age", f"{least}{age:.0f}", _tell_years(age)),
            ("range in months", f"{low:.0f} {end}", "holds about 80% of such films"),
        ]
    found.append(("sex", *_SEXES[display.sex]))
    if np.isfinite(chronological):
        note = _tell_years(chronological)
        found.append(("months of chronological age", f"{chronological:.0f}", note))
        if np.isfinite(age):
            ahead = f"{least}{tell_difference(age - chronological)}"
            found.append(("months of difference", ahead, "bone less chronological age"))
    return found


def _group_regions(display: RegionAgeDisplay) -> list[BoneGroup]:
    """Bones that mature together, and their regions, furthest ahead first.

    None of a film without a bone age.
    """
    if np.isnan(display.age):
        return []
    columns = {"region": [*display.regions], "months": display.region_ages}
    table = pd.DataFrame(columns | {"ahead": display.region_ages - display.age})
    table["group"] = table["region"].map(_group_of)
    table = table.sort_values("ahead", ascending=False, kind="stable")  # absent last
    medians = table.groupby("group", sort=False)["ahead"].median()
    medians = medians.sort_values(ascending=False, kind="stable")
    return [
        BoneGroup(
            str(name),
            tell_difference(median),
            [
                _tell_row(*row)
                for row in table.loc[table["group"] == name, [*columns, "ahead"]].values
            ],
        )
        for name, median in medians.items()
    ]


def _tell_row(region: str, months: float, ahead: float) -> RegionRow:
    if np.isnan(ahead):
        return RegionRow(tell_region(region), "absent", "", "")
    said = f"{months:.0f}", tell_difference(ahead), tell_colour(ahead)
    return RegionRow(tell_region(region), *said)


def _group_of(region: str) -> str:
    bone, _, joint = region.partition("_")
    if bone in ("thumb", "radius", "ulna"):
        return bone
    return f"fingers, {joint.upper()}" if joint else "carpal bones"


def _tell_years(months: float) -> str:
    years, rest = divmod(round(months), 12)
    counts = (years, "year"), (rest, "month")
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in counts)
