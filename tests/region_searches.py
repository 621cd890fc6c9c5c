"""What the tests of the search over region subsets share."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import KFold

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


def scores_by_hand(model, candidates, films, ages, sex=None):
    """What each candidate's own model scores, fold by fold of `SPLITS`."""
    sex = [None] * len(films) if sex is None else sex
    scores = []
    for regions, k in candidates:
        candidate = clone(model).set_params(regions=regions)
        if k is not None:
            candidate.set_params(clusterer__n_clusters=k)
        for train, test in SPLITS.split(films):
            part = [films[i] for i in train]
            candidate.fit(part, ages[train], sex=[sex[i] for i in train])
            part = [films[i] for i in test]
            scores.append(candidate.score(part, ages[test], sex=[sex[i] for i in test]))
    return np.reshape(scores, (len(candidates), 2))
