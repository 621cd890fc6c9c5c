"""Few labels, and ages in months, on real films: the source of docs/results.md.

    python tests/benchmarks/labels_and_ages.py FILMS --ages CSV --cache DIR --output DIR

Held out: a random 60% of the films in range train `method="agreement"`, make the
clusters and, a few of them or all, name them; the other 40% are scored. Which of the
former are labelled is drawn at random, or suggested: all at once, or in rounds, where
the ages of one round are known in the next. Trainings are cached; tables are written to
the folder and printed, and the figure of the user guide is drawn.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from paper.protocol import held_out
from paper.writing import to_markdown
from sklearn.utils import Bunch

from sklearn_baccaec import BoneAgeClusterer, NamedClusterer
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.metrics import assign_age_intervals

matplotlib.use("Agg")

NUMBERS = (4, 8, 16, 32, 64, 128)  # of labelled films
DRAWS = 50  # at random
ROUND = 8  # films labelled before new ones are suggested
COLOURS = {"random": "0.45", "suggested": "#0072b2", "in rounds": "#d55e00"}


def run(seed: int, data: Any, cache: Path) -> pd.DataFrame:
    """Train once; name by films chosen in every way, and score each."""
    split = held_out(data.target, seed)
    model = BoneAgeClusterer(
        method="agreement",
        memory=cache,
        on_error="skip",
        random_state=seed,
        verbose=1,
    ).fit(data.data[split.train])
    train, scored = (
        Bunch(latents=latents, ages=data.target[films], sexes=data.sex[films])
        for films, latents in (
            (split.train, model.pipeline_["consensus"].t_[:, None]),
            (split.scored, model.transform(data.data[split.scored])),
        )
    )
    named = model.named_clusterer_
    rows = [
        {"seed": seed, "labelled": len(chosen), "choice": choice, "by sex": by_sex}
        | measure(named, train, chosen, scored, by_sex)
        for choice, chosen in choose(named, train, seed)
        for by_sex in (False, True)
    ]
    return pd.DataFrame(rows)


def choose(
    named: NamedClusterer, train: Bunch, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Films to label, in every way and number."""
    everything = np.flatnonzero(named.predict(train.latents) >= 0)
    yield "all", everything
    generator = np.random.default_rng(seed)
    for number in NUMBERS:
        for _ in range(DRAWS):
            yield "random", generator.choice(everything, number, replace=False)
    for choice, at_once in (("suggested", max(NUMBERS)), ("in rounds", ROUND)):
        chosen = np.empty(0, int)
        while len(chosen) < max(NUMBERS):
            known = know(train, chosen)
            more = named.suggest(train.latents, at_once, known)
            chosen = np.append(chosen, more)
        for number in NUMBERS:
            yield choice, chosen[:number]


def know(train: Bunch, chosen: np.ndarray) -> np.ndarray:
    """Ages of the chosen films alone."""
    known = np.full(len(train.ages), np.nan)
    known[chosen] = train.ages[chosen]
    return known


def measure(
    named: NamedClusterer,
    train: Bunch,
    chosen: np.ndarray,
    scored: Bunch,
    by_sex: bool,
) -> dict[str, float]:
    """Figures on the other films, with the ages of the chosen ones known."""
    known = know(train, chosen)
    own, others = (train.sexes, scored.sexes) if by_sex else (None, None)
    named = copy.deepcopy(named).name_clusters(train.latents, known, sex=own)
    months, (low, high) = (
        values.T
        for values in named.predict_age(scored.latents, sex=others, return_range=True)
    )
    true = assign_age_intervals(scored.ages)
    return {
        "score": named.score(scored.latents, scored.ages, sex=others),
        "MAE": np.abs(months - scored.ages).mean(),
        "in range": np.mean((scored.ages >= low) & (scored.ages <= high)),
        "half range": np.mean(high - months),
        "largest class": np.bincount(true).max() / len(true),
    }


def summarise(rows: pd.DataFrame, column: str, digits: str) -> str:
    """Median, lowest and highest of the seeds; of the mean over draws."""
    values = rows.groupby("seed")[column].mean()
    shown = [
        format(value, digits)
        for value in (values.median(), *values.agg(["min", "max"]))
    ]
    return "{} ({} to {})".format(*shown)


def tabulate(rows: pd.DataFrame, by_sex: bool) -> pd.DataFrame:
    """Figures by number of labelled films, and the way they were chosen."""
    lines = []
    for (number, choice), own in rows[rows["by sex"] == by_sex].groupby(
        ["labelled", "choice"]
    ):
        line = {"films labelled": number, "chosen": choice}
        columns = {"MAE": ".1f", "score": ".1%", "in range": ".0%", "half range": ".0f"}
        line |= {name: summarise(own, name, digits) for name, digits in columns.items()}
        lines.append(line)
    return pd.DataFrame(lines)


def draw(rows: pd.DataFrame, path: Path) -> None:
    """Error against labelled films, without and with sex."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, 2, figsize=(8, 3.4), sharey=True, layout="constrained"
    )
    for ax, by_sex in zip(axes, (False, True), strict=True):
        own = rows[rows["by sex"] == by_sex]
        for choice, colour in COLOURS.items():
            chosen = own[own["choice"] == choice]
            runs = chosen.groupby(["labelled", "seed"])["MAE"].mean().unstack()
            ax.plot(runs.index, runs.median(axis=1), "o-", color=colour, label=choice)
            ax.fill_between(
                runs.index, runs.min(axis=1), runs.max(axis=1), color=colour, alpha=0.15
            )
        every = own[own["choice"] == "all"]
        ax.axhline(every["MAE"].median(), color="0.2", label="all 428 labelled")
        ax.set(
            title="sex known" if by_sex else "sex unknown",
            xlabel="films of known age",
            xscale="log",
            ylim=(0, 25),
        )
        ax.set_xticks(NUMBERS, labels=[str(number) for number in NUMBERS])
        ax.minorticks_off()
    axes[0].set_ylabel("held-out error, months")
    axes[1].legend(frameon=False, loc="upper right", fontsize="small")
    figure.savefig(path, dpi=110)


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
    rows = pd.concat([run(seed, data, args.cache) for seed in args.seeds])
    rows.to_csv(args.output / "runs.csv", index=False)
    for by_sex in (False, True):
        print(to_markdown(tabulate(rows, by_sex)))
    print(f"Always the largest class: {summarise(rows, 'largest class', '.1%')}\n")
    draw(rows, args.output / "few_labels.png")


if __name__ == "__main__":
    main()
