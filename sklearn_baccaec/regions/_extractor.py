"""Films to rows of crops: the last place that knows of films."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from joblib import Memory, Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Bunch
from sklearn.utils._param_validation import HasMethods, StrOptions
from tqdm.auto import tqdm

from .._utils.blocks import check_size
from .._utils.caching import open_memory
from .._utils.constraints import MEMORY, N_JOBS, REGIONS
from .._utils.key_regions import KEY_REGIONS, check_regions, region_index
from .._utils.version import __version__
from ..datasets._films import (
    FilmError,
    check_films,
    film_digest,
    film_name,
    is_path,
)
from ._crops import REGION_SCALES, crop_film


class KeyRegionExtractor(TransformerMixin, BaseEstimator):
    """Crop the key regions of every film, upright and at one scale.

    Each crop is turned along its finger's or the forearm's axis, sized by the hand's
    length and, for right hands, mirrored; its contrast is stretched to 0 to 255. From
    here on a film is a plain row of numbers.

    Parameters
    ----------
    regions : sequence of str or int, or None, default=None
        Regions by name or by the paper's number (Fig. 2), in the order of the
        columns. None means all 19.
    landmarker : object with ``predict(X) -> (n_samples, 19, 3)``
        Finds x, y (pixels) and confidence of the 19 regions, such as
        :class:`LandmarkTable`. Required.
    crop_shape : (int, int), default=(64, 64)
        Height and width of every crop in pixels.
    scales : dict or None, default=None
        Width of a region's crop as a share of hand length, by region name or number,
        where it shall differ from :data:`sklearn_baccaec.regions.REGION_SCALES`.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a film that cannot be used: raise an error that names it, or
        keep its row, with zeros for what could not be cropped.
    memory : str, path, joblib.Memory or None, default=None
        Cache of crops, by the film's content, its landmarks and the parameters above.
        All 19 regions are kept, so other regions later read no film again.
    n_jobs : int or None, default=None
        Films cropped at once, in threads unless a joblib backend is chosen.
    verbose : int, default=0
        Show a progress bar if positive.

    Attributes
    ----------
    valid_ : ndarray of shape (n_samples, n_regions), bool
        Which crops of the films in `fit` could be made.
    confidence_ : ndarray of shape (n_samples, n_regions)
        The landmarker's confidence, in [0, 1]; 0 where a crop could not be made.
    reasons_ : ndarray of shape (n_samples,), object
        Why a film lacks a crop; None where it lacks none.
    regions_ : tuple of str
        Names of the regions, in the order of the columns.

    See Also
    --------
    LandmarkTable : Landmarks from a table.
    RegionPreprocessor : The step that follows.

    Notes
    -----
    Section 2.2 and Fig. 2 of the paper, where people cut the regions by hand. A hand's
    length and side come from the similarity that lays the mean hand over all
    landmarks.

    Examples
    --------
    >>> from sklearn_baccaec import KeyRegionExtractor, LandmarkTable
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(3, random_state=0)
    >>> extractor = KeyRegionExtractor(
    ...     ["carpus", "radius"],
    ...     landmarker=LandmarkTable.from_films(films.data, films.landmarks),
    ...     crop_shape=(32, 32),
    ... )
    >>> extractor.fit_transform(films.data).shape
    (3, 2048)
    >>> extractor.get_feature_names_out()[[0, -1]]
    array(['carpus_y0_x0', 'radius_y31_x31'], dtype=object)
    """

    _parameter_constraints: ClassVar[dict] = {
        "regions": REGIONS,
        "landmarker": [HasMethods("predict"), None],
        "crop_shape": ["array-like"],
        "scales": [Mapping, None],
        "on_error": [StrOptions({"raise", "skip"})],
        "memory": MEMORY,
        "n_jobs": N_JOBS,
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        regions: Iterable[str | int] | None = None,
        *,
        landmarker: Any = None,
        crop_shape: tuple[int, int] = (64, 64),
        scales: Mapping[str | int, float] | None = None,
        on_error: Literal["raise", "skip"] = "raise",
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.regions = regions
        self.landmarker = landmarker
        self.crop_shape = crop_shape
        self.scales = scales
        self.on_error = on_error
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> Self:
        """Crop the films once to learn which of them can be used.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films of any sizes, 8 or 16 bit or float.
        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted extractor.

        Raises
        ------
        FilmError
            If a film cannot be used and ``on_error="raise"``.
        ValueError
            If a parameter is wrong, or X holds no films.
        """
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit, and return the crops of the same pass; see `fit` and `transform`."""
        extracted = self.extract(X)
        self.regions_ = check_regions(self.regions)
        self.valid_ = extracted.valid
        self.confidence_ = extracted.confidence
        self.reasons_ = extracted.reasons
        return extracted.crops

    def transform(self, X: Any) -> np.ndarray:
        """Crop films.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        crops : ndarray of shape (n_samples, n_regions * height * width), uint8
            One block of columns per region, in the order of ``regions``.
        """
        return self.extract(X).crops

    def extract(self, X: Any) -> Bunch:
        """Crop films and say how it went.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.

        Returns
        -------
        extracted : :class:`~sklearn.utils.Bunch`
            crops : ndarray of shape (n_samples, n_regions * height * width), uint8
                As `transform` returns them.
            valid : ndarray of shape (n_samples, n_regions), bool
                Which crops could be made.
            confidence : ndarray of shape (n_samples, n_regions)
                The landmarker's confidence; 0 where a crop could not be made.
            reasons : ndarray of shape (n_samples,), object
                Why a film lacks a crop, or None.
            landmarks : ndarray of shape (n_samples, 19, 3)
                What the landmarker found.
        """
        self._validate_params()
        regions = check_regions(self.regions)
        columns = [region_index(region) for region in regions]
        shape, scales = check_size(self.crop_shape, "crop_shape"), self._check_scales()
        films = check_films(X)
        self._refuse_missing_files(films)
        landmarks = self._find_landmarks(films)

        crops = np.zeros((len(films), len(regions), *shape), np.uint8)
        valid = np.zeros((len(films), len(regions)), bool)
        reasons = np.full(len(films), None, dtype=object)
        failures: list[FilmError] = []
        results = self._crop_all(films, landmarks, shape, scales, failures)
        for i, result in enumerate(results):
            if failures:  # wait for the tasks that had been started
                continue
            if isinstance(result, FilmError):
                reasons[i] = result.reason
            else:
                film_crops, film_reasons = result
                crops[i] = film_crops[columns]
                wanted = [film_reasons[column] for column in columns]
                valid[i] = [reason is None for reason in wanted]
                reasons[i] = next(filter(None, wanted), None)
            if reasons[i] is not None and self.on_error == "raise":
                reason = f"{reasons[i]} (on_error='skip' sets such films aside)"
                failures.append(FilmError(film_name(films[i], i), reason))
        if failures:
            raise failures[0]
        confidence = np.where(valid, landmarks[:, columns, 2], 0.0)
        return Bunch(
            crops=crops.reshape(len(films), -1),
            valid=valid,
            confidence=confidence,
            reasons=reasons,
            landmarks=landmarks,
        )

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return names like ``carpus_y12_x40``: region, row and column of the pixel.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of shape (n_regions * height * width,), object
            Column names.
        """
        height, width = check_size(self.crop_shape, "crop_shape")
        return np.array(
            [
                f"{region}_y{y}_x{x}"
                for region in check_regions(self.regions)
                for y in range(height)
                for x in range(width)
            ],
            dtype=object,
        )

    def _crop_all(
        self,
        films: Sequence[Any],
        landmarks: np.ndarray,
        shape: tuple[int, int],
        scales: tuple[float, ...],
        failures: Sequence[FilmError],
    ) -> Iterable[Any]:
        """Yield every film's crops or error; a failure starts no further film."""
        memory = open_memory(self.memory)
        cached = memory.cache(_crop_known_film, ignore=["film", "index"])
        # Any object with a `cache` method will do; a Memory of None keeps nothing.
        keyed = getattr(memory, "location", memory) is not None
        results = Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(
            delayed(_crop_or_error)(cached, keyed, film, i, landmarks[i], shape, scales)
            for i, film in enumerate(films)
            if not failures
        )
        return tqdm(
            results,
            total=len(films),
            desc="key regions",
            unit="film",
            disable=not self.verbose,
        )

    def _find_landmarks(self, films: Sequence[Any]) -> np.ndarray:
        if self.landmarker is None:
            raise ValueError(
                "KeyRegionExtractor needs a landmarker: LandmarkTable('landmarks.csv'),"
                " LandmarkTable.from_films(films, landmarks), or any object with "
                "predict(X) -> (n_samples, 19, 3)"
            )
        landmarks = np.array(self.landmarker.predict(films), dtype=np.float64)
        if landmarks.shape != (len(films), len(KEY_REGIONS), 3):
            raise ValueError(
                f"{type(self.landmarker).__name__}.predict returned shape "
                f"{landmarks.shape} for {len(films)} films; expected "
                f"({len(films)}, {len(KEY_REGIONS)}, 3)"
            )
        landmarks[..., 2] = np.nan_to_num(landmarks[..., 2])
        if landmarks[..., 2].min() < 0 or landmarks[..., 2].max() > 1:
            raise ValueError(
                f"{type(self.landmarker).__name__}.predict returned a confidence "
                "outside [0, 1]"
            )
        return landmarks

    def _refuse_missing_files(self, films: Sequence[Any]) -> None:
        """Find missing files before hours are spent on the others."""
        if self.on_error == "skip":
            return
        missing = [
            Path(film).name
            for film in films
            if is_path(film) and not Path(film).is_file()
        ]
        if missing:
            others = f" ({len(missing)} of {len(films)} are missing)"
            raise FilmError(
                missing[0], "there is no such file" + others * (len(missing) > 1)
            )

    def _check_scales(self) -> tuple[float, ...]:
        scales = dict(REGION_SCALES)
        for region, scale in (self.scales or {}).items():
            if not isinstance(scale, Real) or not 0 < scale <= 2:
                raise ValueError(
                    f"the scale of {region!r} is {scale!r}; expected a share of hand "
                    "length in (0, 2]"
                )
            scales[KEY_REGIONS[region_index(region)]] = float(scale)
        return tuple(scales[region] for region in KEY_REGIONS)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _crop_known_film(
    digest: str | None,
    film: Any,
    index: int,
    landmarks: np.ndarray,
    crop_shape: tuple[int, int],
    scales: tuple[float, ...],
) -> tuple[np.ndarray, tuple[str | None, ...]]:
    """`crop_film`, cached under the film's content and the package's version."""
    return crop_film(film, index, landmarks, crop_shape, scales)


def _crop_or_error(
    cached: Any, keyed: bool, film: Any, index: int, *settings: Any
) -> tuple[np.ndarray, tuple[str | None, ...]] | FilmError:
    """Crops of a film, or what is wrong with it; an error is never cached."""
    try:
        digest = f"{__version__} {film_digest(film, index)}" if keyed else None
        return cached(digest, film, index, *settings)
    except FilmError as error:
        return error
