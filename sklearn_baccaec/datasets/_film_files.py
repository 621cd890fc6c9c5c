"""Films that folders and files hold, their ids, and what is left out."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from .._utils.warning import name_some, warn_user
from ..films._checks import film_id
from ..films._formats import FILM_SUFFIXES, may_be_film

Folder: TypeAlias = str | os.PathLike[str]
_TABLES = (".csv", ".tsv", ".xlsx")  # which lie beside films


def list_films(
    given: Folder | Iterable[Folder], recursive: bool
) -> tuple[list[Path], list[str]]:
    """Paths and ids of the films in a folder, in a file, or in several of them.

    A warning counts what is left out: files that are neither films nor tables, and
    folders in folders.
    """
    given = [given] if isinstance(given, (str, os.PathLike)) else given
    roots = list(map(Path, given))
    if not roots:
        raise ValueError("no folder and no film is given: the list is empty")
    name = str(roots[0]) if len(roots) == 1 else f"{roots[0]} and {len(roots) - 1} more"
    files: list[Path] = []
    unsearched: list[Path] = []
    for root in roots:
        if not root.exists():
            raise FileNotFoundError(f"there is no folder or film {root}")
        files += _walk(root, recursive, unsearched) if root.is_dir() else [root]
    files = list({os.path.abspath(path): path for path in files}.values())  # noqa: PTH100
    paths = list(filter(may_be_film, files))
    left_out = _count_left_out(set(files) - set(paths), unsearched)
    if not paths:
        none = f"{name} holds no films ({', '.join(FILM_SUFFIXES)})"
        raise ValueError("; ".join([none, *left_out]))
    if left_out:
        warn_user(f"{name}: {'; '.join(left_out)}")
    ids = _find_ids(paths, roots)
    _check_ids(ids, paths, name)
    return paths, ids


def _count_left_out(files: Iterable[Path], folders: Iterable[Path]) -> list[str]:
    others = sorted(file.name for file in files if file.suffix.lower() not in _TABLES)
    names = sorted(folder.name for folder in folders)
    counts = []
    if others:
        counts.append(
            f"left out: {len(others):,} that hold no film {name_some(others)}"
        )
    if names:
        count = f"{len(names):,} {name_some(names)}"
        counts.append(f"folders not searched without recursive=True: {count}")
    return counts


def _walk(root: Path, recursive: bool, unsearched: list[Path]) -> list[Path]:
    """Files of a folder in the order of their paths, but for hidden ones."""
    files: list[Path] = []
    folders, seen = [root], set()
    while folders:
        folder = folders.pop()
        if folder.resolve() in seen:  # links may lead in circles
            continue
        seen.add(folder.resolve())
        for path in sorted(folder.iterdir(), reverse=True):  # the last one is next
            if path.name.startswith("."):
                continue
            if not os.path.isdir(path):  # noqa: PTH112
                files.append(path)
            elif recursive:
                folders.append(path)
            else:
                unsearched.append(path)
    return sorted(files)


def _find_ids(paths: Sequence[Path], roots: Sequence[Path]) -> list[str]:
    """Paths below the folder that all films have in common, without suffix."""
    tops = [root if root.is_dir() else root.parent for root in roots]
    base = os.path.commonpath(list(map(os.path.abspath, tops)))
    folders = [Path(os.path.relpath(path.parent, base)) for path in paths]
    return [
        (folder / film_id(path)).as_posix()
        for folder, path in zip(folders, paths, strict=True)
    ]


def _check_ids(ids: Sequence[str], paths: Sequence[Path], name: str) -> None:
    first: dict[str, Path] = {}
    for id_, path in zip(ids, paths, strict=True):
        other = first.setdefault(id_, path)
        if other is not path:
            raise ValueError(
                f"{name} holds several films with the id {id_!r}, {other.name} and "
                f"{path.name}; ids are names without suffix and must differ"
            )
