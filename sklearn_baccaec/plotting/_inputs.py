"""What displays take from estimators and users, checked before it is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._utils.sklearn_compat import num_samples
from .._utils.validation import check_ages, check_sexes
from .._utils.wrapped import interval_settings, unwrap
from ..metrics import age_interval_edges


def is_model(estimator: Any) -> bool:
    """Whether an estimator is a BoneAgeClusterer."""
    from .._clusterer import BoneAgeClusterer

    return isinstance(estimator, BoneAgeClusterer)


def find_model(estimator: Any, X: Any) -> tuple[Any, Any]:
    """Return the fitted BoneAgeClusterer in an estimator, and the films it is given.

    Raises
    ------
    NotFittedError
        If it is not fitted.
    TypeError
        If there is no such clusterer.
    """
    model, films = unwrap(estimator, X)
    if not is_model(model):
        raise TypeError(
            f"{type(model).__name__} is no BoneAgeClusterer; use from_predictions with "
            "what it predicts"
        )
    check_is_fitted(model)
    return model, films


def check_request(estimator: Any, X: Any, y: Any, sex: Any = None) -> dict[str, Any]:
    """`interval_settings`; wrong ages or sexes are refused before a film is read."""
    settings = interval_settings(estimator)
    n_samples = num_samples(X)
    check_some_ages(y, n_samples, settings.get("age_range", (24, 216)))
    check_sexes(sex, n_samples)
    return settings


def check_some_ages(
    y: ArrayLike, n_samples: int | None, age_range: Sequence[float]
) -> np.ndarray:
    """Ages in months, of which at least one is known and in the range.

    Raises
    ------
    ValueError
        If none is, or the ages are not one per film or no ages.
    """
    ages = check_ages(y, n_samples)
    low, *_, high = age_interval_edges(age_range[1] - age_range[0], age_range)
    if not np.isfinite(ages).any():
        raise ValueError(f"y holds no known age: all {len(ages)} are missing")
    if not ((ages >= low) & (ages <= high)).any():
        raise ValueError(
            f"no age in y is within age_range={tuple(age_range)} months (lowest "
            f"{np.nanmin(ages):g}, highest {np.nanmax(ages):g})"
        )
    return ages


def ages_inside(ages: np.ndarray, age_range: Sequence[float]) -> np.ndarray:
    """Ages in months, NaN where they are outside the range."""
    youngest, oldest = age_range
    return np.where((ages >= youngest) & (ages <= oldest), ages, np.nan)


def as_list(values: Any, name: str) -> list[Any]:
    """Return one or several numbers as a list.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = list(values) if isinstance(values, Iterable) else [values]
    if not found:
        raise ValueError(f"{name} is empty: give at least one")
    return found


def check_bounds(bounds: ArrayLike, n_samples: int) -> np.ndarray:
    """Edges (n_samples, 2) in months; NaN, NaN for a film without an interval.

    Raises
    ------
    ValueError
        For another shape, or a lower edge that is not below the upper one.
    """
    edges = np.asarray(bounds, dtype=np.float64)
    if edges.shape != (n_samples, 2):
        raise ValueError(
            f"bounds has shape {edges.shape}; expected ({n_samples}, 2), the lower and "
            "upper edge of each film's interval in months"
        )
    wrong = np.flatnonzero(~np.isnan(edges).all(axis=1) & ~(edges[:, 0] < edges[:, 1]))
    if len(wrong):
        raise ValueError(
            f"bounds[{wrong[0]}] is {edges[wrong[0]].tolist()}: expected a lower edge "
            "below an upper one, or NaN for both"
        )
    return edges


def predict_with_sex(estimator: Any, method: str, X: Any, sex: Any) -> np.ndarray:
    """Call `predict_age` or `predict_interval`, with sexes only if there are any.

    Raises
    ------
    TypeError
        If there is no such method.
    """
    model, films = unwrap(estimator, X)
    if not hasattr(model, method):
        raise TypeError(
            f"{type(model).__name__} has no {method}; use from_predictions with what "
            "it predicts"
        )
    predict = getattr(model, method)
    if sex is not None:
        return np.asarray(predict(films, sex))
    if hasattr(model, "cluster_table_by_sex_"):
        warnings.warn(
            "the clusters were named for each sex, but the display was given none: "
            "every film counts with the name of both; pass sex=...",
            UserWarning,
            stacklevel=3,
        )
    return np.asarray(predict(films))
