"""What displays take from estimators and users, checked before it is drawn."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .. import regions
from .._utils.sklearn_compat import check_matplotlib_support, num_samples
from .._utils.validation import (
    check_known_ages,
    check_labels,
    check_landmarks,
    check_sexes,
)
from .._utils.wrapped import interval_settings, unwrap
from ..films._checks import is_path


def check_request(estimator: Any, X: Any, y: Any, sex: Any = None) -> dict[str, Any]:
    """`interval` and `age_range`, once ages and sexes turned out to be valid."""
    check_matplotlib_support("a display")  # before hours of work
    settings = {"interval": 48, "age_range": (24, 216), **interval_settings(estimator)}
    n_samples = num_samples(X)
    check_known_ages(y, n_samples, settings["age_range"])
    check_sexes(sex, n_samples)
    return settings


def examine(estimator: Any, X: Any) -> Bunch:
    """Latents, labels and their clusterer; of a BoneAgeClusterer, all of `examine`."""
    check_matplotlib_support("a display")
    model, X = unwrap(estimator, X)
    check_is_fitted(model)
    if hasattr(model, "examine"):
        return Bunch(model=model, clusterer=model.named_clusterer_, **model.examine(X))
    if not hasattr(model, "predict"):
        raise TypeError(f"{type(model).__name__} has no predict; use from_predictions")
    labels = check_labels(model.predict(X))
    return Bunch(latents=np.asarray(X, np.float64), labels=labels, clusterer=model)


def find_extractor(estimator: Any, film: Any) -> tuple[Any, Any]:
    """Find what crops films in a model, and a film as the model passes it on."""
    check_matplotlib_support("a display")
    films = [film] if is_path(film) else np.asarray(film)[np.newaxis]
    extractor, films = unwrap(estimator, films)
    if hasattr(extractor, "examine"):
        check_is_fitted(extractor)
        extractor = extractor.pipeline_[0]
    if not isinstance(extractor, regions.KeyRegionExtractor):
        raise TypeError(
            f"{type(extractor).__name__} is neither a BoneAgeClusterer nor a "
            "KeyRegionExtractor, and cuts no crops; use from_film"
        )
    return extractor, films[0]


def find_landmarks(films: list[Any], landmarks: Any, landmarker: Any) -> np.ndarray:
    """Landmarks (n_films, 19, 3), given or found; NaN, NaN, 0 where unknown."""
    check_matplotlib_support("a display")
    if landmarks is None:
        if landmarker is None:
            landmarker = regions.HandLandmarker()
        landmarks = landmarker.predict(films)
    elif landmarker is not None:
        raise ValueError("both landmarks and a landmarker are given; give one of them")
    return check_landmarks(landmarks, len(films), "landmarks has")


def predict_with_sex(clusterer: Any, method: str, X: Any, sex: Any) -> np.ndarray:
    """Call `predict_age` or `predict_interval`, with sexes only if there are any."""
    if not hasattr(clusterer, method):
        kind = type(clusterer).__name__
        raise TypeError(f"{kind} has no {method}; use another constructor")
    known = {} if sex is None else {"sex": sex}
    return np.asarray(getattr(clusterer, method)(X, **known))
