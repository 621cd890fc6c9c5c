"""The steps of a method, with its own choices where none are given."""

from __future__ import annotations

import warnings
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.pipeline import Pipeline

from .._utils.blocks import check_size
from .._utils.regions import KEY_REGIONS, PAPER_REGIONS, check_regions
from ..encoders import ContrastiveRegionEncoder, RegionEncoder
from ..maturity import RegionConsensus
from ..preprocessing import RegionPreprocessor
from ..regions import KeyRegionExtractor


class Method(NamedTuple):
    """What a method consists of where the user leaves it open."""

    regions: tuple[str, ...]
    preprocessor: RegionPreprocessor | Literal["passthrough"]
    encoder: RegionEncoder | ContrastiveRegionEncoder
    consensus: RegionConsensus | None


METHODS = {
    "ccaec": Method(PAPER_REGIONS, RegionPreprocessor(), RegionEncoder(), None),
    "agreement": Method(
        KEY_REGIONS,
        "passthrough",  # its encoder standardises contrast, after changing exposure
        ContrastiveRegionEncoder(),
        RegionConsensus(regularization=0.5),
    ),
}
MIN_REGIONS_SHARE = 0.5  # of a film's regions, where a consensus fills the others in

_STEPS = ("landmarker", "preprocessor", "encoder", "consensus", "clusterer")


def make_steps(model: Any) -> tuple[KeyRegionExtractor, Pipeline]:
    """Unfitted extractor, and the pipeline of everything behind it.

    ``model`` has the parameters of :class:`BoneAgeClusterer`. What it leaves open is
    the paper's; a given step keeps what it was given and takes over the rest.
    """
    for name in _STEPS:
        step = getattr(model, name)
        if isinstance(step, type):
            raise TypeError(
                f"{name} is the class {step.__name__}; pass an instance: "
                f"{step.__name__}(...)"
            )
    method = METHODS[model.method]
    regions = method.regions if model.regions is None else check_regions(model.regions)
    seed = model.random_state
    if isinstance(seed, np.random.RandomState):
        seed = int(seed.randint(2**31 - 1))  # one draw, as if it had been given
    height, width = check_size(model.crop_shape, "crop_shape")
    shared = {
        "regions": regions,
        "region_shape": None if height == width else (height, width),
        "memory": model.memory,
        "n_jobs": model.n_jobs,
        "random_state": seed,
    }
    encoder = method.encoder if model.encoder is None else model.encoder
    if "regions" not in encoder.get_params(deep=False):
        encoder = RegionEncoder(encoder)
    if not encoder.get_params(deep=False).get("verbose", True):
        encoder = clone(encoder).set_params(verbose=model.verbose)
    clusterer = KMeans(n_init=10) if model.clusterer is None else model.clusterer
    steps = [
        ("preprocessor", _given_or(model.preprocessor, method.preprocessor)),
        ("encoder", encoder),
        ("consensus", _given_or(model.consensus, method.consensus)),
        ("clusterer", clusterer),
    ]
    steps = [
        (name, step if step == "passthrough" else _with_defaults(step, shared))
        for name, step in steps
        if step is not None
    ]
    set_number(steps[-1][1], model.n_clusters)
    return make_extractor(model, regions, (height, width)), Pipeline(steps)


def find_usable(valid: np.ndarray, steps: Pipeline) -> np.ndarray:
    """Films that have the regions the steps need.

    That is all of them, unless what is missing is filled in by what the others agree
    on: then half of them, and at least two.
    """
    fills_in = isinstance(
        steps.named_steps["encoder"], ContrastiveRegionEncoder
    ) and isinstance(steps.named_steps.get("consensus"), RegionConsensus)
    needed = valid.shape[1]
    if fills_in:
        needed = max(2, int(np.ceil(MIN_REGIONS_SHARE * needed)))
    return valid.sum(axis=1) >= needed


def make_extractor(
    model: Any, regions: tuple[str, ...], crop_shape: tuple[int, int]
) -> KeyRegionExtractor:
    """Extractor with the model's landmarker and ways of running."""
    return KeyRegionExtractor(
        regions,
        landmarker=model.landmarker,
        crop_shape=crop_shape,
        min_confidence=model.min_confidence,
        on_error=model.on_error,
        memory=model.memory,
        n_jobs=model.n_jobs,
        verbose=model.verbose,
    ).set_output(transform="default")


def _given_or(step: Any, default: Any) -> Any:
    return default if step is None else step


def set_number(clusterer: Any, n_clusters: int) -> None:
    """Give a clusterer its number of clusters, by whichever name it has for it."""
    params = clusterer.get_params(deep=False)
    for name in ("n_clusters", "n_components"):
        if name in params:
            clusterer.set_params(**{name: n_clusters})
            return
    warnings.warn(
        f"{type(clusterer).__name__} has no n_clusters: n_clusters={n_clusters} of "
        "BoneAgeClusterer is ignored",
        UserWarning,
        stacklevel=5,
    )


def _with_defaults(step: Any, defaults: dict[str, Any]) -> Any:
    """Clone a step and set its open parameters (None); a given value wins."""
    step = clone(step)
    if hasattr(step, "set_output"):  # arrays go from step to step, no named columns
        step.set_output(transform="default")
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
