"""The command line: ``python -m sklearn_baccaec`` or ``baccaec``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ._utils.version import __version__

EXIT_OK, EXIT_FAILED, EXIT_INTERRUPTED = 0, 1, 130

_DEMO_FILMS, _DEMO_UNSEEN = 240, 120
_DEMO_CROP = (32, 32)  # a quarter of the usual pixels, for speed
_DEMO_STEPS = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 (failed) or 130 (interrupted)."""
    args = _parser().parse_args(argv)
    try:
        args.run(args)
    except KeyboardInterrupt:
        print(
            "\nbaccaec: interrupted. 'fit' and 'demo' go on from here when they are "
            "run again: what was finished is cached.",
            file=sys.stderr,
        )
        return EXIT_INTERRUPTED
    except (ValueError, OSError, ImportError) as error:
        print(f"baccaec: error: {error}", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="baccaec",
        description="Assess bone age from hand radiographs without labels: cluster "
        "films by how mature the hands are, and name the clusters by the bone ages "
        "that are known.",
        epilog="Start with 'baccaec demo': it makes films of its own.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    fit = commands.add_parser(
        "fit",
        help="cluster a folder of films",
        description="Cluster a folder of films. Writes assignments.csv (cluster, age "
        "interval and age of every film), skipped.csv (films that cannot be used, and "
        "why), clusters.csv (what each cluster holds) and model.joblib. Work is cached "
        "in the output folder: after an interruption, the same command goes on.",
    )
    _add_films(fit)
    fit.add_argument(
        "--ages",
        type=Path,
        metavar="CSV",
        help="known bone ages, columns id,boneage (months); they name the clusters "
        "and are seen by nothing else. A film's id is its file name without suffix",
    )
    fit.add_argument(
        "--regions",
        nargs="+",
        metavar="REGION",
        help="key regions, by name (carpus, radius, index_mcp, ...) or number 1-19 "
        "(default: 2 5 8 11 16 17 19)",
    )
    fit.add_argument(
        "--clusters", type=_positive, default=16, metavar="K", help="(default: 16)"
    )
    fit.add_argument(
        "--steps",
        type=_positive,
        default=3000,
        metavar="N",
        help="training steps for each region's encoder (default: 3000)",
    )
    _add_run_options(fit)
    fit.set_defaults(run=_fit)

    predict = commands.add_parser(
        "predict",
        help="assign new films to the clusters of a model",
        description="Assign films to the clusters of a fitted model. Writes "
        "assignments.csv and skipped.csv. Only load models that you trust: the file "
        "can run code.",
    )
    predict.add_argument("model", type=Path, metavar="MODEL", help="model.joblib")
    _add_films(predict)
    _add_output(predict, "baccaec-predictions")
    predict.set_defaults(run=_predict)

    demo = commands.add_parser(
        "demo",
        help="run the main job on synthetic films",
        description=f"Make {_DEMO_FILMS} synthetic hand films with known ages, cluster "
        f"them as 'fit' does, and check the names on {_DEMO_UNSEEN} films that were "
        "not seen. Takes a minute or two on two idle cores.",
    )
    _add_run_options(demo, output="baccaec-demo")
    demo.set_defaults(run=_demo)
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not positive, or no number")
    return int(text)


def _add_films(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "films", type=Path, metavar="FILMS", help="folder of PNG, JPEG or TIFF films"
    )
    parser.add_argument(
        "--landmarks",
        type=Path,
        metavar="CSV",
        required=True,
        help="where the key regions are, columns id,region,x,y[,confidence] in pixels",
    )
    parser.add_argument(
        "--on-error",
        choices=("skip", "raise"),
        default="skip",
        help="set films aside that cannot be used, or stop at the first "
        "(default: skip)",
    )


def _add_run_options(
    parser: argparse.ArgumentParser, output: str = "baccaec-output"
) -> None:
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    parser.add_argument(
        "--jobs",
        type=int,
        default=-1,
        metavar="N",
        help="processes; results do not depend on it (default: one per core)",
    )
    _add_output(parser, output)


def _add_output(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(default),
        metavar="DIR",
        help=f"where to write (default: {default})",
    )


def _fit(args: argparse.Namespace) -> None:
    from . import CCAEC, BoneAgeClusterer, LandmarkTable
    from .datasets import load_radiographs

    data = load_radiographs(args.films, args.ages)
    output = _prepare_output(args.output)
    regions = args.regions and [
        region for text in args.regions for region in text.split(",") if region
    ]
    model = BoneAgeClusterer(
        regions,
        args.clusters,
        landmarker=LandmarkTable(args.landmarks).fit(),
        encoder=CCAEC(max_steps=args.steps),
        on_error=args.on_error,
        memory=output / "cache",
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
    )
    ages = None if args.ages is None else data.target
    model.fit(data.data, ages)
    _report_fit(model, ages)
    _write_fit(model, output)


def _predict(args: argparse.Namespace) -> None:
    import joblib

    from . import BoneAgeClusterer, LandmarkTable
    from .datasets import load_radiographs

    if not args.model.is_file():
        raise FileNotFoundError(f"there is no model {args.model}")
    try:
        model = joblib.load(args.model)
    except Exception as error:  # whatever a damaged pickle raises
        raise ValueError(f"{args.model} is no model, or is damaged: {error}") from error
    if not isinstance(model, BoneAgeClusterer):
        raise ValueError(f"{args.model} holds a {type(model).__name__}, no model")
    data = load_radiographs(args.films)
    output = _prepare_output(args.output)
    model.set_params(
        landmarker=LandmarkTable(args.landmarks).fit(),
        on_error=args.on_error,
        verbose=1,
    )
    assignments = model.assign(data.data)
    _write_assignments(assignments, output)
    assigned = int((assignments["cluster"] >= 0).sum())
    print(f"{assigned} of {len(assignments)} films assigned")
    _print_written(output, ("assignments.csv", "skipped.csv"))


def _demo(args: argparse.Namespace) -> None:
    from . import CCAEC, BoneAgeClusterer, LandmarkTable
    from .datasets import make_hand_radiographs

    output = _prepare_output(args.output)
    films = make_hand_radiographs(_DEMO_FILMS + _DEMO_UNSEEN, random_state=args.seed)
    model = BoneAgeClusterer(
        landmarker=LandmarkTable.from_films(films.data, films.landmarks),
        encoder=CCAEC(max_steps=_DEMO_STEPS),
        crop_shape=_DEMO_CROP,
        memory=output / "cache",
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
    )
    seen, unseen = slice(_DEMO_FILMS), slice(_DEMO_FILMS, None)
    model.fit(films.data[seen], films.target[seen])
    _report_fit(model, films.target[seen])
    score = model.set_params(verbose=0).score(films.data[unseen], films.target[unseen])
    print(
        f"On {_DEMO_UNSEEN} films not seen before: accuracy {score:.1%} with these "
        "names."
    )
    _write_fit(model, output)


def _prepare_output(folder: Path) -> Path:
    """Make the output folder, and find out now whether it can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OSError(
            f"cannot write to the output folder {folder}: {error.strerror}"
        ) from error
    return folder


def _report_fit(model: Any, ages: np.ndarray | None) -> None:
    from .metrics import (
        assign_age_intervals,
        chance_majority_label_accuracy,
        majority_label_accuracy,
        median_age_error,
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
    accuracy = majority_label_accuracy(intervals, model.labels_)
    chance = chance_majority_label_accuracy(intervals, model.labels_)
    error = median_age_error(ages, model.labels_)
    print(
        f"\nMajority-label accuracy {accuracy:.1%} (in-sample: the same films name the "
        f"clusters), chance level {chance:.1%}; mean distance from the cluster's "
        f"median age {error:.1f} months."
    )


def _write_fit(model: Any, output: Path) -> None:
    import joblib

    _write_assignments(model.assignments_, output)
    if hasattr(model, "cluster_table_"):
        table = model.cluster_table_
    else:
        sizes = model.assignments_["cluster"].value_counts().drop(-1, errors="ignore")
        table = sizes.rename("films").sort_index().to_frame()
    table.round({"accuracy": 4, "median_age": 2}).to_csv(output / "clusters.csv")
    # New films need landmarks of their own, and another machine has no such cache.
    model.set_params(landmarker=None, memory=None)
    model.pipeline_.set_params(
        extractor__landmarker=None, extractor__memory=None, encoder__memory=None
    )
    joblib.dump(model, output / "model.joblib")
    _print_written(
        output, ("assignments.csv", "skipped.csv", "clusters.csv", "model.joblib")
    )


def _write_assignments(assignments: pd.DataFrame, output: Path) -> None:
    """One table of the films that have a cluster, one of those that have none."""
    assignments = assignments.round({"age": 2, "confidence": 4})
    assigned = assignments["cluster"] >= 0
    assignments[assigned].drop(columns="reason").to_csv(
        output / "assignments.csv", index=False
    )
    assignments.loc[~assigned, ["film", "reason"]].to_csv(
        output / "skipped.csv", index=False
    )


def _print_written(output: Path, files: Sequence[str]) -> None:
    print(f"Written to {output.resolve()}: {', '.join(files)}")
