"""Networks of all regions of a hand that learn to recognise each other's films."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from ._random_views import plain_views
from ._torch_state import seeded_torch


class RegionEmbedder(nn.Module):
    """Views (n, 1, side, side) of one region to unit vectors (n, n_components)."""

    def __init__(self, side: int, channels: Sequence[int], n_components: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        previous, kernel_size = 1, 5
        for width in channels:
            layers += [
                nn.Conv2d(
                    previous, width, kernel_size, 2, kernel_size // 2, bias=False
                ),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
            ]
            previous, kernel_size = width, 3
            side = (side + 1) // 2
        hidden = 2 * n_components
        self.layers = nn.Sequential(
            *layers,
            nn.Flatten(),
            nn.Linear(previous * side**2, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, n_components),
        )

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        views = views.contiguous(memory_format=torch.channels_last)
        return F.normalize(self.layers(views), dim=1)


class ContrastiveNetwork(nn.Module):
    """One embedder per region; ``side`` is the height and width of their views."""

    def __init__(
        self,
        *,
        n_regions: int,
        side: int,
        channels: Sequence[int],
        n_components: int,
        temperature: float,
        seed: int,
    ) -> None:
        super().__init__()
        self.side = side
        self.temperature = temperature
        with seeded_torch(seed):
            self.embedders = nn.ModuleList(
                RegionEmbedder(side, channels, n_components) for _ in range(n_regions)
            )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, views: torch.Tensor, regions: torch.Tensor) -> torch.Tensor:
        """Embed views (k, n, 1, side, side) of k regions of the same n films."""
        return torch.stack(
            [
                self.embedders[region](view)
                for region, view in zip(regions.tolist(), views, strict=True)
            ]
        )

    def loss(self, embeddings: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Mean over all ordered pairs of regions."""
        return contrastive_loss(embeddings, present, self.temperature)

    def encode(self, crops: torch.Tensor) -> torch.Tensor:
        """Embed crops (n, n_regions, height, width) in [0, 1], all regions joined."""
        return torch.cat(
            [
                embedder(plain_views(crops[:, [i]], self.side))
                for i, embedder in enumerate(self.embedders)
            ],
            dim=1,
        )


def contrastive_loss(
    embeddings: torch.Tensor, present: torch.Tensor, temperature: float
) -> torch.Tensor:
    """InfoNCE of unit vectors (n_regions, n_films, n), of those that are ``present``.

    For every ordered pair of regions and every film: cross-entropy of picking the
    film's own embedding in the second region, by its cosine with that in the first,
    among those of all films. ln(number of films) is chance; 0 without a pair.
    """
    n_regions, n_films, _ = embeddings.shape
    flat = embeddings.flatten(0, 1)
    cosines = (flat @ flat.T).view(n_regions, n_films, n_regions, n_films)
    # Large and finite: a film's own place may be absent, and inf - inf is nan.
    logits = (cosines / temperature).masked_fill(~present, -1e4)
    own = torch.log_softmax(logits, dim=3).diagonal(dim1=1, dim2=3)  # (from, to, film)
    pairs = present[:, None] & present[None]
    pairs &= ~torch.eye(n_regions, dtype=torch.bool, device=pairs.device)[..., None]
    return -(own * pairs).sum() / pairs.sum().clamp(min=1)
