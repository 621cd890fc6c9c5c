"""What is said of films: by the names of their clusters, or by ages on an axis."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..metrics._intervals import bounds_of_ages, tell_intervals
from ._axis_ages import AxisAges
from ._cluster_names import ClusterNames


@dataclass(frozen=True)
class FilmAges:
    """Films, and the one source of their intervals and ages.

    Where ages are read from an axis, a film's interval is the one that holds its age.

    Attributes
    ----------
    names : ClusterNames
    axis : AxisAges or None
        None where no ages are read from an axis.
    rows : ndarray of shape (n_samples, n_features) or None
        Latents, which only the axis needs.
    labels, sexes : ndarray of shape (n_samples,)
        Clusters, and codes of sex.
    """

    names: ClusterNames
    axis: AxisAges | None
    rows: np.ndarray | None
    labels: np.ndarray
    sexes: np.ndarray

    def estimate(self) -> tuple[np.ndarray, np.ndarray]:
        """Age (n_samples,) and range (n_samples, 2) in months, or NaN."""
        if self.axis is None or self.rows is None:
            spread = self.names.spread_of(self.labels, self.sexes)
            return spread[:, 1], spread[:, [0, 2]]
        return self.axis.estimate(np.column_stack([self.rows, self.sexes]))

    def find_bounds(self) -> np.ndarray:
        """Edges (n_samples, 2) of every film's interval in months, or NaN."""
        if self.axis is None or self.rows is None:
            return self.names.bounds_of(self.labels, self.sexes)
        return bounds_of_ages(self.estimate()[0], self.names.edges)

    def tabulate(self) -> pd.DataFrame:
        """Table of the films, as `NamedClusterer.assign` returns it."""
        ages, ranges = self.estimate()
        intervals = tell_intervals(self.find_bounds())
        return pd.DataFrame(
            {
                "cluster": self.labels,
                "interval": pd.Series(intervals, dtype=object),
                "age": ages,
                "age_low": ranges[:, 0],
                "age_high": ranges[:, 1],
            }
        )
