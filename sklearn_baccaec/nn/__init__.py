"""Networks and their training; torch and skorch live here and in the encoders."""

from ._autoencoder import (
    ACTIVATIONS,
    ConvolutionalAutoencoder,
    VariationalAutoencoder,
)
from ._convolution import SameConv2d, SameConvTranspose2d
from ._training import apply_in_batches, restore_network, train_network

__all__ = [
    "ACTIVATIONS",
    "ConvolutionalAutoencoder",
    "SameConv2d",
    "SameConvTranspose2d",
    "VariationalAutoencoder",
    "apply_in_batches",
    "restore_network",
    "train_network",
]
