"""The two networks that see landmarks, made from their weights."""

import numpy as np

from ..._utils.regions import KEY_REGIONS
from ...nn._heatmap_network import HeatmapNetwork, locate_points, prepare_for_inference
from ...nn._training import restore_network
from ._film_views import (
    FINDER_SHAPE,
    REFINER_SHAPE,
    invert_view,
    render_view,
    standardise,
    transform_points,
)
from ._weights import SHIPPED_WEIGHTS, Weights, WeightsError

SHAPES = {"finder": FINDER_SHAPE, "refiner": REFINER_SHAPE}
CALIBRATION = "calibration"

Look = tuple[np.ndarray, np.ndarray]  # points and their mass, in each view


class LandmarkNetworks:
    """Finder and refiner, ready to locate hands, and the calibration of confidence."""

    def __init__(self, weights: Weights) -> None:
        try:
            self.calibration = weights[CALIBRATION].astype(np.float64)
            self._networks = {
                name: prepare_for_inference(
                    restore_network(
                        HeatmapNetwork,
                        network_weights(weights, name),
                        network_params={"n_points": len(KEY_REGIONS), "shape": shape},
                        device="cpu",
                    )
                )
                for name, shape in SHAPES.items()
            }
        except (KeyError, RuntimeError) as error:  # missing, or of other shapes
            raise WeightsError(
                "the weights are not those of this version's networks: train them "
                f"again, or use HandLandmarker(weights={SHIPPED_WEIGHTS!r}) ({error})"
            ) from error

    def look(self, name: str, film: np.ndarray, views: list[np.ndarray]) -> Look:
        """Landmarks (n_views, 19, 2) in the film's pixels and their mass."""
        images = [standardise(render_view(film, v, SHAPES[name])) for v in views]
        points, mass = locate_points(self._networks[name], np.stack(images))
        pairs = zip(views, points, strict=True)
        back = [transform_points(invert_view(view), found) for view, found in pairs]
        return np.stack(back), mass


def network_weights(weights: Weights, name: str) -> Weights:
    """One network's weights in single precision."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): value.astype(np.float32)
        if value.dtype.kind == "f"
        else value
        for key, value in weights.items()
        if key.startswith(prefix)
    }
