"""What CCAEC and VAE share: layers that are set by stages."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from .._utils.sklearn_compat import Interval, StrOptions
from ..nn._autoencoder import ACTIVATIONS, ConvolutionalAutoencoder
from ..nn._convolution import CONVOLUTIONS
from ._autoencoder import RegionAutoencoder

PAPER_CHANNELS = ((4, 4, 8), (8, 8, 4), (2, 2, 2))
PAPER_KERNEL_SIZES = (30, 15, 3)


class ConvolutionalRegionAutoencoder(RegionAutoencoder):
    """Base of those whose network is a ConvolutionalAutoencoder."""

    _network: ClassVar[type[ConvolutionalAutoencoder]]

    _parameter_constraints: ClassVar[dict] = {
        **RegionAutoencoder._parameter_constraints,
        "channels": ["array-like"],
        "kernel_sizes": ["array-like"],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "convolution": [StrOptions(set(CONVOLUTIONS))],
        "latent_penalty": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        region_shape: tuple[int, int] | None = None,
        channels: Sequence[Sequence[int]] = PAPER_CHANNELS,
        kernel_sizes: Sequence[int] = PAPER_KERNEL_SIZES,
        activation: str = "leaky_relu",
        convolution: str = "auto",
        latent_penalty: float = 1.0,
        max_steps: int = 1000,
        batch_size: int = 16,
        lr: float = 3e-4,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            region_shape=region_shape,
            max_steps=max_steps,
            batch_size=batch_size,
            lr=lr,
            device=device,
            random_state=random_state,
            verbose=verbose,
        )
        self.channels = channels
        self.kernel_sizes = kernel_sizes
        self.activation = activation
        self.convolution = convolution
        self.latent_penalty = latent_penalty

    def make_network(
        self, region_shape: tuple[int, int], seed: int
    ) -> ConvolutionalAutoencoder:
        stages = len(self.channels)
        if stages != len(self.kernel_sizes) or not stages:
            raise ValueError(
                f"channels has {stages} stages but kernel_sizes has "
                f"{len(self.kernel_sizes)}; each stage needs one kernel size"
            )
        for numbers in (*self.channels, self.kernel_sizes):
            if not isinstance(numbers, Sequence | np.ndarray) or not all(
                isinstance(number, Integral) and number > 0
                for number in (numbers if len(numbers) else [0])
            ):
                raise ValueError(
                    "each stage of channels, and kernel_sizes, is a sequence of "
                    f"positive integers; got {self.channels} and {self.kernel_sizes}"
                )
        return self._network(
            region_shape,
            tuple(tuple(stage) for stage in self.channels),
            tuple(self.kernel_sizes),
            activation=self.activation,
            latent_penalty=self.latent_penalty,
            convolution=self.convolution,
            seed=seed,
        )
