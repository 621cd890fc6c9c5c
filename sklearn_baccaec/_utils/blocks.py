"""Rows made of one block of columns per region."""

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .regions import KEY_REGIONS, check_regions
from .warning import warn_user

# What is wider is surely not one row of pixels, or not one crop, but several regions.
_WIDEST_STRIP = 1024
_WIDEST_SQUARE = 64 * 64


def square_side(width: int) -> int | None:
    """Side of the square crop with this many pixels, or None if there is none."""
    side = round(width**0.5)
    return side if side * side == width else None


def check_size(size: Any, name: str) -> tuple[int, int]:
    """Height and width in pixels, from what users pass as parameter ``name``."""
    try:
        height, width = (operator.index(length) for length in size)
    except (TypeError, ValueError):
        height = width = 0
    if min(height, width) < 1:
        raise ValueError(f"{name} is {size!r}; expected (height, width) in pixels")
    return height, width


def resolve_region_shape(
    region_shape: Sequence[int] | None, width: int
) -> tuple[int, int]:
    """Height and width of a crop of ``width`` pixels.

    None means square where the width is a square, else one row of pixels.
    """
    if region_shape is None:
        side = square_side(width)
        return (side, side) if side else (1, width)
    height, columns = check_size(region_shape, "region_shape")
    if height * columns != width:
        raise ValueError(
            f"region_shape={height, columns} needs {height * columns} columns a "
            f"region, but X has {width}"
        )
    return height, columns


def resolve_regions(
    n_features: int,
    regions: Iterable[str | int] | str | int | None,
    feature_names: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Names of the equal blocks that X's columns consist of.

    ``regions`` says them. Without it, names like ``carpus_y12_x40`` tell; else the
    columns are all key regions if these divide their number evenly, and one region,
    called ``"region"``, if not.
    """
    named = _regions_of_names(feature_names)
    if regions is None:
        unnamed = ("region",) if n_features % len(KEY_REGIONS) else KEY_REGIONS
        return named or unnamed
    names = check_regions(regions)
    if n_features % len(names):
        raise ValueError(
            f"X has {n_features} columns, which do not split into {len(names)} "
            f"regions of equal width ({', '.join(names)})"
        )
    if named and named != names:
        raise ValueError(
            f"regions says {', '.join(names)}, but the columns of X are named "
            f"after {', '.join(named)}"
        )
    return names


def resolve_views(found: tuple[str, ...], n_features: int) -> tuple[str, ...]:
    """Names of at least two of the blocks that were ``found``: what can agree.

    Where nothing names fewer columns than key regions, each is a region of its own.
    """
    if found == ("region",) and 1 < n_features < len(KEY_REGIONS):
        warn_user(
            f"nothing names the {n_features} columns of X: each is taken for a region "
            "of its own; say which regions they hold with regions=..."
        )
        return tuple(f"region{i}" for i in range(n_features))
    if len(found) == 1:
        raise ValueError(
            f"X with n_features = {n_features} holds one region only ({found[0]}), "
            "but agreement is between regions: give at least two"
        )
    return found


def resolve_crops(estimator: Any, X: np.ndarray) -> tuple[str, ...]:
    """`resolve_regions` for pixels and the parameters of the estimator they train.

    Where neither regions nor names say it, the crops have ``region_shape`` or are
    square; a guess that would train on scrambled pixels is refused.
    """
    shape, n_features = estimator.region_shape, X.shape[1]
    shape = None if shape is None else check_size(shape, "region_shape")
    names = getattr(estimator, "feature_names_in_", None)
    found = resolve_regions(n_features, estimator.regions, names)
    if estimator.regions is not None or _regions_of_names(names):
        return found
    width = n_features // len(found)
    if shape is not None:
        return found if width == shape[0] * shape[1] else ("region",)
    if n_features <= _WIDEST_STRIP or (len(found) > 1 and square_side(width)):
        return found
    if n_features > _WIDEST_SQUARE or square_side(n_features) is None:
        raise ValueError(
            f"X has {n_features} columns: neither {len(KEY_REGIONS)} square crops nor "
            "one of at most 64 x 64 pixels. Say which regions they hold with "
            "regions=..."
        )
    return ("region",)


def _regions_of_names(feature_names: Sequence[str] | None) -> tuple[str, ...]:
    """Regions that start the column names, in order; empty if one has none."""
    columns = [
        next((r for r in KEY_REGIONS if str(name).startswith(r + "_")), None)
        for name in (() if feature_names is None else feature_names)
    ]
    if not columns or None in columns:
        return ()
    found = tuple(dict.fromkeys(region for region in columns if region))
    width = len(columns) // len(found)
    if columns != [region for region in found for _ in range(width)]:
        raise ValueError(
            "the columns of X do not stand in one block of equal width per region: "
            f"their names begin with {', '.join(found)} in mixed order or number"
        )
    return found


def block(X: np.ndarray, index: int, n_blocks: int) -> np.ndarray:
    """View of one region's columns."""
    width = X.shape[1] // n_blocks
    return X[:, index * width : (index + 1) * width]


def smallest_pixels(X: np.ndarray) -> np.ndarray:
    """Pixels in the one form that is hashed and sent to workers, C-contiguous.

    Whole grey values become bytes, so that those of a large collection fit in memory;
    others float32.
    """
    if X.dtype != np.uint8:
        whole = X.min() >= 0 and X.max() <= 255 and (X == X // 1).all()
        X = X.astype(np.uint8 if whole else np.float32)
    return np.ascontiguousarray(X)
