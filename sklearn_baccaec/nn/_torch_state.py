"""What all threads share of torch: its seed and its thread count, set for a block."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_seed_lock = threading.Lock()
_count_lock = threading.Lock()
_users = 0
_threads_before = 1


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
    with _seed_lock, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Run the block with one torch thread, and restore the count after it.

    Sums over several threads are rounded in another order. Torch keeps the count for
    every thread, but a new thread takes over what was set last; so who enters while
    others are inside restores what the first of them had found.
    """
    global _users, _threads_before
    with _count_lock:
        count = torch.get_num_threads()  # a thread's first call is what sets its count
        if _users == 0:
            _threads_before = count
        _users += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _count_lock:
            _users -= 1
            torch.set_num_threads(_threads_before)
