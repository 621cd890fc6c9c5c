"""From films without a label to the arrays that read months from any film."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from .._pretrained._arrays import Arrays, compress
from .._utils.validation import SEXES
from ..datasets import to_girls_months
from ..encoders import HOGComponents, RegionEncoder
from ..maturity import MaturityCurve
from ..maturity._curve_months import CurveMonths
from ..regions import KEY_REGIONS, KeyRegionExtractor
from ._region_films import draw_region_films

CROP_SCALE = 0.5  # of the extractor's crops: the joint itself
N_COMPONENTS = 128  # of each region
N_HANDS = 400  # drawn, in three styles each; 100 are nearly as good
YOUNGEST, OLDEST = 3, 228  # months of drawn hands


def learn_arrays(
    films: Sequence[Any],
    *,
    n_hands: int = N_HANDS,
    seed: int = 0,
    memory: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Arrays:
    """Learn a maturity curve from films, and its months from drawn hands.

    No age and no sex of a film is asked for, and nothing random is without the seed.

    Parameters
    ----------
    films : sequence of paths or 2-D arrays
        A few hundred at least, from toddlers to adolescents.
    n_hands : int, default=400
        Hands to draw, of ages that are uniform over 3 to 228 months.
    seed : int, default=0
    memory, n_jobs, verbose
        As for :class:`~sklearn_baccaec.KeyRegionExtractor`.

    Returns
    -------
    arrays : dict of str to ndarray
        See :func:`~sklearn_baccaec._pretrained._arrays.restore`.
    """
    how: dict[str, Any] = {"memory": memory, "n_jobs": n_jobs, "verbose": verbose}
    return compress(*learn_parts(films, n_hands, seed, **how))


def learn_parts(
    films: Sequence[Any], n_hands: int, seed: int, **how: Any
) -> tuple[RegionEncoder, MaturityCurve, CurveMonths, np.ndarray]:
    """Learn encoder, curve and months, and return them with the films' crops."""
    extractor = KeyRegionExtractor(crop_scale=CROP_SCALE, on_error="skip", **how)
    crops = extractor.fit_transform(films)
    encoder = RegionEncoder(
        HOGComponents(N_COMPONENTS), regions=KEY_REGIONS, random_state=seed, **how
    )
    curve = MaturityCurve(regions=KEY_REGIONS, random_state=seed)
    curve.fit(encoder.fit_transform(crops))

    rng = np.random.default_rng(seed)
    ages = rng.uniform(YOUNGEST, OLDEST, n_hands)
    sexes = rng.choice(SEXES, n_hands).tolist()
    drawing: dict[str, Any] = {"crop_scale": CROP_SCALE, "seed": seed}
    drawing |= {name: how[name] for name in ("n_jobs", "verbose") if name in how}
    drawn = draw_region_films(ages, sexes, **drawing)
    hands = encoder.transform(drawn.reshape(-1, crops.shape[1]))
    months = np.tile(to_girls_months(ages, sex=sexes), len(drawn))
    if spearmanr(curve.transform(hands)[:, 0], months)[0] < 0:
        curve.flip()
    return encoder, curve, CurveMonths.learn(hands, months, curve), crops
