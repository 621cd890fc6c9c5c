"""
Searching regions and the number of clusters
============================================

:class:`~sklearn.model_selection.GridSearchCV` takes a
:class:`~sklearn_baccaec.BoneAgeClusterer` like any estimator. Its score is held out:
the clusters are named by the films of the training folds. With a ``memory``, each
region is trained once per fold, however many candidates share it.
"""

# %%
# The outer test set is held out of the search. Folds are shuffled and stratified by age
# interval: films are often sorted, and unshuffled folds of sorted films give
# meaningless scores.

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals

films = make_hand_radiographs(160, film_shape=(300, 240), random_state=0)
X, X_test, y, y_test = train_test_split(
    films.data, films.target, test_size=40, random_state=0
)
intervals = assign_age_intervals(y)
folds = StratifiedKFold(3, shuffle=True, random_state=0)

# %%
# Give ``n_jobs`` to the model rather than to the search: candidates of one fold then
# wait for each other's regions instead of training them twice.

region_sets = {
    "carpus": ["carpus"],
    "radius, ulna": ["radius", "ulna"],
    "radius, ulna, carpus": ["radius", "ulna", "carpus"],
}
search = GridSearchCV(
    BoneAgeClusterer(
        encoder=CCAEC(max_steps=25),
        crop_shape=(32, 32),
        memory="cache",
        n_jobs=2,
        random_state=0,
    ),
    {"regions": list(region_sets.values()), "n_clusters": [8, 16]},
    cv=list(folds.split(X, intervals)),
)
search.fit(X, y)

# %%
# Scores of the inner folds, with their standard deviation. What always answering the
# largest class would reach is the level to compare with.

results = pd.DataFrame(search.cv_results_)
largest = pd.Series(intervals).value_counts(normalize=True).max()
figure, ax = plt.subplots(layout="constrained")
for (name, regions), marker in zip(region_sets.items(), "osD", strict=True):
    rows = results[[candidate == regions for candidate in results["param_regions"]]]
    ax.errorbar(
        rows["param_n_clusters"].astype(int),
        rows["mean_test_score"],
        rows["std_test_score"],
        marker=marker,
        capsize=3,
        label=name,
    )
ax.axhline(largest, color="0.5", linestyle="--", label="largest class")
ax.set(
    xlabel="number of clusters",
    ylabel="held-out accuracy (mean of 3 folds)",
    xticks=[8, 16],
)
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))

# %%
# The best of six was chosen by these very scores, so its own is a little too high.
# The outer test set gives an honest one.

print(search.best_params_)
print(f"inner score of the best: {search.best_score_:.0%}")
print(f"outer score, on 40 held-out films: {search.score(X_test, y_test):.0%}")
plt.show()
