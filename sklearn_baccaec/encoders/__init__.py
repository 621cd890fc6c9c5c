"""Encoders: what turns the pixels of each region into a few numbers."""

from ._autoencoder import RegionAutoencoder
from ._ccaec import CCAEC
from ._hog_components import HOGComponents
from ._region_encoder import RegionEncoder
from ._region_selector import RegionSelector
from ._vae import VAE

__all__ = [
    "CCAEC",
    "VAE",
    "HOGComponents",
    "RegionAutoencoder",
    "RegionEncoder",
    "RegionSelector",
]
