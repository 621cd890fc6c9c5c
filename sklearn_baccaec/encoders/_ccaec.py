"""The constrained convolutional auto-encoder of one region."""

from __future__ import annotations

from typing import ClassVar

from ..nn import ConvolutionalAutoencoder
from ._autoencoder import RegionAutoencoder


class CCAEC(RegionAutoencoder):
    """Constrained convolutional auto-encoder of one region.

    Nine convolutions encode a crop, four transposed ones decode it; large kernels
    (30 x 30) see whole bones. The loss is the mean squared error between crop and
    reconstruction plus ``latent_penalty`` times the mean squared latent.

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
    latent_penalty : float, default=1.0
        Weight of the mean squared latent in the loss, with pixels in [0, 1].
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
        Seed of the initial weights and of the batches. None draws one from
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
    VAE : The variational counterpart.
    RegionEncoder : One of these for every region.

    Notes
    -----
    Section 3 of the paper [1]_; layers and loss as in the authors' network for
    fingerprints [2]_, which has 73,643 parameters. Where they rectify every layer,
    leaky activations and a linear latent are the default here: on crops of 64 x 64
    pixels all rectified latents died within 200 steps. Batches are shuffled, which
    theirs were not.

    References
    ----------
    .. [1] Zhu et al., "An Unsupervised Deep-Learning Method for Bone Age
       Assessment", arXiv 2206.05641.
    .. [2] Hou et al., "An unsupervised deep-learning method for fingerprint
       classification: the CCAE network and the hybrid clustering strategy",
       arXiv 2109.05526.

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

    _network: ClassVar[type] = ConvolutionalAutoencoder
