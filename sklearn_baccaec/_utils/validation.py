"""Ages, sexes, labels and landmarks, as users hand them over."""

import inspect
import math
from collections.abc import Callable, Sequence
from functools import wraps
from numbers import Real
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .regions import KEY_REGIONS

Called = TypeVar("Called", bound=Callable[..., Any])


def check_ages(
    ages: ArrayLike, n_samples: int | None = None, names: Sequence[str] | None = None
) -> np.ndarray:
    """Ages in months (n_samples,), float64: NaN for None, NaN and what pandas misses.

    Text is accepted if it is a number. ``names`` are what messages call each age, by
    default "y[0]" and so on.

    Raises
    ------
    ValueError
        If the ages are not 1-D or not one per film, or one is not a number, negative
        or infinite.

    Examples
    --------
    >>> check_ages([84, None, "120"])
    array([ 84.,  nan, 120.])
    """
    values = _one_per_film(ages, "y", "age", n_samples)
    called = [f"y[{place}]" for place in range(len(values))] if names is None else names
    months = np.array([_to_months(*pair) for pair in zip(values, called, strict=True)])
    refused = np.flatnonzero((months < 0) | np.isinf(months))
    if len(refused):
        raise ValueError(
            f"{called[refused[0]]} is {months[refused[0]]}: an age in months is finite "
            "and not negative"
        )
    return months.astype(np.float64)


def _one_per_film(given: Any, name: str, kind: str, n_films: int | None) -> np.ndarray:
    """One value per film, refused in this name if they are not."""
    if np.ma.isMaskedArray(given):
        given = given.tolist()  # None where masked
    # A list stays a list of objects: numpy would turn [84, None, "x"] into text.
    values = np.asarray(given, dtype=None if hasattr(given, "__array__") else object)
    if values.ndim != 1:
        got = f"an array of shape {values.shape}" if values.ndim else repr(given)
        raise ValueError(f"{name} must hold one {kind} per film (1-D), got {got}")
    if n_films is not None and len(values) != n_films:
        raise ValueError(f"{name} has {len(values)} {kind}s for {n_films} films")
    return values


def _to_months(age: object, name: str) -> float:
    if age is None or age is pd.NA or age is pd.NaT:
        return math.nan
    # Flags and dates turn into floats without an error: y may be the wrong column. So
    # does 1_80, which only Python takes for a number.
    refused = bool | np.bool_ | np.datetime64 | np.timedelta64 | np.complexfloating
    python_only = isinstance(age, str | bytes) and "_" in str(age)
    if not (isinstance(age, refused) or python_only):
        try:
            return float(age)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            pass
    raise ValueError(f"{name} is {age!r}: not an age in months")


SEXES = ("F", "M")
SEX_WORDS = {"f": 0, "female": 0, "girl": 0, "m": 1, "male": 1, "boy": 1}
_FLAGS = dict.fromkeys(("0", "0.0", "false"), False)
_FLAGS |= dict.fromkeys(("1", "1.0", "true"), True)


def check_known_ages(y: Any, n_samples: int | None, age_range: Any) -> np.ndarray:
    """Ages in months, of which at least one is known and within the range.

    Raises
    ------
    ValueError
        If there is no such age, and as in `check_ages`.
    """
    if y is None:
        raise ValueError("y is None; expected one bone age in months per film")
    ages = check_ages(y, n_samples)
    if not np.isfinite(ages).any():
        raise ValueError(
            f"y holds no known age: all {len(ages)} are missing. Leave y out where "
            "ages are not needed"
        )
    if not np.isfinite(ages_within(ages, age_range)).any():
        raise ValueError(
            f"no age in y is within age_range=({age_range[0]:g}, {age_range[1]:g}) "
            f"months (lowest {np.nanmin(ages):g}, highest {np.nanmax(ages):g})"
        )
    return ages


def ages_within(ages: np.ndarray, age_range: ArrayLike) -> np.ndarray:
    """Ages in months, NaN where they are outside the range."""
    youngest, oldest = np.asarray(age_range)
    return np.where((ages >= youngest) & (ages <= oldest), ages, np.nan)


def check_sexes(sex: Any, n_samples: int) -> np.ndarray:
    """Positions of sexes in `SEXES` (n_samples,): flags mean male, -1 is unknown.

    Raises
    ------
    ValueError
        If the sexes are not 1-D or not one per film, or one is not one of these codes.

    Examples
    --------
    >>> check_sexes(["F", "male", 1, False, None], 5)
    array([ 0,  1,  1,  0, -1])
    """
    if sex is None:
        return np.full(n_samples, -1)
    values = _one_per_film(sex, "sex", "code", n_samples)
    return np.array([_code(value, i) for i, value in enumerate(values)], dtype=int)


def _code(value: Any, index: int) -> int:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return -1
    code: int | None = read_flag(value)
    if code is None and isinstance(value, str):
        code = SEX_WORDS.get(value.strip().lower())
    if code is None:
        raise ValueError(
            f'sex[{index}] is {value!r}: expected "F", "M", "female", "male", True or '
            "1 (male), False or 0 (female), or None or NaN where it is unknown"
        )
    return int(code)


def read_flag(value: Any) -> bool | None:
    """Flag that a value is, as a number or text too; None if it is something else."""
    if isinstance(value, str):
        return _FLAGS.get(value.strip().lower())
    if isinstance(value, bool | np.bool_ | Real) and value in (0, 1):
        return bool(value)
    return None


def sex_by_keyword(called: Called) -> Called:
    """Let a function, or the methods of a class, say that sex is given by keyword."""
    if inspect.isclass(called):
        for name, method in list(vars(called).items()):
            if inspect.isfunction(method):
                setattr(called, name, sex_by_keyword(method))
        return called
    kinds = {p.name: p.kind for p in inspect.signature(called).parameters.values()}
    if kinds.get("sex") is not inspect.Parameter.KEYWORD_ONLY:
        return called
    most = list(kinds.values()).count(inspect.Parameter.POSITIONAL_OR_KEYWORD)

    @wraps(called)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if len(args) > most:
            raise TypeError(f"{called.__name__} takes sex as a keyword: pass sex=...")
        return called(*args, **kwargs)

    return checked  # type: ignore[return-value]


def check_labels(labels: ArrayLike) -> np.ndarray:
    """Clusters (n_samples,) as integers from 0 on, -1 for no cluster.

    Raises
    ------
    ValueError
        If they are not 1-D, or not such integers.
    """
    ids = np.asarray(labels)
    if ids.ndim == 1 and ids.dtype.kind in "iu":
        ids = ids.astype(np.intp, copy=False)
        if ids.min(initial=-1) >= -1:
            return ids
    raise ValueError("labels must be 1-D: integers from 0 on, -1 for no cluster")


def check_landmarks(
    landmarks: Any,
    n_films: int,
    origin: str,
    *,
    columns: Sequence[int] = (2, 3),
    third: str = "confidence",
) -> np.ndarray:
    """Landmarks (n_films, 19, 3), x, y and confidence; NaN, NaN, 0 where unknown.

    ``columns`` are the last dimensions that are allowed; without a third column the
    confidence is 1. ``origin``, such as "y has", and ``third`` are what messages say.

    Raises
    ------
    ValueError
        If the landmarks are not numbers, of another shape, or have a confidence
        outside [0, 1].
    """
    try:
        given = np.asarray(landmarks)
        if given.dtype.kind not in "uifO":
            raise TypeError(f"they are {given.dtype}")
        given = given.astype(np.float64)
    except Exception as error:  # whatever an array of another library raises
        raise ValueError(f"{origin} landmarks that are not numbers: {error}") from error
    expected = (n_films, len(KEY_REGIONS))
    if given.ndim != 3 or given.shape[:2] != expected or given.shape[2] not in columns:
        last = " or ".join(map(str, columns))
        raise ValueError(
            f"{origin} shape {given.shape} for {n_films} films; expected "
            f"({n_films}, {len(KEY_REGIONS)}, {last})"
        )
    checked = np.ones((*expected, 3))
    checked[..., : given.shape[2]] = given
    checked[np.isnan(checked[..., 2]), 2] = 0
    if checked[..., 2].min() < 0 or checked[..., 2].max() > 1:
        raise ValueError(f"{origin} a {third} outside [0, 1]")
    checked[~np.isfinite(checked).all(axis=2)] = np.nan, np.nan, 0
    return checked
