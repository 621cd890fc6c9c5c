"""The commands that cluster: fit, predict and demo."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ._landmarks import open_landmarker
from ._output import prepare_output, print_written

DEMO_FILMS, DEMO_UNSEEN = 240, 120
DEMO_CROP = (32, 32)  # a quarter of the usual pixels, for speed
DEMO_STEPS = 200


def fit(args: argparse.Namespace) -> None:
    from .. import CCAEC, BoneAgeClusterer, ContrastiveRegionEncoder
    from ..datasets import load_radiographs

    if args.by_sex and args.ages is None:
        raise ValueError("--by-sex needs --ages: a table with the column male")
    data = load_radiographs(args.films, args.ages)
    output = prepare_output(args.output)
    regions = args.regions and [
        region for text in args.regions for region in text.split(",") if region
    ]
    encoder = CCAEC() if args.method == "ccaec" else ContrastiveRegionEncoder()
    if args.steps is not None:
        encoder.set_params(max_steps=args.steps)
    model = BoneAgeClusterer(
        regions,
        args.clusters,
        method=args.method,
        landmarker=open_landmarker(args.landmarks, output / "cache", args.jobs),
        encoder=encoder,
        on_error=args.on_error,
        memory=output / "cache",
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
    )
    ages = None if args.ages is None else data.target
    sexes = data.sex if args.by_sex else None
    if sexes is not None and pd.isna(sexes).all():
        raise ValueError(
            f"--by-sex: {args.ages.name} tells the sex of none of the films (column "
            "male)"
        )
    model.fit(data.data, ages, sex=sexes)
    _report_fit(model, ages, sexes)
    _write_fit(model, output)


def predict(args: argparse.Namespace) -> None:
    import joblib

    from .. import BoneAgeClusterer
    from ..datasets import load_radiographs

    if not args.model.is_file():
        raise FileNotFoundError(f"there is no model {args.model}")
    try:
        model = joblib.load(args.model)
    except Exception as error:  # whatever a damaged pickle raises
        raise ValueError(f"{args.model} is no model, or is damaged: {error}") from error
    if not isinstance(model, BoneAgeClusterer):
        raise ValueError(f"{args.model} holds a {type(model).__name__}, no model")
    data = load_radiographs(args.films, args.sexes)
    output = prepare_output(args.output)
    model.set_params(on_error=args.on_error, verbose=1)
    if args.landmarks is not None:
        model.set_params(landmarker=open_landmarker(args.landmarks))
    assignments = model.assign(data.data, data.sex)
    _write_assignments(assignments, output)
    assigned = int((assignments["cluster"] >= 0).sum())
    print(f"{assigned} of {len(assignments)} films assigned")
    print_written(output, ("assignments.csv", "skipped.csv"))


def demo(args: argparse.Namespace) -> None:
    from .. import CCAEC, BoneAgeClusterer, ContrastiveRegionEncoder
    from ..datasets import make_hand_radiographs

    output = prepare_output(args.output)
    films = make_hand_radiographs(DEMO_FILMS + DEMO_UNSEEN, random_state=args.seed)
    encoder = CCAEC() if args.method == "ccaec" else ContrastiveRegionEncoder()
    model = BoneAgeClusterer(
        method=args.method,
        encoder=encoder.set_params(max_steps=DEMO_STEPS),
        crop_shape=DEMO_CROP,
        memory=output / "cache",
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
    )
    seen, unseen = slice(DEMO_FILMS), slice(DEMO_FILMS, None)
    model.fit(films.data[seen], films.target[seen])
    _report_fit(model, films.target[seen])
    score = model.set_params(verbose=0).score(films.data[unseen], films.target[unseen])
    print(
        f"On {DEMO_UNSEEN} films not seen before: accuracy {score:.1%} with these "
        "names."
    )
    _write_fit(model, output)


def _report_fit(
    model: Any, ages: np.ndarray | None, sexes: np.ndarray | None = None
) -> None:
    from ..metrics import (
        assign_age_intervals,
        chance_majority_label_accuracy,
        majority_label_accuracy,
    )

    n_films, skipped = len(model.labels_), int((model.labels_ < 0).sum())
    print(
        f"\n{n_films} films, {skipped} set aside ({skipped / n_films:.1%}), "
        f"{model.n_clusters_} clusters"
    )
    if ages is None:
        print("No ages were given: the clusters have no names.")
        return
    intervals = assign_age_intervals(
        ages, interval=model.interval, age_range=model.age_range
    )
    table = model.cluster_table_
    print("\nFilms by cluster and age interval in months (Table 1):")
    print(
        table.assign(accuracy=100 * table["accuracy"])
        .rename(columns={"accuracy": "accuracy %", "median_age": "median age"})
        .to_string(na_rep="-", float_format="{:.1f}".format)
    )
    accuracy = majority_label_accuracy(intervals, model.labels_, sexes)
    chance = chance_majority_label_accuracy(intervals, model.labels_, sexes)
    error = np.nanmean(np.abs(ages - model.assignments_["age"].to_numpy()))
    named = "clusters" if sexes is None else "clusters for each sex"
    print(
        f"\nMajority-label accuracy {accuracy:.1%} (in-sample: the same films name the "
        f"{named}), chance level {chance:.1%}; mean distance from the cluster's "
        f"median age {error:.1f} months."
    )


def _write_fit(model: Any, output: Path) -> None:
    import joblib
    from sklearn.base import clone

    from .. import LandmarkTable

    _write_assignments(model.assignments_, output)
    if hasattr(model, "cluster_table_"):
        table = model.cluster_table_
    else:
        sizes = model.assignments_["cluster"].value_counts().drop(-1, errors="ignore")
        table = sizes.rename("films").sort_index().to_frame()
    digits = {"accuracy": 4, "median_age": 2}
    table.round(digits).to_csv(output / "clusters.csv")
    written = ["assignments.csv", "skipped.csv", "clusters.csv", "model.joblib"]
    if hasattr(model, "cluster_table_by_sex_"):
        written.insert(3, "clusters_by_sex.csv")
        model.cluster_table_by_sex_.round(digits).to_csv(output / written[3])
    # New films are in no table of these, and another machine has no such cache.
    landmarker = model.landmarker
    if isinstance(landmarker, LandmarkTable):
        landmarker = None
    elif landmarker is not None:
        landmarker = clone(landmarker).set_params(memory=None)
    model.set_params(landmarker=landmarker, memory=None)
    model.pipeline_.set_params(
        extractor__landmarker=landmarker, extractor__memory=None, encoder__memory=None
    )
    joblib.dump(model, output / "model.joblib")
    print_written(output, written)


def _write_assignments(assignments: pd.DataFrame, output: Path) -> None:
    """One table of the films that have a cluster, one of those that have none."""
    assignments = assignments.round({"age": 2, "maturity": 4, "confidence": 4})
    assigned = assignments["cluster"] >= 0
    assignments[assigned].drop(columns="reason").to_csv(
        output / "assignments.csv", index=False
    )
    assignments.loc[~assigned, ["film", "reason"]].to_csv(
        output / "skipped.csv", index=False
    )
