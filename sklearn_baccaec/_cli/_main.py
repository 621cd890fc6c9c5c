"""How a command runs, and how it ends: exit codes, signals and lost workers."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import Any

from ._output import plain_warnings
from ._parser import make_parser

_GO_ON = "Run the same command again to go on from here: what was finished is cached."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 (failed), 130 (interrupted) or 143 (terminated)."""
    args = make_parser().parse_args(argv)
    try:
        with _terminate_like_an_interrupt() as received, plain_warnings():
            args.run(args)
    except KeyboardInterrupt:
        _kill_workers()
        how = "terminated" if received else "interrupted"
        print(f"\nbaccaec: {how}. {_GO_ON}", file=sys.stderr)
        return 143 if received else 130  # 128 + the signal, as of a shell
    except BrokenExecutor as error:
        return _failed(
            f"a worker process was killed, perhaps because the memory was full: fewer "
            f"--jobs take less ({_first_line(error)}). {_GO_ON}"
        )
    except MemoryError as error:
        return _failed(f"out of memory ({_first_line(error)}): fewer --jobs take less")
    except (ValueError, OSError, ImportError) as error:
        return _failed(str(error))
    return 0


def _failed(message: str) -> int:
    print(f"baccaec: error: {message}", file=sys.stderr)
    return 1


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


@contextmanager
def _terminate_like_an_interrupt() -> Iterator[list[int]]:
    """End at SIGTERM (SLURM, docker stop) as at Ctrl+C; the list then holds it."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received  # only the main thread can handle signals
        return

    # Callbacks from C swallow what is raised in them: if so, say it again.
    main_thread = threading.get_ident()
    again = threading.Timer(2, lambda: signal.pthread_kill(main_thread, received[0]))
    again.daemon = True

    def stop(signum: int, frame: Any) -> None:
        if not received:
            again.start()
        received.append(signum)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield received
    finally:
        again.cancel()
        signal.signal(signal.SIGTERM, before)


def _kill_workers() -> None:
    """End joblib's processes now, in the midst of their tasks: they hold memory."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)
