"""Films to rows of crops: the last place that knows of films."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from operator import attrgetter
from typing import Any, ClassVar, Literal, Self

import numpy as np
from joblib import Memory, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Bunch

from .._utils.blocks import check_size
from .._utils.docstrings import fill_docstrings
from .._utils.parallel import open_memory, run_tasks
from .._utils.regions import KEY_REGIONS, check_regions, region_index
from .._utils.sklearn_compat import (
    MEMORY,
    N_JOBS,
    REGIONS,
    DocumentationLinkMixin,
    HasMethods,
    Interval,
    StrOptions,
    check_params,
    tag_films,
)
from .._utils.validation import check_landmarks
from .._utils.warning import warn_user
from ..films import FilmError
from ..films._checks import check_file, check_films, film_name, is_path
from ._crop_frames import MAX_CROP_SCALE, check_scales
from ._crops import FilmCropper
from ._film_rows import KnownLandmarks, Locator, RowMaker
from .landmarking._hand_landmarker import HandLandmarker, find_locator

_SHOWN = 3  # films that a warning names


@fill_docstrings
class KeyRegionExtractor(DocumentationLinkMixin, TransformerMixin, BaseEstimator):
    """Crop the key regions of every film, upright and at one scale.

    Each crop is turned along its finger or the forearm, sized by the hand's length and,
    for right hands, mirrored; its contrast is stretched to 0 to 255.

    Parameters
    ----------
    {regions}
        Regions by name or by the paper's number (Fig. 2), in the order of the
        columns. None means all 19.
    {landmarker}
        A method ``locate(X)`` like its own is preferred, as it says why a film has
        none. A :class:`HandLandmarker`, frozen or not, works in the task that crops,
        so that a film is decoded once; that of None shares this `memory`.
    {cropping}
    scales : dict or None, default=None
        Width of a region's crop as a share of hand length, by region name or number,
        where it shall differ from :data:`sklearn_baccaec.regions.REGION_SCALES`;
        `crop_scale` multiplies it too. No crop may be wider than 2 hand lengths.
    {memory}
        Cache of crops, by the film's content, its landmarks and the parameters above.
        All 19 regions are kept, so other regions later read no film again.
    {n_jobs}
        Films located and cropped at once, in threads unless a joblib backend is chosen.
    {verbose}

    Attributes
    ----------
    {extracted_}
    regions_ : tuple of str
        Names of the regions, in the order of the columns.

    See Also
    --------
    HandLandmarker : Finds the landmarks; the default.
    LandmarkTable : Landmarks from a table.
    RegionPreprocessor : The step that follows.

    Notes
    -----
    Section 2.2 and Fig. 2 of the paper, where people cut the regions by hand. The mean
    hand, laid over all landmarks, tells a hand's length and side. Where bone is darker
    than what lies beside it, crops are inverted.

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
        "min_confidence": [Interval(Real, 0, 1, closed="both")],
        "on_error": [StrOptions({"raise", "skip"})],
        "crop_shape": ["array-like"],
        "crop_scale": [Interval(Real, 0, MAX_CROP_SCALE, closed="right"), None],
        "scales": [Mapping, None],
        "memory": MEMORY,
        "n_jobs": N_JOBS,
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        regions: Iterable[str | int] | None = None,
        *,
        landmarker: Any = None,
        min_confidence: float = 0.5,
        on_error: Literal["raise", "skip"] = "raise",
        crop_shape: tuple[int, int] = (64, 64),
        crop_scale: float | None = None,
        scales: Mapping[str | int, float] | None = None,
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.regions = regions
        self.landmarker = landmarker
        self.min_confidence = min_confidence
        self.on_error = on_error
        self.crop_shape = crop_shape
        self.crop_scale = crop_scale
        self.scales = scales
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> Self:
        """Crop the films once to learn which of them can be used.

        Parameters
        ----------
        {films}
            Of any sizes, 8 or 16 bit or float.
        {ignored_y}

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

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Fit, and return the crops of the same pass.

        Parameters
        ----------
        {films}
        {ignored_y}

        Returns
        -------
        {crops_of_films}
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
        {films}

        Returns
        -------
        {crops_of_films}
        """
        return self.extract(X).crops

    def extract(self, X: Any) -> Bunch:
        """Crop films and say how it went.

        Parameters
        ----------
        {films}

        Returns
        -------
        extracted : :class:`~sklearn.utils.Bunch`
            {extracted}
        """
        check_params(self)
        films = check_films(X)
        taken: list[np.ndarray] = []
        extracted = self._extract_in_blocks(films, len(films), taken.append)
        return Bunch(crops=taken[0], **extracted)

    def _extract_in_blocks(
        self, X: Any, size: int, take: Callable[[np.ndarray], Any]
    ) -> Bunch:
        """Crop films, and hand the crops of every ``size`` of them on to ``take``."""
        check_params(self)
        regions = check_regions(self.regions)
        height, width = crop_shape = check_size(self.crop_shape, "crop_shape")
        scales = check_scales(self.scales, self.crop_scale)
        memory = open_memory(self.memory)
        make_row = RowMaker(
            columns=[region_index(region) for region in regions],
            min_confidence=self.min_confidence,
            crop=FilmCropper(crop_shape, scales, memory),
        )
        films = check_films(X)
        strict = self.on_error == "raise"
        if strict:
            _refuse_missing_files(films)
        tasks = [
            delayed(make_row)(film, i, locate)
            for i, (film, locate) in enumerate(self._find_landmarks(films))
        ]
        failed = attrgetter("failure") if strict else None
        how: dict[str, Any] = {"n_jobs": self.n_jobs, "verbose": self.verbose}
        rows = run_tasks(tasks, "key regions", failed=failed, **how)
        n_films, n_regions = len(films), len(regions)
        extracted = Bunch(
            valid=np.zeros((n_films, n_regions), bool),
            confidence=np.zeros((n_films, n_regions)),
            reasons=np.full(n_films, None, dtype=object),
            handedness=np.full(n_films, "", dtype="<U1"),
            landmarks=np.zeros((n_films, len(KEY_REGIONS), 3)),
        )
        doubtful, crops = [], np.empty((0, 0), np.uint8)
        for i, row in enumerate(rows):
            name = film_name(films[i], i)
            if strict and row.failure is not None:
                advice = "on_error='skip' sets such films aside"
                raise FilmError(name, f"{row.failure} ({advice})")
            if row.doubt is not None:
                doubtful.append(FilmError(name, row.doubt))
            place = i % size
            if place == 0:
                n_rows = min(size, n_films - i)
                crops = np.zeros((n_rows, n_regions * height * width), np.uint8)
            crops[place] = row.crops.ravel()
            extracted.valid[i] = row.valid
            extracted.confidence[i] = row.confidence
            extracted.reasons[i] = row.reason
            extracted.handedness[i] = row.handedness
            extracted.landmarks[i] = row.landmarks
            if place == len(crops) - 1:
                take(crops)
        if strict and doubtful:
            _warn_of_doubts(doubtful, n_films)
        return extracted

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
        names = [
            f"{region}_y{y}_x{x}"
            for region in check_regions(self.regions)
            for y in range(height)
            for x in range(width)
        ]
        return np.array(names, dtype=object)

    def _find_landmarks(self, films: Sequence[Any]) -> list[tuple[Any, Locator]]:
        """Films, and what knows or finds the landmarks of each."""
        landmarker = self.landmarker
        if landmarker is None:
            landmarker = HandLandmarker(memory=self.memory)
        locator = find_locator(landmarker)
        if locator is not None:
            return [(film, locator) for film in films]
        reasons: Sequence[str | None] = [None] * len(films)
        if hasattr(landmarker, "locate"):
            located = landmarker.locate(films)
            landmarks, reasons = located.landmarks, located.reasons
        else:
            landmarks = landmarker.predict(films)
        origin = f"{type(landmarker).__name__}.predict returned"
        landmarks = check_landmarks(landmarks, len(films), origin, columns=(3,))
        return list(zip(films, map(KnownLandmarks, landmarks, reasons), strict=True))

    def __sklearn_tags__(self) -> Any:
        tags = tag_films(super().__sklearn_tags__())
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _warn_of_doubts(doubts: Sequence[FilmError], n_films: int) -> None:
    """Name the films that were set aside for their uncertain landmarks."""
    shown = "; ".join(map(str, doubts[:_SHOWN]))
    more = f"; and {len(doubts) - _SHOWN} more" if len(doubts) > _SHOWN else ""
    warn_user(
        f"{len(doubts)} of {n_films} films lack crops, as landmarks are uncertain: "
        f"{shown}{more}. Look at them with plotting.FilmSheetDisplay"
    )


def _refuse_missing_files(films: Sequence[Any]) -> None:
    """Find missing files before hours are spent on the others."""
    missing = []
    for i, film in enumerate(films):
        try:
            if is_path(film):
                check_file(film, i)
        except FilmError as error:
            missing.append(error)
    if missing:
        first, count = missing[0], len(missing)
        others = f" ({count} of {len(films)} are missing)" if count > 1 else ""
        raise FilmError(first.film, first.reason + others)
