"""Figures for clusters of films: ages in months, intervals, accuracy and chance."""

from .._utils.validation import check_ages
from ._cluster_table import cluster_table, median_age_error
from ._intervals import age_interval_edges, assign_age_intervals, interval_names
from ._majority_label import (
    adjusted_majority_label_accuracy,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from ._scorer import majority_label_scorer

__all__ = [
    "adjusted_majority_label_accuracy",
    "age_interval_edges",
    "assign_age_intervals",
    "chance_majority_label_accuracy",
    "check_ages",
    "cluster_table",
    "interval_names",
    "majority_label_accuracy",
    "majority_label_scorer",
    "median_age_error",
]
