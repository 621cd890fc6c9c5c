"""The command that clusters: fit."""

import argparse
import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ._errors import print_errors
from ._inputs import load_films, name_films
from ._landmarks import open_landmarker
from ._output import prepare_output, print_written, say_set_aside, write_table


def fit(args: argparse.Namespace) -> None:
    from .. import CCAEC, BoneAgeClusterer

    if args.steps is not None and args.method != "ccaec":
        raise ValueError(f"--steps: --method {args.method} trains no networks")
    if args.report:
        from ..report._rendering import check_report_support

        check_report_support()  # hours before it is needed
    data = load_films(args, args.films, args.ages, args.sexes)
    output = prepare_output(args.output, args.films)
    regions = args.regions and [r for r in ",".join(args.regions).split(",") if r]
    model = BoneAgeClusterer(
        regions,
        args.clusters,
        method=args.method,
        landmarker=open_landmarker(args.landmarks, output / "cache", args.jobs),
        encoder=None if args.steps is None else CCAEC(max_steps=args.steps),
        on_error=args.on_error,
        memory=output / "cache",
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
    )
    ages = None if args.ages is None else data.target
    sexes = None if pd.isna(data.sex).all() else data.sex
    model.fit(data.data, ages, sex=sexes)
    table = model.assignments_.assign(film=name_films(data))
    _print_fit(model, table, ages, sexes)
    _write_fit(model, table, output)
    if args.report:
        _write_report(model, data.data, ages, sexes, output)


def _print_fit(
    model: Any, assigned: pd.DataFrame, ages: np.ndarray | None, sexes: Any
) -> None:
    from .. import metrics

    n_films, skipped = len(model.labels_), int((model.labels_ < 0).sum())
    print(
        f"\n{n_films} films, {skipped} set aside ({skipped / n_films:.1%}), "
        f"{model.n_clusters_} clusters"
    )
    aside = assigned[model.labels_ < 0]
    say_set_aside(aside["film"], aside["reason"], "skipped.csv")
    if ages is None or not hasattr(model, "cluster_table_"):
        none = "No film of known age has a cluster"
        if ages is None:
            none = "No ages were given"
        print(f"{none}: the clusters have no names.")
        source = model.named_clusterer_.age_source_
        if source is not None:
            print(f"Months of the films come from {source}.")
        return
    table = model.cluster_table_
    print("\nFilms by cluster and age interval in months (Table 1):")
    print(
        table.assign(accuracy=100 * table["accuracy"])
        .drop(columns=["age_low", "age_high"])
        .rename(columns={"accuracy": "accuracy %", "median_age": "median age"})
        .to_string(na_rep="-", float_format="{:.1f}".format)
    )
    named = model.named_clusterer_
    if named.age_regressor_ is not None:
        seen = np.ones(n_films, bool)
        print_errors(assigned, ages, seen, named.edges_)
        return
    intervals = metrics.assign_age_intervals(
        ages, interval=model.interval, age_range=model.age_range
    )
    partition = intervals, model.labels_, sexes
    accuracy = metrics.majority_label_accuracy(*partition)
    chance = metrics.chance_majority_label_accuracy(*partition)
    errors = np.abs(ages - assigned["age"].to_numpy())
    error = np.nanmean(errors[intervals >= 0])
    whose = "clusters" if sexes is None else "clusters for each sex"
    print(
        f"\nMajority-label accuracy {accuracy:.1%} (in-sample: the same films name the "
        f"{whose}), chance level {chance:.1%}; mean distance from the estimated "
        f"age {error:.1f} months (in-sample too)."
    )


def _write_fit(model: Any, assigned: pd.DataFrame, output: Path) -> None:
    from .. import HandLandmarker, LandmarkTable, save_model

    _write_assignments(assigned, output)
    sizes = assigned["cluster"].value_counts().drop(-1, errors="ignore")
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
    write_table(assignments[assigned], output / "assignments.csv")
    write_table(assignments.loc[~assigned, ["film", "reason"]], output / "skipped.csv")
