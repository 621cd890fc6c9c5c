"""Months with no known age, few and all, on real films: the source of docs/results.md.

    python tests/benchmarks/months.py FILMS --ages CSV --cache DIR --output DIR

*All films*: the pretrained model on every film; no age has entered it, but its settings
were chosen by looking at these ages, and its curve has seen these films without them.
*Held out*: curve and months are learned from a random 60% of the films in range, known
ages are those of some of them, and the other 40% are scored; which ages are known is
drawn at random, or suggested. Tables are written to the folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from paper.protocol import held_out
from scipy.stats import spearmanr
from sklearn.utils import Bunch

from sklearn_baccaec import (
    AgeRegressor,
    KeyRegionExtractor,
    NamedClusterer,
    load_pretrained,
)
from sklearn_baccaec._pretrained._arrays import compress, restore
from sklearn_baccaec._recipe._pretraining import CROP_SCALE, N_HANDS, learn_parts
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.maturity._curve_months import CurveMonths
from sklearn_baccaec.metrics import assign_age_intervals

NUMBERS = (4, 8, 16, 32, 64, 128)  # of known ages
DRAWS = 20  # at random
BINS = (0, 48, 96, 120, 144, 192)  # months said
ELSEWHERE = 8.0  # months that another collection may lie off


def measure(
    ages: np.ndarray, ranges: np.ndarray, bounds: np.ndarray, true: np.ndarray
) -> dict[str, float]:
    """Figures on films of known age."""
    intervals = assign_age_intervals(true)
    inside = intervals >= 0
    right = (bounds[:, 0] <= true) & (true < bounds[:, 1]) | (true == bounds[:, 1])
    return {
        "films": len(true),
        "MAE": np.abs(ages - true).mean(),
        "median difference": np.median(ages - true),
        "right interval": right[inside].mean(),
        "largest interval": np.bincount(intervals[inside]).max() / inside.sum(),
        "in range": np.mean((ranges[:, 0] <= true) & (true <= ranges[:, 1])),
    }


def assess_all(data: Any, cache: Path) -> pd.DataFrame:
    """The pretrained model on all films, by sex and by the months that it says."""
    model = load_pretrained(on_error="skip", memory=cache, n_jobs=-1)
    table = model.assign(data.data, sex=data.sex)
    bounds = model.predict_interval(data.data, sex=data.sex)
    ages, ranges = table["age"].to_numpy(), table[["age_low", "age_high"]].to_numpy()
    groups = {"all": np.ones(len(ages), bool)}
    groups |= {name: data.sex == sex for name, sex in (("girls", "F"), ("boys", "M"))}
    for low, high in zip(BINS, (*BINS[1:], np.inf), strict=True):
        name = f"said {low} to {high:g}" if np.isfinite(high) else f"said from {low}"
        groups[name] = (ages >= low) & (ages < high)
    rows = []
    for name, own in groups.items():
        row = measure(ages[own], ranges[own], bounds[own], data.target[own])
        if name in {"girls", "boys"}:
            row["rank correlation"] = spearmanr(ages[own], data.target[own])[0]
        rows.append({"group": name, **row})
    return pd.DataFrame(rows)


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


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Median, lowest and highest seed of the mean over draws."""
    keys = ["sex known", "choice", "known ages"]
    figures = ["MAE", "median difference", "right interval", "in range"]
    figures.append("largest interval")
    told = rows[rows["choice"] != "shifted"]
    means = told.groupby([*keys, "seed"])[figures].mean()
    of_seeds = means.groupby(keys).agg(["median", "min", "max"])
    of_seeds.columns = [" ".join(names) for names in of_seeds.columns]
    return of_seeds.reset_index()


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
    overall = assess_all(data, args.cache)
    overall.round(4).to_csv(args.output / "months_all_films.csv", index=False)
    print(overall.round(3).to_string())
    runs = (pd.DataFrame(run(seed, data, args.cache)) for seed in args.seeds)
    rows = pd.concat(runs)
    held = summarise(rows)
    held.round(4).to_csv(args.output / "months_held_out.csv", index=False)
    print(held.round(3).to_string())
    left = rows[rows["choice"] == "shifted"].groupby("seed")["left"].mean()
    print(f"Months {ELSEWHERE:g} off, 16 known ages leave {left.median():.1f}")


if __name__ == "__main__":
    main()
