"""Landmark networks that travel as weights, and are made where a film needs them."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ._weights import (
    SHIPPED_WEIGHTS,
    Weights,
    WeightsError,
    digest_weights,
    load_weights,
)

if TYPE_CHECKING:
    from ._networks import LandmarkNetworks

_lock = threading.Lock()


class SharedNetworks:
    """Networks that each process makes once; pickles hold no ``shipped`` weights."""

    def __init__(self, weights: Weights, *, shipped: bool = False) -> None:
        self.weights: Weights | None = weights
        self.shipped = shipped
        self.digest = digest_weights(weights)

    def get(self) -> LandmarkNetworks:
        """Networks for this process and all its threads, or `WeightsError`."""
        with _lock:  # or threads that start together would make one each
            return _make_networks(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "weights": None} if self.shipped else vars(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedNetworks) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=2)
def _make_networks(shared: SharedNetworks) -> LandmarkNetworks:
    from ._networks import LandmarkNetworks

    weights = shared.weights
    if weights is None:
        weights = load_weights(SHIPPED_WEIGHTS)
        if digest_weights(weights) != shared.digest:
            raise WeightsError(
                "the weights that come with the package differ between machines: "
                "install the same version of sklearn-baccaec on all of them"
            )
    return LandmarkNetworks(weights)
