"""The pretrained model on every film of a collection, which no age has entered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from sklearn_baccaec import load_pretrained
from sklearn_baccaec._pretrained import load_parts
from sklearn_baccaec.datasets import to_girls_months
from sklearn_baccaec.maturity._region_curves import GRID
from sklearn_baccaec.metrics import age_interval_edges, assign_age_intervals
from sklearn_baccaec.regions import KEY_REGIONS

SAID = (0, 48, 96, 120, 144, 192)  # months
TRUE = range(0, 240, 24)  # months
BONES = {
    "DIP": ("_dip",),
    "PIP": ("_pip", "_ip"),
    "MCP": ("_mcp",),
    **{name: (name,) for name in ("thumb_cmc", "wrist", "radius", "ulna", "carpus")},
}
REASONS = {"very young": "very young", "unlike": "unlike the films"}


def measure(
    ages: np.ndarray, ranges: np.ndarray, bounds: np.ndarray, true: np.ndarray
) -> dict[str, float]:
    """Figures on films of known age."""
    intervals = assign_age_intervals(true)
    inside = intervals >= 0
    right = bounds[inside, 0] == age_interval_edges()[intervals[inside]]
    return {
        "films": len(true),
        "MAE": np.abs(ages - true).mean(),
        "MAE of the median": np.abs(true - np.median(true)).mean(),
        "median difference": np.median(ages - true),
        "right interval": right.mean(),
        "largest interval": np.bincount(intervals[inside]).max() / inside.sum(),
        "in range": np.mean((ranges[:, 0] <= true) & (true <= ranges[:, 1])),
    }


def assess_all(data: Any, cache: Path) -> dict[str, pd.DataFrame]:
    """Tables by name: all films, films by age, and each region alone."""
    model = load_pretrained(on_error="skip", memory=cache, n_jobs=-1)
    table = model.assign(data.data, sex=data.sex)
    table["true"] = data.target
    table["lower"] = model.predict_interval(data.data, sex=data.sex)[:, 0]
    table["sex"] = data.sex
    alone = model.predict_region_age(data.data, sex=data.sex)
    return {
        "months_all_films": by_group(table),
        "months_by_age": by_age(table),
        "months_by_region": by_region(alone, table),
        "months_by_bone": by_bone(table["maturity"].to_numpy()),
        "months_reasons": by_reason(table),
    }


def by_group(table: pd.DataFrame) -> pd.DataFrame:
    """All films, by sex, and by the months that are said."""
    said = pd.cut(table["age"], [*SAID, np.inf], right=False)
    groups = {"all": table, "girls": table[table["sex"] == "F"]}
    groups["boys"] = table[table["sex"] == "M"]
    for step, own in table.groupby(said, observed=True):
        name = f"said {step.left:g} to {step.right - 1:g}"
        if step.left == 0:
            name = f"said below {step.right:g}"
        elif np.isinf(step.right):
            name = f"said from {step.left:g}"
        groups[name] = own
    rows = []
    for name, own in groups.items():
        ages, true = own["age"].to_numpy(), own["true"].to_numpy()
        ranges, bounds = own[["age_low", "age_high"]], own[["lower"]]
        row = measure(ages, ranges.to_numpy(), bounds.to_numpy(), true)
        if name in {"girls", "boys"}:
            row["rank correlation"] = spearmanr(ages, true)[0]
        rows.append({"group": name, **row})
    return pd.DataFrame(rows)


def by_age(table: pd.DataFrame) -> pd.DataFrame:
    """How far off the months are, by sex and true age."""
    steps = pd.cut(table["true"], [*TRUE], right=False)
    off = table["age"] - table["true"]
    rows = []
    for (sex, step), own in off.groupby([table["sex"], steps], observed=True):
        low, middle, high = own.quantile([0.1, 0.5, 0.9])
        row = {"sex": sex, "from": step.left, "to": step.right, "films": len(own)}
        row |= {"10% below": low, "median": middle, "90% below": high}
        rows.append(row | {"MAE": own.abs().mean()})
    return pd.DataFrame(rows)


def by_region(alone: np.ndarray, table: pd.DataFrame) -> pd.DataFrame:
    """Months by each region alone: their error, and how they differ from the hand's."""
    ages, true = table["age"].to_numpy()[:, None], table["true"].to_numpy()[:, None]
    ahead = alone - ages
    return pd.DataFrame(
        {
            "region": KEY_REGIONS,
            "MAE": np.nanmean(np.abs(alone - true), axis=0),
            "median ahead of the hand": np.nanmedian(ahead, axis=0),
            "80% within": np.nanquantile(np.abs(ahead), 0.8, axis=0),
        }
    )


def by_bone(t: np.ndarray) -> pd.DataFrame:
    """What the drawn hands say of one kind of bone less what they say of the others.

    Raw votes at the films' places: no age is needed to see how well they agree.
    """
    votes = load_parts()[2].votes
    at_films = np.array([np.interp(t, GRID, vote) for vote in votes])
    rows = []
    for bone, names in BONES.items():
        own = np.array([region.endswith(names) for region in KEY_REGIONS])
        ahead = at_films[own].mean(axis=0) - at_films[~own].mean(axis=0)
        rows.append({"bone": bone, "median ahead of the others": np.median(ahead)})
    return pd.DataFrame(rows)


def by_reason(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of films that are told a reason, by girls' months of their true age."""
    girls = to_girls_months(table["true"].to_numpy(), sex=table["sex"])
    groups = {"all": girls >= 0, "below 48": girls < 48, "above 72": girls > 72}
    told = table["reason"].fillna("")
    return pd.DataFrame(
        {
            "group": name,
            "films": own.sum(),
            **{
                key: told[own].str.contains(text).mean()
                for key, text in REASONS.items()
            },
        }
        for name, own in groups.items()
    )
