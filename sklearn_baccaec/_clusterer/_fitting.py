"""How a model is fitted to films: each looked at once, and nothing set in between."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._utils.validation import check_ages, check_known_ages, check_sexes
from .._utils.warning import warn_user
from ..cluster._n_clusters import make_clusterer
from ..encoders._region_selector import regions_needed
from ..films._checks import film_name
from ..maturity._curve_months import CurveMonths
from ..metrics import age_interval_edges
from ._borrowed_months import read_months
from ._film_keys import film_keys, warn_of_copies
from ._maturity import has_axis, is_rising, place_unseen, warn_of_contradiction
from ._reliability import measure_reliability
from ._steps import make_pipeline
from ._tables import film_names

FEW_FILMS = 150  # for a curve whose months are as good as the pretrained ones


def fit_to_films(
    model: Any, films: Sequence[Any], y: Any, sex: Any
) -> tuple[dict[str, Any], np.ndarray]:
    """Fitted attributes of a model, which stays as it is, and the films' latents."""
    age_interval_edges(model.interval, model.age_range)
    ages = np.full(len(films), np.nan)
    if y is not None:
        ages = check_known_ages(y, len(films), model.age_range)
    check_sexes(sex, len(films))
    pipeline = make_pipeline(model)
    extractor, encoder = pipeline[0], pipeline[1:3]
    _, n_clusters = make_clusterer(model.clusterer, model.n_clusters, None)
    _check_film_count(len(films), "films", n_clusters)

    crops = extractor.fit_transform(films)
    selector = pipeline["selector"]
    needed = regions_needed(selector.min_regions, len(extractor.regions_))
    usable = extractor.valid_.sum(axis=1) >= needed
    reasons = zip(films, np.where(usable, None, extractor.reasons_), strict=True)
    n_usable = int(usable.sum())
    _check_film_count(n_usable, "usable films", n_clusters, reasons)

    keys = film_keys(films, crops)
    warn_of_copies(films, keys)
    region_latents = encoder.fit_transform(crops)
    reduce = pipeline[3:-1]
    latents = np.asarray(reduce.fit_transform(region_latents))
    # A frozen axis was put upright before, and has its months.
    if has_axis(pipeline) and not isinstance(pipeline["consensus"], FrozenEstimator):
        months = read_months(model, pipeline, crops)
        if not is_rising(latents[:, 0], ages, months, pipeline[:-1]):
            pipeline["consensus"].flip()
            latents = np.asarray(reduce.transform(region_latents))
        if months is not None:
            if y is None and n_usable < FEW_FILMS:
                warn_user(
                    f"a curve of {n_usable} films is uncertain, and so are its months: "
                    f"of fewer than {FEW_FILMS}, load_pretrained() tells them better"
                )
            unseen = place_unseen(pipeline, latents, np.arange(len(films)))
            borrowed = CurveMonths.of_films(unseen[:, 0], months)
            pipeline[-1].set_params(age_regressor__prior=borrowed)
    pipeline[-1].fit(latents, sex=sex)
    if y is not None:
        name_by_ages(pipeline, latents, np.arange(len(films)), y, sex)
    fitted = {
        "pipeline_": pipeline,
        "labels_": pipeline[-1].labels_,
        "n_clusters_": pipeline[-1].n_clusters_,
        "valid_": extractor.valid_,
        "confidence_": extractor.confidence_,
        "reasons_": extractor.reasons_,
        "handedness_": extractor.handedness_,
        "film_names_": film_names(films),
        "_maturity": latents[:, 0] if has_axis(pipeline) else None,
        "_reliability": measure_reliability(pipeline, region_latents),
        "_seen_keys": keys,
    }
    return fitted, latents


def name_by_ages(
    pipeline: Pipeline, latents: np.ndarray, positions: np.ndarray, y: Any, sex: Any
) -> None:
    """Name the clusters of fitted steps by films, at ``positions`` in `fit` or -1."""
    named = pipeline[-1].name_clusters(latents, y, sex=sex)
    if has_axis(pipeline):
        unseen = place_unseen(pipeline, latents, positions)
        named.learn_ages(unseen, y, sex=sex)
        warn_of_contradiction(unseen[:, 0], check_ages(y), named.age_range)


def _check_film_count(
    n_films: int, what: str, n_clusters: int | None, reasons: Iterable[Any] = ()
) -> None:
    if n_films >= (n_clusters or 1):
        return
    message = f"{n_films} {what} are fewer than n_clusters={n_clusters or 1}"
    refused = [
        f"{film_name(film, i)}: {reason}"
        for i, (film, reason) in enumerate(reasons)
        if reason
    ]
    if refused:
        message += f"; {len(refused)} were set aside, first {refused[0]}"
    raise ValueError(message)
