"""Data that many tasks share."""

from __future__ import annotations

import pickle


class SentOnce:
    """Base of what Dask's workers are sent once rather than with every task.

    joblib does so with what is large by ``sys.getsizeof``, which counts no array that
    an object merely refers to; here it counts all that a pickle would hold.
    """

    def __sizeof__(self) -> int:
        arrays: list[pickle.PickleBuffer] = []
        rest = pickle.dumps(self, protocol=5, buffer_callback=arrays.append)
        return len(rest) + sum(array.raw().nbytes for array in arrays)
