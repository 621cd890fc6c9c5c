"""The maturity axis: films from young to old without an age."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..datasets import make_hand_radiographs
from ..maturity import RegionConsensus
from ..regions import KeyRegionExtractor, LandmarkTable

REFERENCE_FILMS = 30  # synthetic films that tell young from old
REFERENCE_SEED = 0
MIN_KNOWN_AGES = 5  # of films in `fit` that tell it better


class MaturityMixin:
    """Maturity of films, for a model with a :class:`RegionConsensus`.

    The class it is mixed into has `transform`, whose first column is then the axis, and
    a fitted `pipeline_`; it calls `_learn_maturity` when it is fitted.
    """

    pipeline_: Pipeline
    _axis: MaturityAxis | None

    def transform(self, X: Any) -> np.ndarray:
        """Encode films."""
        raise NotImplementedError

    def predict_maturity(self, X: Any) -> np.ndarray:
        """Place films between the least and the most mature film of those in `fit`.

        No age is needed, neither here nor in `fit`: films can be ordered before any is
        known. Maturity is blind to sex; girls reach the same one earlier.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        maturity : ndarray of shape (n_samples,)
            In [0, 1], where the distances are those on the axis that the regions agree
            on, and no years; NaN for a film that was set aside.

        Raises
        ------
        ValueError
            If the model has no :class:`RegionConsensus`.
        """
        check_is_fitted(self)
        if self._axis is None:
            raise ValueError(
                "the model has no maturity axis: use method='agreement', or another "
                "with consensus=RegionConsensus()"
            )
        return self._axis.maturity_of(self.transform(X)[:, 0])

    def _learn_maturity(
        self, latents: np.ndarray, usable: np.ndarray, ages: np.ndarray | None
    ) -> None:
        """Find which end is young, and place the films in `fit`."""
        vars(self).pop("maturity_", None)
        self._axis = None
        extractor, *steps, _ = self.pipeline_.named_steps.values()
        if not isinstance(steps[-1], RegionConsensus):
            return
        scores = np.asarray(latents)[:, 0]
        known = None if ages is None else ages[usable]
        self._axis = MaturityAxis(
            scores, _rises_with_age(scores, known, extractor, self.pipeline_[1:-1])
        )
        self.maturity_ = np.full(len(usable), np.nan)
        self.maturity_[usable] = self._axis.maturity_of(scores)


class MaturityAxis:
    """Scores along the leading consensus component as maturity in [0, 1].

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Leading component of the films in `fit`: the least and the most mature of them
        are 0 and 1.
    rising : bool
        Whether the component rises with age.
    """

    def __init__(self, scores: np.ndarray, rising: bool) -> None:
        self.young, self.old = float(scores.min()), float(scores.max())
        if not rising:
            self.young, self.old = self.old, self.young

    def maturity_of(self, scores: np.ndarray) -> np.ndarray:
        """Maturity of films; those beyond the films in `fit` are 0 or 1."""
        span = self.old - self.young
        if span == 0:
            return np.where(np.isnan(scores), np.nan, 0.5)
        return np.clip((scores - self.young) / span, 0, 1)


def _rises_with_age(
    scores: np.ndarray,
    ages: np.ndarray | None,
    extractor: KeyRegionExtractor,
    encoder: Pipeline,
) -> bool:
    """Whether the leading component rises with age.

    Told by known ages if there are five or more, else by synthetic films: their ages
    come from published tables of ossification, and no film's label enters.
    """
    if ages is not None:
        known = np.isfinite(ages) & np.isfinite(scores)
        if known.sum() >= MIN_KNOWN_AGES:
            return bool(spearmanr(scores[known], ages[known])[0] >= 0)
    hands = make_hand_radiographs(REFERENCE_FILMS, random_state=REFERENCE_SEED)
    reference = clone(extractor).set_params(
        landmarker=LandmarkTable.from_films(hands.data, hands.landmarks), verbose=0
    )
    latents = np.asarray(encoder.transform(reference.transform(hands.data)))
    return bool(spearmanr(latents[:, 0], hands.target)[0] >= 0)
