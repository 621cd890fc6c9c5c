"""The paper's image processing: equalise, blur, binarise."""

from collections.abc import Callable, Iterable
from functools import reduce
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._utils.blocks import resolve_crops, resolve_region_shape
from .._utils.docstrings import fill_docstrings
from .._utils.image_backend import load_cv2
from .._utils.sklearn_compat import (
    REGIONS,
    DocumentationLinkMixin,
    Interval,
    StrOptions,
    fit_context,
    validate_data,
)

_CLAHE_TILES = (4, 4)


@fill_docstrings
class RegionPreprocessor(
    DocumentationLinkMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator
):
    """Separate bones from their background in every crop.

    The paper's chain by default: histogram equalisation, Gaussian blur, adaptive
    threshold. Each step can be left out or changed.

    Parameters
    ----------
    equalize : {"histogram", "clahe"} or None, default="histogram"
        Contrast equalisation: of the whole crop, of its tiles with limited contrast
        (CLAHE, 4 x 4 tiles), or none.
    clip_limit : float, default=3.0
        Contrast limit of CLAHE.
    blur : int or None, default=5
        Size of the Gaussian kernel in pixels, odd; None leaves the crop sharp.
    threshold_block : int or None, default=31
        Neighbourhood of the adaptive threshold in pixels, odd; None keeps grey values.
    threshold_offset : float, default=10
        Grey levels by which a bone must be brighter than the weighted mean of its
        neighbourhood.
    {crop_regions}
    {region_shape}
        None means square if the number of a crop's pixels is a square, else one row.

    Attributes
    ----------
    regions_ : tuple of str
        Regions that the columns hold.
    region_shape_ : (int, int)
        Height and width of a crop in pixels.
    {features_in}

    See Also
    --------
    KeyRegionExtractor : The step before.
    RegionEncoder : The step after.

    Notes
    -----
    Section 2.2 and Fig. 3 of the paper, arXiv 2206.05641, which names the three steps
    but none of their settings. Before them, the grey values of each crop are stretched
    to 0 to 255, whatever their type.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import RegionPreprocessor
    >>> crops = np.random.default_rng(0).integers(0, 256, (4, 32 * 32))
    >>> binary = RegionPreprocessor().fit_transform(crops)
    >>> binary.shape, np.unique(binary)
    ((4, 1024), array([  0, 255], dtype=uint8))
    """

    _parameter_constraints: ClassVar[dict] = {
        "equalize": [StrOptions({"histogram", "clahe"}), None],
        "clip_limit": [Interval(Real, 0, None, closed="neither")],
        "blur": [Interval(Integral, 1, None, closed="left"), None],
        "threshold_block": [Interval(Integral, 3, None, closed="left"), None],
        "threshold_offset": [Interval(Real, None, None, closed="neither")],
        "regions": REGIONS,
        "region_shape": ["array-like", None],
    }

    def __init__(
        self,
        *,
        equalize: str | None = "histogram",
        clip_limit: float = 3.0,
        blur: int | None = 5,
        threshold_block: int | None = 31,
        threshold_offset: float = 10,
        regions: Iterable[str | int] | None = None,
        region_shape: tuple[int, int] | None = None,
    ) -> None:
        self.equalize = equalize
        self.clip_limit = clip_limit
        self.blur = blur
        self.threshold_block = threshold_block
        self.threshold_offset = threshold_offset
        self.regions = regions
        self.region_shape = region_shape

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the layout of the columns; nothing else is learned.

        {fit_crops}

        Raises
        ------
        ValueError
            If the columns do not split into the regions, or a size is even.
        """
        X = validate_data(self, X, dtype="numeric")
        for name in ("blur", "threshold_block"):
            size = getattr(self, name)
            if size is not None and size % 2 == 0:
                raise ValueError(f"{name} is {size}; it must be odd, or None")
        self.regions_ = resolve_crops(self, X)
        self.region_shape_ = resolve_region_shape(
            self.region_shape, X.shape[1] // len(self.regions_)
        )
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Process every crop on its own.

        Parameters
        ----------
        {crops}

        Returns
        -------
        X_out : ndarray of the same shape, uint8
            Processed crops: 0 and 255 only, if there is a threshold. An absent crop,
            zero in every pixel, stays absent.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype="numeric", reset=False)
        crops = X.reshape(-1, *self.region_shape_)
        out = np.zeros(crops.shape, np.uint8)
        steps = self._steps()
        for i in np.flatnonzero(crops.any(axis=(1, 2))):
            out[i] = reduce(lambda crop, step: step(crop), steps, crops[i])
        return out.reshape(X.shape)

    def _steps(self) -> list[Callable[[np.ndarray], np.ndarray]]:
        cv2 = load_cv2()
        steps: list[Callable[[np.ndarray], np.ndarray]] = [_to_bytes]
        if self.equalize == "histogram":
            steps.append(cv2.equalizeHist)
        elif self.equalize == "clahe":
            steps.append(cv2.createCLAHE(self.clip_limit, _CLAHE_TILES).apply)
        if self.blur is not None:
            size = (self.blur, self.blur)
            steps.append(lambda crop: cv2.GaussianBlur(crop, size, 0))
        if self.threshold_block is not None:
            steps.append(
                lambda crop: cv2.adaptiveThreshold(
                    crop,
                    255,
                    cv2.ADAPTIVE_THRESH_GAUSSIAN_C,
                    cv2.THRESH_BINARY,
                    self.threshold_block,
                    -self.threshold_offset,
                )
            )
        return steps

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _to_bytes(crop: np.ndarray) -> np.ndarray:
    """Grey values stretched to 0 to 255; a constant crop becomes black."""
    low, high = float(crop.min()), float(crop.max())
    stretched = (crop.astype(np.float64) - low) * 255 / ((high - low) or 1.0)
    return np.rint(stretched).astype(np.uint8)
