"""The film about the hand: exposure, tone, border, marker, noise; nothing shows age."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from ..._utils.image_backend import load_cv2
from ._pose import Shape
from ._rendering import Image, fill_polygon

INITIALS = "ABCDEGHJKMNPRSTW"
FLATNESS = 0.94  # evenness of grey levels in the hand relative to soft tissue alone


@dataclass(frozen=True)
class Exposure:
    """Exposure of one film."""

    background: float  # grey level of the bare film
    contrast: float  # what the average pixel of the hand adds
    flatness: float  # evenness of the hand relative to soft tissue alone
    sharpness: float  # strength of computed radiography's edge enhancement
    heel: tuple[float, float]  # relative fall across and along the film
    blur: float  # standard deviation of the point spread, in film heights / 1000
    grain: float  # standard deviation of the noise in grey levels


def draw_exposure(rng: Generator, strength: float, noise: float) -> Exposure:
    """Exposure of a film; always the same one for strength 0."""
    level, grey, contrast, flatness, sharpness, *heel = rng.uniform(-1, 1, 7)
    blur, grain = rng.uniform(0.5, 1.5, 2)
    vary = min(strength, 2.0)
    # Most films are nearly black beside the hand, some are mid grey.
    background = 26.0 + 12.0 * vary * level + 70.0 * vary * (grey > 0.5) * (grey + 0.3)
    background = float(np.clip(background, 3.0, 130.0))
    contrast = 60.0 * float(np.exp(0.5 * vary * contrast))
    contrast = min(contrast, 0.45 * (240.0 - background))  # leaves room for bone
    return Exposure(
        background=background,
        contrast=contrast,
        flatness=FLATNESS + 0.04 * vary * flatness,
        sharpness=0.5 + 0.4 * min(vary, 1.0) * sharpness,
        heel=(0.06 * vary * heel[0], 0.06 * vary * heel[1]),
        blur=1.0 + min(vary, 1.0) * (blur - 1.0),
        grain=noise * grain * (0.6 + 0.016 * contrast),
    )


@dataclass(frozen=True)
class Border:
    """Collimation: what share of the beam reaches a pixel, and its bright frame."""

    open_field: Image
    frame: Image
    outside: float


def draw_border(
    hand: npt.NDArray[np.float64], shape: Shape, shown: bool, rng: Generator
) -> Border:
    """Collimation border about the hand, whose extent is ((x, y), (x, y)), if shown."""
    height = shape[0]
    margins = rng.uniform(0.02, 0.14, 4) * height
    tilt = np.radians(3.0 * np.clip(rng.standard_normal(), -2, 2))
    soft_edge, glow, outside = rng.uniform(0, 1, 3)
    field = np.ones(shape, dtype=np.float32)
    if not shown:
        return Border(field, np.zeros_like(field), 0.0)
    low, high = hand[0] - margins[:2], hand[1] + margins[2:]
    middle, half = (low + high) / 2, (high - low) / 2
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    turn = np.array([(np.cos(tilt), np.sin(tilt)), (-np.sin(tilt), np.cos(tilt))])
    corners = middle + (signs * half) @ turn
    mask = np.zeros(shape, dtype=np.uint8)
    fill_polygon(mask, corners)
    blur = (0.0015 + 0.006 * soft_edge) * height
    field = load_cv2().GaussianBlur(mask.astype(np.float32), (0, 0), blur)
    frame = 4.0 * field * (1.0 - field) * np.float32(75.0 * (1.4 * glow - 0.4))
    return Border(field, frame, float(40.0 * outside - 15.0))


def _tone(attenuation: Image, soft: Image, exposure: Exposure) -> Image:
    """Grey levels of the hand over the bare film, by a curve a * x**gamma.

    Mean and deviation come out as of soft tissue alone, so that neither shows the age.
    """
    inside = soft > 0.02
    target_mean = exposure.contrast * inside.mean()
    flatness = exposure.flatness * soft.mean() ** 2 / np.square(soft).mean()
    attenuation = attenuation / np.float32(attenuation.max() + 1e-6)
    logs = np.log(attenuation[attenuation > 1e-3][::7])
    share = len(logs) * 7 / attenuation.size
    low, high = 0.3, 3.0
    for _ in range(12):
        gamma = (low + high) / 2
        curve = np.exp(gamma * logs)
        if share * curve.mean() ** 2 / np.square(curve).mean() > flatness:
            low = gamma
        else:
            high = gamma
    curve = attenuation ** np.float32(gamma)
    return curve * np.float32(target_mean / curve.mean())


def _draw_marker(
    side: str, hand: Image, open_field: Image, rng: Generator
) -> tuple[Image, tuple[slice, slice]]:
    """Lead letter with initials (1: lead), and where beside the hand it lies."""
    cv2 = load_cv2()
    height = hand.shape[0]
    letter = rng.uniform(0.045, 0.075) * height
    angle = float(rng.choice([0.0, 0.0, 90.0, -90.0]) + 12.0 * rng.standard_normal())
    initials = "".join(rng.choice(list(INITIALS), 3)) if rng.random() < 0.6 else ""
    plaque = rng.uniform(0.05, 0.2) * (rng.random() < 0.5)
    brightness = rng.uniform(0.6, 1.0)

    unit = letter * 4  # drawn finer
    box = round(2.6 * unit)
    stamp = np.zeros((box, box), dtype=np.uint8)
    x, y = 0.5 * box - 0.35 * unit, 0.5 * box + 0.1 * unit
    if plaque:
        low = round(x - 0.5 * unit), round(y - 1.4 * unit)
        high = round(x + 1.2 * unit), round(y + unit)
        cv2.rectangle(stamp, low, high, round(255 * plaque), -1)
    thick = max(1, round(0.16 * unit))
    at = round(x), round(y)
    cv2.putText(stamp, side, at, 0, unit / 22, 255, thick, cv2.LINE_AA)
    at = round(x - 0.35 * unit), round(y + 0.6 * unit)
    cv2.putText(stamp, initials, at, 0, unit / 50, 255, max(1, thick // 2), cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((box / 2, box / 2), angle, 1.0)
    stamp = cv2.warpAffine(stamp, turn, (box, box))
    size = max(4, round(2.6 * letter))
    stamp = cv2.resize(stamp, (size, size), interpolation=cv2.INTER_AREA)

    free = np.array(hand.shape) - size
    corners = (rng.random((40, 2)) * np.maximum(free, 1)).astype(int)
    covered = [
        float((hand[r : r + size, c : c + size] > 0.02).mean())
        + 0.3 * float((open_field[r : r + size, c : c + size] < 0.5).mean())
        for r, c in corners
    ]
    row, column = corners[int(np.argmin(covered))]
    place = (slice(row, row + size), slice(column, column + size))
    return np.float32(brightness / 255) * stamp, place


def expose_film(
    soft: Image,
    bone: Image,
    border: Border,
    exposure: Exposure,
    side: str | None,
    rng: Generator,
) -> npt.NDArray[np.uint8]:
    """Film of a hand; `side` is the letter of its marker, None for no marker."""
    cv2 = load_cv2()
    height, width = soft.shape
    marker = _draw_marker("L" if side is None else side, soft, border.open_field, rng)
    grain = rng.standard_normal(soft.shape, dtype=np.float32)

    attenuation = soft + bone
    blurred = cv2.GaussianBlur(attenuation, (0, 0), 0.004 * height)
    attenuation += np.float32(exposure.sharpness) * (attenuation - blurred)
    sigma = max(0.0006 * exposure.blur * height, 0.2)
    attenuation = cv2.GaussianBlur(attenuation, (0, 0), sigma)
    visible = 0.12 + 0.88 * border.open_field
    hand = _tone(np.maximum(attenuation, 0) * visible, soft * visible, exposure)

    across = np.linspace(-1, 1, width, dtype=np.float32) * exposure.heel[0]
    along = np.linspace(-1, 1, height, dtype=np.float32) * exposure.heel[1]
    film = (exposure.background + hand) * (1 + across + along[:, np.newaxis])
    film += border.outside * (1 - border.open_field) + border.frame
    if side is not None:
        lead, place = marker
        film[place] += lead * np.maximum(250 - film[place], 0)
    # Quantum noise grows where fewer quanta arrive: under the hand.
    film += exposure.grain * grain * np.sqrt(0.4 + hand / exposure.contrast)
    return np.clip(np.rint(film), 0, 255).astype(np.uint8)
