"""The page: its parts put into the template, and written."""

from __future__ import annotations

import os
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .._utils.files import open_whole
from ._accuracy import find_accuracy
from ._charts import draw_charts
from ._cluster_tables import tabulate_clusters
from ._examined_films import examine
from ._film_tiles import (
    choose_crops,
    show_doubtful,
    show_misnamed,
    show_set_aside,
    show_typical,
)
from ._run_facts import list_facts, list_parameters, list_versions, tell_region

_REQUIRED = ("jinja2", "matplotlib")


def check_report_support() -> None:
    """Say what a report needs and this environment lacks.

    Raises
    ------
    ImportError
        If jinja2 or matplotlib is not installed.
    """
    missing = [name for name in _REQUIRED if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"a report needs {' and '.join(missing)}: pip install {' '.join(missing)}"
        )


def write_report(
    model: Any, X: Any, y: Any, sex: Any, path: str | os.PathLike[str]
) -> Path:
    """Write the report on a fitted model and films; see `BoneAgeClusterer.report`."""
    check_report_support()
    target = Path(path)
    if target.is_dir() or not target.parent.is_dir():
        raise FileNotFoundError(f"{target} is no name of a file in a folder there is")
    films = examine(model, X, y, sex)
    page = _render(
        films=films,
        facts=list_facts(films),
        accuracy=find_accuracy(films),
        tables=tabulate_clusters(model),
        charts=draw_charts(films),
        typical=show_typical(films),
        crop_regions=[tell_region(region) for region in choose_crops(films)],
        doubtful=show_doubtful(films),
        set_aside=show_set_aside(films),
        misnamed=show_misnamed(films),
        parameters=list_parameters(model),
        versions=list_versions(),
        made=datetime.now().astimezone(),
    )
    with open_whole(target) as file:
        # Names of files may hold bytes that are no text.
        file.write(page.encode("utf-8", errors="replace"))
    return target


def _render(**content: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(content)
