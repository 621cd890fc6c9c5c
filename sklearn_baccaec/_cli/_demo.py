"""The whole way to months on drawn films, whose truth is known: the command demo."""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from ._output import prepare_output, print_written, write_table

FILMS, HELD_OUT, HANDS = 240, 120, 100


def demo(args: argparse.Namespace) -> None:
    from .. import KeyRegionExtractor
    from .._pretrained._arrays import restore
    from .._recipe._pretraining import CROP_SCALE, learn_arrays
    from ..datasets import make_hand_radiographs

    output = prepare_output(args.output)
    how = {"memory": output / "cache", "n_jobs": args.jobs, "verbose": 1}
    films = make_hand_radiographs(FILMS + HELD_OUT, random_state=args.seed)
    arrays = learn_arrays(films.data[:FILMS], n_hands=HANDS, seed=args.seed, **how)
    encoder, curve, months = restore(arrays)

    extractor = KeyRegionExtractor(crop_scale=CROP_SCALE, on_error="skip", **how)
    crops = extractor.fit_transform(films.data[FILMS:])
    t = curve.transform(encoder.transform(crops))[:, 0]
    true, sexes = films.target[FILMS:], films.sex[FILMS:]
    ages = months.predict(t, (sexes == "M").astype(int))
    table = pd.DataFrame({"sex": sexes, "true_age": true, "age": ages, "maturity": t})
    table.insert(0, "film", [f"film {FILMS + i}" for i in range(HELD_OUT)])
    placed = np.isfinite(ages)
    error = np.abs(ages - true)[placed].mean()
    guess = np.abs(true - np.median(true))[placed].mean()
    order = spearmanr(t[placed], true[placed])[0]
    print(f"\n{table.head(8).round(2).to_string(index=False)}\n...")
    print(
        f"\nThe curve has learned from {FILMS} drawn films without an age, its months "
        f"from {HANDS} other drawn hands.\nOn {placed.sum()} held-out drawn films: "
        f"mean absolute error {error:.1f} months (always saying the median: "
        f"{guess:.1f}),\nrank correlation with age {order:.2f}.\n\n"
        "Your own film: baccaec assess FILM --sex F"
    )
    write_table(table.round(4), output / "ages.csv")
    print_written(output, ["ages.csv"])
