"""An encoder, its curve and their months as a few small arrays, and back.

The distance of a film to the points of a curve differs between these only within the
curve's own span. So few directions of each region's latents are enough, in units of
noise: all others add the same to every place.
"""

import numpy as np

from .._utils.regions import KEY_REGIONS
from ..encoders import HOGComponents, RegionEncoder
from ..maturity import MaturityCurve
from ..maturity._curve_months import CurveMonths
from ..maturity._maturity_curve import FAR
from ..maturity._region_curves import RegionCurves

RANK = 6  # directions of each region
_SIDE = 64  # pixels of a crop
_WHITE = 255.0
_TOP = 127  # of the signed bytes that weights are rounded to
_HIGHEST = 0.3  # of the histograms' means, which are rounded to bytes

Arrays = dict[str, np.ndarray]


def compress(
    encoder: RegionEncoder,
    curve: MaturityCurve,
    months: CurveMonths,
    crops: np.ndarray,
) -> Arrays:
    """Arrays of an encoder of principal components without remainder, and its curve.

    ``crops`` of real films tell how far from the curve films usually are.
    """
    weights, scales, means, lines = [], [], [], []
    fitted = curve._lines
    for i, region in enumerate(curve.regions_):
        hog, white = encoder.encoders_[region], fitted.whitening[i]
        along = fitted.curves()[i] @ white
        _, _, directions = np.linalg.svd(
            along - along.mean(axis=0), full_matrices=False
        )
        reduce = white @ directions[:RANK].T
        full = hog.components_.T @ reduce  # (n_features, RANK)
        scale = np.abs(full).max(axis=0) / _TOP
        weights.append(np.rint(full / scale).astype(np.int8))
        scales.append(scale.astype(np.float32))
        means.append(np.rint(hog.mean_ / _HIGHEST * 255).astype(np.uint8))
        lines.append((fitted.coefficients[i] @ reduce).astype(np.float32))
    arrays = {
        "weights": np.array(weights),
        "scales": np.array(scales),
        "means": np.array(means),
        "lines": np.array(lines),
        "months": months.months.astype(np.float32),
        "votes": months.votes.astype(np.float32),
        "distance_limit": np.array(np.nan, np.float32),
    }
    small_encoder, small_curve, _ = restore(arrays)
    distances = small_curve.score_samples(small_encoder.transform(crops))
    limit = np.nanquantile(distances, 1 - FAR)
    arrays["distance_limit"] = np.array(limit, np.float32)
    return arrays


def restore(arrays: Arrays) -> tuple[RegionEncoder, MaturityCurve, CurveMonths]:
    """Fitted encoder, curve and months of arrays that `compress` made."""
    encoders = {}
    for region, weights, scale, mean in zip(
        KEY_REGIONS,
        *(arrays[name] for name in ("weights", "scales", "means")),
        strict=True,
    ):
        encoders[region] = hog = HOGComponents(RANK)
        hog.__dict__.update(
            components_=(weights * scale).astype(np.float32).T,
            mean_=mean * np.float32(_HIGHEST / 255),
            scale_=_WHITE,
            region_shape_=(_SIDE, _SIDE),
            n_components_=RANK,
            n_features_in_=_SIDE**2,
        )
    lines = arrays["lines"].astype(float)
    noise = np.tile(np.eye(RANK), (len(lines), 1, 1))
    curve = MaturityCurve(regions=KEY_REGIONS)
    limit = float(arrays["distance_limit"])
    curve._take_lines(KEY_REGIONS, RegionCurves(lines, noise), limit)
    months, votes = (arrays[name].astype(float) for name in ("months", "votes"))
    return _join(encoders), curve, CurveMonths(months, votes)


def keep_regions(encoder: RegionEncoder, regions: tuple[str, ...]) -> RegionEncoder:
    """Fitted encoder of some of the regions, in their order."""
    return _join({region: encoder.encoders_[region] for region in regions})


def _join(encoders: dict[str, HOGComponents]) -> RegionEncoder:
    regions = tuple(encoders)
    joined = RegionEncoder(HOGComponents(RANK), regions=regions)
    joined.__dict__.update(
        encoders_=encoders,
        regions_=regions,
        n_components_=RANK,
        n_features_in_=len(regions) * _SIDE**2,
    )
    return joined
