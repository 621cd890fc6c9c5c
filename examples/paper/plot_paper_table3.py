"""
Paper, Table 3 and Fig. 8: how many clusters, how many films
============================================================

Accuracy and error in months for 4 to 64 clusters. The paper says that accuracy rises
with the number of clusters; its numbers do so up to 16 and are level from there on.
Chance rises all the way, since the clusters get smaller: with one film in each, the
names are always right. Its Fig. 8 repeats this with more films, 1,440 and 1,920, and
says that accuracy falls with their number.
"""

# %%
# Two trainings. The films that name the clusters are those that are scored.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import load_paper_results, make_hand_radiographs
from sklearn_baccaec.plotting import AccuracyDisplay

N_CLUSTERS = (4, 8, 16, 24, 32, 64)
films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)


def fit(given, n_clusters, seed):
    """Cluster films by the paper's method; encoders come from the cache."""
    model = BoneAgeClusterer(
        n_clusters=n_clusters,
        encoder=CCAEC(max_steps=20),
        crop_shape=(32, 32),
        memory="cache",
        n_jobs=2,
        random_state=seed,
    )
    return model.fit_predict(given)


labels = {k: [fit(films.data, k, seed) for seed in range(2)] for k in N_CLUSTERS}

display = AccuracyDisplay.from_predictions(films.target, labels)
paper = load_paper_results().table_3
(line,) = display.ax_.plot(paper.index, paper["accuracy"], "k^:")
display.ax_.legend(
    [display.lines_[48], display.chance_lines_[48], line],
    ["here", "chance, here", "paper, 960 films"],
)

# %%
# The paper's "MAE" stands apart: it cannot be an error in months, as a constant guess
# scores about 48, and no formula is given. Ours is the mean distance from the median
# age of the film's cluster. Medians of two seeds, lowest and highest in brackets.

print(" k   paper   here                    chance   MAE, months   paper's 'MAE'")
for k, runs in display.results.groupby("x"):
    spread = f"({runs.accuracy.min():.1%} to {runs.accuracy.max():.1%})"
    print(
        f"{k:2}  {paper.accuracy[k]:.2%}  {runs.accuracy.median():.1%} {spread:18}"
        f"{runs.chance.median():.1%}   {runs.mae.median():6.1f}        "
        f"{paper.mae[k]:6.2f}"
    )

# %%
# More films, as in Fig. 8
# ------------------------
# Half of the films, and all of them. Encoders are trained anew for each number.

chosen = np.sort(np.random.default_rng(0).permutation(len(films.data))[:60])
fewer = {
    k: [fit(films.data[chosen], k, seed) for seed in range(2)] for k in (8, 16, 32)
}
display = AccuracyDisplay.from_predictions(films.target[chosen], fewer, name="60 films")
display = AccuracyDisplay.from_predictions(
    films.target,
    {k: labels[k] for k in fewer},
    ax=display.ax_,
    mae_ax=display.mae_ax_,
    name="120 films",
)

# %%
# Accuracy falls with the number of films at a given number of clusters, as the paper
# says, but chance falls too, because the clusters get larger. Compare with it before
# you see anything in such a curve.

plt.show()
