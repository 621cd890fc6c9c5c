"""Networks and their training; torch and skorch live here and in the encoders."""

from ._autoencoder import ACTIVATIONS, ConvolutionalAutoencoder, VariationalAutoencoder
from ._contrastive_network import ContrastiveNetwork, contrastive_loss
from ._contrastive_training import train_contrast
from ._convolution import CONVOLUTIONS, SameConv2d, SameConvTranspose2d
from ._heatmap_network import HeatmapNetwork, locate_points, prepare_for_inference
from ._heatmap_training import train_heatmaps
from ._training import ShuffledImages, apply_in_batches, restore_network, train_network

__all__ = [
    "ACTIVATIONS",
    "CONVOLUTIONS",
    "ContrastiveNetwork",
    "ConvolutionalAutoencoder",
    "HeatmapNetwork",
    "SameConv2d",
    "SameConvTranspose2d",
    "ShuffledImages",
    "VariationalAutoencoder",
    "apply_in_batches",
    "contrastive_loss",
    "locate_points",
    "prepare_for_inference",
    "restore_network",
    "train_contrast",
    "train_heatmaps",
    "train_network",
]
