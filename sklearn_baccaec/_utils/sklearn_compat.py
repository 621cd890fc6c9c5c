"""scikit-learn's private functions, and its checks as this package needs them."""

import os
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import PackageNotFoundError, metadata
from importlib.util import find_spec
from numbers import Integral
from typing import Any, TypeVar

from sklearn import config_context, get_config
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_array as _check_array
from sklearn.utils import column_or_1d as _column_or_1d
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
)
from sklearn.utils.validation import _check_feature_names_in as check_feature_names_in
from sklearn.utils.validation import _check_sample_weight as check_sample_weight
from sklearn.utils.validation import _num_samples as num_samples
from sklearn.utils.validation import validate_data as _validate_data

__all__ = [
    "MEMORY",
    "N_JOBS",
    "REGIONS",
    "DocumentationLinkMixin",
    "HasMethods",
    "Interval",
    "RealNotInt",
    "StrOptions",
    "check_array",
    "check_feature_names_in",
    "check_matplotlib_support",
    "check_params",
    "check_sample_weight",
    "column_or_1d",
    "fit_context",
    "num_samples",
    "tag_films",
    "validate_data",
]

# Parameter constraints that several estimators share.
REGIONS: list[Any] = ["array-like", str, Integral, None]
MEMORY: list[Any] = [str, os.PathLike, HasMethods("cache"), None]
N_JOBS: list[Any] = [Integral, None]

_PAGE = "{home}/en/stable/api/generated/sklearn_baccaec.{{estimator_name}}.html"

Fit = TypeVar("Fit", bound=Callable[..., Any])


def _to_numpy(check: Callable) -> Callable:
    """Let a check return arrays of numpy, whatever comes and ``array_api_dispatch`` is.

    Tensors of a GPU are copied to the main memory.
    """

    @wraps(check)
    def checked(*args: Any, **kwargs: Any) -> Any:
        args = tuple(a.cpu() if hasattr(a, "cpu") else a for a in args)
        with config_context(array_api_dispatch=False):
            return check(*args, **kwargs)

    return checked


check_array = _to_numpy(_check_array)
column_or_1d = _to_numpy(_column_or_1d)
validate_data = _to_numpy(_validate_data)


def fit_context(
    *, prefer_skip_nested_validation: bool, restores: bool = True
) -> Callable[[Fit], Fit]:
    """scikit-learn's own decorator, which validates parameters.

    A fit that fails, or is interrupted, leaves the estimator as it was, unless it does
    not restore: then it keeps what it has found so far.
    """
    validate = _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)

    def decorate(fit: Any) -> Any:
        @wraps(fit)
        def fit_or_restore(self: Any, *args: Any, **kwargs: Any) -> Any:
            before = self.__dict__.copy()
            try:
                return fit(self, *args, **kwargs)
            except BaseException:
                self.__dict__ = before if restores else self.__dict__
                raise

        return validate(fit_or_restore)

    return decorate


def check_params(estimator: BaseEstimator) -> None:
    """Validate parameters outside of `fit`, unless scikit-learn is told not to."""
    if not get_config()["skip_parameter_validation"]:
        estimator._validate_params()


def check_matplotlib_support(caller: str) -> None:
    """Say that ``caller`` needs matplotlib, where it is not installed.

    Raises
    ------
    ImportError
        If it is missing.
    """
    if find_spec("matplotlib") is None:
        raise ImportError(
            f"{caller} needs matplotlib: install it, or the extra 'plot' of "
            "sklearn-baccaec"
        )


@cache
def documentation_home() -> str:
    """Address of the documentation in the project's URLs, or "" if nothing tells it."""
    try:
        urls = metadata("sklearn-baccaec").get_all("Project-URL", [])
    except PackageNotFoundError:  # used from a folder, not installed
        return ""
    return dict(url.split(", ", 1) for url in urls).get("Documentation", "")


class DocumentationLinkMixin:
    """Tells scikit-learn's diagrams where an estimator of this package is described."""

    _doc_link_module = "sklearn_baccaec"  # subclasses of users have no page here

    @property
    def _doc_link_template(self) -> str:
        home = documentation_home()
        return _PAGE.format(home=home) if home else ""


def tag_films(tags: Any) -> Any:
    """Tell scikit-learn in an estimator's tags that X is films instead of rows."""
    tags.input_tags.two_d_array = False
    tags.input_tags.three_d_array = True
    tags.input_tags.string = True
    return tags
