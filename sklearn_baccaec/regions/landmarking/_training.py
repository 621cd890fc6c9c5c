"""How landmark networks are trained without labels: from drawn hands to real ones.

1. Networks learn on synthetic films, under augmentation beyond what real films show.
2. They label real films; where several looks at a film agree, its labels join the
   synthetic ones, and the networks are trained on. This is repeated.
3. Confidence is calibrated on films of 1 and 2, spoiled by the same augmentation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from ..._utils.code_version import code_version
from ..._utils.parallel import SentOnce, run_tasks
from ..._utils.regions import KEY_REGIONS
from ...datasets import make_hand_radiographs
from ...nn._heatmap_training import train_heatmaps
from .._hand_pose import MIN_LANDMARKS, as_complex, fit_hand_pose
from ._augmentation import draw_finder_sample, draw_refiner_sample
from ._film_views import FILM_SIDE
from ._hand_location import MORE_LOOKS, N_EVIDENCE, HandLocation, locate_hand
from ._networks import CALIBRATION, SHAPES, network_weights
from ._shared_networks import SharedNetworks
from ._weights import Weights, round_weights

REAL_SHARE = 0.65  # of the samples, once real films have labels
FIRST_LR, LATER_LR = 4e-3, 2.5e-3
FINDER_STEP_RATIO = 2.2  # to the refiner's, each of which costs that much more
AGREEMENT = 0.02  # hand lengths between looks at which a label's weight falls to 1/e
MIN_FILM_WEIGHT = 0.6  # mean weight of a film's labels above which they are used
MIN_WEIGHT = 0.1  # of a label; those below are unknown
TOLERANCE = 0.05  # hand lengths; confidence is the probability of an error below it

_FILM_SHAPES = ((400, 300), (420, 340), (360, 320), (440, 300))
_CHUNK = 30  # synthetic films drawn alike


class PackedFilms(Sequence[np.ndarray]):
    """Films of any sizes in one buffer, which processes share instead of copying."""

    def __init__(self, films: Iterable[np.ndarray]) -> None:
        self.shapes: list[tuple[int, ...]] = []
        pixels = bytearray()
        for film in films:
            self.shapes.append(film.shape)
            pixels += film.tobytes()
        self.pixels = np.frombuffer(pixels, np.uint8)
        self.starts = np.cumsum([0, *(height * width for height, width in self.shapes)])

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, end = self.starts[index], self.starts[index + 1]
        return self.pixels[start:end].reshape(self.shapes[index])


def pack_films(pairs: Iterable[tuple[np.ndarray, Any]]) -> tuple[PackedFilms, list]:
    """Pack films as they come; what each comes with is listed."""
    others = []

    def films() -> Iterator[np.ndarray]:
        for film, other in pairs:
            others.append(other)
            yield film

    return PackedFilms(films()), others


@dataclass(frozen=True)
class LabelledFilms(SentOnce):
    """Reduced films with landmarks (n, 19, 3): x, y (NaN where unknown) and weight."""

    films: PackedFilms
    landmarks: np.ndarray


def draw_synthetic_films(n_films: int, seed: int, **how: Any) -> LabelledFilms:
    """Films more varied than real ones; ``how`` is for `run_tasks`, here and below."""
    tasks = [
        delayed(_draw_chunk)(min(_CHUNK, n_films - start), seed, start)
        for start in range(0, n_films, _CHUNK)
    ]
    chunks = run_tasks(tasks, "drawing hands", unit="chunk", prefer=None, **how)
    pairs = (pair for chunk in chunks for pair in zip(*chunk, strict=True))
    films, landmarks = pack_films(pairs)
    return LabelledFilms(films, np.array(landmarks))


def _draw_chunk(n_films: int, seed: int, start: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, start])
    drawn = make_hand_radiographs(
        n_films,
        film_shape=_FILM_SHAPES[rng.integers(len(_FILM_SHAPES))],
        age_range=(6, 228),
        pose=rng.uniform(0.8, 1.9),
        exposure=rng.uniform(0.5, 2.0),
        noise=rng.uniform(0, 3),
        right_hand_share=0,  # augmentation mirrors
        random_state=int(rng.integers(2**31)),
    )
    weights = np.ones((n_films, len(KEY_REGIONS)))
    return drawn.data, np.dstack([drawn.landmarks, weights])


def label_films(
    films: Sequence[np.ndarray], weights: Weights, **how: Any
) -> LabelledFilms:
    """Label reduced films; those whose looks disagree are left out."""
    networks = SharedNetworks(weights)
    tasks = [delayed(_look_often)(film, networks) for film in films]
    located = run_tasks(tasks, "labelling", **how)

    def label() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for film, found in zip(films, located, strict=True):
            weight = found.mass * np.exp(-((found.spread / AGREEMENT) ** 2))
            if weight.mean() >= MIN_FILM_WEIGHT:
                known = np.where(weight < MIN_WEIGHT, np.nan, found.points)
                landmarks = np.column_stack([known.real, known.imag, weight])
                yield 255 - film if found.inverted else film, landmarks

    kept, landmarks = pack_films(label())
    return LabelledFilms(kept, np.reshape(landmarks, (-1, len(KEY_REGIONS), 3)))


def _look_often(film: np.ndarray, networks: SharedNetworks) -> HandLocation:
    return locate_hand(film, networks.get(), MORE_LOOKS)


def train_networks(
    synthetic: LabelledFilms,
    real: LabelledFilms | None,
    start: Weights | None,
    *,
    max_steps: int,
    seed: int,
    memory: Any,
    n_jobs: int | None,
    verbose: int,
) -> Weights:
    """Train finder and refiner, from ``start`` or from nothing, side by side."""
    ignored = ["synthetic", "real", "initial", "progress"]
    train = memory.cache(_train_one, ignore=ignored, kind=dict)
    key = f"{code_version(_train_one)} {joblib.hash((synthetic, real, start))}"
    trained = Parallel(n_jobs=n_jobs)(
        delayed(train)(
            key,
            name,
            synthetic,
            real,
            None if start is None else network_weights(start, name),
            max_steps=round(max_steps * (FINDER_STEP_RATIO if name == "finder" else 1)),
            seed=seed,
            progress=f"training {name}" if verbose else None,
        )
        for name in SHAPES
    )
    weights = {
        f"{name}.{key}": value
        for name, network in zip(SHAPES, trained, strict=True)
        for key, value in network.items()
    }
    calibration = np.zeros(N_EVIDENCE) if start is None else start[CALIBRATION]
    return round_weights({**weights, CALIBRATION: calibration})


def _train_one(
    key: str,
    name: str,
    synthetic: LabelledFilms,
    real: LabelledFilms | None,
    initial: Weights | None,
    *,
    max_steps: int,
    seed: int,
    progress: str | None,
) -> Weights:
    """Train one network, cached under the key of what it is trained on."""
    draw_sample = {"finder": draw_finder_sample, "refiner": draw_refiner_sample}[name]

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        source = real if real is not None and rng.random() < REAL_SHARE else synthetic
        films = source.films
        i = int(rng.integers(len(films)))
        points, weights = source.landmarks[i, :, :2], source.landmarks[i, :, 2]
        image, points = draw_sample(films[i], points, films, rng)
        unknown = np.isnan(points).any(axis=1)
        return image, np.nan_to_num(points), np.where(unknown, 0, weights)

    return train_heatmaps(
        draw,
        n_points=len(KEY_REGIONS),
        shape=SHAPES[name],
        max_steps=max_steps,
        lr=FIRST_LR if initial is None else LATER_LR,
        seed=seed,
        progress=progress,
        initial=initial,
    )


def calibrate(
    weights: Weights,
    sources: Sequence[LabelledFilms],
    n_films: int,
    seed: int,
    **how: Any,
) -> Weights:
    """Weights whose confidence is the probability of an error below `TOLERANCE`."""
    networks = SharedNetworks(weights)
    tasks = [
        delayed(_check_one)(sources[i % len(sources)], networks, seed, i)
        for i in range(n_films)
    ]
    checked = run_tasks(tasks, "calibrating", **how)
    evidence, right = (np.concatenate(part) for part in zip(*checked, strict=True))
    if right.all() or not right.any():
        return weights
    model = LogisticRegression(fit_intercept=False).fit(evidence, right)
    return round_weights({**weights, CALIBRATION: model.coef_[0]})


def _check_one(
    source: LabelledFilms, networks: SharedNetworks, seed: int, index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Evidence for the landmarks of one spoiled film, and which were right."""
    rng = np.random.default_rng([seed, index])
    films, shape = source.films, (FILM_SIDE, FILM_SIDE)
    i = int(rng.integers(len(films)))
    points, weights = source.landmarks[i, :, :2], source.landmarks[i, :, 2]
    film, points = draw_finder_sample(films[i], points, films, rng, shape)
    location = locate_hand(film, networks.get())
    truth = as_complex(points)
    known = np.isfinite(truth) & (weights > 0.5)
    seen = known & ((points > -0.5) & (points < FILM_SIDE - 0.5)).all(axis=1)
    length = 0.0
    if seen.sum() >= MIN_LANDMARKS:
        length = fit_hand_pose(np.where(seen, truth, np.nan), seen.astype(float)).length
    right = seen & (np.abs(location.points - truth) <= TOLERANCE * length)
    return location.evidence()[known], right[known]
