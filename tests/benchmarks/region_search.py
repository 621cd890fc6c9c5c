"""The best combination of regions, found honestly on real films.

    python tests/benchmarks/region_search.py FILMS --ages CSV --cache DIR

Films of the paper's class mix; three outer folds. In each, a forward selection over all
19 regions and three numbers of clusters looks at the films of the other two alone, by
three inner folds; then the chosen model is scored on the outer fold, beside the paper's
seven regions with 16 clusters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from paper.protocol import draw_class_mix
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import StratifiedKFold

from sklearn_baccaec import BoneAgeClusterer, RegionSubsetSearchCV
from sklearn_baccaec.datasets import load_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS

FIXED_SETS = {"the paper's 7": PAPER_REGIONS, "all 19": KEY_REGIONS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    data = load_radiographs(args.films, args.ages)
    chosen = draw_class_mix(data.target)
    X, y = data.data[chosen], data.target[chosen]
    intervals = assign_age_intervals(y)
    model = BoneAgeClusterer(
        encoder=PCA(16),
        on_error="skip",
        memory=args.cache,
        n_jobs=args.jobs,
        random_state=0,
    )
    search = RegionSubsetSearchCV(model, n_jobs=args.jobs, random_state=0, verbose=1)
    rows = []
    outer = StratifiedKFold(3, shuffle=True, random_state=0)
    for train, test in outer.split(X, intervals):
        search.fit(X[train], y[train])
        regions = search.best_params_["regions"]
        rows.append(
            {
                "regions": ", ".join(
                    str(KEY_REGIONS.index(region) + 1) for region in regions
                ),
                "k": search.best_params_["n_clusters"],
                "inner": search.best_score_,
                "outer": search.score(X[test], y[test]),
                **{
                    name: clone(model)
                    .set_params(regions=fixed)
                    .fit(X[train], y[train])
                    .score(X[test], y[test])
                    for name, fixed in FIXED_SETS.items()
                },
                "largest class": np.bincount(intervals[test]).max() / len(test),
            }
        )
        print(pd.DataFrame(rows).round(3).to_string(), flush=True)


if __name__ == "__main__":
    main()
