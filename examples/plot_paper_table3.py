"""
Paper, Table 3: how many clusters
=================================

Accuracy and error in months for 4 to 64 clusters. The paper says that accuracy rises
with the number of clusters; its numbers do so up to 16 and are level from there on.
Chance rises all the way, since the clusters get smaller: with one film in each, the
names are always right.
"""

# %%
# Three trainings. The films that name the clusters are those that are scored.

import matplotlib.pyplot as plt

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import load_paper_results, make_hand_radiographs
from sklearn_baccaec.plotting import AccuracyDisplay

N_CLUSTERS = (4, 8, 16, 24, 32, 64)
films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
labels = {k: [] for k in N_CLUSTERS}
for seed in range(3):
    for k in N_CLUSTERS:
        model = BoneAgeClusterer(
            n_clusters=k,
            encoder=CCAEC(max_steps=30),
            crop_shape=(32, 32),
            memory="cache",  # only the clusters are made anew
            n_jobs=2,
            random_state=seed,
        )
        labels[k].append(model.fit_predict(films.data))

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
# age of the film's cluster. Medians of three seeds, lowest and highest in brackets.

print(" k   paper   here                    chance   MAE, months   paper's 'MAE'")
for k, runs in display.results.groupby("x"):
    spread = f"({runs.accuracy.min():.1%} to {runs.accuracy.max():.1%})"
    print(
        f"{k:2}  {paper.accuracy[k]:.2%}  {runs.accuracy.median():.1%} {spread:18}"
        f"{runs.chance.median():.1%}   {runs.mae.median():6.1f}        "
        f"{paper.mae[k]:6.2f}"
    )
plt.show()
