"""How far what is said of a film can be trusted, told without a known age."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._utils.regions import KEY_REGIONS
from ..maturity import MaturityCurve

_WRIST = [name for name in KEY_REGIONS if name in {"carpus", "wrist", "radius", "ulna"}]
_FINGERS = [name for name in KEY_REGIONS if name.endswith(("_dip", "_pip", "_mcp"))]
_APART = 17.0  # months between them that few hands exceed; they are so on both sides


def measure_reliability(pipeline: Pipeline, region_latents: np.ndarray) -> np.ndarray:
    """How films lie to a curve, NaN where there is none.

    Returns
    -------
    reliability : ndarray of shape (n_samples, 3)
        Distance from the curve, as a share of what is usual; maturity by the bones of
        the wrist alone, and by those of the fingers.
    """
    told = np.full((len(region_latents), 3), np.nan)
    curve = pipeline["consensus"]
    if isinstance(curve, FrozenEstimator):
        curve = curve.estimator
    if isinstance(curve, MaturityCurve):
        latents = pipeline["selector"].transform(region_latents)
        told[:, 0] = curve.score_samples(latents) / curve.distance_limit_
        told[:, 1] = _place_by(curve, latents, _WRIST)
        told[:, 2] = _place_by(curve, latents, _FINGERS)
    return told


def _place_by(
    curve: MaturityCurve, latents: np.ndarray, names: Sequence[str]
) -> np.ndarray:
    """Maturity (n_samples,) by some regions alone, NaN without them."""
    kept = [i for i, region in enumerate(curve.regions_) if region in names]
    if not kept:
        return np.full(len(latents), np.nan)
    blocks = latents.reshape(len(latents), len(curve.regions_), -1)[:, kept]
    part = curve.restrict([curve.regions_[i] for i in kept])
    return part.transform(blocks.reshape(len(latents), -1))[:, 0]


def note_doubts(
    named: Any, maturity: np.ndarray, reliability: np.ndarray, sexes: np.ndarray
) -> list[list[str]]:
    """Sentences on every film whose age has to be taken with care."""
    ages = named.age_regressor_
    prior = getattr(ages, "prior", None)
    notes: list[list[str]] = [[] for _ in reliability]
    if prior is not None:
        for i in np.flatnonzero(prior.is_young(maturity)):
            notes[i].append("very young: only the order is reliable")
    for i in np.flatnonzero(reliability[:, 0] > 1):
        notes[i].append(
            f"unlike the films that the model has learned from ({reliability[i, 0]:.1f}"
            " times the usual distance)"
        )
    if ages is not None:
        known = np.flatnonzero(np.isfinite(reliability[:, 1:]).all(axis=1))
        wrist, fingers = (
            ages.predict(np.column_stack([reliability[known, column], sexes[known]]))
            if len(known)
            else np.empty(0)
            for column in (1, 2)
        )
        for i, months in zip(known, wrist - fingers, strict=True):
            if abs(months) > _APART:
                side = "ahead of" if months > 0 else "behind"
                notes[i].append(f"wrist {abs(months):.0f} months {side} the fingers")
    return notes
