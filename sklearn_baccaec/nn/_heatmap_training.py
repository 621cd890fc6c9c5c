"""Training of heatmap networks on images that are drawn as they are needed."""

from collections.abc import Callable

import numpy as np
import torch

from ._heatmap_network import HeatmapNetwork
from ._training import DrawnBatches, Weights, train_network, warm_up_and_cosine

BATCH_SIZE = 16
WEIGHT_DECAY = 1e-3
WARM_UP = 50  # steps
LAST_LR = 0.02  # share of the highest learning rate


def train_heatmaps(
    draw: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray]],
    *,
    n_points: int,
    shape: tuple[int, int],
    max_steps: int,
    lr: float,
    seed: int,
    progress: str | None,
    initial: Weights | None = None,
) -> Weights:
    """Train on what ``draw`` returns: image (H, W), points (n, 2) and weights (n,)."""
    weights, _ = train_network(
        HeatmapNetwork,
        DrawnBatches(draw, BATCH_SIZE, seed),
        network_params={"n_points": n_points, "shape": shape},
        max_steps=max_steps,
        lr=lr,
        device="cpu",
        seed=seed,
        progress=progress,
        initial=initial,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=WEIGHT_DECAY,
        callbacks=[warm_up_and_cosine(max_steps, warm_up=WARM_UP, last=LAST_LR)],
    )
    return weights
