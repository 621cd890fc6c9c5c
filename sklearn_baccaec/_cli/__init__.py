"""The command line: ``python -m sklearn_baccaec`` or ``baccaec``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor

from ._output import plain_warnings
from ._parser import make_parser
from ._signals import kill_workers, terminate_like_an_interrupt

EXIT_OK, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_TERMINATED = 0, 1, 130, 143

_GO_ON = "Run the same command again to go on from here: what was finished is cached."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns the exit code: 0, 1 (failed), 130 (interrupted) or 143 (terminated).
    """
    args = make_parser().parse_args(argv)
    try:
        with terminate_like_an_interrupt() as received, plain_warnings():
            args.run(args)
    except KeyboardInterrupt:
        kill_workers()
        how = "terminated" if received else "interrupted"
        print(f"\nbaccaec: {how}. {_GO_ON}", file=sys.stderr)
        return EXIT_TERMINATED if received else EXIT_INTERRUPTED
    except BrokenExecutor as error:
        return _failed(
            f"a worker process was killed, perhaps because the memory was full: fewer "
            f"--jobs take less ({_first_line(error)}). {_GO_ON}"
        )
    except MemoryError as error:
        return _failed(f"out of memory ({_first_line(error)}): fewer --jobs take less")
    except (ValueError, OSError, ImportError) as error:
        return _failed(str(error))
    return EXIT_OK


def _failed(message: str) -> int:
    print(f"baccaec: error: {message}", file=sys.stderr)
    return EXIT_FAILED


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")
