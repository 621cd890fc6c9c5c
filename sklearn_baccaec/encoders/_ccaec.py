"""The constrained convolutional auto-encoder of one region."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import Interval, StrOptions
from ..nn._autoencoder import ACTIVATIONS, ConvolutionalAutoencoder
from ..nn._convolution import CONVOLUTIONS
from ._autoencoder import RegionAutoencoder


@fill_docstrings
class CCAEC(RegionAutoencoder):
    """Constrained convolutional auto-encoder of one region.

    Nine convolutions encode a crop, four transposed ones decode it; large kernels
    (30 x 30) see whole bones. The loss is the mean squared error between crop and
    reconstruction plus ``latent_penalty`` times the mean squared latent.

    Parameters
    ----------
    {autoencoder_layers}
    latent_penalty : float, default=1.0
        Weight of the mean squared latent in the loss, with pixels in [0, 1].
    {autoencoder_training}

    Attributes
    ----------
    {autoencoder_attributes}

    See Also
    --------
    VAE : The variational counterpart.
    RegionEncoder : One of these for every region.

    Notes
    -----
    Section 3 of the paper [1]_; layers and loss as in the authors' network for
    fingerprints [2]_ (73,643 parameters), but with shuffled batches and, by default,
    leaky activations and a linear latent: on crops of 64 x 64 pixels all rectified
    latents died within 200 steps.

    References
    ----------
    .. [1] Zhu et al., arXiv 2206.05641.
    .. [2] Hou et al., arXiv 2109.05526.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import CCAEC
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 16 * 16))
    >>> encoder = CCAEC(max_steps=2, random_state=0).fit(crops)
    >>> encoder.transform(crops).shape
    (20, 8)
    >>> encoder.inverse_transform(encoder.transform(crops)).shape
    (20, 256)
    """

    _network: ClassVar[type[ConvolutionalAutoencoder]] = ConvolutionalAutoencoder

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
        channels: Sequence[Sequence[int]] = ((4, 4, 8), (8, 8, 4), (2, 2, 2)),
        kernel_sizes: Sequence[int] = (30, 15, 3),
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
            whole = isinstance(numbers, Sequence | np.ndarray) and len(numbers) > 0
            if not whole or not all(isinstance(n, Integral) and n > 0 for n in numbers):
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
