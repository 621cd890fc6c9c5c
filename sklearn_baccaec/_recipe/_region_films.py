"""Crops of drawn hands in many styles: films of known age to learn months from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import delayed

from .._utils.image_backend import load_cv2
from .._utils.parallel import run_tasks
from .._utils.regions import DIGIT_CHAINS, KEY_REGIONS, REGION_TABLE
from ..datasets import to_girls_months
from ..datasets._drawn_hand._hand_maps import HandMaps, draw_hand_maps
from ..datasets._drawn_hand._style import draw_style, draw_view
from ..regions._crop_frames import check_scales, locate_crops
from ..regions._crops import _crop, _stretch
from ..regions._hand_pose import as_complex, fit_hand_pose, region_up

SIDE = 64  # pixels of a crop
MARGIN = 1.125  # width of a map as a share of the crop's: room to turn and move
MAP_SIDE = round(2 * SIDE * MARGIN)

# How landmarks that are found on films lie about the drawn joints, in hand lengths
# across (towards the thumb) and along a bone (towards the tip of the digit): standard
# deviations, which are clipped, means, and how far those along the digits vary from
# film to film. All of them by comparing crops of real films without ages with mean
# crops of films, and of drawn hands.
JITTER = np.array([0.002, 0.004])
JITTER_OF_HAND = np.array([0.006, 0.006])  # at the wrist
OFFSETS = dict.fromkeys(
    (name for chain in DIGIT_CHAINS.values() for name in chain), (0.0, 0.005)
)
OFFSETS |= {
    "thumb_ip": (0.0, 0.014),
    "thumb_mcp": (0.005, 0.033),
    "index_mcp": (0.006, 0.010),
    "little_mcp": (-0.005, 0.014),
    "thumb_cmc": (0.006, 0.002),
    "radius": (-0.002, -0.002),
    "ulna": (-0.007, 0.0),
    "carpus": (0.0, 0.004),
}
ALONG_RANGE = 0.004
DRIFT, DRIFT_MONTHS = 0.007, (60, 155)  # farther towards the tip between these months


def draw_region_films(
    ages: npt.ArrayLike,
    sexes: Sequence[str],
    *,
    crop_scale: float = 1.0,
    n_styles: int = 3,
    seed: int = 0,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> np.ndarray:
    """Draw crops of the key regions of hands, each crop in a style of its own.

    Parameters
    ----------
    ages : array-like of shape (n,)
        Bone ages in months.
    sexes : sequence of {"F", "M"} of length n
    crop_scale : float, default=1.0
        Width of the crops as a share of the extractor's, from 0.5 to 1.
    n_styles : int, default=3
        Films of each hand.
    seed : int, default=0
        A hand depends on it, its position, age and sex, but not on the other hands.
    n_jobs : int or None, default=None
    verbose : int, default=0

    Returns
    -------
    crops : ndarray of shape (n_styles, n, 19, 64, 64), uint8
        Upright left hands, bone bright, at full contrast.

    Examples
    --------
    >>> from sklearn_baccaec._recipe._region_films import draw_region_films
    >>> crops = draw_region_films([36, 168], "FM", crop_scale=0.5)
    >>> crops.shape, crops.dtype
    ((3, 2, 19, 64, 64), dtype('uint8'))
    """
    months = np.asarray(ages, dtype=float)
    draw = delayed(_draw_one)
    tasks = [
        draw(float(age), str(sex), crop_scale, n_styles, [seed, i])
        for i, (age, sex) in enumerate(zip(months, sexes, strict=True))
    ]
    films = np.empty((n_styles, len(months), len(KEY_REGIONS), SIDE, SIDE), np.uint8)
    how: dict[str, Any] = {"prefer": None, "n_jobs": n_jobs, "verbose": verbose}
    for i, hand in enumerate(run_tasks(tasks, "drawing hands", **how)):
        films[:, i] = hand
    return films


def _draw_one(
    age: float, sex: str, crop_scale: float, n_styles: int, seed: list[int]
) -> np.ndarray:
    """Crops (n_styles, 19, 64, 64) of one hand."""
    maps, rng = draw_hand_maps(age, sex, seed), np.random.default_rng([*seed, 3])
    months = float(to_girls_months(age, sex=sex))
    films = np.zeros((n_styles, len(KEY_REGIONS), SIDE, SIDE), np.uint8)
    resize, area = load_cv2().resize, load_cv2().INTER_AREA
    for region, bone, soft in _crop_maps(maps, months, crop_scale, rng):
        for style in range(n_styles):
            view = draw_view(draw_style(bone, soft, rng), 2 * SIDE, MARGIN, rng)
            stretched = _stretch(resize(view, (SIDE, SIDE), interpolation=area))
            if stretched is not None:
                films[style, region] = stretched
    return films


def _crop_maps(
    maps: HandMaps, months: float, crop_scale: float, rng: np.random.Generator
) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Every region with its maps of bone and of soft tissue."""
    scales = check_scales(None, MARGIN * crop_scale)
    landmarks = _find_roughly(maps.landmarks, months, rng)
    _, frames, _ = locate_crops(landmarks, maps.bone.shape, scales, "a drawn hand")
    shape = MAP_SIDE, MAP_SIDE
    return [
        (region, _crop(maps.bone, frame, shape), _crop(maps.soft, frame, shape))
        for region, frame in frames.items()
    ]


def _find_roughly(
    landmarks: np.ndarray, months: float, rng: np.random.Generator
) -> np.ndarray:
    """Landmarks (19, 3) as they are found on films: near the joints."""
    points = as_complex(landmarks)
    pose = fit_hand_pose(points, np.ones(len(points)))
    deviates = np.clip(rng.standard_normal((len(points), 2)), -2.2, 2.2)
    shift = rng.uniform(-ALONG_RANGE, ALONG_RANGE)
    shift += DRIFT * (float(np.interp(months, DRIFT_MONTHS, (0, 1))) - 0.5)
    found = np.column_stack([landmarks, np.ones(len(points))])
    for row, region in enumerate(REGION_TABLE):
        digit = region.axis in DIGIT_CHAINS
        distal = digit and region.name != "thumb_cmc"
        across, along = deviates[row] * (JITTER if distal else JITTER_OF_HAND)
        across += OFFSETS.get(region.name, (0.0, 0.0))[0]
        along += OFFSETS.get(region.name, (0.0, 0.0))[1] + shift * digit
        moved = pose.length * region_up(points, row, pose) * complex(along, across)
        found[row, :2] += moved.real, moved.imag
    return found
