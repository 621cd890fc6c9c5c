"""The commands and their options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .._utils.version import __version__
from . import _clustering, _landmarks


def make_parser() -> argparse.ArgumentParser:
    """Make the parser; what it returns has ``run``, to be called with all of it."""
    parser = argparse.ArgumentParser(
        prog="baccaec",
        description="Assess bone age from hand radiographs without labels: cluster "
        "films by how mature the hands are, and name the clusters by the bone ages "
        "that are known.",
        epilog="Start with 'baccaec demo': it makes films of its own.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_fit(commands)
    _add_predict(commands)
    _add_landmarks(commands)
    _add_train_landmarks(commands)
    _add_demo(commands)
    return parser


def _add_fit(commands: argparse._SubParsersAction) -> None:
    fit = commands.add_parser(
        "fit",
        help="cluster a folder of films",
        description="Cluster a folder of films. Writes assignments.csv (cluster, age "
        "interval and age of every film), skipped.csv (films that cannot be used, and "
        "why), clusters.csv (what each cluster holds; with --by-sex also "
        "clusters_by_sex.csv) and model.skops. Work is cached in the output folder: "
        "after an interruption, the same command goes on.",
    )
    _add_shared(fit, "films", "--landmarks", "--on-error", "--method")
    fit.add_argument(
        "--ages",
        type=Path,
        metavar="CSV",
        help="known bone ages, columns id,boneage (months); they name the clusters, "
        "and nothing else sees them. A film's id is its file name without suffix",
    )
    fit.add_argument(
        "--by-sex",
        action="store_true",
        help="name the clusters for each sex, by the column male (True or False) of "
        "the same table: bone age is defined for each. Nothing else sees it",
    )
    fit.add_argument(
        "--regions",
        nargs="+",
        metavar="REGION",
        help="key regions, by name (carpus, radius, index_mcp, ...) or number 1-19 "
        "(default: 2 5 8 11 16 17 19, or all for agreement)",
    )
    fit.add_argument(
        "--clusters", type=_positive, default=16, metavar="K", help="(default: 16)"
    )
    fit.add_argument(
        "--steps",
        type=_positive,
        metavar="N",
        help="training steps: of each region's encoder (default: 1000), or of all "
        "together for agreement (default: 450)",
    )
    fit.add_argument(
        "--report",
        action="store_true",
        help="also write report.html: what was run and found, with charts and films, "
        "on one page; it needs jinja2 and matplotlib. It shows films",
    )
    _add_shared(fit, "--seed", "--jobs")
    _add_output(fit, "baccaec-output")
    fit.set_defaults(run=_clustering.fit)


def _add_predict(commands: argparse._SubParsersAction) -> None:
    predict = commands.add_parser(
        "predict",
        help="assign new films to the clusters of a model",
        description="Assign films to the clusters of a fitted model. Writes "
        "assignments.csv and skipped.csv. The model file is checked first, and cannot "
        "run code.",
    )
    predict.add_argument("model", type=Path, metavar="MODEL", help="model.skops")
    _add_shared(predict, "films", "--landmarks", "--on-error")
    predict.add_argument(
        "--sexes",
        type=Path,
        metavar="CSV",
        help="columns id,male (True or False), for a model that was fitted --by-sex",
    )
    _add_output(predict, "baccaec-predictions")
    predict.set_defaults(run=_clustering.predict)


def _add_landmarks(commands: argparse._SubParsersAction) -> None:
    landmarks = commands.add_parser(
        "landmarks",
        help="find the key regions of films",
        description="Find the 19 key regions of every film. Writes landmarks.csv (x "
        "and y in pixels, and confidence), films.csv (confidence, hand and reason of "
        "every film, the least certain first) and least-certain.png, to look at.",
    )
    _add_shared(landmarks, "films", "--weights", "--jobs")
    _add_output(landmarks, "baccaec-landmarks")
    landmarks.set_defaults(run=_landmarks.landmarks)


def _add_train_landmarks(commands: argparse._SubParsersAction) -> None:
    train = commands.add_parser(
        "train-landmarks",
        help="train on your own films, without labels, to find key regions",
        description="Train the networks that find the key regions on a folder of "
        "films, without labels: on synthetic hands, then on these films as the "
        "networks themselves label them. Writes weights for --landmarks and "
        "HandLandmarker(weights=...). Takes half an hour for 700 films on two cores.",
    )
    _add_shared(train, "films", "--weights", "--seed", "--jobs")
    train.add_argument(
        "--from-nothing",
        action="store_true",
        help="start without weights: the recipe of the weights in the package",
    )
    train.add_argument(
        "--rounds", type=_positive, default=2, metavar="N", help="(default: 2)"
    )
    train.add_argument(
        "--steps",
        type=_positive,
        default=700,
        metavar="N",
        help="training steps in each round (default: 700)",
    )
    _add_output(train, "landmark-weights.npz", "NPZ")
    train.set_defaults(run=_landmarks.train_landmarks)


def _add_demo(commands: argparse._SubParsersAction) -> None:
    demo = commands.add_parser(
        "demo",
        help="run the main job on synthetic films",
        description=f"Make {_clustering.DEMO_FILMS} synthetic hand films with known "
        "ages, cluster them as 'fit' does, and check the names on "
        f"{_clustering.DEMO_UNSEEN} held-out films. Takes a minute or two on two idle "
        "cores.",
    )
    _add_shared(demo, "--method", "--seed", "--jobs")
    _add_output(demo, "baccaec-demo")
    demo.set_defaults(run=_clustering.demo)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


_SHARED: dict[str, dict[str, Any]] = {
    "films": {
        "type": Path,
        "metavar": "FILMS",
        "help": "folder of PNG, JPEG, TIFF or DICOM films",
    },
    "--method": {
        "choices": ("ccaec", "agreement"),
        "default": "ccaec",
        "help": "the paper's encoders, one for each region, or encoders of all regions "
        "that learn to agree, which is recommended (default: ccaec)",
    },
    "--landmarks": {
        "type": Path,
        "metavar": "FILE",
        "help": "where the key regions are: a table with columns "
        "id,region,x,y[,confidence] in pixels, or weights from 'train-landmarks' "
        "(.npz); without it, they are found with the weights in the package",
    },
    "--on-error": {
        "choices": ("skip", "raise"),
        "default": "skip",
        "help": "set films aside that cannot be used, or stop at the first "
        "(default: skip)",
    },
    "--weights": {
        "type": Path,
        "metavar": "NPZ",
        "help": "weights from 'train-landmarks' (default: those in the package)",
    },
    "--seed": {"type": int, "default": 0, "help": "(default: 0)"},
    "--jobs": {
        "type": int,
        "default": -1,
        "metavar": "N",
        "help": "processes; results do not depend on it (default: one per core)",
    },
}


def _add_shared(parser: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        parser.add_argument(name, **_SHARED[name])


def _add_output(
    parser: argparse.ArgumentParser, default: str, metavar: str = "DIR"
) -> None:
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(default),
        metavar=metavar,
        help=f"where to write (default: {default})",
    )
