"""Ids of films, and the film that an id in somebody's table means."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from .._utils.tables import plain_text
from ..films._checks import film_id
from ..films._formats import FILM_SUFFIXES

_WHOLE = re.compile(r"(\d+)[.,]0+")  # 7.0: pandas and spreadsheets make it of 7
_ESCAPED = re.compile(r"^'(?=[=+\-@\t\r])")  # which spreadsheets take for a formula


class FilmIds:
    """Ids of films, to be looked up as tables write them."""

    def __init__(self, paths: Sequence[Path], ids: Sequence[str]) -> None:
        self.ids = ids
        # What is more exact comes first: ids, file names, both as plain text, and with
        # some or all of the folders that hold the film.
        self._names: list[dict[str, set[int]]] = [defaultdict(set) for _ in range(4)]
        self._numbers: dict[int, set[int]] = defaultdict(set)
        by_id, by_file, by_plain, by_path = self._names
        for i, (path, id_) in enumerate(zip(paths, ids, strict=True)):
            file = id_[: len(id_) - len(film_id(path))] + path.name
            by_id[id_].add(i)
            by_file[file].add(i)
            for name in (id_, file):
                by_plain[plain_text(name)].add(i)
            folder = path.absolute().parent.as_posix()
            for name in (path.name, film_id(path)):
                for tail in _tails(plain_text(f"{folder}/{name}")):
                    by_path[tail].add(i)
            if id_.isdecimal():
                self._numbers[int(id_)].add(i)

    def find(self, cell: Any) -> int | None:
        """Position of the film that the cell of a table means, None if there is none.

        Raises
        ------
        ValueError
            If it may mean several.
        """
        for found in self._look_up(cell):
            if len(found) > 1:
                fitting = " and ".join(repr(self.ids[i]) for i in sorted(found)[:2])
                raise ValueError(f"the id {str(cell)!r} fits the films {fitting}")
            if found:
                return next(iter(found))
        return None

    def _look_up(self, cell: Any) -> Iterator[set[int]]:
        nobody: set[int] = set()
        for text in _writings(cell):
            for names in self._names:
                yield names.get(text, nobody)
        for tail in _tails(_without_suffix(plain_text(str(cell)).replace("\\", "/"))):
            yield self._names[2].get(tail, nobody)  # of a path on another machine
        number = _whole_number(cell)
        if number is not None:
            yield self._numbers.get(number, nobody)  # 7 is all that is left of 007


def _whole_number(cell: Any) -> int | None:
    """Whole number that a cell is, not as text."""
    if isinstance(cell, bool) or not isinstance(cell, Real):
        return None
    if isinstance(cell, Integral):
        return int(cell)
    number = float(cell)
    return int(number) if number.is_integer() else None


def _writings(cell: Any) -> Iterator[str]:
    """Texts that a cell may stand for, the cell itself first."""
    number = _whole_number(cell)
    text = str(cell if number is None else number)
    yield text
    text = _ESCAPED.sub("", text)
    yield text
    text = plain_text(text)
    yield text
    text = text.replace("\\", "/")
    yield text
    yield _without_suffix(text)
    whole = _WHOLE.fullmatch(text)
    if whole:
        yield whole[1]


def _without_suffix(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return stem if f".{suffix.lower()}" in FILM_SUFFIXES else name


def _tails(path: str) -> Iterator[str]:
    """Yield the path, and what is left of it without its first folders."""
    while path:
        yield path
        path = path.partition("/")[2]
