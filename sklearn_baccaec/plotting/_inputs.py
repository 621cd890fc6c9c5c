"""What displays take from estimators and users, checked before it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .._utils.sklearn_compat import check_matplotlib_support, num_samples
from .._utils.validation import (
    check_known_ages,
    check_labels,
    check_landmarks,
    check_sexes,
)
from .._utils.wrapped import interval_settings, unwrap


def check_request(estimator: Any, X: Any, y: Any, sex: Any = None) -> dict[str, Any]:
    """`interval_settings`; invalid ages or sexes are refused before a film is read."""
    check_matplotlib_support("a display")  # before hours of work
    settings = interval_settings(estimator)
    n_samples = num_samples(X)
    check_known_ages(y, n_samples, settings.get("age_range", (24, 216)))
    check_sexes(sex, n_samples)
    return settings


def examine(estimator: Any, X: Any) -> Bunch:
    """Latents and labels of films that are read once, and what clusters the latents.

    A BoneAgeClusterer adds all else that its `examine` returns, and itself as `model`.
    To any other clusterer, what it is given are the latents.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If it does not predict.
    """
    check_matplotlib_support("a display")
    model, X = unwrap(estimator, X)
    check_is_fitted(model)
    if hasattr(model, "examine"):
        found = model.examine(X)
        return Bunch(model=model, clusterer=model.named_clusterer_, **found)
    if not hasattr(model, "predict"):
        raise TypeError(f"{type(model).__name__} has no predict; use from_predictions")
    return Bunch(
        latents=np.asarray(X, dtype=np.float64),
        labels=check_labels(model.predict(X)),
        clusterer=model,
    )


def find_landmarks(films: list[Any], landmarks: Any, landmarker: Any) -> np.ndarray:
    """Landmarks (n_films, 19, 3) as given, or as the landmarker finds them.

    Unknown ones are NaN, NaN, 0; given ones without confidence have 1.

    Raises
    ------
    ValueError
        If both are given, or for a wrong shape or a confidence outside [0, 1].
    """
    check_matplotlib_support("a display")
    if landmarks is None:
        if landmarker is None:
            from ..regions import HandLandmarker

            landmarker = HandLandmarker()
        landmarks = landmarker.predict(films)
    elif landmarker is not None:
        raise ValueError("both landmarks and a landmarker are given; give one of them")
    return check_landmarks(landmarks, len(films), "landmarks has")


def predict_with_sex(clusterer: Any, method: str, X: Any, sex: Any) -> np.ndarray:
    """Call `predict_age` or `predict_interval`, with sexes only if there are any.

    Raises
    ------
    TypeError
        If there is no such method.
    """
    if not hasattr(clusterer, method):
        raise TypeError(
            f"{type(clusterer).__name__} has no {method}: give what it predicts to "
            "another constructor of the display"
        )
    known = {} if sex is None else {"sex": sex}
    return np.asarray(getattr(clusterer, method)(X, **known))


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
    if edges.shape == (n_samples, 2):
        valid = np.isnan(edges).all(axis=1) | (edges[:, 0] < edges[:, 1])
        if valid.all():
            return edges
        i = valid.argmin()
        raise ValueError(f"bounds[{i}] is {edges[i].tolist()}: not an interval")
    raise ValueError(
        f"bounds has shape {edges.shape}; expected ({n_samples}, 2), the lower and "
        "upper edge of each film's interval in months"
    )
