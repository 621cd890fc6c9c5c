"""Methods that a search hands on to the model that it found."""

from functools import wraps
from typing import Any

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._clusterer import BoneAgeClusterer


def of_best_estimator(name: str) -> Any:
    """Make a method of `best_estimator_` one of the search, docstring included."""

    @available_if(_refits)
    @wraps(getattr(BoneAgeClusterer, name))
    def method(search: Any, *args: Any, **kwargs: Any) -> Any:
        check_is_fitted(search, "best_estimator_")
        return getattr(search.best_estimator_, name)(*args, **kwargs)

    return method


def _refits(search: Any) -> bool:
    if not search.refit:
        raise AttributeError(
            "there is no best_estimator_ with refit=False: fit a BoneAgeClusterer with "
            "best_params_"
        )
    return True
