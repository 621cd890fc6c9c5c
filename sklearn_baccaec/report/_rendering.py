"""Pages from their templates, and into their files."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .._utils.files import open_whole


def check_report_support() -> None:
    """Raise an ImportError if this environment lacks what a report needs."""
    missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"a report needs {' and '.join(missing)}: pip install {' '.join(missing)}"
        )


def check_target(path: str | os.PathLike[str]) -> Path:
    """File to write, which can be there; refused before the work is done."""
    target = Path(path)
    if target.is_dir() or not target.parent.is_dir():
        why = "it is a folder" if target.is_dir() else "no such folder"
        raise FileNotFoundError(f"cannot write {target}: {why}")
    return target


def render(template: str, **content: Any) -> str:
    """Text of a page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(content)


def write_page(target: Path, page: str) -> Path:
    """Write a page in one go, replacing one that is there."""
    with open_whole(target) as file:
        file.write(page.encode("utf-8", errors="backslashreplace"))  # odd file names
    return target
