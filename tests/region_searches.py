"""What the tests of the search over region subsets share."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import (
    KFold,
)

REGIONS = ("index_mcp", "carpus", "radius")
SEARCHES = ("forward", "backward", "random")
SPLITS = KFold(2, shuffle=True, random_state=1)


def visited(search):
    """Regions and number of clusters of every candidate, in the order of scoring."""
    return [(p["regions"], p["n_clusters"]) for p in search.cv_results_["params"]]


def subsets_of(search):
    return list(dict.fromkeys(regions for regions, _ in visited(search)))


def split_scores(search):
    """Scores of shape (n_candidates, n_splits)."""
    results = search.cv_results_
    return np.column_stack(
        [results[f"split{i}_test_score"] for i in range(search.n_splits_)]
    )


def scores_by_hand(model, candidates, films, ages, sex, splits):
    """What each candidate's own model scores, fold by fold."""

    def pick(values, places):
        return None if values is None else [values[place] for place in places]

    scores = []
    for regions, k in candidates:
        candidate = clone(model).set_params(regions=regions, clusterer__n_clusters=k)
        scores.append(
            [
                candidate.fit(
                    pick(films, train), pick(ages, train), sex=pick(sex, train)
                ).score(pick(films, test), pick(ages, test), sex=pick(sex, test))
                for train, test in splits
            ]
        )
    return scores
