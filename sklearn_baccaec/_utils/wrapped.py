"""Models inside searches and pipelines."""

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


def unwrap_search(estimator: Any) -> Any:
    """Return the estimator that a search found, or the estimator itself.

    Raises
    ------
    NotFittedError
        If it is a search that is not fitted.
    TypeError
        If it is a search that keeps no estimator.
    """
    while hasattr(estimator, "best_estimator_") or hasattr(estimator, "refit"):
        if not getattr(estimator, "refit", True):
            raise TypeError(
                f"{type(estimator).__name__} has no best_estimator_ with refit=False: "
                "fit an estimator with its best_params_"
            )
        check_is_fitted(estimator, "best_estimator_")
        estimator = estimator.best_estimator_
    return estimator


def unwrap(estimator: Any, X: Any) -> tuple[Any, Any]:
    """Return the model at the end of searches and pipelines, and what it is given.

    Raises
    ------
    NotFittedError, TypeError
        As `unwrap_search`.
    """
    model = unwrap_search(estimator)
    while isinstance(model, Pipeline):
        if len(model) > 1:
            X = model[:-1].transform(X)
        model = unwrap_search(model[-1])
    return model, X


def last_model(estimator: Any) -> Any:
    """Return the model at the end of searches and pipelines, fitted or not."""
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif isinstance(estimator, Pipeline):
            estimator = estimator[-1]
        else:
            return estimator


def interval_settings(estimator: Any) -> dict[str, Any]:
    """`interval` and `age_range` of the last model, as fitted, where it has them."""
    model = last_model(estimator)
    edges = getattr(getattr(model, "named_clusterer_", model), "edges_", None)
    if edges is not None:
        return {"interval": edges[1] - edges[0], "age_range": (edges[0], edges[-1])}
    return {
        name: getattr(model, name)
        for name in ("interval", "age_range")
        if hasattr(model, name)
    }
