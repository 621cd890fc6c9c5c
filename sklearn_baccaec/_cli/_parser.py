"""The commands and their options."""

import argparse
from collections.abc import Callable
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

    def add(
        run: Callable, summary: str, description: str, options: str, output: str
    ) -> argparse.ArgumentParser:
        """Add the command that is called like its function, with options from below."""
        name = run.__name__.replace("_", "-")
        command = commands.add_parser(name, help=summary, description=description)
        for option in options.split():
            command.add_argument(option, **_OPTIONS[option])
        command.add_argument(
            "--output",
            type=Path,
            default=Path(output),
            metavar="NPZ" if output.endswith(".npz") else "DIR",
            help=f"where to write (default: {output})",
        )
        command.set_defaults(run=run)
        return command

    add(
        _clustering.fit,
        "cluster a folder of films",
        "Cluster a folder of films. Writes assignments.csv (cluster, age interval and "
        "age of every film), skipped.csv (films that cannot be used, and why), "
        "clusters.csv (what each cluster holds; with --by-sex clusters_by_sex.csv too) "
        "and model.skops. Work is cached in the output folder: after an interruption, "
        "the same command goes on.",
        "films --landmarks --on-error --method --ages --by-sex --regions --clusters "
        "--steps --report --seed --jobs",
        "baccaec-output",
    )
    add(
        _clustering.predict,
        "assign new films to the clusters of a model",
        "Assign films to the clusters of a fitted model. Writes assignments.csv and "
        "skipped.csv. The model file is checked first, and cannot run code.",
        "model films --landmarks --on-error --sexes",
        "baccaec-predictions",
    )
    add(
        _landmarks.landmarks,
        "find the key regions of films",
        "Find the 19 key regions of every film. Writes landmarks.csv (x and y in "
        "pixels, and confidence), films.csv (confidence, hand and reason of every "
        "film, the least certain first) and least-certain.png, to look at.",
        "films --weights --jobs",
        "baccaec-landmarks",
    )
    train = add(
        _landmarks.train_landmarks,
        "train on your own films, without labels, to find key regions",
        "Train the networks that find the key regions on a folder of films, without "
        "labels: on synthetic hands, then on these films as the networks themselves "
        "label them. Writes weights for --landmarks and HandLandmarker(weights=...). "
        "Takes half an hour for 700 films on two cores.",
        "films --weights --seed --jobs --from-nothing --rounds",
        "landmark-weights.npz",
    )
    train.add_argument("--steps", **_count("training steps in each round", 700))
    add(
        _clustering.demo,
        "run the main job on synthetic films",
        f"Make {_clustering.DEMO_FILMS} synthetic hand films with known ages, cluster "
        f"them as 'fit' does, and check the names on {_clustering.DEMO_UNSEEN} "
        "held-out films. Takes a minute or two on two idle cores.",
        "--method --seed --jobs",
        "baccaec-demo",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _path(metavar: str, text: str) -> dict[str, Any]:
    return {"type": Path, "metavar": metavar, "help": text}


def _count(text: str, default: int, metavar: str = "N") -> dict[str, Any]:
    text = f"{text} (default: {default})".lstrip()
    return {"type": _positive, "default": default, "metavar": metavar, "help": text}


def _choice(text: str, *choices: str) -> dict[str, Any]:
    text = f"{text} (default: {choices[0]})"
    return {"choices": choices, "default": choices[0], "help": text}


def _flag(text: str) -> dict[str, Any]:
    return {"action": "store_true", "help": text}


_OPTIONS: dict[str, dict[str, Any]] = {
    "model": _path("MODEL", "model.skops"),
    "films": _path("FILMS", "folder of PNG, JPEG, TIFF or DICOM films"),
    "--landmarks": _path(
        "FILE",
        "where the key regions are: a table with columns id,region,x,y[,confidence] in "
        "pixels, or weights from 'train-landmarks' (.npz); without it, they are found "
        "with the weights in the package",
    ),
    "--on-error": _choice(
        "set films aside that cannot be used, or stop at the first", "skip", "raise"
    ),
    "--method": _choice(
        "the paper's encoders, one for each region, or the curve along which all "
        "regions mature together, which is recommended and takes seconds",
        *("ccaec", "agreement"),
    ),
    "--ages": _path(
        "CSV",
        "known bone ages, columns id,boneage (months); they name the clusters, and "
        "nothing else sees them. A film's id is its file name without suffix",
    ),
    "--by-sex": _flag(
        "name the clusters for each sex, by the column male (True or False) of the "
        "same table: bone age is defined for each. Nothing else sees it"
    ),
    "--sexes": _path(
        "CSV", "columns id,male (True or False), for a model that was fitted --by-sex"
    ),
    "--regions": {
        "nargs": "+",
        "metavar": "REGION",
        "help": "key regions, by name (carpus, radius, index_mcp, ...) or number 1-19 "
        "(default: 2 5 8 11 16 17 19, or all for agreement)",
    },
    "--clusters": _count("", 16, "K"),
    "--steps": {
        "type": _positive,
        "metavar": "N",
        "help": "training steps of each region's encoder (default: 1000); none are "
        "trained for agreement",
    },
    "--report": _flag(
        "also write report.html: what was run and found, with charts and films, on one "
        "page; it needs jinja2 and matplotlib. It shows films"
    ),
    "--weights": _path(
        "NPZ", "weights from 'train-landmarks' (default: those in the package)"
    ),
    "--from-nothing": _flag(
        "start without weights: the recipe of the weights in the package"
    ),
    "--rounds": _count("", 2),
    "--seed": {"type": int, "default": 0, "help": "(default: 0)"},
    "--jobs": {
        "type": int,
        "default": -1,
        "metavar": "N",
        "help": "processes; results do not depend on it (default: one per core)",
    },
}
