"""What is asked of a fitted model, checked before any film is read."""

from typing import Any

from sklearn.utils.validation import check_is_fitted

from .._utils.validation import check_known_ages, check_sexes
from ..films._checks import check_films

_NO_AGES: Any = object()


def check_request(model: Any, X: Any, sex: Any, y: Any = _NO_AGES) -> list[Any]:
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
    return films


def check_named(model: Any) -> None:
    """Refuse a model whose clusters have no names."""
    check_is_fitted(model)
    if not hasattr(model, "cluster_table_"):
        raise ValueError(
            "the clusters have no names: give ages to fit(X, y), or call "
            "name_clusters(X, y) with films of known age"
        )
