"""What precedes every `fit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sklearn.base import _fit_context

Fit = TypeVar("Fit", bound=Callable[..., Any])


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Fit], Fit]:
    """scikit-learn's own decorator, which validates parameters, with types."""
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)
