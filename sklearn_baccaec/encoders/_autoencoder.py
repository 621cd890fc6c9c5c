"""One region's pixels to latents and back, by any network that does both."""

from abc import ABCMeta, abstractmethod
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import nn

from .._utils.blocks import resolve_region_shape
from .._utils.docstrings import fill_docstrings
from .._utils.sklearn_compat import (
    DocumentationLinkMixin,
    Interval,
    check_array,
    fit_context,
    validate_data,
)
from .._utils.warning import warn_user
from ..nn._training import (
    ShuffledImages,
    apply_in_batches,
    restore_network,
    train_network,
)

_APPLY_BATCH = 16  # films encoded at once, whatever trained them
_DEAD_CHECK_FILMS = 256  # films that decide whether a latent is constant


@fill_docstrings
class RegionAutoencoder(
    DocumentationLinkMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
    metaclass=ABCMeta,
):
    """Base of the auto-encoders of one region, and of your own.

    It trains any torch network that encodes and decodes crops. A subclass makes the
    network; if it has parameters of its own, its constructor lists all parameters and
    passes those below on to this one.

    Parameters
    ----------
    {crop_shape}
    {autoencoder_training}

    Attributes
    ----------
    {autoencoder_attributes}

    See Also
    --------
    CCAEC : The paper's network.
    RegionEncoder : One of these for every region.

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sklearn_baccaec.encoders import RegionAutoencoder
    >>> from sklearn_baccaec.nn import seeded_torch
    >>> class DenseNetwork(nn.Module):
    ...     def __init__(self, region_shape, seed):
    ...         super().__init__()
    ...         n_pixels = region_shape[0] * region_shape[1]
    ...         with seeded_torch(seed):
    ...             self.encode = nn.Sequential(nn.Flatten(), nn.Linear(n_pixels, 4))
    ...             to_image = nn.Unflatten(1, (1, *region_shape))
    ...             self.decode = nn.Sequential(nn.Linear(4, n_pixels), to_image)
    ...
    ...     def forward(self, x):
    ...         return self.decode(self.encode(x))
    ...
    ...     def loss(self, reconstruction, x):
    ...         return nn.functional.mse_loss(reconstruction, x)
    >>> class DenseEncoder(RegionAutoencoder):
    ...     def make_network(self, region_shape, seed):
    ...         return DenseNetwork(region_shape, seed)
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 16 * 16))
    >>> encoder = DenseEncoder(max_steps=5, random_state=0)
    >>> encoder.fit_transform(crops).shape
    (20, 4)
    """

    _parameter_constraints: ClassVar[dict] = {
        "region_shape": ["array-like", None],
        "max_steps": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        region_shape: tuple[int, int] | None = None,
        max_steps: int = 1000,
        batch_size: int = 16,
        lr: float = 3e-4,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.region_shape = region_shape
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.lr = lr
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @abstractmethod
    def make_network(self, region_shape: tuple[int, int], seed: int) -> nn.Module:
        """Make the network; every subclass does it in its own way.

        Parameters
        ----------
        region_shape : (int, int)
            Height and width of the crops in pixels.
        seed : int
            Seed of the initial weights and of any noise in training; see
            :func:`~sklearn_baccaec.nn.seeded_torch`.

        Returns
        -------
        network : torch.nn.Module
            Untrained. Its ``encode`` turns images (N, 1, height, width) in [0, 1] into
            latents (N, n_components), and ``decode`` latents into images; ``forward``
            returns whatever the loss needs, and ``loss(forward(x), x)`` is a number.
        """

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the network on the crops of one region.

        Parameters
        ----------
        X : array-like of shape (n_samples, height * width)
            Pixels, in the unit of the largest absolute value: 0 to 255 is as 0 to 1.
        {ignored_y}

        Returns
        -------
        self : object
            Fitted encoder.

        Raises
        ------
        ValueError
            If `region_shape` does not fit X, or the network's parameters each other.
        KeyboardInterrupt
            If interrupted; nothing half trained is kept.

        Warns
        -----
        ConvergenceWarning
            If the loss is not finite, or latents are dead, see `dead_latents_`.
        """
        X = validate_data(self, X, dtype=np.float32, order="C")
        shape = resolve_region_shape(self.region_shape, X.shape[1])
        scale = float(np.abs(X).max()) or 1.0
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        weights, losses = train_network(
            self.make_network,
            ShuffledImages(_to_images(X, shape, scale), self.batch_size, seed),
            network_params={"region_shape": shape},
            max_steps=self.max_steps,
            lr=self.lr,
            device=self.device,
            seed=seed,
            progress=type(self).__name__ if self.verbose else None,
        )
        # Nothing is set before the training ends: an interrupt changes nothing.
        self.region_shape_, self.scale_ = shape, scale
        self.weights_, self.loss_curve_, self.n_iter_ = weights, losses, len(losses)
        latents = self._encode(X[:_DEAD_CHECK_FILMS])
        self.n_components_ = latents.shape[1]
        self.dead_latents_ = np.ptp(latents, axis=0) <= 1e-6 * np.abs(latents).max()
        if not np.isfinite(losses).all():
            warn_user(
                "the training diverged: its loss is not finite; try a smaller lr",
                ConvergenceWarning,
            )
        if len(X) > 1 and self.dead_latents_.any():
            warn_user(
                f"{self.dead_latents_.sum()} of {self.n_components_} latents are dead "
                "(constant over the films): try activation='leaky_relu', a smaller "
                "latent_penalty, or crops that differ",
                ConvergenceWarning,
            )
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Encode crops.

        Parameters
        ----------
        X : array-like of shape (n_samples, height * width)
            Pixels in the same units as in `fit`.

        Returns
        -------
        latents : ndarray of shape (n_samples, n_components_), float32
            Latent vectors.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, order="C", reset=False)
        return self._encode(X)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Decode latent vectors.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components_)
            Latent vectors, cluster centres for instance.

        Returns
        -------
        pixels : ndarray of shape (n_samples, height * width), float32
            Crops in the units of `fit`; values may leave their range a little.
        """
        check_is_fitted(self)
        latents = check_array(X, dtype=np.float32, order="C")
        if latents.shape[1] != self.n_components_:
            raise ValueError(
                f"X has {latents.shape[1]} columns, but {type(self).__name__} has "
                f"n_components_={self.n_components_}"
            )
        images = self._apply("decode", latents)
        return images.reshape(len(latents), -1) * np.float32(self.scale_)

    def _encode(self, X: np.ndarray) -> np.ndarray:
        return self._apply("encode", _to_images(X, self.region_shape_, self.scale_))

    def _apply(self, method: str, rows: np.ndarray) -> np.ndarray:
        network = restore_network(
            self.make_network,
            self.weights_,
            network_params={"region_shape": self.region_shape_},
            device=self.device,
        )
        return apply_in_batches(
            getattr(network, method), rows, batch_size=_APPLY_BATCH, device=self.device
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _to_images(X: np.ndarray, shape: tuple[int, int], scale: float) -> np.ndarray:
    """Rows of pixels to images (n_samples, 1, height, width) in [0, 1]."""
    return X.reshape(len(X), 1, *shape) / np.float32(scale)
