"""The variational auto-encoder of one region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..nn import VariationalAutoencoder
from ._autoencoder import PAPER_CHANNELS, PAPER_KERNEL_SIZES, RegionAutoencoder


class VAE(RegionAutoencoder):
    """Variational auto-encoder of one region: what the paper compares CCAEC with.

    The layers of :class:`CCAEC`, with a Gaussian latent: the encoder gives means and
    variances, training decodes samples, and `transform` returns the means.

    Parameters
    ----------
    region_shape : (int, int) or None, default=None
        Height and width of the crops in pixels. None means square if the number of
        columns is a square, else one row of pixels.
    channels : sequence of sequences of int, default=((4, 4, 8), (8, 8, 4), (2, 2, 2))
        Channels of the encoder's layers, by stage. The last layer of a stage halves
        the image, the others are 3 x 3. The decoder mirrors the stages.
    kernel_sizes : sequence of int, default=(30, 15, 3)
        Kernel size in pixels of each stage's last layer and of its mirror; cut to the
        image where it is longer.
    activation : {"leaky_relu", "relu", "elu", "tanh"}, default="leaky_relu"
        Activation between layers. "relu" is the authors' own and rectifies latents
        and output as well; whole latents then die easily.
    latent_penalty : float, default=0.1
        Weight of the Kullback-Leibler divergence per pixel in the loss, with pixels
        in [0, 1]: twice the variance of the decoder's noise.
    max_steps : int, default=3000
        Training budget in steps of one batch each, whatever the number of films.
    batch_size : int, default=16
        Films a step; all of them if there are fewer.
    lr : float, default=3e-4
        Learning rate of Adam.
    device : str, default="cpu"
        Where torch computes, "cuda" for instance.
    convolution : {"auto", "direct", "fourier"}, default="auto"
        Arithmetic of the layers: "direct" is torch's own, "fourier" takes the frequency
        domain, and "auto" what is fastest: on a CPU the frequency domain for large
        kernels and banded matrices for small ones, on a GPU torch's own. The results
        differ by rounding.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, the batches and the samples. None draws one from
        numpy's global random state; torch's is neither used nor changed.
    verbose : int, default=0
        Show a progress bar if positive.

    Attributes
    ----------
    weights_ : dict of str to ndarray
        Trained weights, plain numpy, float32.
    loss_curve_ : ndarray of shape (n_iter_,)
        Training loss of every step.
    n_iter_ : int
        Steps trained.
    n_components_ : int
        Length of the latent vector.
    dead_latents_ : ndarray of shape (n_components_,), bool
        Latents that are constant over (up to 256 of) the films in `fit`.
    region_shape_ : (int, int)
        Height and width of the crops in pixels.
    scale_ : float
        Grey value that is mapped to 1.
    n_features_in_ : int
        Pixels a crop.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, if X had names.

    See Also
    --------
    CCAEC : The constrained counterpart.
    RegionEncoder : One of these for every region.

    Notes
    -----
    Section 4.5 and Table 4 of the paper [1]_, which does not describe its VAE; so
    that the two are comparable, only the latent and the loss [2]_ differ here. With a
    penalty of 1 it reconstructed nothing of binarised carpal crops in 300 steps; with
    0.1 it did.

    References
    ----------
    .. [1] Zhu et al., "An Unsupervised Deep-Learning Method for Bone Age
       Assessment", arXiv 2206.05641.
    .. [2] Kingma and Welling, "Auto-encoding variational Bayes", arXiv 1312.6114.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import VAE
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 16 * 16))
    >>> encoder = VAE(max_steps=2, random_state=0).fit(crops)
    >>> encoder.transform(crops).shape
    (20, 8)
    >>> encoder.inverse_transform(encoder.transform(crops)).shape
    (20, 256)
    """

    _network: ClassVar[type] = VariationalAutoencoder

    def __init__(
        self,
        *,
        region_shape: tuple[int, int] | None = None,
        channels: Sequence[Sequence[int]] = PAPER_CHANNELS,
        kernel_sizes: Sequence[int] = PAPER_KERNEL_SIZES,
        activation: str = "leaky_relu",
        latent_penalty: float = 0.1,
        max_steps: int = 3000,
        batch_size: int = 16,
        lr: float = 3e-4,
        device: str = "cpu",
        convolution: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            region_shape=region_shape,
            channels=channels,
            kernel_sizes=kernel_sizes,
            activation=activation,
            latent_penalty=latent_penalty,
            max_steps=max_steps,
            batch_size=batch_size,
            lr=lr,
            device=device,
            convolution=convolution,
            random_state=random_state,
            verbose=verbose,
        )
