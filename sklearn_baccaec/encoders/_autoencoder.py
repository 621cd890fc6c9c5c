"""What CCAEC and VAE share: one region's pixels to latents and back."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._utils.blocks import resolve_region_shape
from .._utils.sklearn_compat import (
    DocumentationLinkMixin,
    Interval,
    StrOptions,
    fit_context,
)
from ..nn import (
    ACTIVATIONS,
    CONVOLUTIONS,
    ShuffledImages,
    apply_in_batches,
    restore_network,
    train_network,
)

PAPER_CHANNELS = ((4, 4, 8), (8, 8, 4), (2, 2, 2))
PAPER_KERNEL_SIZES = (30, 15, 3)

_APPLY_BATCH = 16  # films encoded at once, whatever trained them
_DEAD_CHECK_FILMS = 256  # films that decide whether a latent is constant


class RegionAutoencoder(
    DocumentationLinkMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Base of the auto-encoders; subclasses name their network."""

    _network: ClassVar[type]

    _parameter_constraints: ClassVar[dict] = {
        "region_shape": ["array-like", None],
        "channels": ["array-like"],
        "kernel_sizes": ["array-like"],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "latent_penalty": [Interval(Real, 0, None, closed="left")],
        "max_steps": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "device": [str],
        "convolution": [StrOptions(set(CONVOLUTIONS))],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        region_shape: tuple[int, int] | None = None,
        channels: Sequence[Sequence[int]] = PAPER_CHANNELS,
        kernel_sizes: Sequence[int] = PAPER_KERNEL_SIZES,
        activation: str = "leaky_relu",
        latent_penalty: float = 1.0,
        max_steps: int = 3000,
        batch_size: int = 16,
        lr: float = 3e-4,
        device: str = "cpu",
        convolution: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.region_shape = region_shape
        self.channels = channels
        self.kernel_sizes = kernel_sizes
        self.activation = activation
        self.latent_penalty = latent_penalty
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.lr = lr
        self.device = device
        self.convolution = convolution
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the network on the crops of one region.

        Parameters
        ----------
        X : array-like of shape (n_samples, height * width)
            Pixels, one crop a row. They are divided by the largest absolute value,
            so 0 to 255 and 0 to 1 are the same.
        y : None
            Ignored: the encoder never sees an age.

        Returns
        -------
        self : object
            Fitted encoder.

        Raises
        ------
        ValueError
            If `region_shape` does not fit the columns, or the layers do not fit each
            other.
        KeyboardInterrupt
            If interrupted; nothing half trained is kept.

        Warns
        -----
        ConvergenceWarning
            If the loss is not finite, or latents are dead: constant over (up to 256 of)
            the films they were trained on.
        """
        X = validate_data(self, X, dtype=np.float32, order="C")
        self._check_layers()
        shape = resolve_region_shape(self.region_shape, X.shape[1])
        scale = float(np.abs(X).max()) or 1.0
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        weights, losses = train_network(
            self._network,
            ShuffledImages(_to_images(X, shape, scale)[:, None], self.batch_size, seed),
            network_params=self._network_params(shape),
            max_steps=self.max_steps,
            lr=self.lr,
            device=self.device,
            seed=seed,
            progress=type(self).__name__ if self.verbose else None,
        )
        # Nothing is set before the training is through: an interrupt changes nothing.
        self.region_shape_, self.scale_ = shape, scale
        self.weights_, self.loss_curve_ = weights, losses
        self.n_iter_ = len(losses)
        latents = self._encode(X[:_DEAD_CHECK_FILMS])
        self.n_components_ = latents.shape[1]
        self.dead_latents_ = np.ptp(latents, axis=0) <= 1e-6 * np.abs(latents).max()
        self._report_failures(len(X))
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
        return self._encode(
            validate_data(self, X, dtype=np.float32, order="C", reset=False)
        )

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Decode latent vectors.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components_)
            Latent vectors, cluster centres for instance.

        Returns
        -------
        pixels : ndarray of shape (n_samples, height * width), float32
            Crops in the units of the films that the encoder was fitted on; values
            may leave their range a little.
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
        images = _to_images(X, self.region_shape_, self.scale_)
        return self._apply("encode", images[:, None])

    def _apply(self, method: str, rows: np.ndarray) -> np.ndarray:
        network = restore_network(
            self._network,
            self.weights_,
            network_params=self._network_params(self.region_shape_),
            device=self.device,
        )
        return apply_in_batches(
            getattr(network, method), rows, batch_size=_APPLY_BATCH, device=self.device
        )

    def _network_params(self, region_shape: tuple[int, int]) -> dict[str, Any]:
        return {
            "region_shape": region_shape,
            "channels": tuple(tuple(stage) for stage in self.channels),
            "kernel_sizes": tuple(self.kernel_sizes),
            "activation": self.activation,
            "latent_penalty": self.latent_penalty,
            "convolution": self.convolution,
        }

    def _check_layers(self) -> None:
        if len(self.channels) != len(self.kernel_sizes) or not len(self.channels):
            raise ValueError(
                f"channels has {len(self.channels)} stages but kernel_sizes has "
                f"{len(self.kernel_sizes)}; each stage needs one kernel size"
            )
        for stage in (*self.channels, self.kernel_sizes):
            if not isinstance(stage, Sequence | np.ndarray) or not all(
                isinstance(number, Integral) and number > 0
                for number in (stage if len(stage) else [0])
            ):
                raise ValueError(
                    "each stage of channels, and kernel_sizes, is a sequence of "
                    f"positive integers; got {self.channels} and {self.kernel_sizes}"
                )

    def _report_failures(self, n_samples: int) -> None:
        if not np.isfinite(self.loss_curve_).all():
            warnings.warn(
                "the training diverged: its loss is not finite; try a smaller lr",
                ConvergenceWarning,
                stacklevel=4,  # scikit-learn wraps fit
            )
        dead = int(self.dead_latents_.sum())
        if dead and n_samples > 1:
            warnings.warn(
                f"{dead} of {self.n_components_} latents are dead (constant over the "
                "films): try activation='leaky_relu', a smaller latent_penalty, or "
                "crops that differ",
                ConvergenceWarning,
                stacklevel=4,  # scikit-learn wraps fit
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
    """Rows of pixels to images (n_samples, height, width) in [0, 1]."""
    return X.reshape(len(X), *shape) / np.float32(scale)
