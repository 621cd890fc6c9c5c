"""Training of the networks of all regions on random views of the same films."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import IterableDataset

from ._contrastive_network import ContrastiveNetwork
from ._random_views import random_views
from ._training import (
    Prefetched,
    Weights,
    shuffled_batches,
    train_network,
    warm_up_and_cosine,
)

WEIGHT_DECAY = 1e-3
WARM_UP = 0.1  # share of the steps
# Strength of pose at the first step: more may keep networks from what regions share.
FIRST_POSE = 0.25


class RegionViews(IterableDataset):
    """Batches of views: some regions, chosen at random, of the same films.

    Yields ({"views": (k, n, 1, side, side), "regions": (k,)}, present (k, n)).
    """

    def __init__(
        self,
        crops: np.ndarray,
        *,
        scale: float,
        batch_size: int,
        regions_per_step: int,
        max_steps: int,
        side: int,
        pose: float,
        exposure: float,
        curriculum: float,
        seed: int,
    ) -> None:
        # Those of a DataFrame cannot be written to, which torch dislikes.
        self.crops = torch.from_numpy(np.require(crops, requirements="W"))
        self.present = torch.from_numpy(crops.any(axis=(2, 3)).T)
        self.scale = scale
        self.batch_size = min(batch_size, len(crops))
        self.regions_per_step = min(regions_per_step, crops.shape[1])
        self.rising_steps = curriculum * max_steps
        self.side = side
        self.pose, self.exposure = pose, exposure
        self.seed = seed

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        generator = torch.Generator().manual_seed(self.seed)
        films = shuffled_batches(len(self.crops), self.batch_size, generator)
        for step, batch in enumerate(films):
            risen = min(1.0, step / self.rising_steps) if self.rising_steps else 1.0
            regions = torch.randperm(self.crops.shape[1], generator=generator)
            regions = regions[: self.regions_per_step]
            views = [
                random_views(
                    self.crops[batch, region, None].float() / self.scale,
                    self.side,
                    pose=self.pose * (FIRST_POSE + (1 - FIRST_POSE) * risen),
                    exposure=self.exposure,
                    generator=generator,
                )
                for region in regions.tolist()
            ]
            present = self.present[regions][:, batch]
            yield {"views": torch.stack(views), "regions": regions}, present


def train_contrast(
    crops: np.ndarray,
    *,
    network_params: dict[str, Any],
    view_params: dict[str, Any],
    max_steps: int,
    lr: float,
    device: str,
    seed: int,
    progress: str | None,
) -> tuple[Weights, np.ndarray]:
    """Train the embedders of all regions together; weights and loss per step."""
    views = RegionViews(
        crops,
        side=network_params["side"],
        max_steps=max_steps,
        seed=seed,
        **view_params,
    )
    return train_network(
        ContrastiveNetwork,
        Prefetched(views),
        network_params=network_params,
        max_steps=max_steps,
        lr=lr,
        device=device,
        seed=seed,
        progress=progress,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=WEIGHT_DECAY,
        callbacks=[warm_up_and_cosine(max_steps, warm_up=WARM_UP * max_steps)],
    )
