"""The constrained convolutional auto-encoder of one region."""

from .._utils.docstrings import fill_docstrings
from ..nn._autoencoder import ConvolutionalAutoencoder
from ._convolutional import ConvolutionalRegionAutoencoder


@fill_docstrings
class CCAEC(ConvolutionalRegionAutoencoder):
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
    {features_in}

    See Also
    --------
    VAE : The variational counterpart.
    RegionEncoder : One of these for every region.

    Notes
    -----
    Section 3 of the paper [1]_; layers and loss as in the authors' network for
    fingerprints [2]_, which has 73,643 parameters. Where they rectify every layer,
    leaky activations and a linear latent are the default here: on crops of 64 x 64
    pixels all rectified latents died within 200 steps. Batches are shuffled here.

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

    _network = ConvolutionalAutoencoder
