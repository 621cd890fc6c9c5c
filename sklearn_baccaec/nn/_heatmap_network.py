"""A small U-Net that says where points lie in an image, or that they are not there.

One map per point, a quarter of the image's size, and one value more: the softmax over
all of them is the probability that the point lies in a cell, or nowhere in the image
(a finger cut off, a film without a hand).
"""

from itertools import pairwise
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ._torch_state import plain_torch, seeded_torch

STRIDE = 4  # image pixels per cell of a map
WIDTHS = (16, 32, 48, 64, 96)
TARGET_WIDTH = 1.1  # standard deviation of a target in cells
WINDOW = 5  # cells about the peak that its position and mass are taken from


def _block(width_in: int, width_out: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(width_in, width_out, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(width_out), nn.ReLU(inplace=True))


class HeatmapNetwork(nn.Module):
    """Images (N, 1, H, W) to logits (N, n_points, H/4 * W/4 + 1); the last is absence.

    ``shape`` (H, W) has sides that are multiples of 32.
    """

    def __init__(self, n_points: int, shape: tuple[int, int], seed: int) -> None:
        super().__init__()
        self.shape = shape
        with seeded_torch(seed):
            self._build(n_points)

    def _build(self, n_points: int) -> None:
        stem, *widths = WIDTHS
        self.stem = _block(1, stem, 2)
        self.down, self.lateral, self.merge = (nn.ModuleList() for _ in range(3))
        for last, width in pairwise(WIDTHS):
            blocks = [_block(last, width, 2), _block(width, width)]
            if width == widths[-1]:
                blocks.append(_block(width, width))
            self.down.append(nn.Sequential(*blocks))
        for coarse, fine in pairwise(widths[::-1]):
            self.lateral.append(nn.Conv2d(coarse, fine, 1))
            blocks = [_block(fine, fine) for _ in range(2 if fine == widths[0] else 1)]
            self.merge.append(nn.Sequential(*blocks))
        self.maps = nn.Conv2d(widths[0], n_points, 1)
        self.absence = nn.Linear(widths[-1], n_points)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        levels = []
        for down in self.down:
            x = down(x)
            levels.append(x)
        absent = self.absence(x.mean((2, 3)))
        for finer, lateral, merge in zip(
            levels[-2::-1], self.lateral, self.merge, strict=True
        ):
            up = F.interpolate(lateral(x), size=finer.shape[2:], mode="bilinear")
            x = merge(finer + up)
        return torch.cat([self.maps(x).flatten(2), absent[..., None]], dim=2)

    def loss(
        self, logits: torch.Tensor, target: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        """Cross entropy between the maps and Gaussians about the true points.

        ``target`` holds points (N, n_points, 2), x and y in image pixels, absent where
        they lie outside the image, and weights (N, n_points): how far each is believed.
        """
        points, weights = target
        height, width = (side // STRIDE for side in self.shape)
        cells = (points + 0.5) / STRIDE - 0.5
        x, y = cells[..., 0, None], cells[..., 1, None]
        inside = (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
        scale = -0.5 / TARGET_WIDTH**2
        across = torch.exp(scale * (torch.arange(width) - x).square())
        along = torch.exp(scale * (torch.arange(height) - y).square())
        maps = (along[..., :, None] * across[..., None, :]).flatten(2)
        maps = maps / maps.sum(2, keepdim=True).clamp(min=1e-9) * inside
        wanted = torch.cat([maps, 1.0 - inside.float()], dim=2)
        losses = -(F.log_softmax(logits, dim=2) * wanted).sum(2)
        return (losses * weights).sum() / weights.sum().clamp(min=1.0)


def prepare_for_inference(network: nn.Module) -> nn.Module:
    """Fold normalisations into convolutions: a third faster, but not to be trained."""
    for block in network.modules():
        if isinstance(block, nn.Sequential) and isinstance(block[0], nn.Conv2d):
            normalisation = cast(nn.BatchNorm2d, block[1])
            block[0] = fuse_conv_bn_eval(block[0], normalisation)
            block[1] = nn.Identity()
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


@plain_torch()
@torch.inference_mode()
def locate_points(
    network: nn.Module, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, n_points, 2), x, y in pixels, and the probability of the cells about.

    A point is the mean of the cells about its map's peak; images are (N, H, W).
    """
    logits = network(torch.from_numpy(images[:, None]))
    height, width = (side // STRIDE for side in images.shape[1:])
    maps = logits.softmax(2)[..., :-1].unflatten(2, (height, width))
    peak = maps.flatten(2).argmax(2)
    reach = WINDOW // 2
    about = torch.arange(-reach, reach + 1)
    y = (peak // width)[..., None] + about
    x = (peak % width)[..., None] + about
    padded = F.pad(maps, (reach,) * 4)
    n, k = (torch.arange(s) for s in peak.shape)
    window = padded[
        n[:, None, None, None],
        k[:, None, None],
        (y + reach)[..., :, None],
        (x + reach)[..., None, :],
    ]
    mass = window.sum((2, 3))
    sums = [(window.sum(2) * x).sum(2), (window.sum(3) * y).sum(2)]
    points = (torch.stack(sums, dim=2) / mass[..., None] + 0.5) * STRIDE - 0.5
    return points.double().numpy(), mass.double().numpy()
