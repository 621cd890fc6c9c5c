"""The maturity axis: films from young to old without an age."""

import numpy as np
from scipy.stats import spearmanr
from sklearn.pipeline import Pipeline

from ..datasets import make_hand_radiographs
from ..regions import LandmarkTable
from ._steps import shallow_copy

REFERENCE_FILMS = 30  # drawn films that tell young from old
REFERENCE_SEED = 0
MIN_KNOWN_AGES = 5  # of films in `fit` that tell it better


def find_axis_ends(
    scores: np.ndarray, ages: np.ndarray, pipeline: Pipeline
) -> tuple[float, float]:
    """Scores of the least and of the most mature film in `fit`.

    Which end is young is told by five or more known ages that differ, else by drawn
    films: their ages come from published tables of ossification, and no film's label
    enters.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Films along the axis; NaN for those set aside.
    ages : ndarray of shape (n_samples,)
        Months; NaN where unknown.
    pipeline : Pipeline
        The fitted steps from films to the axis.
    """
    ends = float(np.nanmin(scores)), float(np.nanmax(scores))
    if ends[0] == ends[1]:
        return ends
    known = np.isfinite(ages) & np.isfinite(scores)
    if known.sum() >= MIN_KNOWN_AGES and np.ptp(ages[known]) > 0:
        rising = spearmanr(scores[known], ages[known])[0] >= 0
    else:
        hands = make_hand_radiographs(REFERENCE_FILMS, random_state=REFERENCE_SEED)
        table = LandmarkTable.from_films(hands.data, hands.landmarks)
        extractor = shallow_copy(pipeline[0]).set_params(landmarker=table, verbose=0)
        drawn = pipeline[1:].transform(extractor.transform(hands.data))
        rising = spearmanr(np.asarray(drawn)[:, 0], hands.target)[0] >= 0
    return ends if rising else ends[::-1]


def place_on_axis(scores: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Maturity of films in [0, 1]; those beyond the films in `fit` are 0 or 1."""
    young, old = ends
    if young == old:
        return np.where(np.isnan(scores), np.nan, 0.5)
    return np.clip((scores - young) / (old - young), 0, 1)
