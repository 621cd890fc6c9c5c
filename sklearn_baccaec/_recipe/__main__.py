"""``python -m sklearn_baccaec._recipe FILMS`` writes the arrays that films teach."""

import argparse
from pathlib import Path

import numpy as np

from ..datasets import load_radiographs
from ._pretraining import N_HANDS, learn_arrays


def main() -> None:
    """Learn from all films of a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m sklearn_baccaec._recipe",
        description="Learn a maturity curve from a folder of films, and its months "
        "from drawn hands. No label is asked for.",
    )
    parser.add_argument("films", type=Path, help="folder of films")
    parser.add_argument("--output", type=Path, default=Path("months.npz"))
    parser.add_argument("--cache", type=Path, help="folder; what is in it stays valid")
    parser.add_argument("--hands", type=int, default=N_HANDS, help="hands to draw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=-1)
    args = parser.parse_args()
    arrays = learn_arrays(
        load_radiographs(args.films).data,
        n_hands=args.hands,
        seed=args.seed,
        memory=args.cache,
        n_jobs=args.jobs,
        verbose=1,
    )
    np.savez_compressed(args.output, **arrays)  # type: ignore[arg-type]
    size = args.output.stat().st_size
    print(f"{args.output}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
