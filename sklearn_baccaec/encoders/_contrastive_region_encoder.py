"""Encoders of all regions, trained together to recognise each other's films."""

import math
import os
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import joblib
import numpy as np
import torch
from joblib import Memory
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._utils.blocks import (
    resolve_crops,
    resolve_region_shape,
    resolve_views,
    smallest_pixels,
)
from .._utils.docstrings import fill_docstrings
from .._utils.parallel import open_memory
from .._utils.regions import check_regions
from .._utils.sklearn_compat import (
    MEMORY,
    REGIONS,
    DocumentationLinkMixin,
    Interval,
    check_feature_names_in,
    fit_context,
)
from .._utils.warning import warn_user
from ..nn._contrastive_network import ContrastiveNetwork, contrastive_loss
from ..nn._contrastive_training import train_contrast
from ..nn._training import apply_in_batches, restore_network
from ._fingerprint import fingerprint

_APPLY_BATCH = 16  # films encoded at once, whatever trained them
_CHECK_FILMS = 256  # films that tell whether anything was learned
_STUCK = 0.02  # nats that are as good as none


@fill_docstrings
class ContrastiveRegionEncoder(DocumentationLinkMixin, TransformerMixin, BaseEstimator):
    """Encode regions so that those of one hand agree, and no label is needed.

    Every region has a small convolutional network of its own. They are trained
    together to tell from one region of a film which of a batch of films another network
    is looking at (InfoNCE). Pose and exposure are drawn at random, so that these are
    not a clue; what remains to recognise a hand by is, above all, how mature it is.

    Give it the grey crops of :class:`KeyRegionExtractor`: it standardises contrast.

    Parameters
    ----------
    n_components : int, default=32
        Length of each region's embedding.
    train_regions : sequence of str or int, or None, default=None
        Regions to train on and to encode; None means all that the columns hold. More
        are better; choose after the encoder, with :class:`RegionSelector`.
    {crop_regions}
        Fewer than 19 columns without names are a region each.
    {region_shape}
        None means square.
    view_size : int, default=48
        Height and width, in pixels, of what the networks see of a crop.
    channels : sequence of int, default=(16, 32, 64, 64)
        Channels of the convolutions, each of which halves the view.
    temperature : float, default=0.2
        What cosines are divided by in the loss.
    pose_jitter : float, default=1.0
        Strength of what moves a view: turn, zoom and shift; 0 for none.
    exposure_jitter : float, default=1.0
        Strength of what changes its grey values; 0 for none.
    curriculum : float, default=0.4
        Share, in [0, 1], of the training over which `pose_jitter` rises to its own.
    max_steps : int, default=450
        Training steps.
    batch_size : int, default=84
        Films per step; all if there are fewer.
    regions_per_step : int, default=9
        Regions per step, drawn at random; all if there are fewer.
    lr : float, default=1e-3
        Highest learning rate of AdamW.
    device : str, default="cpu"
        Where the networks are trained and run, such as "cuda".
    {memory}
        Cache of the trained networks and of what they returned.
    {random_state}
        Seed of the initial weights and of all that is drawn.
    {verbose}

    Attributes
    ----------
    regions_ : tuple of str
        Regions encoded, in the order of the columns of the result.
    weights_ : dict of str to ndarray
        The networks' weights.
    loss_curve_ : ndarray of shape (max_steps,)
        Loss of every step. ln(batch_size) is chance.
    n_components_ : int
        Columns of each region in the result.
    region_shape_ : (int, int)
        Height and width of a crop in pixels.
    scale_ : float
        Largest grey value, which crops are divided by.
    {features_in}

    See Also
    --------
    RegionConsensus : The step after: the axis that the regions agree on.
    RegionEncoder : Encoders that know nothing of each other, as the paper's.

    Notes
    -----
    Beyond the paper, arXiv 2206.05641, whose encoders are independent. The loss is
    InfoNCE [1]_ between all pairs of regions of a step, as between the views of [2]_.

    Crops that are all zero are absent: they train nothing, their embedding is NaN.

    References
    ----------
    .. [1] van den Oord, Li, Vinyals, "Representation Learning with Contrastive
       Predictive Coding", arXiv 1807.03748.
    .. [2] Tian, Krishnan, Isola, "Contrastive Multiview Coding", ECCV 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import ContrastiveRegionEncoder
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 2 * 16 * 16))
    >>> encoder = ContrastiveRegionEncoder(
    ...     8, regions=["carpus", "radius"], view_size=16, max_steps=20, random_state=0
    ... )
    >>> encoder.fit_transform(crops).shape
    (20, 16)
    >>> encoder.get_feature_names_out()[[0, -1]]
    array(['carpus_contrast0', 'radius_contrast7'], dtype=object)
    """

    #: It takes the columns of all regions, and gives one block of columns for each.
    encodes_all_regions: ClassVar[bool] = True
    #: It learns what regions have in common, so that it needs two.
    compares_regions: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "train_regions": REGIONS,
        "regions": REGIONS,
        "region_shape": ["array-like", None],
        "view_size": [Interval(Integral, 8, None, closed="left")],
        "channels": ["array-like"],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "pose_jitter": [Interval(Real, 0, None, closed="left")],
        "exposure_jitter": [Interval(Real, 0, None, closed="left")],
        "curriculum": [Interval(Real, 0, 1, closed="both")],
        "max_steps": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "regions_per_step": [Interval(Integral, 2, None, closed="left")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "device": [str],
        "memory": MEMORY,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_components: int = 32,
        *,
        train_regions: Iterable[str | int] | None = None,
        regions: Iterable[str | int] | None = None,
        region_shape: tuple[int, int] | None = None,
        view_size: int = 48,
        channels: Sequence[int] = (16, 32, 64, 64),
        temperature: float = 0.2,
        pose_jitter: float = 1.0,
        exposure_jitter: float = 1.0,
        curriculum: float = 0.4,
        max_steps: int = 450,
        batch_size: int = 84,
        regions_per_step: int = 9,
        lr: float = 1e-3,
        device: str = "cpu",
        memory: str | os.PathLike[str] | Memory | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.train_regions = train_regions
        self.regions = regions
        self.region_shape = region_shape
        self.view_size = view_size
        self.channels = channels
        self.temperature = temperature
        self.pose_jitter = pose_jitter
        self.exposure_jitter = exposure_jitter
        self.curriculum = curriculum
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.regions_per_step = regions_per_step
        self.lr = lr
        self.device = device
        self.memory = memory
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the networks of all regions together.

        {fit_crops}

        Raises
        ------
        ValueError
            If there are fewer than two films or regions, the columns do not split
            into the regions, or a region is constant over the films.

        Warns
        -----
        ConvergenceWarning
            If the loss is not finite or stays at chance.
        """
        X = validate_data(self, X, dtype="numeric", ensure_min_samples=2)
        held = resolve_views(resolve_crops(self, X), X.shape[1])
        shape = resolve_region_shape(self.region_shape, X.shape[1] // len(held))
        if not all(isinstance(n, Integral) and n > 0 for n in self.channels):
            raise ValueError(f"channels must be positive integers, got {self.channels}")
        chosen = self._choose(held)
        crops = _to_crops(X, held, chosen, shape)
        crops = crops[crops.any(axis=(1, 2, 3))]  # films without any crop
        _refuse_constant_regions(crops, chosen)
        scale = float(np.abs(crops).max()) or 1.0
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        train = open_memory(self.memory).cache(_train, ignore=["encoder"], kind=tuple)
        # Of a clone: a pipeline hangs the state of its own run on its steps.
        key = fingerprint(clone(self))
        weights, losses = train(key, self, crops, scale, seed)
        self.regions_, self._held_regions = chosen, held
        self.region_shape_, self.scale_ = shape, scale
        self.weights_, self.loss_curve_ = weights, losses
        self.n_components_ = self.n_components
        self._report_failures(crops[:_CHECK_FILMS])
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Encode every region.

        Parameters
        ----------
        {crops}

        Returns
        -------
        embeddings : ndarray of shape (n_samples, n_regions * n_components_), float32
            One block of columns per region, in the order of `regions_`: a unit vector,
            or NaN where the crop is all zero.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype="numeric", reset=False)
        return self._embed(
            _to_crops(X, self._held_regions, self.regions_, self.region_shape_)
        )

    def score(self, X: Any, y: Any = None) -> float:
        """How well films are recognised by one region from another, without labels.

        Only figures of the same number of films and temperature can be compared.

        Parameters
        ----------
        {crops}
        {ignored_y}

        Returns
        -------
        information : float
            In nats: ln(n_samples) less the InfoNCE loss over pairs of regions, a lower
            bound of what two of them share. 0 is chance.
        """
        return self._information(self.transform(X))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return names like ``carpus_contrast0``: the region and its component.

        {feature_names}
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        return np.array(
            [
                f"{region}_contrast{i}"
                for region in self.regions_
                for i in range(self.n_components_)
            ],
            dtype=object,
        )

    def _choose(self, held: tuple[str, ...]) -> tuple[str, ...]:
        if self.train_regions is None:
            return held
        wanted = check_regions(self.train_regions)
        absent = [region for region in wanted if region not in held]
        if absent:
            raise ValueError(
                f"train_regions names {absent[0]}, but X holds {', '.join(held)}"
            )
        return resolve_views(wanted, len(wanted)) and tuple(
            region for region in held if region in wanted
        )

    def _network_params(self, n_regions: int) -> dict[str, Any]:
        return {
            "n_regions": n_regions,
            "side": self.view_size,
            "channels": tuple(int(width) for width in self.channels),
            "n_components": self.n_components,
            "temperature": self.temperature,
        }

    def _embed(self, crops: np.ndarray) -> np.ndarray:
        encode = open_memory(self.memory).cache(
            _encode, ignore=["encoder"], kind=np.ndarray
        )
        key = fingerprint(clone(self)) + joblib.hash((self.weights_, self.scale_))
        embeddings = encode(key, self, crops)
        absent = np.repeat(~crops.any(axis=(2, 3)), self.n_components_, axis=1)
        return np.where(absent, np.float32(np.nan), embeddings)

    def _information(self, embeddings: np.ndarray) -> float:
        n_films, n_regions = len(embeddings), len(self.regions_)
        vectors = torch.from_numpy(embeddings.reshape(n_films, n_regions, -1))
        vectors = vectors.transpose(0, 1)
        present = vectors.isfinite().all(dim=2)
        loss = contrastive_loss(vectors.nan_to_num(), present, self.temperature)
        return math.log(n_films) - float(loss)

    def _report_failures(self, crops: np.ndarray) -> None:
        if not np.isfinite(self.loss_curve_).all():
            warn_user(
                "the training diverged: its loss is not finite; try a smaller lr",
                ConvergenceWarning,
            )
        elif self._information(self._embed(crops)) < _STUCK:
            warn_user(
                "the regions have not learned to recognise each other's films (the "
                "loss is that of chance). Try more max_steps, a longer curriculum, or "
                "more films",
                ConvergenceWarning,
            )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _to_crops(
    X: np.ndarray,
    held: tuple[str, ...],
    chosen: tuple[str, ...],
    shape: tuple[int, int],
) -> np.ndarray:
    crops = X.reshape(len(X), len(held), *shape)
    if chosen != held:
        crops = crops[:, [held.index(region) for region in chosen]]
    return smallest_pixels(crops)


def _refuse_constant_regions(crops: np.ndarray, regions: Sequence[str]) -> None:
    for i, region in enumerate(regions):
        if (crops[:, i] == crops[0, i]).all():
            raise ValueError(
                f"{region} is the same in all {len(crops)} films, so that it can "
                "recognise none; leave it out"
            )


def _train(
    key: str,
    encoder: ContrastiveRegionEncoder,
    crops: np.ndarray,
    scale: float,
    seed: int,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    return train_contrast(
        crops,
        network_params=encoder._network_params(crops.shape[1]),
        view_params={
            "scale": scale,
            "batch_size": encoder.batch_size,
            "regions_per_step": encoder.regions_per_step,
            "pose": encoder.pose_jitter,
            "exposure": encoder.exposure_jitter,
            "curriculum": encoder.curriculum,
        },
        max_steps=encoder.max_steps,
        lr=encoder.lr,
        device=encoder.device,
        seed=seed,
        progress=type(encoder).__name__ if encoder.verbose else None,
    )


def _encode(
    key: str, encoder: ContrastiveRegionEncoder, crops: np.ndarray
) -> np.ndarray:
    device = encoder.device
    network: Any = restore_network(
        ContrastiveNetwork,
        encoder.weights_,
        network_params=encoder._network_params(crops.shape[1]),
        device=device,
    )

    def embed(batch: torch.Tensor) -> torch.Tensor:
        return network.encode(batch.float() / encoder.scale_)

    return apply_in_batches(embed, crops, batch_size=_APPLY_BATCH, device=device)
