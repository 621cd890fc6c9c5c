"""What commands print, for the pages: ages of a few real films, and the demo.

    python tests/benchmarks/example_output.py FILMS --ages CSV --output DIR

The films are those at seven steps of age, from the youngest to the oldest; they are
called by numbers, and nothing else of them is told.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sklearn_baccaec.datasets import load_radiographs

N_FILMS = 7


def run(*arguments: str | Path) -> str:
    """What the command line prints."""
    command = [sys.executable, "-m", "sklearn_baccaec", *map(str, arguments)]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def assess_some(data: Any) -> str:
    """Lines for some films, as `baccaec assess` prints them."""
    steps = np.linspace(0, len(data.data) - 1, N_FILMS).round().astype(int)
    chosen = np.argsort(data.target, kind="stable")[steps]
    names = [f"film-{i}" for i in range(1, N_FILMS + 1)]
    with tempfile.TemporaryDirectory() as folder:
        films = Path(folder) / "films"
        films.mkdir()
        for name, path in zip(names, data.data[chosen], strict=True):
            shutil.copy(path, films / f"{name}{Path(path).suffix}")
        table, output = Path(folder) / "sexes.csv", Path(folder) / "baccaec-ages"
        pd.DataFrame({"id": names, "sex": data.sex[chosen]}).to_csv(table, index=False)
        told = run("assess", films, "--sexes", table, "--output", output)
        return told.replace(f"{Path(folder).resolve()}/", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()

    told = assess_some(load_radiographs(args.films, args.ages))
    (args.output / "assess.txt").write_text(told)
    with tempfile.TemporaryDirectory() as folder:
        told = run("demo", "--output", Path(folder) / "baccaec-demo")
    told = told.replace(f"{Path(folder).resolve()}/", "")
    (args.output / "demo.txt").write_text(told.lstrip("\n"))


if __name__ == "__main__":
    main()
