"""Accuracy of the paper's main job against training steps: for docs/results.md.

    python tests/benchmarks/training_steps.py FILMS --ages CSV --cache DIR --output CSV

The main job of the paper with long training: every region's CCAEC is trained once
and its weights are kept on the way, which are those of a shorter training. Films are
drawn in the paper's class mix; the others are kept aside and named by the names
learned. Trained regions are cached: an interrupted run goes on with the next one.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Memory, Parallel, delayed
from paper.protocol import draw_class_mix
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.utils import check_random_state
from skorch.callbacks import Callback

from sklearn_baccaec import CCAEC, KeyRegionExtractor, RegionEncoder, RegionPreprocessor
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.metrics import (
    age_interval_edges,
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
    median_age_error,
)
from sklearn_baccaec.metrics._intervals import interval_names
from sklearn_baccaec.nn._training import (
    ShuffledImages,
    apply_in_batches,
    restore_network,
    train_network,
)
from sklearn_baccaec.regions import PAPER_REGIONS

SIDE = 64  # pixels
N_CLUSTERS = 16


class KeepWeights(Callback):
    """Copy the weights after some numbers of steps."""

    def __init__(self, steps: list[int]) -> None:
        self.steps = steps
        self.done = 0
        self.kept: dict[int, dict[str, np.ndarray]] = {}

    def on_batch_end(self, net: Any, **kwargs: Any) -> None:
        self.done += 1
        if self.done in self.steps:
            self.kept[self.done] = {
                name: value.detach().numpy().copy()
                for name, value in net.module_.state_dict().items()
            }


def train_region(
    pixels: np.ndarray, random_state: int, steps: list[int]
) -> dict[str, Any]:
    """Train as `CCAEC(max_steps=max(steps), random_state=random_state).fit` does."""
    encoder = CCAEC()
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    keep = KeepWeights(steps)
    start = time.perf_counter()
    _, losses = train_network(
        encoder.make_network,
        ShuffledImages(pixels, encoder.batch_size, seed),
        network_params={"region_shape": (SIDE, SIDE)},
        max_steps=max(steps),
        lr=encoder.lr,
        device="cpu",
        seed=seed,
        progress=None,
        callbacks=[keep],
    )
    minutes = (time.perf_counter() - start) / 60
    return {"weights": keep.kept, "losses": losses, "minutes": minutes}


def images_of_regions(data: Any, cache: Path, jobs: int) -> np.ndarray:
    """Binarised crops (n_films, n_regions, 1, SIDE, SIDE) in [0, 1]."""
    crops = make_pipeline(
        KeyRegionExtractor(PAPER_REGIONS, memory=cache, n_jobs=jobs, verbose=1),
        RegionPreprocessor(regions=PAPER_REGIONS),
    ).fit_transform(data.data)
    return crops.reshape(len(crops), len(PAPER_REGIONS), 1, SIDE, SIDE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--steps",
        nargs="+",
        type=int,
        default=[300, 1000, 2000, 3000, 6000, 9000, 12000, 15000, 18000],
    )
    parser.add_argument("--seed", type=int, default=0, help="of the networks")
    parser.add_argument("--starts", type=int, default=5, help="seeds of K-means")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    data = load_radiographs(args.films, args.ages)
    chosen = draw_class_mix(data.target)
    aside = np.setdiff1d(np.flatnonzero(assign_age_intervals(data.target) >= 0), chosen)
    images = images_of_regions(data, args.cache, args.jobs)
    images = images / np.float32(images.max())
    encoders = RegionEncoder(
        CCAEC(), regions=PAPER_REGIONS, random_state=args.seed
    )._region_encoders(PAPER_REGIONS)
    start = time.perf_counter()
    train = Memory(args.cache, verbose=0).cache(train_region)
    trained = Parallel(n_jobs=args.jobs, max_nbytes=None)(
        delayed(train)(
            np.ascontiguousarray(images[chosen, i]), encoder.random_state, args.steps
        )
        for i, encoder in enumerate(encoders)
    )
    print(f"trained in {(time.perf_counter() - start) / 60:.1f} min; by region:")
    print([round(region["minutes"], 1) for region in trained], flush=True)

    rows = []
    for step in sorted(args.steps):
        latents = np.hstack(
            [
                apply_in_batches(
                    restore_network(
                        CCAEC().make_network,
                        region["weights"][step],
                        network_params={"region_shape": (SIDE, SIDE)},
                        device="cpu",
                    ).encode,
                    np.ascontiguousarray(images[:, i]),
                    batch_size=16,
                    device="cpu",
                )
                for i, region in enumerate(trained)
            ]
        )
        losses = [region["losses"][max(step - 100, 0) : step] for region in trained]
        rows += [
            {"steps": step, "seed": seed, "loss": np.mean(losses)}
            | score(latents, data.target, chosen, aside, seed)
            for seed in range(args.starts)
        ]
    table = pd.DataFrame(rows)
    table.to_csv(args.output, index=False)
    print(table.groupby("steps").agg(["median", "min", "max"]).round(4).T.to_string())


def score(
    latents: np.ndarray,
    ages: np.ndarray,
    chosen: np.ndarray,
    aside: np.ndarray,
    seed: int,
) -> dict[str, float]:
    """In-sample and held-out figures of one clustering."""
    clusterer = KMeans(N_CLUSTERS, n_init=10, random_state=seed).fit(latents[chosen])
    intervals = assign_age_intervals(ages[chosen])
    labels, others = clusterer.labels_, clusterer.predict(latents[aside])
    table = cluster_table(ages[chosen], labels, n_clusters=N_CLUSTERS)
    names = table[interval_names(age_interval_edges())].to_numpy().argmax(axis=1)
    true = assign_age_intervals(ages[aside])
    return {
        "in-sample accuracy": majority_label_accuracy(intervals, labels),
        "in-sample chance": chance_majority_label_accuracy(intervals, labels),
        "in-sample MAE": median_age_error(ages[chosen], labels),
        "held-out accuracy": np.mean(names[others] == true),
        "held-out largest class": np.bincount(true).max() / len(true),
        "held-out MAE": median_age_error(ages[aside], others, table["median_age"]),
    }


if __name__ == "__main__":
    main()
