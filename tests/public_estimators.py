"""Every public estimator, found by looking rather than listed by hand."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from skorch import NeuralNet

import sklearn_baccaec
from sklearn_baccaec import (
    CCAEC,
    VAE,
    AgeRegressor,
    BoneAgeClusterer,
    HOGComponents,
    HybridClusterer,
    LandmarkTable,
    MaturityCurve,
    NamedClusterer,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
    RegionSubsetSearchCV,
)


def find_classes() -> set[type]:
    """Classes that are defined anywhere in the package, but for private ones."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(sklearn_baccaec.__path__, "sklearn_baccaec.")
        if not found.name.endswith("__main__")
    ]
    return {
        found
        for module in modules
        for name, found in inspect.getmembers(module, inspect.isclass)
        if found.__module__.startswith("sklearn_baccaec") and not name.startswith("_")
    }


def find_estimators() -> list[type]:
    """Public estimators by name: no networks, nothing that only serves as a base."""
    found = {
        kind
        for kind in find_classes()
        if issubclass(kind, BaseEstimator) and not issubclass(kind, NeuralNet)
    }
    bases = {base for kind in found for base in kind.__mro__[1:]}
    exported = {kind for kind in found if kind.__name__ in sklearn_baccaec.__all__}
    return sorted((found - bases) | exported, key=lambda kind: kind.__name__)


_LANDMARKS = pd.DataFrame({"id": ["a"], "region": ["carpus"], "x": [9], "y": [9]})

# Quick ones, for checks that train again and again, and those with other settings
# that take another path; every other estimator is checked as it is by default.
_EXAMPLES: dict[type, list[BaseEstimator]] = {
    CCAEC: [CCAEC(max_steps=2)],
    VAE: [VAE(max_steps=2)],
    HOGComponents: [HOGComponents(2), HOGComponents(2, remainder=True)],
    HybridClusterer: [HybridClusterer(n_init=1)],
    LandmarkTable: [LandmarkTable(_LANDMARKS)],
    MaturityCurve: [MaturityCurve(min_regions=2), MaturityCurve(4, min_regions=1)],
    NamedClusterer: [
        NamedClusterer(n_clusters=2),
        NamedClusterer(n_clusters=2, age_regressor=AgeRegressor()),
    ],
    RegionConsensus: [RegionConsensus(), RegionConsensus(2, regularization=0)],
    RegionEncoder: [
        RegionEncoder(CCAEC(max_steps=2)),
        RegionEncoder(PCA(1), regions=["carpus"]),
    ],
    RegionPreprocessor: [
        RegionPreprocessor(),
        RegionPreprocessor(equalize="clahe", threshold_block=None),
    ],
    RegionSelector: [RegionSelector(), RegionSelector("carpus", all_regions=[19])],
    RegionSubsetSearchCV: [RegionSubsetSearchCV(BoneAgeClusterer())],
}


def examples_of(kind: type) -> list[BaseEstimator]:
    """Instances of an estimator that are quick to fit."""
    return _EXAMPLES.get(kind) or [kind()]


ESTIMATORS = find_estimators()
EXAMPLES = [example for kind in ESTIMATORS for example in examples_of(kind)]
