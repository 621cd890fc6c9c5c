"""Months with no known age, few and all, on real films: the source of docs/results.md.

    python tests/benchmarks/months.py FILMS --ages CSV --cache DIR --output DIR

*All films*: the pretrained model on every film; no age has entered it, but its settings
were chosen by looking at these ages, and its curve has seen these films without them.
*Held out*: curve and months are learned from a random 60% of the films in range, known
ages are those of some of them, and the other 40% are scored; which ages are known is
drawn at random, or suggested; *shifted* months are 8 too high before 16 ages are known.
Tables are written to the folder, one csv each.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from paper.protocol import held_out
from pretrained import assess_all, measure
from sklearn.utils import Bunch

from sklearn_baccaec import AgeRegressor, KeyRegionExtractor, NamedClusterer
from sklearn_baccaec._pretrained._arrays import compress, restore
from sklearn_baccaec._recipe._pretraining import CROP_SCALE, N_HANDS, learn_parts
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.maturity._curve_months import CurveMonths

NUMBERS = (4, 8, 16, 32, 64, 128)  # of known ages
DRAWS = 20  # at random
ELSEWHERE = 8.0  # months that another collection may lie off


def run(seed: int, data: Any, cache: Path) -> Iterator[dict[str, Any]]:
    """Learn once; measure with every number of known ages."""
    split = held_out(data.target, seed)
    how = {"memory": cache, "n_jobs": -1, "verbose": 1}
    parts = learn_parts(data.data[split.train], N_HANDS, seed, **how)
    encoder, curve, months = restore(compress(*parts))
    extractor = KeyRegionExtractor(crop_scale=CROP_SCALE, on_error="skip", **how)
    crops = extractor.fit_transform(data.data[split.scored])
    train, scored = (
        Bunch(t=t[:, None], ages=data.target[films], sexes=data.sex[films])
        for films, t in (
            (split.train, parts[1].t_),
            (split.scored, curve.transform(encoder.transform(crops))[:, 0]),
        )
    )
    for sex_known in (True, False):
        for choice, chosen in choose(train, seed):
            named = make_named(months, train, chosen, sex_known)
            sexes = scored.sexes if sex_known else [None] * len(scored.ages)
            ages, ranges = named.predict_age(scored.t, sex=sexes, return_range=True)
            bounds = named.predict_interval(scored.t, sex=sexes)
            yield {
                "seed": seed,
                "known ages": len(chosen),
                "choice": choice,
                "sex known": sex_known,
                **measure(ages, ranges, bounds, scored.ages),
            }
    shifted = Shifted(months.months, months.votes)
    generator = np.random.default_rng(seed)
    for _ in range(DRAWS):
        chosen = generator.choice(len(train.ages), 16, replace=False)
        named = make_named(shifted, train, chosen, True)
        ages = named.predict_age(scored.t, sex=scored.sexes)
        left = np.mean(ages - scored.ages)
        yield {"seed": seed, "known ages": 16, "choice": "shifted", "left": left}


class Shifted(CurveMonths):
    """Months that lie off, as those of another hospital may."""

    def predict(self, t: np.ndarray, sexes: np.ndarray) -> np.ndarray:
        return super().predict(t, sexes) + ELSEWHERE


def choose(train: Bunch, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Films of known age, in every way and number."""
    yield "none", np.empty(0, int)
    yield "all", np.flatnonzero(np.isfinite(train.t[:, 0]))
    generator = np.random.default_rng(seed)
    axis = NamedClusterer(n_clusters=4, age_regressor=AgeRegressor(), random_state=0)
    suggested = axis.fit(train.t).suggest(train.t, max(NUMBERS))
    for number in NUMBERS:
        for _ in range(DRAWS):
            chosen = generator.choice(len(train.ages), number, replace=False)
            yield "random", chosen
        yield "suggested", suggested[:number]


def make_named(
    months: Any, train: Bunch, chosen: np.ndarray, sex_known: bool
) -> NamedClusterer:
    """Months along the axis, with the ages of the chosen films known."""
    named = NamedClusterer(
        n_clusters=4, age_regressor=AgeRegressor(prior=months), random_state=0
    ).fit(train.t)
    if len(chosen):
        known = np.full(len(train.ages), np.nan)
        known[chosen] = train.ages[chosen]
        named.learn_ages(train.t, known, sex=train.sexes if sex_known else None)
    return named


def summarise(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Median, lowest and highest seed of the mean over draws."""
    keys = ["sex known", "choice", "known ages"]
    figures = ["MAE", "MAE of the median", "median difference", "right interval"]
    figures += ["largest interval", "in range"]
    told = rows[rows["choice"] != "shifted"]
    means = told.groupby([*keys, "seed"])[figures].mean()
    of_seeds = means.groupby(keys).agg(["median", "min", "max"])
    of_seeds.columns = [" ".join(names) for names in of_seeds.columns]
    left = rows[rows["choice"] == "shifted"].groupby("seed")["left"].mean()
    shifted = {"before": ELSEWHERE, "known ages": 16, "after": left.median()}
    return {
        "months_held_out": of_seeds.reset_index(),
        "months_shifted": pd.DataFrame([shifted]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    args = parser.parse_args()

    data = load_radiographs(args.films, args.ages)
    args.output.mkdir(parents=True, exist_ok=True)
    write(assess_all(data, args.cache), args.output)
    runs = (pd.DataFrame(run(seed, data, args.cache)) for seed in args.seeds)
    write(summarise(pd.concat(runs)), args.output)


def write(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write tables as csv, and print them."""
    for name, table in tables.items():
        table.round(4).to_csv(folder / f"{name}.csv", index=False)
        print(f"{name}\n{table.round(3).to_string()}", flush=True)


if __name__ == "__main__":
    main()
