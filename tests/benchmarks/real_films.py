"""The paper's main job and a grid search on real films: the source of docs/results.md.

    python tests/benchmarks/real_films.py FILMS --ages CSV --cache DIR

Films are drawn at random in the paper's class mix (211 : 213 : 260 : 276), as many as
the smallest class allows; the others are kept aside and scored with the names learned.
Everything is cached: an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from paper.protocol import draw_class_mix
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from sklearn_baccaec import CCAEC, BoneAgeClusterer, LandmarkTable
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    cluster_table,
    majority_label_accuracy,
    median_age_error,
)

TABLE_2_SETS = [
    (2, 5, 8, 11, 17, 19),
    (2, 5, 8, 11, 16, 19),
    (2, 5, 8, 11, 16, 17, 19),
]
SEEDS = (0, 1, 2)


def count_trainings(cache: Path) -> int:
    """Trained encoders that the cache holds, one folder each."""
    return sum(1 for _ in cache.rglob("_fit_region/*/output.pkl"))


def run_seed(model: BoneAgeClusterer, films: dict, seed: int) -> dict:
    """In-sample and held-out figures of one seed."""
    model.set_params(random_state=seed).fit(films["X"], films["y"])
    intervals = assign_age_intervals(films["y"])
    print(cluster_table(films["y"], model.labels_, n_clusters=model.n_clusters))
    others = films["y_others"]
    labels = model.predict(films["X_others"])
    return {
        "seed": seed,
        "in-sample accuracy": majority_label_accuracy(intervals, model.labels_),
        "in-sample chance": chance_majority_label_accuracy(intervals, model.labels_),
        "in-sample MAE": median_age_error(films["y"], model.labels_),
        "held-out accuracy": model.score(films["X_others"], others),
        "held-out largest class": np.bincount(assign_age_intervals(others)).max()
        / len(others),
        "held-out MAE": median_age_error(
            others, labels, model.cluster_table_["median_age"]
        ),
        "set aside": float(np.mean(model.labels_ < 0)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--landmarks", type=Path, help="a table instead of finding")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--encoder", choices=("ccaec", "pca"), default="ccaec")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--grid-steps", type=int, help="also search, with as many")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    data = load_radiographs(args.films, args.ages)
    chosen = draw_class_mix(data.target)
    in_range = assign_age_intervals(data.target) >= 0
    aside = np.setdiff1d(np.flatnonzero(in_range), chosen)
    films = {
        "X": data.data[chosen],
        "y": data.target[chosen],
        "X_others": data.data[aside],
        "y_others": data.target[aside],
    }
    print(f"{len(chosen)} films in the paper's class mix, {len(aside)} kept aside")
    model = BoneAgeClusterer(
        landmarker=LandmarkTable(args.landmarks) if args.landmarks else None,
        encoder=CCAEC(max_steps=args.steps) if args.encoder == "ccaec" else PCA(16),
        on_error="skip",
        memory=args.cache,
        n_jobs=args.jobs,
        verbose=1,
    )
    start = time.perf_counter()
    rows = [run_seed(model, films, seed) for seed in SEEDS]
    print(pd.DataFrame(rows).set_index("seed").T.round(4))
    trained = count_trainings(args.cache)
    print(f"{trained} trainings")
    print(f"main job: {(time.perf_counter() - start) / 60:.1f} min", flush=True)
    if args.grid_steps is None:
        return

    start = time.perf_counter()
    splitter = StratifiedKFold(3, shuffle=True, random_state=0)
    model.set_params(random_state=0, verbose=0, encoder__max_steps=args.grid_steps)
    search = GridSearchCV(
        model,
        {"regions": TABLE_2_SETS, "n_clusters": [8, 16, 32]},
        cv=list(splitter.split(films["X"], assign_age_intervals(films["y"]))),
    ).fit(films["X"], films["y"])
    columns = ["param_regions", "param_n_clusters", "mean_test_score", "std_test_score"]
    print(pd.DataFrame(search.cv_results_)[columns].to_string())
    print(f"{count_trainings(args.cache) - trained} trainings more, refit included")
    print(f"grid search: {(time.perf_counter() - start) / 60:.1f} min")


if __name__ == "__main__":
    main()
