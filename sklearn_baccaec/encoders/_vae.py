"""The variational auto-encoder of one region."""

from functools import partialmethod

from .._utils.docstrings import fill_docstrings
from ..nn._autoencoder import VariationalAutoencoder
from ._ccaec import CCAEC


@fill_docstrings
class VAE(CCAEC):
    """Variational auto-encoder of one region: what the paper compares CCAEC with.

    The layers of :class:`CCAEC`, with a Gaussian latent: the encoder gives means and
    variances, training decodes samples, and `transform` returns the means.

    Parameters
    ----------
    {autoencoder_layers}
    latent_penalty : float, default=0.1
        Weight of the Kullback-Leibler divergence per pixel in the loss, with pixels
        in [0, 1]: twice the variance of the decoder's noise.
    {autoencoder_training}

    Attributes
    ----------
    {autoencoder_attributes}

    See Also
    --------
    CCAEC : The constrained counterpart.
    RegionEncoder : One of these for every region.

    Notes
    -----
    Section 4.5 and Table 4 of the paper [1]_, which does not describe its VAE: only the
    latent and the loss [2]_ differ from CCAEC. With a penalty of 1 it reconstructed
    nothing of binarised carpal crops in 300 steps; with 0.1 it did.

    References
    ----------
    .. [1] Zhu et al., arXiv 2206.05641.
    .. [2] Kingma and Welling, "Auto-encoding variational Bayes", arXiv 1312.6114.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import VAE
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 16 * 16))
    >>> encoder = VAE(max_steps=2, random_state=0).fit(crops)
    >>> encoder.transform(crops).shape
    (20, 8)
    """

    _network = VariationalAutoencoder

    __init__ = partialmethod(CCAEC.__init__, latent_penalty=0.1)
