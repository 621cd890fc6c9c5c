"""What all users of torch share: its seed and its settings, set for a block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch

_CPU = torch.device("cpu")
# How each is told and set, and how torch comes.
_SETTINGS: tuple[tuple[Callable, Callable, Any], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    (
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
        "highest",
    ),
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0),
    (
        lambda: torch.backends.mkldnn.enabled,
        partial(setattr, torch.backends.mkldnn, "enabled"),
        True,
    ),
)

_seed_lock = threading.Lock()
_settings_lock = threading.Lock()
_users = 0
_threads_before = 1
_changed: list[tuple[Callable, Any]] = []  # settings, and what they were before


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
def plain_torch() -> Iterator[None]:
    """Run the block with torch as it comes, whatever others have set, in one thread.

    Sums over several threads are rounded in another order.
    """
    with ExitStack() as stack:
        stack.enter_context(_shared_settings())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        if torch.get_default_device() != _CPU:
            stack.enter_context(_CPU)
        yield


@contextmanager
def _shared_settings() -> Iterator[None]:
    """Set what all threads share, and restore it when the last one leaves.

    Torch keeps the count of threads for every thread, but a new thread takes over what
    was set last; so who enters while others are inside restores what the first of them
    had found.
    """
    global _users, _threads_before
    with _settings_lock:
        count = torch.get_num_threads()  # a thread's first call is what sets its count
        if _users == 0:
            _threads_before = count
            for get, change, plain in _SETTINGS:
                before = get()
                if before != plain:
                    change(plain)
                    _changed.append((change, before))
        _users += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _settings_lock:
            _users -= 1
            torch.set_num_threads(_threads_before)
            while _changed and _users == 0:
                change, before = _changed.pop()
                change(before)
