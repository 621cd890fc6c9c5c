"""Crops of maps as films of many kinds would show them: random styles."""

import numpy as np
from numpy.random import Generator

from ..._utils.image_backend import load_cv2
from ._rendering import BONE_OVER_SOFT, SHOULDER, Image

# Half ranges of uniform draws.
TURN, ZOOM, SHIFT = 0.06, 0.04, 0.025  # radians; shares of the crop's width
GAMMA, SHADE = 0.56, 0.21  # logarithms
NOISE = 0.035  # highest standard deviation, of the range of grey values


def draw_style(bone: Image, soft: Image, rng: Generator) -> Image:
    """Grey values (0 to 1) of a square crop of maps, in a style of its own."""
    side = len(bone)
    ratio, shoulder = np.exp((0.5, 0.6) * rng.uniform(-1, 1, 2))
    mesh, blotches, girth, uneven, blur, sharpening = rng.random(6)
    grain = 5 * _blur(rng.standard_normal(bone.shape, dtype=np.float32))
    pattern = 1 + 0.18 * mesh * grain + 0.25 * blotches * _clouds(9, side, rng)
    path = bone * np.clip(pattern, 0.3, 2)
    depth = np.float32(SHOULDER * shoulder)
    film = BONE_OVER_SOFT * ratio * depth * (1 - np.exp(-path / depth))
    tissue = 1 + 0.05 * uneven * _clouds(7, side, rng)
    film = (film + soft * (0.5 + girth) * tissue).astype(np.float32)

    smooth = _blur(film)
    film += np.float32(blur) * (smooth - film)
    film += np.float32(sharpening) * (film - _blur(_blur(smooth)))
    low, high = np.percentile(film[::8, ::8], (1, 99))
    return np.clip((film - low) / (high - low + 1e-6), 0, 1)


def draw_view(grey: Image, side: int, margin: float, rng: Generator) -> Image:
    """View of `side` pixels, turned, moved, re-exposed; `grey` is `margin` as wide."""
    turn, zoom, x, y = rng.uniform(-1, 1, 4) * (TURN, ZOOM, SHIFT, SHIFT)
    step = len(grey) / (margin * side) * (1 + zoom)
    right = step * np.array([np.cos(turn), np.sin(turn)])
    down = step * np.array([-np.sin(turn), np.cos(turn)])
    middle = (len(grey) - 1) / 2 + step * side * np.array([x, y])
    corner = middle - (right + down) * (side - 1) / 2
    cv2 = load_cv2()
    view = cv2.warpAffine(
        grey,
        np.column_stack([right, down, corner]),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    gamma, noise = np.exp(GAMMA * rng.uniform(-1, 1)), NOISE * rng.random()
    view = np.maximum(view, 1e-3) ** np.float32(gamma)
    view += np.float32(noise) * rng.standard_normal(view.shape, dtype=np.float32)
    shade = rng.uniform(-SHADE, SHADE, (4, 4)).astype(np.float32)
    return view * np.exp(cv2.resize(shade, (side, side)))


def _blur(image: Image) -> Image:
    return load_cv2().blur(image, (5, 5))


def _clouds(count: int, side: int, rng: Generator) -> Image:
    """Smooth noise: `count` independent values along either side."""
    noise = rng.standard_normal((count, count), dtype=np.float32)
    return load_cv2().resize(noise, (side, side))
