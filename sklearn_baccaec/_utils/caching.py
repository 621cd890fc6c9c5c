"""The cache that a `memory` parameter names."""

from __future__ import annotations

import os
from typing import Any

from joblib import Memory
from sklearn.utils.validation import check_memory


def open_memory(memory: str | os.PathLike[str] | Memory | None) -> Any:
    """Return a joblib.Memory; scikit-learn's own check knows no path objects."""
    return check_memory(
        os.fspath(memory) if isinstance(memory, os.PathLike) else memory
    )
