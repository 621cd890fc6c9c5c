"""Networks and their training; torch and skorch live here and in the encoders."""

from ._autoencoder import (
    ACTIVATIONS,
    ConvolutionalAutoencoder,
    VariationalAutoencoder,
)
from ._convolution import SameConv2d, SameConvTranspose2d
from ._heatmap_network import HeatmapNetwork, locate_points, prepare_for_inference
from ._heatmap_training import train_heatmaps
from ._training import (
    ShuffledImages,
    apply_in_batches,
    restore_network,
    train_network,
)

__all__ = [
    "ACTIVATIONS",
    "ConvolutionalAutoencoder",
    "HeatmapNetwork",
    "SameConv2d",
    "SameConvTranspose2d",
    "ShuffledImages",
    "VariationalAutoencoder",
    "apply_in_batches",
    "locate_points",
    "prepare_for_inference",
    "restore_network",
    "train_heatmaps",
    "train_network",
]
