"""Rerun the paper on a folder of RSNA films: its tables and figures, beside ours.

    python tests/benchmarks/reproduce_paper.py FILMS --ages CSV --output DIR

Writes every table as csv and Markdown and every figure as PNG. What is cropped and
trained is kept in DIR/cache: an interrupted run goes on where it stopped. With 300
steps and three seeds, 719 films took an hour and a half on two busy cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from paper.clusterings import list_trainings, run_all
from paper.embeddings import Embeddings
from paper.figures import draw_figures
from paper.tables import make_tables
from paper.writing import write_tables

from sklearn_baccaec.datasets import load_radiographs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300, help="of each auto-encoder")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument(
        "--size-seeds",
        nargs="+",
        type=int,
        default=[0],
        help="of Fig. 8's sizes",
    )
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    args.output.mkdir(parents=True, exist_ok=True)
    data = load_radiographs(args.films, args.ages)
    embeddings = Embeddings(
        data.data, args.steps, args.output / "cache", n_jobs=args.jobs
    )
    trainings = list_trainings(data.target, args.seeds, args.size_seeds)
    runs = run_all(trainings, embeddings, data.target)
    runs.to_csv(args.output / "runs.csv", index=False)
    table_1 = draw_figures(
        runs, data.data, data.target, embeddings, args.seeds[0], args.output
    )
    write_tables(table_1 | make_tables(runs), args.output)
    print(f"{args.output / 'tables.md'} has all tables")


if __name__ == "__main__":
    main()
