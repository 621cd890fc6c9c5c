"""The maturity axis: which of its ends is young, told without an age."""

from typing import Any

import numpy as np
from scipy.stats import spearmanr
from sklearn.pipeline import Pipeline

from .._utils.validation import ages_within
from .._utils.warning import warn_user
from ..datasets import make_hand_radiographs
from ..regions import LandmarkTable
from ._steps import shallow_copy

REFERENCE_FILMS = 30  # drawn films that tell young from old
REFERENCE_SEED = 0
MIN_KNOWN_AGES = 5  # of films in `fit` that tell it better, or contradict it
NOISE = 18.0  # months: known ages of no more deviation can be in any order
CONTRADICTION = 0.5  # rank correlation of known ages that is too low


def has_axis(pipeline: Pipeline) -> bool:
    """Whether the first column of what is clustered is an axis of maturity."""
    return getattr(pipeline["consensus"], "is_maturity_axis", False)


def place_unseen(
    pipeline: Pipeline, latents: np.ndarray, positions: np.ndarray
) -> np.ndarray:
    """Latents to learn ages from, as those of films that the axis has not seen.

    ``positions`` (n_samples,) are those of the films in `fit`, or -1. Where the axis
    knows their place by films other than themselves, that is what they have.
    """
    unseen = getattr(pipeline["consensus"], "t_", None)
    if unseen is None:
        return latents
    t = np.where(positions >= 0, unseen[positions], latents[:, 0])
    return np.column_stack([t, latents[:, 1:]])


def warn_of_contradiction(t: np.ndarray, ages: np.ndarray, age_range: Any) -> None:
    """Warn if known ages (n_samples,) hardly rise along the axis."""
    known = np.isfinite(t) & np.isfinite(ages_within(ages, age_range))
    t, ages = t[known], ages[known]
    if len(ages) < MIN_KNOWN_AGES or ages.std() < NOISE:
        return
    correlation = spearmanr(t, ages)[0] if np.ptp(t) > 0 else 0.0
    if correlation < CONTRADICTION:
        warn_user(
            f"the {len(ages)} known ages do not rise along the maturity axis (rank "
            f"correlation {correlation:.2f}): do they belong to these films, or are "
            "films or regions too few for an axis?"
        )


def is_rising(
    scores: np.ndarray,
    ages: np.ndarray,
    months: np.ndarray | None,
    pipeline: Pipeline,
) -> bool:
    """Whether maturity rises along the axis.

    It is told by five or more known ages that differ, else by the pretrained model's
    months, or drawn films: their ages come from published tables of ossification, and
    no film's label enters.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Films along the axis; NaN for those set aside.
    ages : ndarray of shape (n_samples,)
        Months; NaN where unknown.
    months : ndarray of shape (n_samples,) or None
        What the pretrained model reads from the films, if it can.
    pipeline : Pipeline
        The fitted steps from films to the axis.
    """
    if not np.ptp(scores[np.isfinite(scores)]) > 0:
        return True
    known = np.isfinite(ages) & np.isfinite(scores)
    if known.sum() >= MIN_KNOWN_AGES and np.ptp(ages[known]) > 0:
        return spearmanr(scores[known], ages[known])[0] >= 0
    if months is not None:
        return spearmanr(scores, months, nan_policy="omit")[0] >= 0
    hands = make_hand_radiographs(REFERENCE_FILMS, random_state=REFERENCE_SEED)
    table = LandmarkTable.from_films(hands.data, hands.landmarks)
    extractor = shallow_copy(pipeline[0]).set_params(landmarker=table, verbose=0)
    drawn = np.asarray(pipeline[1:].transform(extractor.transform(hands.data)))
    return spearmanr(drawn[:, 0], hands.target)[0] >= 0
