"""The steps of a method, with its own choices where none are given."""

from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._pretrained import keep_regions, load_parts
from .._utils.blocks import check_size
from .._utils.regions import KEY_REGIONS, PAPER_REGIONS, check_regions
from ..cluster import AgeRegressor, NamedClusterer
from ..encoders import HOGComponents, RegionEncoder, RegionSelector
from ..encoders._region_selector import regions_needed
from ..maturity import MaturityCurve
from ..maturity._curve_months import CurveMonths
from ..preprocessing import RegionPreprocessor
from ..regions import HandLandmarker, KeyRegionExtractor


class Method(NamedTuple):
    """What a method consists of where the user leaves it open."""

    regions: tuple[str, ...]
    crop_scale: float
    preprocessor: RegionPreprocessor | Literal["passthrough"]
    encoder: RegionEncoder | FrozenEstimator
    consensus: MaturityCurve | FrozenEstimator | Literal["passthrough"]
    months: CurveMonths | None = None


METHODS = {
    "ccaec": Method(
        PAPER_REGIONS, 1.0, RegionPreprocessor(), RegionEncoder(), "passthrough"
    ),
    "agreement": Method(
        KEY_REGIONS,
        0.5,  # the joint itself
        "passthrough",  # its encoder standardises contrast
        RegionEncoder(HOGComponents(remainder=True)),
        MaturityCurve(),
    ),
}
METHOD_NAMES = (*METHODS, "pretrained")
MIN_REGIONS_SHARE = 0.5  # of a film's, where a consensus does not say how many it needs

_GIVEN = ("landmarker", "preprocessor", "encoder", "consensus", "clusterer")


def make_pipeline(model: Any) -> Pipeline:
    """Unfitted steps of a model with the parameters of `BoneAgeClusterer`.

    What it leaves open is the method's own; a step that is given keeps what it was
    given and takes over the rest.
    """
    for name in _GIVEN:
        step = getattr(model, name)
        if isinstance(step, type):
            raise TypeError(
                f"{name} is the class {step.__name__}; pass an instance: "
                f"{step.__name__}(...)"
            )
    method = _find_method(model)
    regions = method.regions
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
    encoder = _given_or(model.encoder, method.encoder)
    if not getattr(encoder, "encodes_all_regions", False):
        encoder = RegionEncoder(encoder)
    if not encoder.get_params(deep=False).get("verbose", True):
        encoder = clone(encoder).set_params(verbose=model.verbose)
    preprocessor = _given_or(model.preprocessor, method.preprocessor)
    consensus = _given_or(model.consensus, method.consensus)
    fewest = None
    if getattr(consensus, "allows_missing_regions", False):
        half = regions_needed(MIN_REGIONS_SHARE, len(regions))
        fewest = getattr(consensus, "min_regions", half)
    age_regressor = None
    if getattr(consensus, "is_maturity_axis", False):
        age_regressor = AgeRegressor(*consensus.axis_scale, prior=method.months)
    running = _running_params(model)
    steps = {
        "extractor": KeyRegionExtractor(
            regions,
            landmarker=_given_or(model.landmarker, HandLandmarker(**running)),
            crop_shape=(height, width),
            crop_scale=_given_or(model.crop_scale, method.crop_scale),
            min_confidence=model.min_confidence,
            on_error=model.on_error,
            **running,
        ).set_output(transform="default"),
        "preprocessor": _complete(preprocessor, shared),
        "encoder": _complete(encoder, shared),
        "selector": RegionSelector(
            min_regions=fewest,
            all_regions=regions,
        ).set_output(transform="default"),
        "consensus": _complete(consensus, shared),
        "clusterer": NamedClusterer(
            model.clusterer,
            n_clusters=model.n_clusters,
            interval=model.interval,
            age_range=model.age_range,
            age_regressor=age_regressor,
            random_state=seed,
        ),
    }
    return Pipeline(list(steps.items()))


def _find_method(model: Any) -> Method:
    """Find what a method consists of; nothing of the pretrained one is exchanged."""
    if model.method != "pretrained":
        method = METHODS[model.method]
        if model.regions is None:
            return method
        return method._replace(regions=check_regions(model.regions))
    given = [
        name
        for name in ("encoder", "consensus", "preprocessor", "crop_scale")
        if getattr(model, name) is not None
    ]
    if tuple(model.crop_shape) != (64, 64):
        given.append("crop_shape")
    if given:
        raise ValueError(
            f"method='pretrained' has learned from crops of its own and has its own "
            f"steps: leave {', '.join(given)} out"
        )
    encoder, curve, months = load_parts()
    regions = KEY_REGIONS  # in this order, whatever that of the user is
    if model.regions is not None:
        regions = tuple(sorted(check_regions(model.regions), key=KEY_REGIONS.index))
        encoder, curve = keep_regions(encoder, regions), curve.restrict(regions)
    return Method(
        regions,
        0.5,
        "passthrough",
        FrozenEstimator(encoder),
        FrozenEstimator(curve),
        months,
    )


def running_extractor(fitted: KeyRegionExtractor, model: Any) -> KeyRegionExtractor:
    """Copy a fitted extractor, to run as the model's parameters say today.

    What decides the crops stays as it was in `fit`.
    """
    running = _running_params(model)
    landmarker = fitted.landmarker
    if model.landmarker is None and isinstance(landmarker, HandLandmarker):
        landmarker = shallow_copy(landmarker).set_params(**running)
    return shallow_copy(fitted).set_params(
        landmarker=landmarker, on_error=model.on_error, **running
    )


def shallow_copy(estimator: Any) -> Any:
    """Copy of an estimator that shares what it has learned."""
    kind: Any = type(estimator)
    copy = kind.__new__(kind)
    copy.__dict__.update(vars(estimator))
    return copy


def _running_params(model: Any) -> dict[str, Any]:
    return {name: getattr(model, name) for name in ("memory", "n_jobs", "verbose")}


def _given_or(step: Any, default: Any) -> Any:
    return default if step is None else step


def _complete(step: Any, defaults: dict[str, Any]) -> Any:
    """Clone a step and set its open parameters (None); a given value wins."""
    if step == "passthrough":
        return step
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
    left_open = [name for name in defaults if params.get(name, 0) is None]
    if left_open:  # a FrozenEstimator leaves none open, and sets none
        step.set_params(**{name: defaults[name] for name in left_open})
    return step
