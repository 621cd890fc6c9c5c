"""The model that is there: months for any film, without a label and a fit."""

from typing import Any

import numpy as np
from scipy.stats import norm

from .._utils.sklearn_compat import check_params
from ..maturity import MaturityCurve
from ..regions import KEY_REGIONS
from ._bone_age_clusterer import BoneAgeClusterer
from ._steps import make_pipeline

_PLACES = 512  # on the axis, spread as films are, that are clustered


def load_pretrained(**params: Any) -> BoneAgeClusterer:
    """Load a fitted model that tells the bone age of any film in months.

    It has learned from 719 films without a label how hands mature, and from drawn hands
    what months that takes: no age and no sex of a film entered it.

    Parameters
    ----------
    **params
        Parameters of :class:`BoneAgeClusterer`, such as ``on_error`` or ``memory``.

    Returns
    -------
    model : BoneAgeClusterer
        Fitted, of ``method="pretrained"``. What it tells of films in `fit` is empty.

    Raises
    ------
    ValueError
        If the file of its arrays was changed.

    Warnings
    --------
    For research only. Below four years the order is reliable, the months are not;
    from 168 (girls) or 192 months (boys) they mean "at least".

    Examples
    --------
    >>> from sklearn_baccaec import load_pretrained
    >>> model = load_pretrained()
    >>> model.named_clusterer_.age_source_
    'drawn hands, without a label'
    """
    # Clusters of places that are the same for all have numbers that are, too.
    if "method" in params:
        raise TypeError("load_pretrained() has no parameter 'method': it is one")
    model = BoneAgeClusterer(method="pretrained", **{"random_state": 0, **params})
    check_params(model)
    if (model.n_clusters or 1) > _PLACES:
        raise ValueError(f"n_clusters={model.n_clusters} is more than {_PLACES}")
    pipeline = make_pipeline(model)
    extractor, selector, clusterer = (
        pipeline[name] for name in ("extractor", "selector", "clusterer")
    )
    regions = tuple(extractor.regions or KEY_REGIONS)
    empty = {
        "valid_": np.zeros((0, len(regions)), bool),
        "confidence_": np.zeros((0, len(regions))),
        "reasons_": np.empty(0, dtype=object),
        "handedness_": np.empty(0, dtype="<U1"),
    }
    extractor.__dict__.update(regions_=regions, **empty)
    selector.fit(np.zeros((1, pipeline["consensus"].n_features_in_)))
    places = norm.ppf((np.arange(_PLACES) + 0.5) / _PLACES, *MaturityCurve.axis_scale)
    clusterer.fit(places[:, None]).forget_films()
    model.__dict__.update(
        pipeline_=pipeline,
        labels_=clusterer.labels_,
        n_clusters_=clusterer.n_clusters_,
        film_names_=np.empty(0, dtype=object),
        _maturity=np.empty(0),
        _reliability=np.empty((0, 3)),
        _seen_keys=np.empty(0, dtype="S32"),
        **empty,
    )
    return model
