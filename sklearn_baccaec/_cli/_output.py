"""Where commands write, and how they say so."""

import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from .._utils.files import open_whole
from .._utils.text import printable

_SHOWN = 10  # names of films or files
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def prepare_output(folder: Path, films: Iterable[Path] = ()) -> Path:
    """Make the output folder, and find out now whether it can be written to.

    ``films`` are files and folders; folders of films stay as they are.
    """
    given = (path if path.is_dir() else path.parent for path in map(Path, films))
    if folder.resolve() in {path.resolve() for path in given}:
        raise ValueError(f"{folder} holds the films: choose another --output")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OSError(
            f"cannot write to the output folder {folder}: {error.strerror}"
        ) from error
    return folder


def check_output_file(path: Path) -> None:
    """Find out now whether a file can be written."""
    if path.is_dir():
        raise ValueError(f"--output {path} is a folder, not the name of a file")
    prepare_output(path.parent)


def write_table(table: pd.DataFrame, path: Path, *, index: bool = False) -> None:
    """Write a csv in one go: an interrupt, or a full disk, leaves the earlier one.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    table = table.map(_as_text)
    with open_whole(path) as file:
        table.to_csv(file, index=index, errors="surrogateescape")  # odd file names


def _as_text(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def say_set_aside(names: Iterable[str], reasons: Iterable[str], file: str) -> None:
    """Name films that were set aside, the first of them only if there are many."""
    lines = [f"  {name}: {reason}" for name, reason in zip(names, reasons, strict=True)]
    for line in lines[:_SHOWN]:
        say(line)
    if len(lines) > _SHOWN:
        say(f"  and {len(lines) - _SHOWN} more: see {file}")


def say(line: str = "") -> None:
    """Print a line; what a file's name holds cannot steer the terminal."""
    shown = printable(line)
    encoding = sys.stdout.encoding or "ascii"
    print(shown.encode(encoding, errors="backslashreplace").decode(encoding))


def print_written(output: Path, files: Sequence[str]) -> None:
    shown = [*files[:_SHOWN], *(["..."] if len(files) > _SHOWN else [])]
    say(f"Written to {output.resolve()}: {', '.join(shown)}")


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show warnings in the block without the lines of code that they come from."""

    def show(message: Any, *args: Any, **kwargs: Any) -> None:
        print(f"baccaec: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
