"""Latents of all films and all 19 regions, encoded once for every training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sklearn_baccaec import (
    CCAEC,
    VAE,
    KeyRegionExtractor,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
)
from sklearn_baccaec.regions import KEY_REGIONS


class Embeddings:
    """Latents by encoder, training films and seed; what is cached is not made again.

    Parameters
    ----------
    films : sequence of path
        All films.
    steps : int
        Training steps of the auto-encoders, for each region.
    cache : path
        Where crops, trained encoders and latents are kept.
    n_jobs : int
        Films cropped and regions trained at once.
    """

    def __init__(self, films: np.ndarray, steps: int, cache: Path, n_jobs: int) -> None:
        self.steps, self.cache, self.n_jobs = steps, cache, n_jobs
        extractor = KeyRegionExtractor(
            on_error="skip", memory=cache, n_jobs=n_jobs, verbose=1
        )
        crops = extractor.fit_transform(films)
        self.usable = extractor.valid_.all(axis=1)
        self.binarised = RegionPreprocessor(regions=KEY_REGIONS).fit_transform(crops)

    def encode(
        self,
        encoder: str,
        train: np.ndarray,
        seed: int,
        regions: Sequence[str] = KEY_REGIONS,
    ) -> np.ndarray:
        """Latents of all films by an encoder trained on some, a block per region."""
        selector = RegionSelector(regions, all_regions=KEY_REGIONS)
        pixels = selector.fit_transform(self.binarised)
        network = {"CCAEC": CCAEC, "VAE": VAE}[encoder](max_steps=self.steps)
        model = RegionEncoder(
            network,
            regions=regions,
            memory=self.cache,
            n_jobs=self.n_jobs,
            random_state=seed,
            verbose=1,
        )
        train = train[self.usable[train]]
        print(f"{encoder}, {len(train)} films, seed {seed}", flush=True)
        return model.fit(pixels[train]).transform(pixels)
