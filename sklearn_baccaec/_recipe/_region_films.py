"""Crops of drawn hands in many styles: films of known age to learn months from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import delayed

from .._utils.image_backend import load_cv2
from .._utils.parallel import run_tasks
from .._utils.regions import DIGIT_CHAINS, KEY_REGIONS, REGION_TABLE
from ..datasets._drawn_hand._hand_maps import HandMaps, draw_hand_maps
from ..datasets._drawn_hand._style import draw_style, draw_view
from ..regions._crop_frames import check_scales, locate_crops
from ..regions._crops import _crop, _stretch
from ..regions._hand_pose import as_complex, fit_hand_pose, region_up

SIDE = 64  # pixels of a crop
MARGIN = 1.125  # width of a map as a share of the crop's: room to turn and move
MAP_SIDE = round(2 * SIDE * MARGIN)

# How landmarks that are found on films lie about the drawn joints, in hand lengths:
# standard deviations across and along a bone, which are clipped; how far towards the
# tip of the digit, by comparing mean crops of real and of drawn hands; and how much
# that varies from film to film.
JITTER = np.array([0.007, 0.010])
DISTAL = dict.fromkeys(
    (name for chain in DIGIT_CHAINS.values() for name in chain), 0.005
)
DISTAL |= {"thumb_ip": 0.014, "thumb_mcp": 0.033}
DISTAL |= {"index_mcp": 0.010, "little_mcp": 0.014}
DISTAL_RANGE = 0.010


def draw_region_films(
    ages: npt.ArrayLike,
    sexes: Sequence[str],
    *,
    crop_scales: Sequence[float] = (1.0,),
    n_styles: int = 3,
    seed: int = 0,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> list[np.ndarray]:
    """Draw crops of the key regions of hands, each crop in a style of its own.

    Parameters
    ----------
    ages : array-like of shape (n,)
        Bone ages in months.
    sexes : sequence of {"F", "M"} of length n
    crop_scales : sequence of float, default=(1.0,)
        Widths of the crops as shares of the extractor's, from 0.5 to 1. All of them
        show the same films, a smaller one their middle at a higher resolution.
    n_styles : int, default=3
        Films of each hand.
    seed : int, default=0
        A hand depends on it, its position, age and sex, but not on the other hands.
    n_jobs : int or None, default=None
    verbose : int, default=0

    Returns
    -------
    crops : list of ndarray of shape (n_styles, n, 19, 64, 64), uint8
        One array per scale: upright left hands, bone bright, at full contrast.

    Examples
    --------
    >>> from sklearn_baccaec._recipe._region_films import draw_region_films
    >>> whole, middle = draw_region_films([36, 168], "FM", crop_scales=(1.0, 0.5))
    >>> middle.shape, middle.dtype
    ((3, 2, 19, 64, 64), dtype('uint8'))
    """
    months = np.asarray(ages, dtype=float)
    draw = delayed(_draw_one)
    tasks = [
        draw(float(age), str(sex), crop_scales, n_styles, [seed, i])
        for i, (age, sex) in enumerate(zip(months, sexes, strict=True))
    ]
    shape = len(crop_scales), n_styles, len(months), len(KEY_REGIONS), SIDE, SIDE
    films = np.empty(shape, np.uint8)
    how: dict[str, Any] = {"prefer": None, "n_jobs": n_jobs, "verbose": verbose}
    for i, hand in enumerate(run_tasks(tasks, "drawing hands", **how)):
        films[:, :, i] = hand
    return list(films)


def _draw_one(
    age: float, sex: str, crop_scales: Sequence[float], n_styles: int, seed: list[int]
) -> np.ndarray:
    """Crops (n_scales, n_styles, 19, 64, 64) of one hand."""
    maps, rng = draw_hand_maps(age, sex, seed), np.random.default_rng([*seed, 3])
    sides = [2 * round(SIDE * scale) for scale in crop_scales]
    shape = len(sides), n_styles, len(KEY_REGIONS), SIDE, SIDE
    films = np.zeros(shape, np.uint8)
    resize, area = load_cv2().resize, load_cv2().INTER_AREA
    for region, bone, soft in _crop_maps(maps, rng):
        for style in range(n_styles):
            view = draw_view(draw_style(bone, soft, rng), 2 * SIDE, MARGIN, rng)
            for crops, side in zip(films, sides, strict=True):
                inner = slice(SIDE - side // 2, SIDE + side // 2)
                crop = resize(view[inner, inner], (SIDE, SIDE), interpolation=area)
                stretched = _stretch(crop)
                if stretched is not None:
                    crops[style, region] = stretched
    return films


def _crop_maps(
    maps: HandMaps, rng: np.random.Generator
) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Every region with its maps of bone and of soft tissue."""
    scales = [MARGIN * scale for scale in check_scales(None)]
    landmarks = _find_roughly(maps.landmarks, rng)
    _, frames, _ = locate_crops(landmarks, maps.bone.shape, scales, "a drawn hand")
    shape = MAP_SIDE, MAP_SIDE
    return [
        (region, _crop(maps.bone, frame, shape), _crop(maps.soft, frame, shape))
        for region, frame in frames.items()
    ]


def _find_roughly(landmarks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Landmarks (19, 3) as they are found on films: near the joints."""
    points = as_complex(landmarks)
    pose = fit_hand_pose(points, np.ones(len(points)))
    deviates = JITTER * np.clip(rng.standard_normal(landmarks.shape), -2.2, 2.2)
    shift = rng.uniform(-DISTAL_RANGE, DISTAL_RANGE)
    found = np.column_stack([landmarks, np.ones(len(points))])
    for row, region in enumerate(REGION_TABLE):
        across, along = deviates[row]
        if region.name in DISTAL:
            along += DISTAL[region.name] + shift
        moved = pose.length * region_up(points, row, pose) * complex(along, across)
        found[row, :2] += moved.real, moved.imag
    return found
