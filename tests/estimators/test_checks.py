"""scikit-learn's checks: the common ones, and those that it keeps for itself."""

from __future__ import annotations

import pytest
from public_estimators import EXAMPLES
from sklearn.base import clone
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),  # of names, by their checks
]

# Common for tables; here for what takes films too.
OF_PARAMETERS = [
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]
# Not even common for tables.
OF_TABLES = ["check_dataframe_column_names_consistency"]
OF_TRANSFORMERS = [
    "check_get_feature_names_out_error",
    "check_global_output_transform_pandas",
    "check_global_set_output_transform_polars",
    "check_set_output_transform",
    "check_set_output_transform_pandas",
    "check_set_output_transform_polars",
    "check_transformer_get_feature_names_out",
    "check_transformer_get_feature_names_out_pandas",
]
TABLES = [example for example in EXAMPLES if get_tags(example).input_tags.two_d_array]
TRANSFORMERS = [example for example in TABLES if hasattr(example, "transform")]
VALIDATED = [
    example for example in EXAMPLES if hasattr(example, "_parameter_constraints")
]


def of_each(examples):
    return pytest.mark.parametrize("example", examples, ids=repr)


def run_check(name, example):
    getattr(estimator_checks, name)(type(example).__name__, clone(example))


@parametrize_with_checks(EXAMPLES)
def test_common(estimator, check):
    check(estimator)


@of_each(VALIDATED)
def test_wrong_parameters_are_refused(example):
    run_check("check_param_validation", example)


@of_each(EXAMPLES)
@pytest.mark.parametrize("name", OF_PARAMETERS)
def test_parameters(example, name):
    run_check(name, example)


@of_each(TABLES)
@pytest.mark.parametrize("name", OF_TABLES)
def test_tables(example, name):
    run_check(name, example)


@of_each(TRANSFORMERS)
@pytest.mark.parametrize("name", OF_TRANSFORMERS)
def test_transformers(example, name):
    run_check(name, example)
