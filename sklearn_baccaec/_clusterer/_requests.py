"""What is asked of a fitted model, checked before any film is read."""

from numbers import Integral
from typing import Any

from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from .._utils.sklearn_compat import check_sample_weight
from .._utils.validation import check_ages, check_known_ages, check_sexes
from ..films._checks import check_films
from ._maturity import has_axis

_NO_AGES: Any = object()


def check_request(
    model: Any, X: Any, sex: Any, y: Any = _NO_AGES, sample_weight: Any = None
) -> list[Any]:
    """Return the films, if what comes with them is valid.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    ValueError
        If sexes or, where they are needed, ages are invalid or do not match the films,
        or no age is known and within the range.
    """
    check_is_fitted(model)
    films = check_films(X)
    if y is not _NO_AGES:
        check_known_ages(y, len(films), model.named_clusterer_.age_range)
    check_sexes(sex, len(films))
    check_sample_weight(sample_weight, films)
    return films


def check_suggestion(n: Any, y: Any, n_films: int) -> None:
    """Refuse a number of films, or ages, by which none can be suggested."""
    check_scalar(n, "n", Integral, min_val=1)
    if y is not None:
        check_ages(y, n_films)


def check_named(model: Any) -> None:
    """Refuse a model whose clusters have no names."""
    check_is_fitted(model)
    if model.named_clusterer_.age_source_ is None:
        own = ""
        if model.method == "agreement":
            own = "; only with its own encoder and crops has it months without ages"
        raise ValueError(
            "the clusters have no names: give ages to fit(X, y), or call "
            f"name_clusters(X, y) with films of known age{own}"
        )


def check_axis(model: Any) -> None:
    """Refuse a model that places no film on an axis of maturity."""
    check_is_fitted(model)
    if not has_axis(model.pipeline_):
        raise ValueError(
            "the model has no maturity axis: use method='agreement', or another with "
            "consensus=MaturityCurve()"
        )
