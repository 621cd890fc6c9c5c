"""What to do when the operating system has killed a worker process."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager


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
