"""The networks of CCAEC and VAE: nine convolutions in, four transposed ones out.

The architecture is that of the CCAEC's authors (Hou et al., arXiv 2109.05526), which
BA-CCAEC takes over (Section 3); written as channels@kernel/stride:

    encoder  4@3/1 4@3/1 8@30/2 | 8@3/1 8@3/1 4@15/2 | 2@3/1 2@3/1 2@3/2
    decoder  4@3/2 | 8@15/2 | 4@30/2 | 1@3/1

A stage ends with its strided layer; the decoder has one transposed layer per stage.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ._convolution import SameConv2d, SameConvTranspose2d
from ._same_geometry import Size, strided_size

SMALL_KERNEL = 3
STRIDE = 2
LEAK = 0.1  # slope of the leaky activation below zero

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "leaky_relu": lambda: nn.LeakyReLU(LEAK),
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
}
ACTIVATIONS = tuple(_ACTIVATIONS)


class ConvolutionalAutoencoder(nn.Module):
    """Constrained auto-encoder of one region: images (N, 1, H, W) in [0, 1].

    ``loss`` is the mean squared error plus ``latent_penalty`` times the mean squared
    latent (Section 3). With ``activation="relu"`` the latent and the output are
    rectified too, as in the authors' configuration.
    ``region_shape`` is (H, W) in pixels, the layers are those of
    :class:`~sklearn_baccaec.CCAEC`, and ``seed`` that of the initial weights and of the
    latents that are drawn.
    """

    latent_heads = 1

    def __init__(
        self,
        region_shape: Size,
        channels: Sequence[Sequence[int]],
        kernel_sizes: Sequence[int],
        activation: str,
        latent_penalty: float,
        seed: int,
        convolution: str = "auto",
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.latent_penalty = latent_penalty
        self.generator = generator
        act = _ACTIVATIONS[activation]
        layer: Any = {"convolution": convolution, "generator": generator}

        sizes = [region_shape]
        encoder: list[nn.Module] = []
        width = 1
        for stage, kernel in zip(channels, kernel_sizes, strict=True):
            small, large = _cut(SMALL_KERNEL, sizes[-1]), _cut(kernel, sizes[-1])
            for out in stage[:-1]:
                encoder += [SameConv2d(width, out, small, **layer), act()]
                width = out
            heads = self.latent_heads if len(sizes) == len(channels) else 1
            out = stage[-1] * heads
            encoder += [SameConv2d(width, out, large, STRIDE, **layer), act()]
            width = stage[-1]
            sizes.append(strided_size(sizes[-1], STRIDE))
        self.latent_shape = (width, *sizes[-1])

        # A transposed layer gives back the channels that its stage took in.
        widths = [channels[0][0], *(stage[-1] for stage in channels[:-1])]
        decoder: list[nn.Module] = []
        for size, kernel, out in zip(
            sizes[-2::-1], kernel_sizes[::-1], widths[::-1], strict=True
        ):
            decoder += [
                SameConvTranspose2d(
                    width, out, _cut(kernel, size), STRIDE, size=size, **layer
                ),
                act(),
            ]
            width = out
        small = _cut(SMALL_KERNEL, region_shape)
        decoder += [
            SameConvTranspose2d(width, 1, small, size=region_shape, **layer),
            act(),
        ]
        if activation != "relu":  # rectified latents die easily
            encoder, decoder = encoder[:-1], decoder[:-1]
        self.encoder = nn.Sequential(*encoder)
        self.decoder = nn.Sequential(*decoder)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, H, W) -> (N, n_components)."""
        return self.encoder(x).flatten(1)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """(N, n_components) -> (N, 1, H, W)."""
        return self.decoder(z.unflatten(1, self.latent_shape))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Reconstruction and latent, as ``loss`` takes them."""
        z = self.encode(x)
        return self.decode(z), z

    def loss(self, outputs: tuple[torch.Tensor, ...], x: torch.Tensor) -> torch.Tensor:
        """Mean over elements, so per film and then over the batch."""
        reconstruction, z = outputs
        return F.mse_loss(reconstruction, x) + self.latent_penalty * z.square().mean()


def _cut(kernel: int, size: Size) -> Size:
    """Cut a kernel to an image's size, which it then still spans."""
    return min(kernel, size[0]), min(kernel, size[1])


class VariationalAutoencoder(ConvolutionalAutoencoder):
    """The same network with a Gaussian latent (Kingma & Welling, arXiv 1312.6114).

    ``loss`` is the mean squared error plus ``latent_penalty`` times the
    Kullback-Leibler divergence from the standard normal, per pixel: the evidence
    bound of a decoder with noise variance ``latent_penalty / 2``.
    """

    latent_heads = 2

    def _moments(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return mean.flatten(1), log_variance.flatten(1)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, H, W) -> means (N, n_components)."""
        return self._moments(x)[0]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Reconstruction of a sampled latent, means and logarithms of variances."""
        mean, log_variance = self._moments(x)
        noise = torch.randn(mean.shape, generator=self.generator).to(mean.device)
        return self.decode(mean + noise * (log_variance / 2).exp()), mean, log_variance

    def loss(self, outputs: tuple[torch.Tensor, ...], x: torch.Tensor) -> torch.Tensor:
        """Negative evidence bound per pixel, up to constants."""
        reconstruction, mean, log_variance = outputs
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum() / 2
        return F.mse_loss(reconstruction, x) + self.latent_penalty * (
            divergence / x.numel()
        )
