"""Figures for clusters of films: intervals, tables, accuracy and its chance level."""

from ._cluster_table import cluster_table, median_age_error
from ._intervals import age_interval_edges, assign_age_intervals
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
    "cluster_table",
    "majority_label_accuracy",
    "majority_label_scorer",
    "median_age_error",
]
