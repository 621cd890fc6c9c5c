"""The steps of the method, with the paper's choices where none are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.pipeline import Pipeline

from ._utils.blocks import check_size
from ._utils.key_regions import PAPER_REGIONS, check_regions
from .encoders import RegionEncoder
from .preprocessing import RegionPreprocessor
from .regions import KeyRegionExtractor


def make_steps(method: Any) -> tuple[KeyRegionExtractor, Pipeline]:
    """Unfitted extractor, and the pipeline of everything behind it.

    ``method`` has the parameters of :class:`BoneAgeClusterer`. What it leaves open is
    the paper's; a given step keeps what it was given and takes over the rest.
    """
    regions = PAPER_REGIONS if method.regions is None else check_regions(method.regions)
    seed = method.random_state
    if isinstance(seed, np.random.RandomState):
        seed = int(seed.randint(2**31 - 1))  # one draw, as if it had been given
    height, width = check_size(method.crop_shape, "crop_shape")
    shared = {
        "regions": regions,
        "region_shape": None if height == width else (height, width),
        "memory": method.memory,
        "n_jobs": method.n_jobs,
        "random_state": seed,
    }
    extractor = KeyRegionExtractor(
        regions,
        landmarker=method.landmarker,
        crop_shape=method.crop_shape,
        on_error=method.on_error,
        memory=method.memory,
        n_jobs=method.n_jobs,
        verbose=method.verbose,
    )
    encoder = method.encoder
    if encoder is None or "regions" not in encoder.get_params(deep=False):
        encoder = RegionEncoder(encoder, verbose=method.verbose)
    clusterer = KMeans(n_init=10) if method.clusterer is None else method.clusterer
    preprocessor = method.preprocessor
    if preprocessor is None:
        preprocessor = RegionPreprocessor()
    steps = [
        ("preprocessor", preprocessor),
        ("encoder", encoder),
        ("consensus", method.consensus),
        ("clusterer", clusterer),
    ]
    steps = [
        (name, step if step == "passthrough" else _with_defaults(step, shared))
        for name, step in steps
        if step is not None
    ]
    if "n_clusters" in steps[-1][1].get_params(deep=False):
        steps[-1][1].set_params(n_clusters=method.n_clusters)
    return extractor, Pipeline(steps)


def _with_defaults(step: Any, defaults: dict[str, Any]) -> Any:
    """Clone a step and set its open parameters (None); a given value wins."""
    step = clone(step)
    params = step.get_params(deep=False)
    own = params.get("regions")
    if own is not None and check_regions(own) != defaults["regions"]:
        raise ValueError(
            f"{type(step).__name__} has the regions {', '.join(check_regions(own))}, "
            f"but the films are cropped to {', '.join(defaults['regions'])}; leave its "
            "regions out"
        )
    step.set_params(
        **{
            name: value
            for name, value in defaults.items()
            if name in params and params[name] is None
        }
    )
    return step
