"""The cache that a `memory` parameter names."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from joblib import Memory
from sklearn.utils.validation import check_memory

from .warning import warn_user


def open_memory(memory: str | os.PathLike[str] | Memory | None) -> OptionalMemory:
    """Return the cache; a folder's path is made absolute.

    Workers may stand in another folder than the process that sends them their tasks.

    Raises
    ------
    OSError
        If the folder cannot be made.
    """
    if isinstance(memory, str | os.PathLike):
        memory = str(Path(memory).absolute())
    try:
        return OptionalMemory(check_memory(memory))
    except OSError as error:
        raise type(error)(
            error.errno, f"memory={memory!r} cannot hold a cache: {error.strerror}"
        ) from error


class OptionalMemory:
    """A joblib.Memory without which everything works too, but takes longer.

    Whatever is wrong with its files (a full disk, entries that are damaged or of
    something else), results are those of the functions.
    """

    def __init__(self, memory: Any) -> None:
        self.memory = memory

    @property
    def keeps(self) -> bool:
        """Whether anything is kept; any object with a `cache` method will do."""
        return getattr(self.memory, "location", self.memory) is not None

    def cache(self, function: Callable, ignore: Iterable[str]) -> Callable:
        """Return the function with the cache before it."""
        return _Cached(function, self.memory.cache(function, ignore=list(ignore)))


class _Cached:
    """A function and its cached twin; workers can be sent both."""

    def __init__(self, function: Callable, cached: Callable) -> None:
        self.function, self.cached = function, cached

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            result = self.cached(*args, **kwargs)
            if isinstance(result, self._kind()):
                return result
            problem = f"an entry is a {type(result).__name__}"
        except Exception as error:
            if self._raised(error):
                raise
            problem = repr(error)
        name = self.function.__name__
        warn_user(f"the cache is passed over ({problem}): {name} is computed")
        return self.function(*args, **kwargs)

    def _raised(self, error: Exception) -> bool:
        """Whether an error is the function's own, and not the cache's."""
        frames = traceback.walk_tb(error.__traceback__)
        return any(frame.f_code is self.function.__code__ for frame, _ in frames)

    def _kind(self) -> type:
        """Class of what the function says it returns."""
        returned = get_type_hints(self.function).get("return", object)
        return object if returned is Any else get_origin(returned) or returned
