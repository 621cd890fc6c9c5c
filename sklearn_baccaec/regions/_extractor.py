"""Films to rows of crops: the last place that knows of films."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from joblib import Memory, Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Bunch
from tqdm.auto import tqdm

from .._utils.blocks import check_size
from .._utils.code_version import code_version
from .._utils.parallel import open_memory
from .._utils.regions import check_regions, region_index
from .._utils.sklearn_compat import (
    MEMORY,
    N_JOBS,
    REGIONS,
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    StrOptions,
)
from .._utils.validation import check_landmarks
from ..films import FilmError
from ..films._checks import check_file, check_films, film_name, is_path
from ..films._digests import digest_film
from ._confidence_gate import find_doubts, warn_of_doubts
from ._crops import FilmCrops, check_scales, crop_film
from .landmarking._hand_landmarker import HandLandmarker


class KeyRegionExtractor(DocumentationLinkMixin, TransformerMixin, BaseEstimator):
    """Crop the key regions of every film, upright and at one scale.

    Each crop is turned along its finger's or the forearm's axis, sized by the hand's
    length and, for right hands, mirrored; its contrast is stretched to 0 to 255. From
    here on a film is a plain row of numbers.

    Parameters
    ----------
    regions : sequence of str or int, or None, default=None
        Regions by name or by the paper's number (Fig. 2), in the order of the
        columns. None means all 19.
    landmarker : object with ``predict(X) -> (n_samples, 19, 3)``, default=None
        Finds x, y (pixels) and confidence of the 19 regions, such as
        :class:`LandmarkTable`. None means :class:`HandLandmarker` with the weights
        that come with the package, and this extractor's memory, n_jobs and verbose. A
        method ``locate(X)`` like its own is preferred: it says why a film has none.
    crop_shape : (int, int), default=(64, 64)
        Height and width of every crop in pixels.
    scales : dict or None, default=None
        Width of a region's crop as a share of hand length, by region name or number,
        where it shall differ from :data:`sklearn_baccaec.regions.REGION_SCALES`.
    min_confidence : float, default=0.5
        Confidence in [0, 1] that a region's landmark needs, and the mean over a film's
        landmarks. Regions and films below are set aside with a warning: their row
        stays, with zeros for what was not cropped.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a film that cannot be used at all, such as one that is damaged
        or shows no hand: raise an error that names it, or set it aside like one below
        ``min_confidence``, without a warning for either.
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
        Which crops of the films in `fit` there are: those that could be made, at
        landmarks that are certain enough.
    confidence_ : ndarray of shape (n_samples, n_regions)
        The landmarker's confidence, in [0, 1]; 0 where a crop could not be made.
    reasons_ : ndarray of shape (n_samples,), object
        Why a film lacks a crop; None where it lacks none.
    handedness_ : ndarray of shape (n_samples,), str
        "L" or "R" as on the film, where a mirrored left hand is a right one; "" where
        it is not known. Crops of right hands are mirrored.
    regions_ : tuple of str
        Names of the regions, in the order of the columns.

    See Also
    --------
    HandLandmarker : Finds the landmarks; the default.
    LandmarkTable : Landmarks from a table.
    RegionPreprocessor : The step that follows.

    Notes
    -----
    Section 2.2 and Fig. 2 of the paper, where people cut the regions by hand. A hand's
    length and side come from the similarity that lays the mean hand over all
    landmarks. Where bone is darker than what lies beside it, crops are inverted.

    Examples
    --------
    >>> from sklearn_baccaec import KeyRegionExtractor
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(3, random_state=0)
    >>> extractor = KeyRegionExtractor(["carpus", "radius"], crop_shape=(32, 32))
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
        "min_confidence": [Interval(Real, 0, 1, closed="both")],
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
        min_confidence: float = 0.5,
        on_error: Literal["raise", "skip"] = "raise",
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.regions = regions
        self.landmarker = landmarker
        self.crop_shape = crop_shape
        self.scales = scales
        self.min_confidence = min_confidence
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
        """Fit, and return the crops of the same pass.

        Parameters
        ----------
        X : sequence of paths, sequence of 2-D arrays, or array (n, H, W)
            Films.
        y : None
            Ignored.
        **fit_params : dict
            Ignored.

        Returns
        -------
        crops : ndarray of shape (n_samples, n_regions * height * width), uint8
            As `transform` returns them.
        """
        extracted = self.extract(X)
        self.regions_ = check_regions(self.regions)
        self.valid_ = extracted.valid
        self.confidence_ = extracted.confidence
        self.reasons_ = extracted.reasons
        self.handedness_ = extracted.handedness
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
                Which crops there are.
            confidence : ndarray of shape (n_samples, n_regions)
                The landmarker's confidence; 0 where a crop could not be made.
            reasons : ndarray of shape (n_samples,), object
                Why a film lacks a crop, or None.
            handedness : ndarray of shape (n_samples,), str
                "L", "R" or "" as on the film.
            landmarks : ndarray of shape (n_samples, 19, 3)
                What the landmarker found.
        """
        self._validate_params()
        regions = check_regions(self.regions)
        columns = [region_index(region) for region in regions]
        shape, scales = (
            check_size(self.crop_shape, "crop_shape"),
            check_scales(self.scales),
        )
        films = check_films(X)
        self._refuse_missing_files(films)
        landmarks, film_reasons = self._find_landmarks(films)
        if self.on_error == "raise":
            for i, reason in enumerate(film_reasons):
                if reason is not None:
                    raise _refusal(films[i], i, reason)

        crops = np.zeros((len(films), len(regions), *shape), np.uint8)
        valid = np.zeros((len(films), len(regions)), bool)
        confidence = np.zeros(valid.shape)
        reasons = np.full(len(films), None, dtype=object)
        handedness = np.full(len(films), "", dtype="<U1")
        failures: list[FilmError] = []
        doubtful: list[FilmError] = []
        results = self._crop_all(films, landmarks, shape, scales, failures)
        for i, result in enumerate(results):
            if failures:  # wait for the tasks that had been started
                continue
            if isinstance(result, FilmError):
                reasons[i] = failure = film_reasons[i] or result.reason
            else:
                doubts = find_doubts(landmarks[i], columns, self.min_confidence)
                flaws = [result.reasons[column] for column in columns]
                lacks = [d or flaw for d, flaw in zip(doubts, flaws, strict=True)]
                valid[i] = [lack is None for lack in lacks]
                confidence[i] = [
                    0.0 if flaw else landmarks[i, column, 2]
                    for flaw, column in zip(flaws, columns, strict=True)
                ]
                crops[i, valid[i]] = result.crops[columns][valid[i]]
                handedness[i] = "LR"[result.right]
                reasons[i] = next(filter(None, lacks), None)
                # Uncertain landmarks may lie outside the film: no failure of its own.
                failure = next((x for x in lacks if x and x not in doubts), None)
                doubt = next(filter(None, doubts), None)
                if doubt is not None:
                    doubtful.append(FilmError(film_name(films[i], i), doubt))
            if failure is not None and self.on_error == "raise":
                failures.append(_refusal(films[i], i, failure))
        if failures:
            raise failures[0]
        if doubtful and self.on_error == "raise":
            warn_of_doubts(doubtful, len(films))
        return Bunch(
            crops=crops.reshape(len(films), -1),
            valid=valid,
            confidence=confidence,
            reasons=reasons,
            handedness=handedness,
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
        cached = memory.cache(
            _crop_known_film, ignore=["film", "index"], kind=FilmCrops
        )
        results = Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(
            delayed(_crop_or_error)(
                cached, memory.keeps, film, i, landmarks[i], shape, scales
            )
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

    def _find_landmarks(self, films: Sequence[Any]) -> tuple[np.ndarray, Any]:
        """Landmarks, and why films have none where the landmarker can say."""
        landmarker = self.landmarker
        if landmarker is None:
            landmarker = HandLandmarker(
                memory=self.memory, n_jobs=self.n_jobs, verbose=self.verbose
            )
        reasons = [None] * len(films)
        if hasattr(landmarker, "locate"):
            located = landmarker.locate(films)
            landmarks, reasons = located.landmarks, located.reasons
        else:
            landmarks = landmarker.predict(films)
        origin = f"{type(landmarker).__name__}.predict returned"
        return check_landmarks(landmarks, len(films), origin, columns=(3,)), reasons

    def _refuse_missing_files(self, films: Sequence[Any]) -> None:
        """Find missing files before hours are spent on the others."""
        if self.on_error == "skip":
            return
        missing = []
        for i, film in enumerate(films):
            try:
                if is_path(film):
                    check_file(film, i)
            except FilmError as error:
                missing.append(error)
        if missing:
            first = missing[0]
            others = f" ({len(missing)} of {len(films)} are missing)"
            raise FilmError(first.film, first.reason + others * (len(missing) > 1))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _refusal(film: Any, index: int, reason: str) -> FilmError:
    advice = "on_error='skip' sets such films aside"
    return FilmError(film_name(film, index), f"{reason} ({advice})")


def _crop_known_film(
    key: str | None,
    film: Any,
    index: int,
    landmarks: np.ndarray,
    crop_shape: tuple[int, int],
    scales: tuple[float, ...],
) -> FilmCrops:
    """`crop_film`, cached under the film's content and the package's version."""
    return crop_film(film, index, landmarks, crop_shape, scales)


def _crop_or_error(
    cached: Any, keyed: bool, film: Any, index: int, *settings: Any
) -> FilmCrops | FilmError:
    """Crops of a film, or what is wrong with it; an error is never cached."""
    try:
        key = None
        if keyed:
            digest, film = digest_film(film, index)
            key = f"{code_version(crop_film)} {digest}"
        return cached(key, film, index, *settings)
    except FilmError as error:
        return error
