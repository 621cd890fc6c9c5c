"""From films to landmark weights: the recipe, from end to end."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import delayed

from ..._utils.parallel import run_tasks
from ..._utils.validation import check_landmarks
from ...films import read_film
from ...films._checks import film_name
from .._hand_pose import MIN_LANDMARKS, as_complex, fit_hand_pose
from .._polarity import is_inverted
from ._budget import Budget
from ._film_views import reduce_film
from ._training import (
    LabelledFilms,
    PackedFilms,
    calibrate,
    draw_synthetic_films,
    label_films,
    pack_films,
    train_networks,
)
from ._weights import Weights

FIRST_STEP_RATIO = 1.5  # steps on synthetic films alone for one step of a later round


def fit_weights(
    films: Sequence[Any],
    y: Any,
    *,
    start: Weights | None,
    budget: Budget,
    n_rounds: int,
    max_steps: int,
    seed: int,
    memory: Any,
    n_jobs: int | None,
    verbose: int,
) -> tuple[Weights, int]:
    """Weights trained on films as `HandLandmarker.fit` says, and how many it used."""
    how: dict[str, Any] = {"n_jobs": n_jobs, "verbose": verbose}
    landmarks = None if y is None else _check_landmarks(y, films)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(films))[: budget.most])
    tasks = [delayed(_read_reduced)(films[i], i) for i in chosen]
    reduced, scales = pack_films(run_tasks(tasks, "reading films", **how))
    synthetic = draw_synthetic_films(budget.n_synthetic, seed, **how)

    def train(real: LabelledFilms | None, steps: int, step_seed: int) -> Weights:
        to = {"max_steps": steps, "seed": step_seed, "memory": memory}
        return train_networks(synthetic, real, start, **to, **how)

    if start is None:
        start = train(None, round(FIRST_STEP_RATIO * max_steps), seed)
    if landmarks is not None:
        real = _annotated(reduced, np.array(scales), landmarks[chosen])
        start = train(real, max_steps, seed + 1)
    else:
        for round_ in range(n_rounds):
            real = label_films(reduced, start, **how)
            if len(real.films) < budget.least:
                raise ValueError(
                    f"hands were found with confidence on {len(real.films)} of "
                    f"{len(reduced)} films; at least {budget.least} are needed"
                )
            start = train(real, max_steps, seed + 1 + round_)
    start = calibrate(start, (synthetic, real), budget.n_calibration, seed, **how)
    return start, len(real.films)


def _check_landmarks(y: Any, films: Sequence[Any]) -> np.ndarray:
    """Return landmarks (n, 19, 3) with weights; NaN, NaN, 0 where unknown."""
    landmarks = check_landmarks(y, len(films), "y has", third="weight")
    for i, count in enumerate((landmarks[..., 2] > 0).sum(axis=1)):
        if count < MIN_LANDMARKS:
            raise ValueError(
                f"y has {count} landmarks for {film_name(films[i], i)}; at least "
                f"{MIN_LANDMARKS} are needed"
            )
    return landmarks


def _read_reduced(film: Any, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Reduced film and its scale."""
    return reduce_film(read_film(film, index))


def _annotated(
    reduced: PackedFilms, scales: np.ndarray, landmarks: np.ndarray
) -> LabelledFilms:
    """Annotated films, with bright bone."""
    landmarks = landmarks.copy()
    landmarks[..., :2] = (landmarks[..., :2] + 0.5) * scales[:, None] - 0.5
    films = []
    for film, marked in zip(reduced, landmarks, strict=True):
        points = as_complex(marked)
        length = fit_hand_pose(points, marked[:, 2]).length
        films.append(255 - film if is_inverted(film, points, length) else film)
    return LabelledFilms(PackedFilms(films), landmarks)
