"""The commands about landmarks: find them, and train who finds them."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._utils.files import open_whole
from ._inputs import load_films
from ._output import prepare_output, print_written, write_table

SHEET_FILMS = 40


def open_landmarker(
    source: Path | None, memory: Path | None = None, n_jobs: int = -1
) -> Any:
    """Landmarker of a table (csv), of weights (npz), or the package's own (None)."""
    from .. import HandLandmarker, LandmarkTable

    if source is not None and source.suffix.lower() != ".npz":
        return LandmarkTable(source).fit()
    return HandLandmarker(_weights(source), memory=memory, n_jobs=n_jobs, verbose=1)


def _weights(source: Path | None) -> str | Path:
    from ..regions.landmarking import SHIPPED_WEIGHTS

    return SHIPPED_WEIGHTS if source is None else source.resolve()


def landmarks(args: argparse.Namespace) -> None:
    """Find landmarks and write them, and a sheet of the least certain films."""
    from .. import HandLandmarker
    from ..regions import KEY_REGIONS

    data = load_films(args, args.films)
    films, ids = data.data, data.ids
    output = prepare_output(args.output, args.films)
    landmarker = HandLandmarker(
        _weights(args.weights), memory=output / "cache", n_jobs=args.jobs, verbose=1
    )
    located = landmarker.locate(films)
    points = located.landmarks.reshape(-1, 3).round(3)
    table = pd.DataFrame(points, columns=["x", "y", "confidence"])
    table.insert(0, "id", np.repeat(ids, len(KEY_REGIONS)))
    table.insert(1, "region", np.tile(KEY_REGIONS, len(films)))
    write_table(table.dropna(), output / "landmarks.csv")
    told = {name: located[name] for name in ("confidence", "handedness", "inverted")}
    looked_at = pd.DataFrame({"id": ids, **told, "reason": located.reasons})
    looked_at = looked_at.round({"confidence": 4}).sort_values("confidence")
    write_table(looked_at, output / "films.csv")
    refused = sum(reason is not None for reason in located.reasons)
    print(
        f"{len(films)} films, no landmarks on {refused}; median confidence "
        f"{np.median(located.confidence):.3f}"
    )
    written = ["landmarks.csv", "films.csv"]
    if _draw_sheet(films, located.landmarks, output / "least-certain.png"):
        written.append("least-certain.png")
    print_written(output, written)


def _draw_sheet(films: Any, found: np.ndarray, path: Path) -> bool:
    try:
        import matplotlib
    except ImportError:
        print("Without matplotlib, the least certain films are not drawn.")
        return False
    matplotlib.use("Agg")
    from ..plotting import FilmSheetDisplay

    n_films = min(SHEET_FILMS, len(films))
    sheet = FilmSheetDisplay.from_landmarks(films, found, n_films=n_films)
    with open_whole(path) as file:
        sheet.figure_.savefig(file)
    return True


def train_landmarks(args: argparse.Namespace) -> None:
    """Train landmark networks without labels and write their weights."""
    from .. import HandLandmarker

    if args.output.suffix != ".npz" or args.output.is_dir():
        raise ValueError(f"--output {args.output} is not the name of an .npz file")
    films = load_films(args, args.films).data
    prepare_output(args.output.parent)
    landmarker = HandLandmarker(
        None if args.from_nothing else _weights(args.weights),
        n_rounds=args.rounds,
        max_steps=args.steps,
        memory=args.output.with_suffix(".cache"),
        n_jobs=args.jobs,
        random_state=args.seed,
        verbose=1,
    ).fit(films)
    landmarker.save_weights(args.output)
    print(f"\nTrained on {landmarker.n_films_used_} of {len(films)} films")
    print_written(args.output.parent, [args.output.name])
