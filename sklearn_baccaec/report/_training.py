"""Encoders whose training went wrong, or ended too early."""

from typing import Any

import numpy as np

from ._run_facts import tell_region

_FEWEST_STEPS = 300  # with which clusters of real films were as good as any


def find_unconverged(model: Any) -> list[tuple[str, str]]:
    """Tell what went wrong with the training of encoders, and of which regions."""
    encoders = getattr(model.pipeline_["encoder"], "encoders_", {})
    found: dict[str, list[str]] = {}
    for region, encoder in encoders.items():
        if hasattr(encoder, "loss_curve_"):
            for fault in _find_faults(encoder):
                found.setdefault(fault, []).append(tell_region(region))
    return [(fault, ", ".join(regions)) for fault, regions in found.items()]


def _find_faults(encoder: Any) -> list[str]:
    if not np.isfinite(encoder.loss_curve_).all():
        return ["The loss is not finite: try a smaller lr"]
    faults = []
    if encoder.n_iter_ < _FEWEST_STEPS:
        least = f"real films take {_FEWEST_STEPS} or more"
        faults.append(f"Steps of training: {encoder.n_iter_:,}, where {least}")
    if encoder.dead_latents_.any():
        faults.append("Some latents are dead: they are the same for all films")
    return faults
