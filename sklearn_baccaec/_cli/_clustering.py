"""The commands that cluster: fit, predict and demo."""

import argparse
import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._utils.warning import warn_user
from ._landmarks import open_landmarker
from ._output import prepare_output, print_written, write_table

DEMO_FILMS, DEMO_UNSEEN, DEMO_STEPS = 240, 120, 200
DEMO_CROP = (32, 32)  # a quarter of the usual pixels, for speed


def fit(args: argparse.Namespace) -> None:
    from ..datasets import load_radiographs

    if args.steps is not None and args.method != "ccaec":
        raise ValueError(f"--steps: --method {args.method} trains no networks")
    if args.by_sex and args.ages is None:
        raise ValueError("--by-sex needs --ages: a table with the column male")
    if args.report:
        from ..report._page import check_report_support

        check_report_support()  # hours before it is needed
    data = load_radiographs(args.films, args.ages)
    output = prepare_output(args.output)
    regions = args.regions and [r for r in ",".join(args.regions).split(",") if r]
    model = _make_model(
        args,
        args.steps,
        regions=regions,
        n_clusters=args.clusters,
        landmarker=open_landmarker(args.landmarks, output / "cache", args.jobs),
        on_error=args.on_error,
    )
    ages = None if args.ages is None else data.target
    sexes = data.sex if args.by_sex else None
    if sexes is not None and pd.isna(sexes).all():
        name = args.ages.name
        raise ValueError(
            f"--by-sex: {name} tells the sex of none of the films (column male)"
        )
    model.fit(data.data, ages, sex=sexes)
    _print_fit(model, ages, sexes)
    _write_fit(model, output)
    if args.report:
        _write_report(model, data.data, ages, sexes, output)


def predict(args: argparse.Namespace) -> None:
    from .. import load_model
    from ..datasets import load_radiographs

    if not args.model.is_file():
        raise FileNotFoundError(f"there is no model {args.model}")
    model = load_model(args.model).set_params(on_error=args.on_error, verbose=1)
    data = load_radiographs(args.films, args.sexes)
    output = prepare_output(args.output)
    if args.landmarks is not None:
        model.landmarker_ = open_landmarker(args.landmarks)
    if args.sexes is None and hasattr(model, "cluster_table_by_sex_"):
        warn_user(
            "the clusters were named for each sex, but no sex is given: every film "
            "counts with the name of both; give --sexes"
        )
    assignments = model.assign(data.data, sex=data.sex)
    _write_assignments(assignments, output)
    print(f"{(assignments.cluster >= 0).sum()} of {len(assignments)} films assigned")
    print_written(output, ("assignments.csv", "skipped.csv"))


def demo(args: argparse.Namespace) -> None:
    from ..datasets import make_hand_radiographs

    output = prepare_output(args.output)
    films = make_hand_radiographs(DEMO_FILMS + DEMO_UNSEEN, random_state=args.seed)
    small = {"crop_shape": DEMO_CROP} if args.method == "ccaec" else {}
    steps = DEMO_STEPS if args.method == "ccaec" else None
    model = _make_model(args, steps, **small)
    seen, unseen = slice(DEMO_FILMS), slice(DEMO_FILMS, None)
    model.fit(films.data[seen], films.target[seen])
    _print_fit(model, films.target[seen])
    score = model.set_params(verbose=0).score(films.data[unseen], films.target[unseen])
    print(f"On {DEMO_UNSEEN} held-out films: accuracy {score:.1%} with these names.")
    _write_fit(model, output)


def _make_model(args: argparse.Namespace, steps: int | None, **params: Any) -> Any:
    from .. import CCAEC, BoneAgeClusterer

    return BoneAgeClusterer(
        method=args.method,
        encoder=None if steps is None else CCAEC(max_steps=steps),
        memory=args.output / "cache",
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
        **params,
    )


def _print_fit(
    model: Any, ages: np.ndarray | None, sexes: np.ndarray | None = None
) -> None:
    from .. import metrics

    n_films, skipped = len(model.labels_), int((model.labels_ < 0).sum())
    print(
        f"\n{n_films} films, {skipped} set aside ({skipped / n_films:.1%}), "
        f"{model.n_clusters_} clusters"
    )
    if ages is None or not hasattr(model, "cluster_table_"):
        none = "No film of known age has a cluster"
        if ages is None:
            none = "No ages were given"
        print(f"{none}: the clusters have no names.")
        return
    table = model.cluster_table_
    print("\nFilms by cluster and age interval in months (Table 1):")
    print(
        table.assign(accuracy=100 * table["accuracy"])
        .drop(columns=["age_low", "age_high"])
        .rename(columns={"accuracy": "accuracy %", "median_age": "median age"})
        .to_string(na_rep="-", float_format="{:.1f}".format)
    )
    intervals = metrics.assign_age_intervals(
        ages, interval=model.interval, age_range=model.age_range
    )
    partition = intervals, model.labels_, sexes
    accuracy = metrics.majority_label_accuracy(*partition)
    chance = metrics.chance_majority_label_accuracy(*partition)
    errors = np.abs(ages - model.assignments_["age"].to_numpy())
    error = np.nanmean(errors[intervals >= 0])
    named = "clusters" if sexes is None else "clusters for each sex"
    print(
        f"\nMajority-label accuracy {accuracy:.1%} (in-sample: the same films name the "
        f"{named}), chance level {chance:.1%}; mean distance from the estimated "
        f"age {error:.1f} months (in-sample too)."
    )


def _write_fit(model: Any, output: Path) -> None:
    from .. import HandLandmarker, LandmarkTable, save_model

    _write_assignments(model.assignments_, output)
    sizes = model.assignments_["cluster"].value_counts().drop(-1, errors="ignore")
    table = sizes.rename("films").sort_index().to_frame()
    tables = {"clusters.csv": getattr(model, "cluster_table_", table)}
    if hasattr(model, "cluster_table_by_sex_"):
        tables["clusters_by_sex.csv"] = model.cluster_table_by_sex_
    ages = ["median_age", "age_low", "age_high"]
    digits = {"accuracy": 4, **dict.fromkeys(ages, 2)}
    for name, table in tables.items():
        write_table(table.round(digits), output / name, index=True)
    if isinstance(model.landmarker_, LandmarkTable):  # new films are not in the table
        model = copy.copy(model).set_params(landmarker=None)
        model.landmarker_ = HandLandmarker()
    save_model(model, output / "model.skops")
    print_written(output, ["assignments.csv", "skipped.csv", *tables, "model.skops"])


def _write_report(model: Any, films: Any, ages: Any, sexes: Any, output: Path) -> None:
    from ..report import write_report

    path = output / "report.html"
    try:
        write_report(model, films, ages, sex=sexes, path=path)
    except Exception as error:
        raise ValueError(
            f"the report could not be written ({error!r}); the tables and the model "
            "are written, and were not touched by that"
        ) from error
    print_written(output, [path.name])


def _write_assignments(assignments: pd.DataFrame, output: Path) -> None:
    ages = dict.fromkeys(["age", "age_low", "age_high"], 2)
    assignments = assignments.round({**ages, "maturity": 4, "confidence": 4})
    assigned = assignments["cluster"] >= 0
    table = assignments[assigned].drop(columns="reason")
    write_table(table, output / "assignments.csv")
    write_table(assignments.loc[~assigned, ["film", "reason"]], output / "skipped.csv")
