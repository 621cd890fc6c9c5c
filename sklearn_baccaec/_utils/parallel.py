"""Work that is cached, shared by many tasks, and lost with killed workers."""

from __future__ import annotations

import os
import pickle
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from joblib import Memory, Parallel
from sklearn import config_context
from sklearn.utils.validation import check_memory
from threadpoolctl import ThreadpoolController
from tqdm.auto import tqdm

from .warning import warn_user

PATIENCE = 1.0  # seconds before a bar appears: none for what comes from the cache

Function = TypeVar("Function", bound=Callable[..., Any])


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


def with_one_blas_thread(function: Function) -> Function:
    """Let a function, and the threads that it starts, do linear algebra in one thread.

    On busy cores several wait for each other, ten times as long as one computes; and
    sums over several are rounded in another order. Numbers too small to tell from 0
    are 0, even where numpy is set to raise an error, and scikit-learn uses numpy, even
    where it is set to dispatch.
    """

    @wraps(function)
    def limited(*args: Any, **kwargs: Any) -> Any:
        with (
            _find_libraries().limit(limits=1, user_api="blas"),
            np.errstate(under="ignore"),
            config_context(array_api_dispatch=False),
        ):
            return function(*args, **kwargs)

    return limited  # type: ignore[return-value]


@cache
def _find_libraries() -> ThreadpoolController:
    """Take a while, in a thread that no signal reaches.

    An interrupt in the midst of its callbacks from C would be swallowed.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(ThreadpoolController).result()


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

    def cache(self, function: Callable, ignore: Iterable[str], kind: Any) -> Callable:
        """Return the function with the cache before it.

        ``kind`` is the class, or tuple of classes, of what it returns: an entry of
        another kind is not an entry of this function. One of its arguments that are
        not ignored holds the `code_version` of what it calls.
        """
        return _Cached(function, self.memory.cache(function, ignore=list(ignore)), kind)


class _Cached:
    """A function and its cached twin; workers can be sent both."""

    def __init__(self, function: Callable, cached: Callable, kind: Any) -> None:
        self.function, self.cached, self.kind = function, cached, kind

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            result = self.cached(*args, **kwargs)
            if isinstance(result, self.kind):
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


def run_tasks(
    tasks: Sequence[Any],
    label: str,
    *,
    n_jobs: int | None,
    verbose: int,
    unit: str = "film",
    prefer: str | None = "threads",
    failed: Callable[[Any], bool] | None = None,
) -> Iterator[Any]:
    """Yield the results of tasks in their order, under a progress bar.

    Tasks run as ``prefer`` says unless a joblib backend is chosen. The first result
    that ``failed`` is the last that is of use: no task starts after it, and none still
    runs when it is yielded.
    """
    going = True
    # In batches, many more would start before a failure is seen.
    size: Any = "auto" if failed is None else 1
    parallel = Parallel(n_jobs, prefer=prefer, return_as="generator", batch_size=size)
    results = parallel(task for task in tasks if going)
    how: Any = {"total": len(tasks), "unit": unit, "disable": not verbose}
    bar = tqdm(results, label, delay=PATIENCE, **how)
    for result in bar:
        if failed is not None and failed(result):
            going = False
            for _ in results:
                pass
        yield result


def with_warnings(
    sender: int, function: Callable, *args: Any
) -> tuple[Any, list[tuple[str, type[Warning]]]]:
    """Call a function, and return its result with the warnings of a worker process.

    A worker would print them among its own lines of code. ``sender`` is the number of
    the process that asks, where warnings go their usual way.
    """
    here = threading.current_thread() is threading.main_thread()
    if os.getpid() == sender or not here:  # filters belong to all threads
        return function(*args), []
    with warnings.catch_warnings(record=True) as caught:
        result = function(*args)
    return result, [(str(warning.message), warning.category) for warning in caught]


class SentOnce:
    """Base of what Dask's workers are sent once rather than with every task.

    joblib does so with what is large by ``sys.getsizeof``, which counts no array that
    an object merely refers to; here it counts all that a pickle would hold.
    """

    def __sizeof__(self) -> int:
        arrays: list[pickle.PickleBuffer] = []
        rest = pickle.dumps(self, protocol=5, buffer_callback=arrays.append)
        return len(rest) + sum(array.raw().nbytes for array in arrays)


@contextmanager
def advise_on_lost_workers() -> Iterator[None]:
    """Add to joblib's error how to go on; to try again by itself would end alike."""
    try:
        yield
    except BrokenExecutor as error:
        error.add_note(
            "A worker process was killed, perhaps because the memory was full: a "
            "smaller n_jobs takes less. With memory=..., the same call goes on from "
            "what was finished."
        )
        raise
