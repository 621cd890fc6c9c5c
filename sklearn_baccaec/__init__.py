"""Bone age from hand radiographs without labels, the scikit-learn way.

Public names load on first use, so ``import sklearn_baccaec`` stays light: torch,
skorch and OpenCV come with the estimators that need them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._utils.version import __version__

if TYPE_CHECKING:
    from ._clusterer import BoneAgeClusterer, load_pretrained
    from ._model_file import load_model, save_model
    from ._show_versions import show_versions
    from .cluster import AgeRegressor, HybridClusterer, NamedClusterer
    from .encoders import (
        CCAEC,
        VAE,
        HOGComponents,
        RegionEncoder,
        RegionSelector,
    )
    from .maturity import MaturityCurve, RegionConsensus
    from .metrics import majority_label_scorer
    from .model_selection import RegionSubsetSearchCV
    from .preprocessing import RegionPreprocessor
    from .regions import HandLandmarker, KeyRegionExtractor, LandmarkTable

_MODULE_OF_NAME = {
    "AgeRegressor": ".cluster",
    "BoneAgeClusterer": "._clusterer",
    "CCAEC": ".encoders",
    "HOGComponents": ".encoders",
    "HandLandmarker": ".regions",
    "HybridClusterer": ".cluster",
    "KeyRegionExtractor": ".regions",
    "LandmarkTable": ".regions",
    "MaturityCurve": ".maturity",
    "RegionConsensus": ".maturity",
    "RegionEncoder": ".encoders",
    "RegionPreprocessor": ".preprocessing",
    "RegionSelector": ".encoders",
    "RegionSubsetSearchCV": ".model_selection",
    "VAE": ".encoders",
    "NamedClusterer": ".cluster",
    "load_model": "._model_file",
    "load_pretrained": "._clusterer",
    "majority_label_scorer": ".metrics",
    "save_model": "._model_file",
    "show_versions": "._show_versions",
}
_SUBPACKAGES = (
    "cluster",
    "datasets",
    "encoders",
    "films",
    "maturity",
    "metrics",
    "model_selection",
    "nn",
    "plotting",
    "preprocessing",
    "regions",
    "report",
)

__all__ = [
    "CCAEC",
    "VAE",
    "AgeRegressor",
    "BoneAgeClusterer",
    "HOGComponents",
    "HandLandmarker",
    "HybridClusterer",
    "KeyRegionExtractor",
    "LandmarkTable",
    "MaturityCurve",
    "NamedClusterer",
    "RegionConsensus",
    "RegionEncoder",
    "RegionPreprocessor",
    "RegionSelector",
    "RegionSubsetSearchCV",
    "__version__",
    "load_model",
    "load_pretrained",
    "majority_label_scorer",
    "save_model",
    "show_versions",
]


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _MODULE_OF_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULE_OF_NAME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBPACKAGES})
