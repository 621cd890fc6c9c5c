"""The paper's tables and figures as tables: the paper beside our own figures."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sklearn_baccaec.datasets import load_paper_results
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS

from .clusterings import (
    ENCODERS,
    INTERVALS,
    N_CLUSTERS,
    REGION_SETS,
    K,
    select,
)

REGION_NUMBERS = {region: i for i, region in enumerate(KEY_REGIONS, start=1)}


def make_tables(runs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All tables that come from the runs, by name."""
    main = runs[runs["main"]]
    tables = {
        "table_2": table_2(main),
        "table_3": table_3(main),
        "table_4": table_4(main),
        "figure_8": figure_8(runs),
    }
    for encoder in ENCODERS:
        tables[f"figure_7_{encoder.lower()}"] = figure_7(main, encoder)
    return tables


def table_2(runs: pd.DataFrame) -> pd.DataFrame:
    """Region sets."""
    rows = []
    for regions, accuracy in zip(
        REGION_SETS, load_paper_results().table_2, strict=True
    ):
        own = select(runs, encoder="CCAEC", k=K, interval=48, regions=regions)
        name = ", ".join(str(REGION_NUMBERS[region]) for region in regions)
        rows.append(
            {"regions": name, "paper, in-sample": f"{accuracy:.2%}", **_figures(own)}
        )
    return pd.DataFrame(rows)


def table_3(runs: pd.DataFrame) -> pd.DataFrame:
    """Numbers of clusters."""
    paper = load_paper_results().table_3
    own = select(runs, encoder="CCAEC", interval=48, regions=PAPER_REGIONS)
    return pd.DataFrame(
        [
            {
                "k": k,
                "paper, in-sample": f"{paper.accuracy[k]:.2%}",
                **_figures(select(own, k=k), months=True),
            }
            for k in N_CLUSTERS
        ]
    )


def table_4(runs: pd.DataFrame) -> pd.DataFrame:
    """Single regions: VAE and CCAEC."""
    paper = load_paper_results().table_4
    rows = []
    for number, region in enumerate(KEY_REGIONS, start=1):
        row = {"region": f"{number} {region.replace('_', ' ')}"}
        known = number in paper.index
        for encoder in reversed(ENCODERS):
            own = select(runs, encoder=encoder, k=K, interval=48, regions=(region,))
            row[f"paper, {encoder}"] = (
                f"{paper.loc[number, encoder.lower()]:.2%}" if known else ""
            )
            row |= {
                f"{encoder}, {name}": value
                for name, value in _figures(own).items()
                if name in ("in-sample", "held out")
            }
        own = select(runs, k=K, interval=48, regions=(region,))
        row["chance, in-sample"] = f"{own['chance'].median():.1%}"
        rows.append(row)
    return pd.DataFrame(rows)


def figure_7(runs: pd.DataFrame, encoder: str) -> pd.DataFrame:
    """Single regions at intervals of several widths; last what chance reaches."""
    single = select(runs, encoder=encoder, k=K)
    single = single[single["regions"].map(len) == 1]
    rows = []
    for region in KEY_REGIONS:
        row = {"region": f"{REGION_NUMBERS[region]} {region.replace('_', ' ')}"}
        for protocol in ("in-sample", "held out"):
            for interval in INTERVALS:
                own = select(
                    single, regions=(region,), interval=interval, protocol=protocol
                )
                row[f"{interval}, {protocol}"] = _share(own["accuracy"])
        rows.append(row)
    level = {"region": "chance; largest class"}
    for protocol, column in (("in-sample", "chance"), ("held out", "largest")):
        for interval in INTERVALS:
            own = select(single, interval=interval, protocol=protocol)
            level[f"{interval}, {protocol}"] = f"{own[column].median():.1%}"
    return pd.DataFrame([*rows, level])


def figure_8(runs: pd.DataFrame) -> pd.DataFrame:
    """Numbers of films and of clusters; films of each protocol from few to many."""
    own = select(runs, encoder="CCAEC", interval=48, regions=PAPER_REGIONS)
    sizes = [
        sorted(own.loc[own["protocol"] == protocol, "films"].unique())
        for protocol in ("in-sample", "held out")
    ]
    rows = []
    for few, trained in zip(*sizes, strict=True):
        chosen = pd.concat(
            [
                select(own, protocol="in-sample", films=few),
                select(own, protocol="held out", films=trained),
            ]
        )
        rows.extend(
            {
                "films, in-sample": few,
                "films, held out": trained,
                "k": k,
                **_figures(chosen[chosen["k"] == k], months=True),
            }
            for k in N_CLUSTERS
        )
    return pd.DataFrame(rows)


def _figures(runs: pd.DataFrame, *, months: bool = False) -> dict[str, str]:
    """In-sample and held-out figures of the same clusterings, in their own columns."""
    inside = runs[runs["protocol"] == "in-sample"]
    outside = runs[runs["protocol"] == "held out"]
    figures = {
        "in-sample": _share(inside["accuracy"]),
        "chance": f"{inside['chance'].median():.1%}",
        "in-sample MAE": _months(inside["mae"]),
        "held out": _share(outside["accuracy"]),
        "balanced": _share(outside["balanced"]),
        "largest class": f"{outside['largest'].median():.1%}",
        "held-out MAE": _months(outside["mae"]),
    }
    return {
        name: value
        for name, value in figures.items()
        if months or not name.endswith("MAE")
    }


def _share(values: Iterable[float]) -> str:
    """Median with the lowest and the highest, in percent."""
    values = pd.Series(values) * 100
    if len(values) == 1:
        return f"{values.iloc[0]:.1f}%"
    return f"{values.median():.1f}% ({values.min():.1f} to {values.max():.1f})"


def _months(values: Iterable[float]) -> str:
    values = pd.Series(values)
    if len(values) == 1:
        return f"{values.iloc[0]:.1f}"
    return f"{values.median():.1f} ({values.min():.1f} to {values.max():.1f})"
