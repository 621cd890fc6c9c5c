"""Every clustering that a table or figure needs, as rows of one tidy frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import recall_score
from tqdm import tqdm

from sklearn_baccaec import RegionSelector
from sklearn_baccaec.datasets import load_paper_results
from sklearn_baccaec.metrics import (
    age_interval_edges,
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
    median_age_error,
)
from sklearn_baccaec.metrics._intervals import interval_names
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS

from .embeddings import Embeddings
from .protocol import Split, data_sizes, held_out, in_sample

K = 16
N_CLUSTERS = (4, 8, 16, 24, 32, 64)  # Table 3
INTERVALS = (12, 24, 36, 48)  # Fig. 7, months
REGION_SETS = tuple(
    tuple(KEY_REGIONS[number - 1] for number in numbers)
    for numbers in load_paper_results().table_2.index
)
ENCODERS = ("CCAEC", "VAE")


class Training(NamedTuple):
    """An encoder trained once: on which films, with which seed."""

    encoder: str
    split: Split
    seed: int
    main: bool  # for the main tables, not for another of Fig. 8's sizes

    @property
    def protocol(self) -> str:
        """In-sample or held out."""
        return "held out" if self.split.held_out else "in-sample"

    @property
    def encoded_regions(self) -> tuple[str, ...]:
        """All regions for the main tables, else the paper's."""
        return KEY_REGIONS if self.main else PAPER_REGIONS


def list_trainings(
    ages: np.ndarray, seeds: Iterable[int], size_seeds: Iterable[int]
) -> list[Training]:
    """All trainings: of the main tables, then of Fig. 8's other sizes."""
    trainings = [
        Training(encoder, split, seed, True)
        for seed in seeds
        for encoder in ENCODERS
        for split in (in_sample(ages), held_out(ages, seed))
    ]
    return trainings + [
        Training("CCAEC", split, seed, False)
        for seed in size_seeds
        for split in _other_sizes(ages, seed)
    ]


def _other_sizes(ages: np.ndarray, seed: int) -> list[Split]:
    """Splits of Fig. 8's sizes, but for that of the main tables."""
    main = len(in_sample(ages).train)
    inside = [in_sample(ages, size) for size in data_sizes(ages)]
    outside = [held_out(ages, seed, share) for share in (1 / 3, 2 / 3)]
    return [split for split in inside if len(split.train) != main] + outside


def run_all(
    trainings: Sequence[Training], embeddings: Embeddings, ages: np.ndarray
) -> pd.DataFrame:
    """Encode, cluster, name and score; one row for each clustering and interval."""
    rows: list[dict[str, Any]] = []
    for training in tqdm(trainings, desc="trainings", unit="training"):
        held = training.encoded_regions
        latents = embeddings.encode(
            training.encoder, training.split.train, training.seed, held
        )
        for regions, k, intervals in _list_clusterings(training):
            selector = RegionSelector(regions, all_regions=held)
            labels = cluster(
                selector.fit_transform(latents), k, training, embeddings.usable
            )
            rows.extend(
                {
                    "encoder": training.encoder,
                    "protocol": training.protocol,
                    "main": training.main,
                    "films": len(training.split.train),
                    "seed": training.seed,
                    "regions": regions,
                    "k": k,
                    "interval": interval,
                    **score(labels, ages, training.split, interval),
                }
                for interval in intervals
            )
    return pd.DataFrame(rows)


def _list_clusterings(
    training: Training,
) -> Iterator[tuple[tuple[str, ...], int, tuple[int, ...]]]:
    """Regions, number of clusters and intervals to score, none of them twice."""
    if training.encoder != "VAE":
        yield from ((PAPER_REGIONS, k, (48,)) for k in N_CLUSTERS)
    if not training.main:
        return
    yield from (((region,), K, INTERVALS) for region in KEY_REGIONS)
    if training.encoder != "VAE":
        others = (regions for regions in REGION_SETS if regions != PAPER_REGIONS)
        yield from ((regions, K, (48,)) for regions in others)


def cluster(
    latents: np.ndarray,
    k: int,
    training: Training,
    usable: np.ndarray,
) -> np.ndarray:
    """Cluster of every film, found by those of the training; -1 without all crops."""
    train = training.split.train
    model = KMeans(k, n_init=10, random_state=training.seed)
    model.fit(latents[train[usable[train]]])
    labels = np.full(len(latents), -1)
    labels[usable] = model.predict(latents[usable])
    return labels


def score(
    labels: np.ndarray, ages: np.ndarray, split: Split, interval: float
) -> dict[str, float]:
    """Figures of one clustering: in-sample, or held out with the names of training."""
    true = assign_age_intervals(ages, interval=interval)
    if not split.held_out:
        films = split.train
        return {
            "accuracy": majority_label_accuracy(true[films], labels[films]),
            "chance": chance_majority_label_accuracy(true[films], labels[films]),
            "mae": median_age_error(ages[films], labels[films]),
        }
    table = cluster_table(
        ages[split.train],
        labels[split.train],
        interval=interval,
        n_clusters=labels.max() + 1,
    )
    names = interval_names(age_interval_edges(interval))
    named = table["interval"].map({name: i for i, name in enumerate(names)}).fillna(-1)
    found = np.append(named, -1).astype(int)[labels[split.scored]]
    true = true[split.scored]
    return {
        "accuracy": np.mean(found == true),
        "balanced": recall_score(true, found, labels=np.unique(true), average="macro"),
        "largest": np.bincount(true).max() / len(true),
        "mae": median_age_error(
            ages[split.scored], labels[split.scored], table["median_age"]
        ),
    }


def select(runs: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Rows whose columns have these values, which may be tuples."""
    chosen = np.ones(len(runs), bool)
    for name, value in values.items():
        chosen &= np.array([own == value for own in runs[name]], bool)
    return runs[chosen]
