"""The table of all that is known of every film."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from .._utils.validation import check_sexes
from ..films._checks import check_films, film_name
from ._cluster_names import ClusterNames


class AssignmentsMixin:
    """Tables of films, of those in `fit` and of others.

    The class it is mixed into has the fitted attributes of a
    :class:`BoneAgeClusterer`, and `_place` and `_estimate_ages`.
    """

    labels_: np.ndarray
    confidence_: np.ndarray
    reasons_: np.ndarray
    film_names_: np.ndarray
    _sexes: np.ndarray
    _names: ClusterNames

    def _place(self, X: Any) -> Bunch:
        """Cluster, latents and maturity of every film."""
        raise NotImplementedError

    def _estimate_ages(
        self, labels: np.ndarray, sexes: np.ndarray, maturity: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Age (n_samples,) and quartiles (n_samples, 2) of every film."""
        raise NotImplementedError

    def assign(self, X: Any, sex: Any = None) -> pd.DataFrame:
        """Tabulate all that is known of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            Sexes, as in `fit`, for clusters that were named by sex.

        Returns
        -------
        assignments : DataFrame of shape (n_samples, 8 or 9)
            Columns ``film`` (its file name), ``cluster``, ``interval`` (such as
            "24-72") of the cluster, ``age``, ``age_low`` and ``age_high`` (age and
            quartiles of `predict_age`, in months), all missing where they are not
            known, ``confidence`` (the lowest of the regions') and ``reason`` (why the
            film was set aside or which region it lacks, or None); with a
            :class:`RegionConsensus` also ``maturity``, in [0, 1].
        """
        check_is_fitted(self)
        films = check_films(X)
        placed = self._place(films)
        return self._tabulate(film_names(films), check_sexes(sex, len(films)), placed)

    @property
    def assignments_(self) -> pd.DataFrame:
        """What `assign` says of the films in `fit`."""
        check_is_fitted(self)
        placed = Bunch(
            labels=self.labels_,
            maturity=getattr(self, "maturity_", None),
            confidence=self.confidence_,
            reasons=self.reasons_,
        )
        return self._tabulate(self.film_names_, self._sexes, placed)

    def _tabulate(
        self, films: np.ndarray, sexes: np.ndarray, placed: Bunch
    ) -> pd.DataFrame:
        reasons = placed.reasons.copy()
        reasons[pd.isna(reasons) & (placed.labels < 0)] = "the clusterer left it out"
        titles = self._names.title_of(placed.labels, sexes)
        ages, quartiles = self._estimate_ages(placed.labels, sexes, placed.maturity)
        maturity = {} if placed.maturity is None else {"maturity": placed.maturity}
        return pd.DataFrame(
            {
                "film": films,
                "cluster": placed.labels,
                "interval": pd.Series(titles, dtype=object),
                "age": ages,
                "age_low": quartiles[:, 0],
                "age_high": quartiles[:, 1],
                **maturity,
                "confidence": placed.confidence.min(axis=1),
                "reason": pd.Series(reasons, dtype=object),
            }
        )


def film_names(films: Sequence[Any]) -> np.ndarray:
    """How tables name films: a file's name, or "film 3"."""
    return np.array([film_name(film, i) for i, film in enumerate(films)], dtype=object)
