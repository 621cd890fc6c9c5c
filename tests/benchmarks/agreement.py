"""What the regions agree on, on real films: the source of docs/results.md.

    python tests/benchmarks/agreement.py FILMS --ages CSV --cache DIR --output CSV

Every row is one model: a method, a protocol, a number of films and a seed. In-sample:
fitted to all films in range without ages; the paper's class mix of these same films
names the clusters and is scored. Held-out: a random 60% of the films in range train,
cluster and name; the others are scored. Rows that the csv has are not run again.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from paper.protocol import draw_class_mix
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.metrics import balanced_accuracy_score

from sklearn_baccaec import (
    BoneAgeClusterer,
    ContrastiveRegionEncoder,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
)
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from sklearn_baccaec.regions import PAPER_REGIONS

TRAIN_SHARE = 0.6
VARIANTS: dict[str, dict[str, Any]] = {
    "agreement": {},
    "paper regions": {"regions": PAPER_REGIONS},
    "no curriculum": {"encoder": ContrastiveRegionEncoder(curriculum=0)},
    "no pose": {"encoder": ContrastiveRegionEncoder(pose_jitter=0)},
    "no exposure": {"encoder": ContrastiveRegionEncoder(exposure_jitter=0)},
    "half the steps": {"encoder": ContrastiveRegionEncoder(max_steps=225)},
    "twice the steps": {"encoder": ContrastiveRegionEncoder(max_steps=900)},
    "two components": {"consensus": RegionConsensus(2, regularization=0.5)},
    "no consensus": {"consensus": "passthrough"},
    "linear": {
        "preprocessor": RegionPreprocessor(),
        "encoder": RegionEncoder(PCA(16)),
        "consensus": RegionConsensus(3),
    },
    "components": {"method": "ccaec", "encoder": PCA(16)},
}


def run(
    variant: str, protocol: str, n_films: int, seed: int, data: Any, cache: Path
) -> dict[str, Any]:
    """Fit one model and measure it."""
    ages, sexes = data.target, data.sex
    intervals = assign_age_intervals(ages)
    films = np.flatnonzero(intervals >= 0)
    if protocol == "held-out":
        films = np.random.default_rng(500 + seed).permutation(films)
        fitted = films[: int(TRAIN_SHARE * len(films))]
        scored = np.setdiff1d(films, fitted)
    else:
        fitted, scored = films, draw_class_mix(ages, seed)
    if n_films:
        fitted = np.random.default_rng(seed).permutation(fitted)[:n_films]
    settings = {"method": "agreement", "memory": cache, "on_error": "skip"}
    model = BoneAgeClusterer(
        **{**settings, **VARIANTS[variant]}, random_state=seed, verbose=1
    )
    start = time.perf_counter()
    model.fit(data.data[fitted])
    row = {
        "variant": variant,
        "protocol": protocol,
        "films": len(fitted),
        "seed": seed,
        "seconds": time.perf_counter() - start,
    }
    labels, true = model.predict(data.data[scored]), intervals[scored]
    row["set aside"] = np.mean(labels < 0)
    naming = fitted if protocol == "held-out" else scored
    for column, given in (("", None), (" by sex", sexes)):
        own = None if given is None else given[scored]
        of_naming = None if given is None else given[naming]
        model.name_clusters(data.data[naming], ages[naming], sex=of_naming)
        found = assign_age_intervals(
            model.predict_interval(data.data[scored], sex=own).mean(axis=1)
        )
        # The cluster's median: predict_age reads the maturity axis.
        by_median = copy.deepcopy(model.named_clusterer_)
        by_median.set_params(age_regressor=None).name_clusters(
            model.transform(data.data[naming]), ages[naming], sex=of_naming
        )
        months = by_median.predict_age(model.transform(data.data[scored]), sex=own)
        row["accuracy" + column] = np.mean(found == true)
        row["balanced" + column] = balanced_accuracy_score(true, found)
        row["MAE" + column] = np.nanmean(np.abs(months - ages[scored]))
        if protocol == "in-sample":
            row["chance" + column] = chance_majority_label_accuracy(true, labels, own)
            assert np.isclose(
                row["accuracy" + column], majority_label_accuracy(true, labels, own)
            )
    row["largest class"] = np.bincount(true).max() / len(true)
    try:
        maturity = model.predict_maturity(data.data[scored])
    except ValueError:  # without a consensus
        return row
    row["rho"] = spearmanr(maturity, ages[scored], nan_policy="omit")[0]
    row["rho within sex"] = np.mean(
        [
            spearmanr(maturity[members], ages[scored][members], nan_policy="omit")[0]
            for members in (sexes[scored] == "F", sexes[scored] == "M")
        ]
    )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--variants", nargs="+", default=["agreement"])
    parser.add_argument("--protocols", nargs="+", default=["in-sample", "held-out"])
    parser.add_argument("--films-used", nargs="+", type=int, default=[0], help="0: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    args = parser.parse_args()

    data = load_radiographs(args.films, args.ages)
    asked = [
        (variant, protocol, n_films, seed)
        for seed in args.seeds
        for variant in args.variants
        for protocol in args.protocols
        for n_films in args.films_used
    ]
    for variant, protocol, n_films, seed in asked:
        done = pd.read_csv(args.output) if args.output.exists() else pd.DataFrame()
        key = {"variant": variant, "protocol": protocol, "asked": n_films, "seed": seed}
        if len(done) and (done[list(key)] == pd.Series(key)).all(axis=1).any():
            continue
        row = run(variant, protocol, n_films, seed, data, args.cache)
        rows = pd.concat([done, pd.DataFrame([{"asked": n_films, **row}])])
        rows.to_csv(args.output, index=False)
        print(rows.iloc[-1].to_string(), flush=True)


if __name__ == "__main__":
    main()
