"""Columns of the chosen regions."""

from collections.abc import Iterable
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted

from .._utils.blocks import resolve_regions
from .._utils.docstrings import fill_docstrings
from .._utils.regions import check_regions
from .._utils.sklearn_compat import (
    REGIONS,
    DocumentationLinkMixin,
    Interval,
    RealNotInt,
    fit_context,
    validate_data,
)


@fill_docstrings
class RegionSelector(DocumentationLinkMixin, SelectorMixin, BaseEstimator):
    """Keep the columns of some regions.

    It lets a grid search try region sets on encoded films, with nothing trained anew.

    Parameters
    ----------
    {regions}
        Regions to keep, by name or by the paper's number; they stay in the order of
        the columns. None keeps all.
    min_regions : int, float or None, default=None
        Regions, of those kept, where a film needs columns without NaN: a number from 1
        on or a share in (0, 1); None means all. A film with fewer becomes NaN in every
        column, which :class:`~sklearn_baccaec.cluster.NamedClusterer` sets aside.
    all_regions : sequence of str or int, or None, default=None
        Regions that the columns hold, in blocks of equal width. None: told by the
        column names if X has them, else all 19 if 19 divides the number of columns,
        else one.

    Attributes
    ----------
    regions_ : tuple of str
        Regions kept, in the order of the columns.
    {features_in}

    Notes
    -----
    Section 4.3 and Table 2 of the paper, arXiv 2206.05641, compare region sets.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_baccaec import RegionSelector
    >>> X = np.arange(6).reshape(1, 6)
    >>> selector = RegionSelector(["carpus"], all_regions=["carpus", "ulna", 17])
    >>> selector.fit_transform(X)
    array([[0, 1]])
    """

    _parameter_constraints: ClassVar[dict] = {
        "regions": REGIONS,
        "min_regions": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="neither"),
            None,
        ],
        "all_regions": REGIONS,
    }

    def __init__(
        self,
        regions: Iterable[str | int] | None = None,
        *,
        min_regions: float | None = None,
        all_regions: Iterable[str | int] | None = None,
    ) -> None:
        self.regions = regions
        self.min_regions = min_regions
        self.all_regions = all_regions

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn where the regions stand.

        {fit_blocks}

        Raises
        ------
        ValueError
            If a region is not among the columns', or they do not split evenly.
        """
        X = validate_data(self, X, dtype="numeric", ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", None)
        present = resolve_regions(X.shape[1], self.all_regions, names)
        chosen = present if self.regions is None else check_regions(self.regions)
        absent = [region for region in chosen if region not in present]
        if absent:
            raise ValueError(
                f"X holds no columns of {absent[0]}; it holds {', '.join(present)}. "
                "Say which regions X consists of with all_regions=..."
            )
        self.regions_ = tuple(region for region in present if region in chosen)
        kept = np.array([region in chosen for region in present])
        self._support_mask = np.repeat(kept, X.shape[1] // len(present))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Keep the columns of the regions, and films that have enough of them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Columns as in `fit`.

        Returns
        -------
        X_out : ndarray of shape (n_samples, n_kept_features)
            NaN in every column for a film with fewer than `min_regions` regions.
        """
        rows = super().transform(X)
        values = np.asarray(rows)
        n_kept = len(self.regions_)
        present = ~pd.isna(values).reshape(len(values), n_kept, -1).any(axis=2)
        lacking = present.sum(axis=1) < regions_needed(self.min_regions, n_kept)
        return np.where(lacking[:, None], np.nan, values) if lacking.any() else rows

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self, "regions_")
        return self._support_mask

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def regions_needed(min_regions: float | None, n_regions: int) -> int:
    """Regions that a film needs of ``n_regions``; see :class:`RegionSelector`."""
    if min_regions is None:
        return n_regions
    if isinstance(min_regions, Integral):
        return min(int(min_regions), n_regions)
    return int(np.ceil(min_regions * n_regions))
