"""Months of a curve that knows no age: those that the pretrained model reads."""

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from .._pretrained import keep_regions, load_parts
from .._utils.regions import KEY_REGIONS


def read_months(model: Any, pipeline: Pipeline, crops: np.ndarray) -> np.ndarray | None:
    """Months of girls (n_samples,) that the pretrained model reads from crops.

    None where the crops, or what is made of them, are not those of
    ``method="agreement"``: then months are not known without an age.
    """
    usual = model.encoder is None and model.preprocessor is None
    crops_of = pipeline[0].crop_scale, tuple(pipeline[0].crop_shape)
    if model.method != "agreement" or not usual or crops_of != (0.5, (64, 64)):
        return None
    encoder, curve, months = load_parts()
    chosen = pipeline[0].regions_
    latents = keep_regions(encoder, chosen).transform(crops)
    blocks = latents.reshape(len(crops), len(chosen), -1)
    order = sorted(range(len(chosen)), key=lambda i: KEY_REGIONS.index(chosen[i]))
    own = curve.restrict(chosen).transform(blocks[:, order].reshape(len(crops), -1))
    return months.predict(own[:, 0], np.zeros(len(crops)))
