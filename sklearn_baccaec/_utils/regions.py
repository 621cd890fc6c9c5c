"""The 19 key regions of a hand film: names, numbers, and how users name them."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

KEY_REGIONS: tuple[str, ...] = (
    "thumb_ip",
    "thumb_mcp",
    "index_dip",
    "index_pip",
    "index_mcp",
    "middle_dip",
    "middle_pip",
    "middle_mcp",
    "ring_dip",
    "ring_pip",
    "ring_mcp",
    "little_dip",
    "little_pip",
    "little_mcp",
    "thumb_cmc",
    "wrist",
    "radius",
    "ulna",
    "carpus",
)
"""Anatomical names in the order of the paper's numbers (Fig. 2): 1 is first."""

REGION_NUMBERS = MappingProxyType({name: i + 1 for i, name in enumerate(KEY_REGIONS)})
"""The paper's number of every region (1 to 19)."""

PAPER_REGIONS: tuple[str, ...] = tuple(
    KEY_REGIONS[number - 1] for number in (2, 5, 8, 11, 16, 17, 19)
)
"""The seven regions of the paper's best result (Section 4.1, Table 1)."""


def region_index(region: str | int) -> int:
    """Position (0 to 18) of a region given by name or by the paper's number."""
    if isinstance(region, str) and region in REGION_NUMBERS:
        return REGION_NUMBERS[region] - 1
    try:
        number = int(region)
    except (TypeError, ValueError, OverflowError):
        number = 0
    if (number != region and str(number) != region) or not 1 <= number <= 19:
        raise ValueError(
            f"unknown region {region!r}; use a number from 1 to 19 or one of "
            + ", ".join(KEY_REGIONS)
        )
    return number - 1


def check_regions(regions: Iterable[str | int] | str | int | None) -> tuple[str, ...]:
    """Names of the regions asked for, in that order; None means all 19.

    Raises
    ------
    ValueError
        If a region is unknown, named twice, or none is given.
    """
    if regions is None:
        return KEY_REGIONS
    if isinstance(regions, (str, int)) or not isinstance(regions, Iterable):
        regions = (regions,)
    names = tuple(KEY_REGIONS[region_index(region)] for region in regions)
    if not names:
        raise ValueError("regions is empty; name at least one region")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"regions names the same region twice: {', '.join(twice)}")
    return names
