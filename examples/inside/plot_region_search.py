"""
Searching for regions and the number of clusters
================================================

There are more than half a million subsets of the 19 key regions. The paper compares
five of them, by the labels of the films that it scores.
:class:`~sklearn_baccaec.model_selection.RegionSubsetSearchCV` looks for a good one by
inner folds, and its score on held-out films tells how good it is.
"""

# %%
# Every region is encoded once per fold. A candidate, which is a subset of regions and a
# number of clusters, only selects columns, clusters them and names the clusters.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from sklearn_baccaec import BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.model_selection import RegionSubsetSearchCV

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
X, X_test, y, y_test = train_test_split(
    films.data, films.target, test_size=40, random_state=0
)

# %%
# A forward search starts with the best single region, then adds the one that helps
# most, up to four. Here it has eight candidate regions, encoded by principal
# components, which need no training, and two numbers of clusters.

search = RegionSubsetSearchCV(
    BoneAgeClusterer(
        regions=(2, 5, 7, 8, 14, 17, 18, 19),
        encoder=PCA(8),
        clusterer=KMeans(n_init=2),
        crop_shape=(32, 32),
        memory="cache",
        n_jobs=2,
        random_state=0,
    ),
    n_clusters=(8, 16),
    search="forward",
    max_regions=4,
    random_state=0,
)
search.fit(X, y)
print(search.best_params_)

# %%
# The best of each size. More regions are not always better, and with many candidates
# the best inner score is too high: it was chosen for being the highest.

results = pd.DataFrame(search.cv_results_)
best = results.loc[results.groupby("n_regions")["mean_test_score"].idxmax()]
before: set[str] = set()
for _, row in best.iterrows():
    added = set(row["param_regions"]) - before
    before = set(row["param_regions"])
    print(
        f"{row['n_regions']:2} regions, k = {row['param_n_clusters']:2}: "
        f"{row['mean_test_score']:.0%}  + {', '.join(sorted(added))}"
    )

outer = search.score(X_test, y_test)
largest = np.bincount(assign_age_intervals(y_test)).max() / len(y_test)
print(f"inner score of the best: {search.best_score_:.0%}")
print(f"outer score, 40 other films: {outer:.0%} (largest class {largest:.0%})")


# %%
figure, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
ax.plot(
    results["n_regions"],
    results["mean_test_score"],
    ".",
    color="0.7",
    label="candidates",
)
ax.errorbar(
    best["n_regions"],
    best["mean_test_score"],
    best["std_test_score"],
    marker="o",
    capsize=3,
    color="#0072b2",
    label="best of each size",
)
ax.plot(
    len(search.best_params_["regions"]),
    outer,
    "D",
    color="#d55e00",
    label="the chosen one, outer score",
)
ax.axhline(search.largest_class_, color="0.4", linestyle="--", label="largest class")
ax.set(xlabel="number of regions", ylabel="held-out accuracy", xticks=best["n_regions"])
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %%
# For the score of the whole procedure, with its spread, nest it:
# ``cross_val_score(search, films.data, films.target, cv=folds)`` searches anew in
# every outer fold.
#
# A :class:`~sklearn.model_selection.GridSearchCV` over ``regions`` and ``n_clusters``
# works too: see :ref:`searching`.
