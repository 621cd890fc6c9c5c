"""The command line: ``python -m sklearn_baccaec`` or ``baccaec``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path

from .._utils.version import __version__
from . import _clustering, _landmarks
from ._signals import kill_workers, terminate_like_an_interrupt

EXIT_OK, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_TERMINATED = 0, 1, 130, 143

_GO_ON = "Run the same command again to go on from here: what was finished is cached."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns the exit code: 0, 1 (failed), 130 (interrupted) or 143 (terminated).
    """
    args = _parser().parse_args(argv)
    try:
        with terminate_like_an_interrupt() as received:
            args.run(args)
    except KeyboardInterrupt:
        kill_workers()
        how = "terminated" if received else "interrupted"
        print(f"\nbaccaec: {how}. {_GO_ON}", file=sys.stderr)
        return EXIT_TERMINATED if received else EXIT_INTERRUPTED
    except BrokenExecutor as error:
        return _failed(
            f"a worker process was killed, perhaps because the memory was full: fewer "
            f"--jobs take less ({_first_line(error)}). {_GO_ON}"
        )
    except MemoryError as error:
        return _failed(f"out of memory ({_first_line(error)}): fewer --jobs take less")
    except (ValueError, OSError, ImportError) as error:
        return _failed(str(error))
    return EXIT_OK


def _failed(message: str) -> int:
    print(f"baccaec: error: {message}", file=sys.stderr)
    return EXIT_FAILED


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


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
        "why), clusters.csv (what each cluster holds; with --by-sex also "
        "clusters_by_sex.csv) and model.skops. Work is cached in the output folder: "
        "after an interruption, the same command goes on.",
    )
    _add_films(fit)
    _add_extraction(fit)
    fit.add_argument(
        "--ages",
        type=Path,
        metavar="CSV",
        help="known bone ages, columns id,boneage (months); they name the clusters "
        "and are seen by nothing else. A film's id is its file name without suffix",
    )
    fit.add_argument(
        "--by-sex",
        action="store_true",
        help="name the clusters for each sex, by the column male (True or False) of "
        "the same table: bone age is defined for each. Nothing else sees it",
    )
    _add_method(fit)
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
        "in one page; needs jinja2 and matplotlib. It shows films",
    )
    _add_run_options(fit)
    fit.set_defaults(run=_clustering.fit)

    predict = commands.add_parser(
        "predict",
        help="assign new films to the clusters of a model",
        description="Assign films to the clusters of a fitted model. Writes "
        "assignments.csv and skipped.csv. The model file is checked first, and cannot "
        "run code.",
    )
    predict.add_argument("model", type=Path, metavar="MODEL", help="model.skops")
    _add_films(predict)
    predict.add_argument(
        "--sexes",
        type=Path,
        metavar="CSV",
        help="columns id,male (True or False), for a model that was fitted --by-sex",
    )
    _add_extraction(predict)
    _add_output(predict, "baccaec-predictions")
    predict.set_defaults(run=_clustering.predict)

    landmarks = commands.add_parser(
        "landmarks",
        help="find the key regions of films",
        description="Find the 19 key regions of every film. Writes landmarks.csv (x "
        "and y in pixels, and confidence), films.csv (confidence, hand and reason of "
        "every film, the least certain first) and least-certain.png, to look at.",
    )
    _add_films(landmarks)
    _add_weights(landmarks)
    _add_jobs(landmarks)
    _add_output(landmarks, "baccaec-landmarks")
    landmarks.set_defaults(run=_landmarks.landmarks)

    train = commands.add_parser(
        "train-landmarks",
        help="train on your own films, without labels, to find key regions",
        description="Train the networks that find the key regions on a folder of "
        "films, without labels: on synthetic hands, then on these films as the "
        "networks themselves label them. Writes weights for --landmarks and "
        "HandLandmarker(weights=...). Takes half an hour for 700 films on two cores.",
    )
    _add_films(train)
    _add_weights(train)
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
    _add_seed(train)
    _add_jobs(train)
    train.add_argument(
        "--output",
        type=Path,
        default=Path("landmark-weights.npz"),
        metavar="NPZ",
        help="(default: landmark-weights.npz)",
    )
    train.set_defaults(run=_landmarks.train_landmarks)

    demo = commands.add_parser(
        "demo",
        help="run the main job on synthetic films",
        description=f"Make {_clustering.DEMO_FILMS} synthetic hand films with known "
        "ages, cluster them as 'fit' does, and check the names on "
        f"{_clustering.DEMO_UNSEEN} films that were not seen. Takes a minute or two on "
        "two idle cores.",
    )
    _add_method(demo)
    _add_run_options(demo, output="baccaec-demo")
    demo.set_defaults(run=_clustering.demo)
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not positive, or no number")
    return int(text)


def _add_films(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "films",
        type=Path,
        metavar="FILMS",
        help="folder of PNG, JPEG, TIFF or DICOM films",
    )


def _add_method(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        choices=("ccaec", "agreement"),
        default="ccaec",
        help="the paper's encoders, one by one, or encoders of all regions that learn "
        "to agree, which is recommended (default: ccaec)",
    )


def _add_extraction(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--landmarks",
        type=Path,
        metavar="FILE",
        help="where the key regions are: a table with columns "
        "id,region,x,y[,confidence] in pixels, or weights from 'train-landmarks' "
        "(.npz); without it, they are found with the weights in the package",
    )
    parser.add_argument(
        "--on-error",
        choices=("skip", "raise"),
        default="skip",
        help="set films aside that cannot be used, or stop at the first "
        "(default: skip)",
    )


def _add_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="NPZ",
        help="weights from 'train-landmarks' (default: those in the package)",
    )


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=int,
        default=-1,
        metavar="N",
        help="processes; results do not depend on it (default: one per core)",
    )


def _add_run_options(
    parser: argparse.ArgumentParser, output: str = "baccaec-output"
) -> None:
    _add_seed(parser)
    _add_jobs(parser)
    _add_output(parser, output)


def _add_output(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(default),
        metavar="DIR",
        help=f"where to write (default: {default})",
    )
