"""What a search does with the model that it found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._clusterer import BoneAgeClusterer


def _refits(search: BestModelMixin) -> bool:
    if not search.refit:
        raise AttributeError(
            "there is no best_estimator_ with refit=False: fit a BoneAgeClusterer with "
            "best_params_"
        )
    return True


class BestModelMixin:
    """Methods of `best_estimator_`; the class it is mixed into has `refit`."""

    refit: bool
    best_estimator_: BoneAgeClusterer

    @available_if(_refits)
    def predict(self, X: Any) -> np.ndarray:
        """Find the cluster of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int
            Clusters; -1 for a film that was set aside.
        """
        return self._best.predict(X)

    @available_if(_refits)
    def predict_interval(self, X: Any, sex: Any = None) -> np.ndarray:
        """Estimate the age interval of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            Sexes, as in `fit`.

        Returns
        -------
        bounds : ndarray of shape (n_samples, 2)
            Lower and upper edge in months, or NaN.
        """
        return self._best.predict_interval(X, sex)

    @available_if(_refits)
    def predict_age(
        self, X: Any, sex: Any = None, *, return_quartiles: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Estimate the bone age of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            Sexes, as in `fit`.
        return_quartiles : bool, default=False
            Whether to tell how far known ages lie around the estimate, too.

        Returns
        -------
        ages : ndarray of shape (n_samples,)
            In months, or NaN; see :meth:`BoneAgeClusterer.predict_age`.
        quartiles : ndarray of shape (n_samples, 2)
            Lower and upper quartile in months, or NaN. Only with
            ``return_quartiles=True``.
        """
        return self._best.predict_age(X, sex, return_quartiles=return_quartiles)

    @available_if(_refits)
    def transform(self, X: Any) -> np.ndarray:
        """Encode films: what the clusterer sees.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        latents : ndarray of shape (n_samples, n_components), float32
            Latents of the chosen regions; NaN for a film that was set aside.
        """
        return self._best.transform(X)

    @available_if(_refits)
    def assign(self, X: Any, sex: Any = None) -> pd.DataFrame:
        """Tabulate all that is known of every film.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        sex : array-like of shape (n_samples,) or None, default=None
            Sexes, as in `fit`.

        Returns
        -------
        assignments : DataFrame of shape (n_samples, 8 or 9)
            See :meth:`BoneAgeClusterer.assign`.
        """
        return self._best.assign(X, sex)

    @available_if(_refits)
    def score(self, X: Any, y: Any = None, sex: Any = None) -> float:
        """Share of films whose age interval is right.

        On films that were not in `fit` it is the honest figure of the whole search,
        unlike `best_score_`, the best of many.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : array-like of shape (n_samples,)
            Bone ages in months. Films of unknown age are left out.
        sex : array-like of shape (n_samples,) or None, default=None
            Sexes, as in `fit`.

        Returns
        -------
        accuracy : float
            In [0, 1]. A film that was set aside, or whose cluster has no name, counts
            as wrong.
        """
        return self._best.score(X, y, sex)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "best_estimator_" if self.refit else "cv_results_")

    @property
    def _best(self) -> BoneAgeClusterer:
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_
