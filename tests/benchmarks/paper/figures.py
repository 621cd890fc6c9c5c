"""The paper's figures, drawn from our own clusterings."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sklearn_baccaec import RegionSelector
from sklearn_baccaec.metrics import cluster_table
from sklearn_baccaec.plotting import (
    AccuracyDisplay,
    ClusterCompositionDisplay,
    FilmSheetDisplay,
    LatentMapDisplay,
)
from sklearn_baccaec.regions import PAPER_REGIONS

from .clusterings import K, Training, cluster, select
from .embeddings import Embeddings
from .protocol import Split, data_sizes, in_sample


def draw_figures(
    runs: pd.DataFrame,
    films: np.ndarray,
    ages: np.ndarray,
    embeddings: Embeddings,
    seed: int,
    folder: Path,
) -> dict[str, pd.DataFrame]:
    """Write the figures as PNG files, and return the paper's Table 1.

    ``figure_10.png`` shows films; the others hold numbers only.
    """
    split = in_sample(ages)
    own_ages = ages[split.train]
    plt.hist(own_ages, range(24, 217, 12), edgecolor="black")
    plt.xlabel("age, months")
    plt.ylabel("films")
    _save(folder / "figure_1.png")
    latents, labels = _encode(embeddings, split, seed)
    table = cluster_table(own_ages, labels, n_clusters=K)
    ClusterCompositionDisplay.from_predictions(own_ages, labels)
    _save(folder / "table_1.png")
    LatentMapDisplay.from_predictions(latents, own_ages, labels)
    _save(folder / "figure_6.png")
    _draw_regions(runs)
    _save(folder / "figure_7.png")
    _draw_curves(runs)
    _save(folder / "figure_8.png")
    _draw_maps(embeddings, ages, seed)
    _save(folder / "figure_9.png")
    bounds = table["interval"].str.split("-", expand=True).astype(float).to_numpy()
    bounds = np.vstack([bounds, [np.nan, np.nan]])[labels]
    FilmSheetDisplay.from_intervals(films[split.train], own_ages, bounds)
    _save(folder / "figure_10.png")
    return {"table_1": _as_text(table)}


def _encode(
    embeddings: Embeddings, split: Split, seed: int, *, main: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Latents and clusters of the films that train."""
    training = Training("CCAEC", split, seed, main)
    held = training.encoded_regions
    latents = embeddings.encode("CCAEC", split.train, seed, held)
    latents = RegionSelector(PAPER_REGIONS, all_regions=held).fit_transform(latents)
    labels = cluster(latents, K, training, embeddings.usable)
    return latents[split.train], labels[split.train]


def _draw_regions(runs: pd.DataFrame) -> None:
    own = select(runs, encoder="CCAEC", protocol="in-sample")
    single = own[own["regions"].map(len) == 1]
    AccuracyDisplay(
        pd.DataFrame(
            {
                "x": [region for (region,) in single["regions"]],
                "interval": single["interval"],
                "run": single["seed"],
                "accuracy": single["accuracy"],
                "chance": single["chance"],
            }
        ),
        xlabel="region, and its number in the paper",
    ).plot()


def _draw_curves(runs: pd.DataFrame) -> None:
    own = select(runs, encoder="CCAEC", protocol="in-sample", regions=PAPER_REGIONS)
    ax = mae_ax = None
    for n_films, rows in own.groupby("films"):
        display = AccuracyDisplay(
            rows.rename(columns={"k": "x", "seed": "run"})[
                ["x", "interval", "run", "accuracy", "chance", "mae"]
            ]
        ).plot(ax, mae_ax, name=f"{n_films} films")
        ax, mae_ax = display.ax_, display.mae_ax_


def _draw_maps(embeddings: Embeddings, ages: np.ndarray, seed: int) -> None:
    sizes = data_sizes(ages)
    _, axes = plt.subplots(
        1, len(sizes), figsize=(4.5 * len(sizes), 4.5), layout="constrained"
    )
    for ax, size in zip(axes, sizes, strict=True):
        split = in_sample(ages, size)
        main = len(split.train) == len(in_sample(ages).train)
        latents, _ = _encode(embeddings, split, seed, main=main)
        LatentMapDisplay.from_predictions(latents, ages[split.train], ax=ax)
        ax.set_title(f"{len(split.train)} films")


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Table 1 from the youngest cluster to the oldest."""
    table = table.drop(columns=["age_low", "age_high"])
    table = table.sort_values("median_age").reset_index()
    table["accuracy"] = table["accuracy"].map("{:.0%}".format)
    table["median_age"] = table["median_age"].map("{:g}".format)
    return table.rename(columns={"median_age": "median age"})


def _save(path: Path) -> None:
    plt.savefig(path, dpi=150)
    plt.close("all")
