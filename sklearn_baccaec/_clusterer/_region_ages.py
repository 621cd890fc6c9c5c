"""Why a film has the age that it has: what each region says by itself."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ._requests import check_axis, check_named


def check_region_ages(model: Any) -> None:
    """Refuse a model that cannot read ages of single regions."""
    check_axis(model)
    consensus = model.pipeline_["consensus"]
    if not hasattr(consensus, "region_maturity"):
        raise ValueError(
            f"{type(consensus).__name__} places no region by itself: use "
            "load_pretrained(), method='agreement', or consensus=MaturityCurve()"
        )
    check_named(model)


def tell_region_ages(model: Any, examined: Bunch, sex: Any) -> np.ndarray:
    """Months (n_samples, n_regions) of what `BoneAgeClusterer.examine` tells of films.

    NaN where a region is absent, or the film was set aside.
    """
    latents = model.pipeline_["selector"].transform(examined.region_latents)
    maturity = model.pipeline_["consensus"].region_maturity(latents)
    n_regions = maturity.shape[1]
    each = None if sex is None else np.repeat(np.asarray(sex, dtype=object), n_regions)
    ages = model.named_clusterer_.predict_age(maturity.reshape(-1, 1), sex=each)
    return ages.reshape(-1, n_regions)
