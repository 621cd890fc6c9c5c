"""Random views of films with known landmarks, as the networks are trained on them.

Pose and exposure vary beyond what films show, so that what is learned holds on harder
ones. Landmarks out of view are absent, and a network is to say so; so are all of them
where there is no hand, there are two, or the refiner's does not stand as it should.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from ..._utils.image_backend import load_cv2
from .._hand_pose import as_complex, fit_hand_pose
from ._film_views import (
    FINDER_SHAPE,
    REFINER_SHAPE,
    finder_view,
    hand_centre,
    refiner_view,
    render_view,
    standardise,
    transform_points,
)

ABSENT = -1e6  # coordinate of what the film does not show

Sample = tuple[np.ndarray, np.ndarray]  # an image, points in its pixels


def draw_finder_sample(
    film: np.ndarray,  # reduced
    points: np.ndarray,  # (19, 2), NaN where unknown
    others: Sequence[np.ndarray],  # films that a second hand is taken from
    rng: Generator,
    shape: tuple[int, int] = FINDER_SHAPE,
) -> Sample:
    """Whole film: any rotation, either side, bright or dark bone."""
    chance = rng.random()
    if chance < 0.08:
        film, points = _no_hand(film, rng), np.full_like(points, ABSENT)
    elif chance < 0.12:
        film = _two_hands(film, others[int(rng.integers(len(others)))], rng)
        points = np.full_like(points, ABSENT)
    elif chance < 0.3:
        film, points = _cut(film, points, rng)
    view = finder_view(film.shape, shape)
    # Two fifths of the films lie as they come, give or take; the others lie anyhow.
    angle = rng.normal(0, 15) if rng.random() < 0.4 else rng.uniform(-180, 180)
    zoom = np.exp(rng.uniform(-0.8, 0.3))
    view = _jitter(view, shape, np.radians(angle), zoom, rng)
    if rng.random() < 0.5:
        view[0] = -view[0]
        view[0, 2] += shape[1] - 1
    image = _render(film, view, shape, rng)
    if rng.random() < 0.3:
        image = 255 - image
    return _expose(image, rng), transform_points(view, points)


def draw_refiner_sample(
    film: np.ndarray, points: np.ndarray, others: Sequence[np.ndarray], rng: Generator
) -> Sample:
    """Hand alone, upright, left and bright, give or take what the finder errs by."""
    flat = as_complex(points)
    pose = fit_hand_pose(flat, np.isfinite(flat).astype(float))
    centre = hand_centre(flat, pose)
    chance = rng.random()
    turn, zoom = rng.normal(0, 0.12), np.exp(rng.normal(0, 0.07))
    shift = 9 * complex(*rng.normal(0, 1, 2))
    if chance < 0.04:
        film, points = _no_hand(film, rng), np.full_like(points, ABSENT)
    elif chance < 0.09:  # another place or size: some landmarks are out of view
        shift += complex(*rng.uniform(-120, 120, 2))
        zoom *= np.exp(rng.uniform(-0.7, 0.7))
    elif chance < 0.13:  # the finder was wrong
        if rng.random() < 0.5:
            pose = replace(pose, right=not pose.right)
        else:
            turn += np.radians(rng.uniform(60, 300))
        points = np.full_like(points, ABSENT)
    elif chance < 0.25:
        film, points = _cut(film, points, rng)
    view = refiner_view(centre, pose, turn=turn, zoom=zoom, shift=shift)
    image = _render(film, view, REFINER_SHAPE, rng)
    return _expose(image, rng), transform_points(view, points)


def _jitter(
    view: np.ndarray, shape: tuple[int, int], turn: float, zoom: float, rng: Generator
) -> np.ndarray:
    """Turn and zoom a view about its middle, and move it a little."""
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    middle = np.array([shape[1] - 1, shape[0] - 1]) / 2
    offset = middle - linear @ middle + rng.normal(0, 0.05 * shape[1], 2)
    return np.column_stack([linear @ view[:, :2], linear @ view[:, 2] + offset])


def _render(
    film: np.ndarray, view: np.ndarray, shape: tuple[int, int], rng: Generator
) -> np.ndarray:
    fill = float(rng.uniform(0, 255)) if rng.random() < 0.3 else None
    return render_view(film, view, shape, fill)


def _cut(film: np.ndarray, points: np.ndarray, rng: Generator) -> Sample:
    """Film cut off at one side, through the hand or not; the rest stays in place."""
    axis, share = int(rng.integers(2)), rng.uniform(0.05, 0.45)
    length = film.shape[axis]
    first, last = share * length, length
    if rng.random() < 0.5:
        first, last = 0, (1 - share) * length
    places = np.arange(length)
    gone = np.expand_dims((places < first) | (places > last), 1 - axis)
    grey = rng.integers(256) if rng.random() < 0.5 else 0
    place = points[:, 1 - axis]
    outside = (place < first - 0.5) | (place > last + 0.5)
    points = np.where(outside[:, None], ABSENT, points)
    return np.where(gone, grey, film).astype(np.uint8), points


def _no_hand(film: np.ndarray, rng: Generator) -> np.ndarray:
    """Film of something else: scattered pieces, shapes, text, noise."""
    cv2 = load_cv2()
    height, width = film.shape
    kind = rng.integers(4)
    if kind == 0:  # pieces of a hand film in disorder
        side = max(1, int(rng.uniform(0.12, 0.3) * min(height, width)))
        canvas = np.zeros_like(film)
        for y in range(0, height - side, side):
            for x in range(0, width - side, side):
                row, column = (int(rng.integers(s - side)) for s in film.shape)
                piece = film[row : row + side, column : column + side]
                piece = np.rot90(piece, int(rng.integers(4)))
                canvas[y : y + side, x : x + side] = piece
        return canvas
    size = (int(rng.integers(3, 40)), int(rng.integers(3, 40)))
    coarse = rng.uniform(0, 255, size).astype(np.float32)
    canvas = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    canvas = canvas * rng.uniform(0, 1) + rng.uniform(0, 120)
    if kind == 1:  # ribs, limbs, organs: bright bars and ovals
        for _ in range(rng.integers(3, 25)):
            at = tuple(int(v) for v in rng.uniform((0, 0), (width, height)))
            axes = tuple(int(v) for v in rng.uniform(0.01, 0.5, 2) * width)
            axes = (max(2, axes[0]), max(2, int(axes[1] * rng.uniform(0.05, 1))))
            thickness = int(rng.choice([-1, 2, 6, 12]))
            grey = float(rng.uniform(40, 255))
            cv2.ellipse(canvas, at, axes, rng.uniform(0, 360), 0, 360, grey, thickness)
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 4))
    elif kind == 2:  # a page of text
        letters = list("ABCDEFGHIKLMNOPRSTUVWabcdefghiklmnoprstuvw  0123456789")
        grey = float(rng.uniform(0, 255))
        height_line = int(rng.uniform(8, 30))
        canvas = np.clip(canvas, 0, 255).astype(np.uint8)
        for y in range(height_line, height, height_line):
            line = "".join(rng.choice(letters, 60))
            cv2.putText(canvas, line, (5, y), 0, height_line / 30, grey, 1, cv2.LINE_AA)
    canvas = canvas + rng.normal(0, rng.uniform(0, 40), canvas.shape)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _two_hands(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """Both hands on one film, side by side."""
    cv2 = load_cv2()
    height = film.shape[0]
    width = max(1, round(other.shape[1] * height / other.shape[0]))
    other = cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA)
    pair = [film, other[:, ::-1] if rng.random() < 0.7 else other]
    return np.hstack(pair if rng.random() < 0.5 else pair[::-1])


def _expose(image: np.ndarray, rng: Generator) -> np.ndarray:
    """Another exposure of an image of grey levels 0 to 255, and what lies about."""
    cv2 = load_cv2()
    height, width = image.shape
    image = np.clip(image, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(0, 4)):
        _draw_object(image, rng)
    share = rng.uniform(0.3, 1) if rng.random() < 0.15 else 0
    flat = cv2.equalizeHist(image)
    image = (image * np.float32(1 - share) + flat * np.float32(share)) / np.float32(255)
    image = image ** np.float32(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.3:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.4))
    if rng.random() < 0.25:  # collimation
        top, bottom, left, right = (
            int(rng.uniform(1, 0.12 * side)) for side in (height, height, width, width)
        )
        frame = np.full_like(image, rng.uniform(0, 1))
        frame[top:-bottom, left:-right] = image[top:-bottom, left:-right]
        image = frame
    image = standardise(image)
    if rng.random() < 0.5:
        image = image + rng.normal(0, rng.uniform(0.01, 0.15), image.shape)
    if rng.random() < 0.5:
        across, along = rng.normal(0, 0.3, 2)
        image = image + across * np.linspace(-1, 1, width)
        image = image + along * np.linspace(-1, 1, height)[:, None]
    image = image * np.exp(rng.normal(0, 0.15)) + rng.normal(0, 0.15)
    return image.astype(np.float32)


def _draw_object(image: np.ndarray, rng: Generator) -> None:
    """Side marker, label, ruler or jewellery."""
    cv2 = load_cv2()
    height, width = image.shape
    x, y = int(rng.integers(width)), int(rng.integers(height))
    grey, kind = float(rng.uniform(0, 255)), rng.integers(4)
    if kind == 0:
        w, h = (int(v) for v in rng.integers(3, 26, 2))
        cv2.rectangle(image, (x, y), (x + w, y + h), grey, -1)
    elif kind == 1:
        text = "".join(rng.choice(list("LRABDEKM0123456789"), rng.integers(1, 7)))
        cv2.putText(image, text, (x, y), 0, rng.uniform(0.25, 0.9), grey, 1)
    elif kind == 2 and rng.random() < 0.5:
        end = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.line(image, (x, y), end, grey, int(rng.integers(1, 3)))
    elif kind == 3:
        radius, thickness = int(rng.integers(2, 9)), int(rng.integers(1, 3))
        cv2.circle(image, (x, y), radius, grey, thickness)
