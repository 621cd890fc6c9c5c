"""Initial weights from a seed, whatever other threads do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()


@contextmanager
def seeded_torch(seed: int) -> Iterator[None]:
    """Seed torch's own generator for the block, and restore it after.

    torch's layers draw their initial weights from it, and all threads share it. So one
    thread at a time is let in: two that train side by side would draw each other's.

    Parameters
    ----------
    seed : int
        Seed, from 0 on.

    Examples
    --------
    >>> import torch
    >>> from sklearn_baccaec.nn import seeded_torch
    >>> weights = []
    >>> for _ in range(2):
    ...     with seeded_torch(0):
    ...         weights.append(torch.nn.Linear(2, 3).weight)
    >>> torch.equal(*weights)
    True
    """
    with _lock, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
