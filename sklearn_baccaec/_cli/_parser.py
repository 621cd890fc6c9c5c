"""The commands and their options."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._utils.version import __version__
from . import _assessment, _clustering, _demo, _known_ages, _landmarks

_TABLES = "--id-column --age-column --sex-column --unit --recursive"


def make_parser() -> argparse.ArgumentParser:
    """Make the parser; what it returns has ``run``, to be called with all of it."""
    parser = argparse.ArgumentParser(
        prog="baccaec",
        description="Assess bone age from hand radiographs without labels. For "
        "research only.",
        epilog="Start with 'baccaec assess FILM --sex F', or without a film with "
        "'baccaec demo'.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        run: Callable,
        summary: str,
        description: str,
        options: str,
        output: str | None = None,
        needed: str | None = None,
    ) -> argparse.ArgumentParser:
        """Add the command that is called like its function, with options from below."""
        name = run.__name__.replace("_", "-")
        command = commands.add_parser(name, help=summary, description=description)
        either: Any = command
        if "--sex" in options.split():
            either = command.add_mutually_exclusive_group()
        for option in options.split():
            group = either if option in {"--sex", "--sexes"} else command
            about = _OPTIONS[option]
            group.add_argument(
                option, **({**about, "required": True} if option == needed else about)
            )
        if output is not None:
            kind = Path(output).suffix.lstrip(".").upper() or "DIR"
            command.add_argument(
                "--output",
                type=Path,
                default=Path(output),
                metavar=kind,
                help=f"where to write (default: {output})",
            )
        command.set_defaults(run=run)
        return command

    add(
        _assessment.assess,
        "tell the bone age of films in months",
        "Tell the bone age of one film or many in months, with the range that holds "
        "80% of such films, by the model that comes with the package: no label and no "
        "training is needed. Prints a line for each film and writes ages.csv.",
        f"films --sex --sexes --ages --calibrate --model {_TABLES} --landmarks "
        "--on-error --sheet --report --jobs",
        "baccaec-ages",
    )
    add(
        _clustering.fit,
        "cluster a folder of films",
        "Cluster a folder of films. Writes assignments.csv (cluster, age interval and "
        "age of every film), skipped.csv (films that cannot be used, and why), "
        "clusters.csv (what each cluster holds; with known sexes clusters_by_sex.csv "
        "too) and model.skops. Work is cached in the output folder: after an "
        "interruption, the same command goes on.",
        f"films --landmarks --on-error --method --ages --sexes {_TABLES} --regions "
        "--clusters --steps --report --seed --jobs",
        "baccaec-output",
    )
    add(
        _known_ages.suggest,
        "choose the films whose ages would tell a model most",
        "Choose the films whose ages would tell a model most, for a human to read. "
        "Prints their ids and writes a table to fill in.",
        f"films --number --ages --model {_TABLES} --jobs",
        "to-label.csv",
    )
    add(
        _known_ages.name,
        "teach a model known ages",
        "Teach a model known ages of some of the films, and save it.",
        f"films --ages --sexes --model {_TABLES} --jobs",
        "named-model.skops",
        needed="--ages",
    )
    add(
        _known_ages.score,
        "compare a model's ages with known ones",
        "Compare a model's ages with known ones, on held-out films: those that it has "
        "not learned from.",
        f"films --ages --sexes --model {_TABLES} --jobs",
        needed="--ages",
    )
    add(
        _landmarks.landmarks,
        "find the key regions of films",
        "Find the 19 key regions of every film. Writes landmarks.csv (x and y in "
        "pixels, and confidence), films.csv (confidence, hand and reason of every "
        "film, the least certain first) and least-certain.png, to look at.",
        "films --recursive --weights --jobs",
        "baccaec-landmarks",
    )
    train = add(
        _landmarks.train_landmarks,
        "train on your own films, without labels, to find key regions",
        "Train the networks that find the key regions on a folder of films, without "
        "labels: on synthetic hands, then on these films as the networks themselves "
        "label them. Writes weights for --landmarks and HandLandmarker(weights=...). "
        "Takes half an hour for 700 films on two cores.",
        "films --recursive --weights --seed --jobs --from-nothing --rounds",
        "landmark-weights.npz",
    )
    train.add_argument("--steps", **_count("training steps in each round", 700))
    add(
        _demo.demo,
        "go the whole way to months on drawn films",
        f"Learn a maturity curve from {_demo.FILMS} drawn films without an age, its "
        f"months from {_demo.HANDS} other drawn hands, and compare the ages of "
        f"{_demo.HELD_OUT} held-out films with the truth. Takes about a minute on two "
        "idle cores.",
        "--seed --jobs",
        "baccaec-demo",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _path(metavar: str, text: str) -> dict[str, Any]:
    return {"type": Path, "metavar": metavar, "help": text}


def _name(text: str) -> dict[str, Any]:
    return {"metavar": "NAME", "help": f"column of {text} (default: the usual names)"}


def _count(text: str, default: int, metavar: str = "N") -> dict[str, Any]:
    text = f"{text} (default: {default})".lstrip()
    return {"type": _positive, "default": default, "metavar": metavar, "help": text}


def _choice(text: str, *choices: str) -> dict[str, Any]:
    text = f"{text} (default: {choices[0]})"
    return {"choices": choices, "default": choices[0], "help": text}


def _flag(text: str) -> dict[str, Any]:
    return {"action": "store_true", "help": text}


_OPTIONS: dict[str, dict[str, Any]] = {
    "films": {
        "nargs": "+",
        "type": Path,
        "metavar": "FILMS",
        "help": "PNG, JPEG, TIFF or DICOM films, or folders of them",
    },
    "--model": _path(
        "FILE", "model.skops of 'fit' (default: the one that comes with the package)"
    ),
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
        "the paper's encoders, one for each region; the curve along which all regions "
        "mature together, learned from these films; or the one that 'assess' uses",
        *("ccaec", "agreement", "pretrained"),
    ),
    "--ages": _path(
        "CSV",
        "known bone ages, columns id,boneage (months). With 'fit' they name the "
        "clusters, and nothing else sees them; with 'assess' they are only compared "
        "with. A film's id is its file name without suffix",
    ),
    "--sex": {
        "choices": ("F", "M"),
        "help": "sex of every film: bone age is defined for each. Where it is unknown, "
        "both ages are told",
    },
    "--sexes": _path(
        "CSV",
        "sexes of the films, columns id,male (True or False); the table of --ages may "
        "hold them, too",
    ),
    "--calibrate": _path(
        "CSV",
        "known bone ages of some of the films, columns id,boneage (months), that "
        "correct the model's",
    ),
    "--sheet": _flag("also write a page on every film: why it has this age"),
    "--id-column": _name("ids, one for each film: its file name without suffix"),
    "--age-column": _name("ages"),
    "--sex-column": _name("sexes"),
    "--unit": {
        "choices": ("months", "years"),
        "help": "unit of the ages in tables (default: months, unless they look like "
        "years, which is refused)",
    },
    "--recursive": _flag("search folders in folders, too"),
    "--number": _count("films to choose", 16),
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
