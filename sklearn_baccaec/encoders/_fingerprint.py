"""Cache keys of estimators."""

from __future__ import annotations

from typing import Any

import joblib

from .._utils.version import __version__

# Parameters that change how a training runs, but not what comes out.
_WITHOUT_EFFECT = frozenset({"verbose", "n_jobs", "memory"})


def fingerprint(encoder: Any) -> str:
    """Key of an encoder: class, version, effective parameters and fitted state."""
    params = encoder.get_params()
    effective = {
        name: value
        for name, value in params.items()
        if name.rpartition("__")[2] not in _WITHOUT_EFFECT
    }
    learned = {
        name: value for name, value in vars(encoder).items() if name not in params
    }
    return joblib.hash((__version__, type(encoder), effective, learned))
