"""Networks and layers in torch, for encoders of your own; see RegionAutoencoder."""

from ._autoencoder import ConvolutionalAutoencoder, VariationalAutoencoder
from ._convolution import SameConv2d, SameConvTranspose2d
from ._torch_state import seeded_torch

__all__ = [
    "ConvolutionalAutoencoder",
    "SameConv2d",
    "SameConvTranspose2d",
    "VariationalAutoencoder",
    "seeded_torch",
]
