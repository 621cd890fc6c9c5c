"""The key regions of a hand film: one table, and how users name them.

A further region is a further row. The networks that come with the package have an
output for each of the 19 rows, so that it takes other weights, too.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple

HAND, FOREARM = "hand", "forearm"


class Region(NamedTuple):
    """What is known of a key region.

    Parameters
    ----------
    name : str
        Its anatomical name.
    number : int
        The paper's number (Fig. 2).
    landmark : complex
        x + iy of its landmark in the mean left hand (thumb to the right, fingers up, y
        down), in hand lengths from the carpus: a hand's length is that from the wrist
        to the tip of the middle finger. Mean shape of the landmarks found without
        labels on 719 RSNA films; it hardly changes with age.
    scale : float
        Width of its crop as a share of hand length, measured on RSNA films.
    axis : str
        What points up in its crop: the bones of a digit ("thumb" to "little"), whose
        rows stand in order from its tip, `FOREARM`, or `HAND`, which points towards
        the middle finger.
    """

    name: str
    number: int
    landmark: complex
    scale: float
    axis: str


REGION_TABLE: tuple[Region, ...] = (
    Region("thumb_ip", 1, 0.344 - 0.354j, 0.17, "thumb"),
    Region("thumb_mcp", 2, 0.271 - 0.227j, 0.20, "thumb"),
    Region("index_dip", 3, 0.134 - 0.709j, 0.14, "index"),
    Region("index_pip", 4, 0.123 - 0.588j, 0.17, "index"),
    Region("index_mcp", 5, 0.103 - 0.390j, 0.20, "index"),
    Region("middle_dip", 6, -0.056 - 0.748j, 0.14, "middle"),
    Region("middle_pip", 7, -0.041 - 0.605j, 0.17, "middle"),
    Region("middle_mcp", 8, -0.017 - 0.381j, 0.20, "middle"),
    Region("ring_dip", 9, -0.218 - 0.658j, 0.14, "ring"),
    Region("ring_pip", 10, -0.178 - 0.529j, 0.17, "ring"),
    Region("ring_mcp", 11, -0.117 - 0.329j, 0.20, "ring"),
    Region("little_dip", 12, -0.351 - 0.475j, 0.13, "little"),
    Region("little_pip", 13, -0.300 - 0.402j, 0.15, "little"),
    Region("little_mcp", 14, -0.215 - 0.282j, 0.19, "little"),
    Region("thumb_cmc", 15, 0.156 - 0.039j, 0.24, "thumb"),
    Region("wrist", 16, 0.001 + 0.026j, 0.46, HAND),
    Region("radius", 17, 0.052 + 0.132j, 0.26, FOREARM),
    Region("ulna", 18, -0.087 + 0.143j, 0.20, FOREARM),
    Region("carpus", 19, 0.000 + 0.000j, 0.32, HAND),
)

KEY_REGIONS: tuple[str, ...] = tuple(region.name for region in REGION_TABLE)
"""Anatomical names in the order of the paper's numbers (Fig. 2): 1 is first."""

REGION_NUMBERS = MappingProxyType({r.name: r.number for r in REGION_TABLE})
"""The paper's number of every region (1 to 19)."""

REGION_SCALES = MappingProxyType({r.name: r.scale for r in REGION_TABLE})
"""Width of each region's crop as a share of hand length, measured on RSNA films."""

PAPER_REGIONS: tuple[str, ...] = tuple(
    r.name for r in REGION_TABLE if r.number in (2, 5, 8, 11, 16, 17, 19)
)
"""The seven regions of the paper's best result (Section 4.1, Table 1)."""

DIGIT_CHAINS: dict[str, tuple[str, ...]] = {
    axis: tuple(r.name for r in REGION_TABLE if r.axis == axis)
    for axis in dict.fromkeys(r.axis for r in REGION_TABLE)
    if axis not in (HAND, FOREARM)
}
"""Regions of each digit, from its tip towards the wrist."""

# Every spelling of a region, and the row that it means.
_ROWS: dict[str | int, int] = {
    spelling: row
    for row, region in enumerate(REGION_TABLE)
    for spelling in (region.name, region.number, str(region.number))
}


def region_index(region: str | int) -> int:
    """Position in `KEY_REGIONS` of a region given by name or by the paper's number."""
    try:
        return _ROWS[region]
    except (KeyError, TypeError):
        raise ValueError(
            f"unknown region {region!r}; use a number from 1 to {len(KEY_REGIONS)} or "
            "one of " + ", ".join(KEY_REGIONS)
        ) from None


def check_regions(regions: Iterable[str | int] | str | int | None) -> tuple[str, ...]:
    """Names of the regions asked for, in that order; None means all.

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
