"""Encoders: what turns the pixels of each region into a few numbers."""

from ._autoencoder import RegionAutoencoder
from ._ccaec import CCAEC
from ._contrastive_region_encoder import ContrastiveRegionEncoder
from ._region_encoder import RegionEncoder
from ._region_selector import RegionSelector
from ._vae import VAE

__all__ = [
    "CCAEC",
    "VAE",
    "ContrastiveRegionEncoder",
    "RegionAutoencoder",
    "RegionEncoder",
    "RegionSelector",
]
