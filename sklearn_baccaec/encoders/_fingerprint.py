"""Cache keys of estimators."""

from typing import Any

import joblib

from .._utils.code_version import code_version

_WITHOUT_EFFECT = frozenset({"verbose", "n_jobs", "memory"})  # on what comes out


def fingerprint(encoder: Any) -> str:
    """Key of an encoder: its code, effective parameters and fitted state."""
    params = encoder.get_params()
    effective = {
        name: value
        for name, value in params.items()
        if name.rpartition("__")[2] not in _WITHOUT_EFFECT
    }
    learned = {n: value for n, value in vars(encoder).items() if n not in params}
    nested = [part for part in params.values() if hasattr(part, "get_params")]
    kinds = [k for part in (encoder, *nested) for k in type(part).__mro__[:-1]]
    code = [(k.__module__, k.__qualname__, code_version(k)) for k in kinds]
    return joblib.hash((code, effective, learned))
