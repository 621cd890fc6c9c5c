"""What the regions agree on, on real films: the source of docs/results.md.

    python tests/benchmarks/agreement.py FILMS --ages CSV --cache DIR --output DIR

Every row is one model: a variant, a protocol and a seed. In-sample: fitted to all films
in range without ages; the paper's class mix of these same films names the clusters and
is scored. Held out: a random 60% of the films in range are fitted and tell ages; the
others are scored. Crops and components are cached.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from paper.protocol import draw_class_mix, held_out
from paper.writing import to_markdown
from scipy.stats import rankdata, spearmanr
from sklearn.utils import Bunch

from sklearn_baccaec import (
    AgeRegressor,
    HOGComponents,
    KeyRegionExtractor,
    MaturityCurve,
    NamedClusterer,
    RegionConsensus,
    RegionEncoder,
)
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.maturity._region_curves import RegionCurves
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from sklearn_baccaec.regions import KEY_REGIONS

YOUNG = 72  # months, below which the order is looked at by itself


class UniformRanks(MaturityCurve):
    """Ranks as they are, instead of normal scores."""

    def _learn(self, latents: np.ndarray, t: np.ndarray) -> RegionCurves:
        ranks = (rankdata(t) - 0.5) / len(t)
        return RegionCurves.learn(
            latents, ranks, self.n_knots, self.penalty, self.shrinkage
        )


class Variant(NamedTuple):
    """What is different from the method as it is."""

    scales: tuple[float, ...] = (0.5,)  # side by side
    n_components: int = 64
    make_axis: Callable[..., Any] = MaturityCurve
    params: dict[str, Any] = {}


VARIANTS = {
    "as it is": Variant(),
    "first component instead of the curve": Variant(
        make_axis=RegionConsensus, params={"regularization": 0.5}
    ),
    "uniform ranks": Variant(make_axis=UniformRanks),
    "full scale": Variant(scales=(1.0,)),
    "both scales": Variant(scales=(0.5, 1.0)),
    **{f"{n} components": Variant(n_components=n) for n in (16, 32, 96, 128)},
    **{f"{n} knots": Variant(params={"n_knots": n}) for n in (5, 7, 14)},
    "penalty 0.01": Variant(params={"penalty": 0.01}),
    "penalty 0.001": Variant(params={"penalty": 0.001}),
    "shrinkage 0.05": Variant(params={"shrinkage": 0.05}),
    "shrinkage 0.5": Variant(params={"shrinkage": 0.5}),
    "3 rounds": Variant(params={"max_iter": 3}),
    "12 rounds": Variant(params={"max_iter": 12}),
}


def encode(variant: Variant, data: Bunch, fit: np.ndarray) -> np.ndarray:
    """Latents of all films, by encoders of some; scales side by side in each region."""
    encoder = RegionEncoder(
        HOGComponents(variant.n_components, remainder=True),
        regions=KEY_REGIONS,
        memory=data.cache,
        random_state=0,
    )
    blocks = [
        encoder.fit(data.crops[scale][fit]).transform(data.crops[scale])
        for scale in variant.scales
    ]
    by_region = [
        latents.reshape(len(latents), len(KEY_REGIONS), -1) for latents in blocks
    ]
    return np.concatenate(by_region, axis=2).reshape(len(blocks[0]), -1)


def place(
    variant: Variant, latents: np.ndarray, ages: np.ndarray, fit: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Places of all films, those to learn from and to be scored, and the axis."""
    axis = variant.make_axis(regions=KEY_REGIONS, **variant.params)
    if hasattr(axis, "random_state"):
        axis.set_params(random_state=seed)
    axis.fit(latents[fit])
    if spearmanr(axis.transform(latents[fit])[:, 0], ages[fit])[0] < 0:
        axis.flip()
    t = axis.transform(latents)[:, 0]
    learned = t.copy()
    learned[fit] = getattr(axis, "t_", t[fit])
    return learned, t, axis


def run(variant: Variant, protocol: str, seed: int, data: Bunch) -> dict[str, float]:
    """Fit one model and measure it."""
    if protocol == "held out":
        split = held_out(data.target, seed)
        fit, naming, scored = split.train, split.train, split.scored
    else:
        fit = np.flatnonzero(assign_age_intervals(data.target) >= 0)
        naming = scored = draw_class_mix(data.target, seed)
    latents = encode(variant, data, fit)
    learned, t, axis = place(variant, latents, data.target, fit, seed)
    scored_t = t if protocol == "held out" else learned
    named = NamedClusterer(
        n_clusters=16, age_regressor=AgeRegressor(*axis.axis_scale), random_state=seed
    ).fit(t[fit, None])
    figures: dict[str, float] = {}
    ages = data.target[scored]
    true = assign_age_intervals(ages)
    for column, sex in (("", None), (" by sex", data.sex)):
        own, of_naming = (None, None) if sex is None else (sex[scored], sex[naming])
        named.name_clusters(learned[naming, None], data.target[naming], sex=of_naming)
        rows = scored_t[scored, None]
        months = named.predict_age(rows, sex=own)
        figures["score" + column] = named.score(rows, ages, sex=own)
        figures["MAE" + column] = np.abs(months - ages).mean()
        by_name = NamedClusterer(n_clusters=16, random_state=seed).fit(t[fit, None])
        by_name.name_clusters(
            scored_t[naming, None], data.target[naming], sex=of_naming
        )
        figures["names" + column] = by_name.score(rows, ages, sex=own)
        if protocol == "in-sample":
            labels = by_name.predict(rows)
            figures["chance" + column] = chance_majority_label_accuracy(
                true, labels, own
            )
            found = majority_label_accuracy(true, labels, own)
            assert np.isclose(found, figures["names" + column])
    figures["largest class"] = np.bincount(true).max() / len(true)
    figures["rho"] = spearmanr(scored_t[scored], ages)[0]
    sexes = data.sex[scored]
    within = [
        spearmanr(scored_t[scored][sexes == s], ages[sexes == s])[0] for s in "FM"
    ]
    figures["rho within sex"] = float(np.mean(within))
    return figures


def place_everyone(variant: Variant, seed: int, data: Bunch) -> dict[str, float]:
    """Rank correlation of the youngest, placed by the other folds of all films."""
    everyone = np.arange(len(data.target))
    latents = encode(variant, data, everyone)
    learned, _, _ = place(variant, latents, data.target, everyone, seed)
    young = data.target < YOUNG
    return {"rho, under 72": spearmanr(learned[young], data.target[young])[0]}


def summarise(values: pd.Series, digits: str) -> str:
    """Median of the seeds, lowest and highest in brackets."""
    low, middle, high = (format(values.quantile(q), digits) for q in (0, 0.5, 1))
    return middle if low == high else f"{middle} ({low} to {high})"


def tabulate(runs: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """One row per variant, in their order."""
    groups = runs.groupby("variant", sort=False)
    return pd.DataFrame(
        {"variant": name}
        | {column: summarise(own[column], digits) for column, digits in columns.items()}
        for name, own in groups
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    args = parser.parse_args()

    data = load_radiographs(args.films, args.ages)
    data.crops = {
        scale: KeyRegionExtractor(
            crop_scale=scale, on_error="skip", memory=args.cache, n_jobs=-1, verbose=1
        ).fit_transform(data.data)
        for scale in (0.5, 1.0)
    }
    data.cache = args.cache
    args.output.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in args.variants:
        for seed in args.seeds:
            young = place_everyone(VARIANTS[name], seed, data)
            for protocol in ("in-sample", "held out"):
                key = {"variant": name, "protocol": protocol, "seed": seed}
                rows.append(key | run(VARIANTS[name], protocol, seed, data) | young)
        print(rows[-1], flush=True)
    runs = pd.DataFrame(rows)
    runs.round(4).to_csv(args.output / "agreement.csv", index=False)
    shares = {"names": ".1%", "score": ".1%"}
    for protocol, level in (("in-sample", "chance"), ("held out", "largest class")):
        own = runs[runs["protocol"] == protocol]
        for sex in ("", " by sex"):
            level_column = level + (sex if level == "chance" else "")
            columns = {name + sex: digits for name, digits in shares.items()}
            columns |= {level_column: ".1%", "MAE" + sex: ".1f"}
            columns |= {"rho within sex" if sex else "rho": ".3f"}
            print(f"\n{protocol}{sex}\n{to_markdown(tabulate(own, columns))}")
    print(to_markdown(tabulate(own, {"rho, under 72": ".2f"})))


if __name__ == "__main__":
    main()
