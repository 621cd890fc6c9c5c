"""Parameter constraints that several estimators share."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any

from sklearn.utils._param_validation import HasMethods

REGIONS: list[Any] = ["array-like", str, Integral, None]
MEMORY: list[Any] = [str, os.PathLike, HasMethods("cache"), None]
N_JOBS: list[Any] = [Integral, None]
