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
    _fit_context,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from .._utils.blocks import resolve_region_shape
from ..nn import ACTIVATIONS, apply_in_batches, restore_network, train_network

PAPER_CHANNELS = ((4, 4, 8), (8, 8, 4), (2, 2, 2))
PAPER_KERNEL_SIZES = (30, 15, 3)

_APPLY_BATCH = 16  # films encoded at once, whatever trained them
_DEAD_CHECK_FILMS = 256  # films that decide whether a latent is constant


class RegionAutoencoder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
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
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
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
            If latents are dead: constant over the films they were trained on.
        """
        X = validate_data(self, X, dtype=np.float32, order="C")
        self._check_layers()
        self.region_shape_ = resolve_region_shape(self.region_shape, X.shape[1])
        self.scale_ = float(np.abs(X).max()) or 1.0
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.weights_, self.loss_curve_ = train_network(
            self._network,
            self._images(X),
            network_params=self._network_params(),
            max_steps=self.max_steps,
            batch_size=self.batch_size,
            lr=self.lr,
            device=self.device,
            seed=seed,
            progress=type(self).__name__ if self.verbose else None,
        )
        self.n_iter_ = len(self.loss_curve_)
        latents = self._encode(X[:_DEAD_CHECK_FILMS])
        self.n_components_ = latents.shape[1]
        self.dead_latents_ = np.ptp(latents, axis=0) <= 1e-6 * np.abs(latents).max()
        self._report_dead_latents(len(X))
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
        return self._apply("encode", self._images(X)[:, None])

    def _images(self, X: np.ndarray) -> np.ndarray:
        return X.reshape(len(X), *self.region_shape_) / np.float32(self.scale_)

    def _apply(self, method: str, rows: np.ndarray) -> np.ndarray:
        network = restore_network(
            self._network,
            self.weights_,
            network_params=self._network_params(),
            device=self.device,
        )
        return apply_in_batches(
            getattr(network, method), rows, batch_size=_APPLY_BATCH, device=self.device
        )

    def _network_params(self) -> dict[str, Any]:
        return {
            "region_shape": self.region_shape_,
            "channels": tuple(tuple(stage) for stage in self.channels),
            "kernel_sizes": tuple(self.kernel_sizes),
            "activation": self.activation,
            "latent_penalty": self.latent_penalty,
        }

    def _check_layers(self) -> None:
        if len(self.channels) != len(self.kernel_sizes) or not len(self.channels):
            raise ValueError(
                f"channels has {len(self.channels)} stages but kernel_sizes has "
                f"{len(self.kernel_sizes)}; each stage needs one kernel size"
            )
        widths = [width for stage in self.channels for width in stage]
        if any(len(stage) == 0 for stage in self.channels) or any(
            not isinstance(number, Integral) or number < 1
            for number in (*widths, *self.kernel_sizes)
        ):
            raise ValueError(
                "channels and kernel_sizes hold positive integers, at least one "
                f"channel a stage; got {self.channels} and {self.kernel_sizes}"
            )

    def _report_dead_latents(self, n_samples: int) -> None:
        dead = int(self.dead_latents_.sum())
        if dead and n_samples > 1:
            warnings.warn(
                f"{dead} of {self.n_components_} latents are dead (constant over the "
                "films): try activation='leaky_relu', a smaller latent_penalty, or "
                "crops that differ",
                ConvergenceWarning,
                stacklevel=3,
            )

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
