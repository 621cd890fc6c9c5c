"""First weights from a seed, whatever other threads do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()


@contextmanager
def seeded_torch(seed: int) -> Iterator[None]:
    """Seed torch's own generator for the block, and put it back behind it.

    torch's layers draw their first weights from it, and all threads share it: one
    thread at a time, or two that train side by side would draw each other's.
    """
    with _lock, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
