"""One torch thread per training, so that results do not depend on the machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_users = 0
_threads_before = 1


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Run the block with one torch thread, and restore the count after it.

    Sums over several threads are rounded in another order. Torch keeps the count for
    every thread, but a new thread takes over what was set last; so who enters while
    others are inside restores what the first of them had found.
    """
    global _users, _threads_before
    with _lock:
        count = torch.get_num_threads()  # a thread's first call is what sets its count
        if _users == 0:
            _threads_before = count
        _users += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            torch.set_num_threads(_threads_before)
