"""What displays take from estimators and users, checked before it is drawn."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .. import regions
from .._utils.regions import KEY_REGIONS
from .._utils.sklearn_compat import check_matplotlib_support, num_samples
from .._utils.validation import (
    check_known_ages,
    check_labels,
    check_landmarks,
    check_sexes,
)
from .._utils.wrapped import interval_settings, unwrap
from ..films import FilmError
from ..films._checks import is_path
from ..regions._crop_frames import locate_crops


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


def find_model(estimator: Any, film: Any) -> tuple[Any, Any]:
    """Find the model in searches and pipelines, and a film as these pass it on."""
    check_matplotlib_support("a display")
    films = [film] if is_path(film) else np.asarray(film)[np.newaxis]
    model, films = unwrap(estimator, films)
    return model, films[0]


def find_extractor(estimator: Any, film: Any) -> tuple[Any, Any]:
    """Find what crops films in a model, and a film as the model passes it on."""
    extractor, film = find_model(estimator, film)
    if hasattr(extractor, "examine"):
        check_is_fitted(extractor)
        extractor = extractor.pipeline_[0]
    if not isinstance(extractor, regions.KeyRegionExtractor):
        raise TypeError(
            f"{type(extractor).__name__} is neither a BoneAgeClusterer nor a "
            "KeyRegionExtractor, and cuts no crops; use from_film"
        )
    return extractor, film


def find_windows(
    landmarks: np.ndarray,
    film_shape: tuple[int, ...],
    scales: Sequence[float],
    crop_shape: tuple[int, int],
) -> tuple[np.ndarray, Literal["left", "right"] | None]:
    """Corners (19, 4, 2) of the crops of a film, and which hand it shows.

    NaN where a region cannot be cropped; None if no hand was found.
    """
    corners = np.full((len(KEY_REGIONS), 4, 2), np.nan)
    side: Literal["left", "right"] | None = None
    with suppress(FilmError):  # no hand: the film is shown all the same
        pose, frames, _ = locate_crops(landmarks, film_shape, scales, "film")
        side = "right" if pose.right else "left"
        for region, frame in frames.items():
            corners[region] = frame.outline(crop_shape)
    return corners, side


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
