"""An independent encoder for every region, trained once and cached."""

import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from joblib import Memory, Parallel, delayed, effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from .._utils.blocks import block, resolve_crops, smallest_pixels
from .._utils.docstrings import fill_docstrings
from .._utils.parallel import (
    PATIENCE,
    advise_on_lost_workers,
    open_memory,
    with_one_blas_thread,
    with_warnings,
)
from .._utils.regions import KEY_REGIONS, region_index
from .._utils.sklearn_compat import (
    MEMORY,
    N_JOBS,
    REGIONS,
    DocumentationLinkMixin,
    HasMethods,
    check_feature_names_in,
    fit_context,
    validate_data,
)
from .._utils.warning import told_once, warn_user
from ._autoencoder import RegionAutoencoder
from ._ccaec import CCAEC
from ._fingerprint import fingerprint

_DTYPES = [np.float32, np.float64, np.uint8]  # others become the first


@fill_docstrings
class RegionEncoder(DocumentationLinkMixin, TransformerMixin, BaseEstimator):
    """Encode every region with its own clone of an encoder.

    Parameters
    ----------
    encoder : transformer or None, default=None
        What encodes one region: None means :class:`CCAEC` with its defaults. Any
        transformer of dense rows will do, a PCA for instance.
    {crop_regions}
    overrides : dict or None, default=None
        Other encoders for single regions, by name or number, such as
        ``{"carpus": CCAEC(max_steps=6000)}``.
    {region_shape}
        For encoders that leave theirs open.
    {memory}
        Cache of trained encoders and of what they returned. With an integer
        `random_state`, nothing is trained twice on the same pixels, whatever ``y``,
        the dtype or the memory order of X, and an interrupted `fit` goes on with the
        first region that it had not finished.
    {n_jobs}
        Regions trained at once. The results do not depend on it.
    {random_state}
        Seeds encoders whose `random_state` is None, by this and the region's name
        only: an encoder of fewer regions gives the same columns.
    verbose : int, default=0
        Show progress bars if positive: of the regions and, if they are trained one by
        one, of the steps of each :class:`RegionAutoencoder`.

    Attributes
    ----------
    encoders_ : dict of str to transformer
        The fitted encoder of every region.
    regions_ : tuple of str
        Regions, in the order of the columns.
    n_components_ : int
        Columns of each region in the result.
    {features_in}

    See Also
    --------
    RegionSelector : Keep the columns of some regions.

    Notes
    -----
    Sections 2.2 and 3 and Fig. 5 of the paper, arXiv 2206.05641.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import CCAEC, RegionEncoder
    >>> crops = np.random.default_rng(0).integers(0, 256, (20, 2 * 16 * 16))
    >>> encoder = RegionEncoder(
    ...     CCAEC(max_steps=2), regions=["carpus", "radius"], random_state=0
    ... )
    >>> encoder.fit_transform(crops).shape
    (20, 16)
    >>> encoder.get_feature_names_out()[[0, -1]]
    array(['carpus_ccaec0', 'radius_ccaec7'], dtype=object)
    """

    #: It takes the columns of all regions and returns one block of columns for each.
    encodes_all_regions: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        "encoder": [HasMethods(["fit", "transform"]), None],
        "regions": REGIONS,
        "overrides": [Mapping, None],
        "region_shape": ["array-like", None],
        "memory": MEMORY,
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        encoder: Any = None,
        *,
        regions: Iterable[str | int] | None = None,
        overrides: Mapping[str | int, Any] | None = None,
        region_shape: tuple[int, int] | None = None,
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.encoder = encoder
        self.regions = regions
        self.overrides = overrides
        self.region_shape = region_shape
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    @with_one_blas_thread
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train one encoder per region.

        A crop that is zero in every pixel is absent: no encoder learns from it.

        {fit_crops}

        Raises
        ------
        ValueError
            If the columns do not split into the regions, a region is absent from all
            films, `overrides` names a region that is not among them, or encoders return
            different numbers of columns.
        """
        X = validate_data(self, X, dtype=_DTYPES)
        regions = resolve_crops(self, X)
        blocks = [block(X, i, len(regions)) for i in range(len(regions))]
        for region, crops in zip(regions, blocks, strict=True):
            if not crops.any():
                raise ValueError(f"no film has a crop of {region}; leave it out")
        encoders = self._region_encoders(regions)
        fitted = self._in_each_region(_fit_region, BaseEstimator, encoders, blocks)
        hidden = not self.verbose
        how: Any = {"total": len(regions), "unit": "region", "disable": hidden}
        progress = tqdm(fitted, "encoders", delay=PATIENCE, **how)
        with advise_on_lost_workers(), told_once():
            trained = dict(zip(regions, progress, strict=True))
        widths = {r: len(e.get_feature_names_out()) for r, e in trained.items()}
        if len(set(widths.values())) > 1:
            raise ValueError(
                "every region needs the same number of components, but they have "
                + ", ".join(f"{region}: {width}" for region, width in widths.items())
            )
        # Nothing is set before all are trained: an interrupt changes nothing.
        self.regions_, self.encoders_ = regions, trained
        self.n_components_ = widths[regions[0]]
        return self

    @with_one_blas_thread
    def transform(self, X: Any) -> np.ndarray:
        """Encode every region.

        Parameters
        ----------
        {crops}

        Returns
        -------
        latents : ndarray of shape (n_samples, n_regions * n_components_), float32
            One block of columns per region; NaN where a film's crop is absent.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=_DTYPES, reset=False)
        n_regions = len(self.encoders_)
        present = X.reshape(len(X), n_regions, -1).any(axis=2)
        found = np.flatnonzero(present.any(axis=0)).tolist()
        encoders = [self.encoders_[self.regions_[i]] for i in found]
        blocks = [block(X, i, n_regions) for i in found]
        encoded = self._in_each_region(_encode_region, np.ndarray, encoders, blocks)
        latents = np.full((*present.shape, self.n_components_), np.nan, np.float32)
        for i, rows in zip(found, encoded, strict=True):
            latents[present[:, i], i] = rows
        return latents.reshape(len(X), -1)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return names like ``carpus_ccaec0``: the region and its encoder's column.

        {feature_names}
        """
        check_is_fitted(self)
        check_feature_names_in(self, input_features, generate_names=False)
        names = [
            f"{region}_{name}"
            for region, encoder in self.encoders_.items()
            for name in encoder.get_feature_names_out()
        ]
        return np.array(names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "encoders_")

    def _in_each_region(
        self, function: Any, kind: type, encoders: list[Any], blocks: list[np.ndarray]
    ) -> Iterator[Any]:
        """Call a function with each encoder and its present crops, or ask the cache."""
        cached = open_memory(self.memory).cache(function, ignore=["encoder"], kind=kind)
        call = delayed(with_warnings)
        results = Parallel(n_jobs=self.n_jobs, return_as="generator")(
            call(
                os.getpid(),
                cached,
                *(fingerprint(encoder), encoder),
                smallest_pixels(crops[crops.any(axis=1)]),
            )
            for encoder, crops in zip(encoders, blocks, strict=True)
        )
        for result, told in results:
            for message, category in told:
                warn_user(message, category)
            yield result

    def _region_encoders(self, regions: tuple[str, ...]) -> list[Any]:
        """Seeded, unfitted encoders in the order of the regions."""
        default = CCAEC() if self.encoder is None else self.encoder
        overrides = {
            KEY_REGIONS[region_index(region)]: encoder
            for region, encoder in (self.overrides or {}).items()
        }
        unknown = [region for region in overrides if region not in regions]
        if unknown:
            raise ValueError(
                f"overrides names {unknown[0]}, but X holds {', '.join(regions)}"
            )
        base = int(check_random_state(self.random_state).randint(2**31 - 1))
        # The bars of several workers would overwrite each other.
        step_bars = self.verbose if effective_n_jobs(self.n_jobs) == 1 else 0
        encoders = []
        for region in regions:
            encoder = clone(overrides.get(region, default))
            params = encoder.get_params(deep=False)
            if params.get("random_state", 0) is None:
                seeds = np.random.SeedSequence([base, zlib.crc32(region.encode())])
                encoder.set_params(random_state=int(seeds.generate_state(1)[0] >> 1))
            if params.get("region_shape", 0) is None:
                encoder.set_params(region_shape=self.region_shape)
            if isinstance(encoder, RegionAutoencoder) and params.get("verbose") == 0:
                encoder.set_params(verbose=step_bars)
            encoders.append(encoder)
        return encoders

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _fit_region(fingerprint: str, encoder: Any, pixels: np.ndarray) -> Any:
    """Train one encoder; cached under its fingerprint and the pixels."""
    return encoder.fit(pixels.astype(np.float32, copy=False), None)


def _encode_region(fingerprint: str, encoder: Any, pixels: np.ndarray) -> np.ndarray:
    """Encode one region; cached under the trained encoder and the pixels."""
    pixels = pixels.astype(np.float32, copy=False)
    return np.asarray(encoder.transform(pixels), dtype=np.float32)
