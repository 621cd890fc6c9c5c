"""
Paper, Table 1 and Fig. 1: what the clusters hold
=================================================

The paper's main result: seven regions, 16 clusters, each named by the interval with
the most films in it. 731 of 960 films are in a cluster named by their own interval,
76.15%. The ages that name the clusters are those that are scored: an in-sample
figure. Its Fig. 1 is a histogram of these ages.
"""

# %%
# The ages. The paper's counts rise from interval to interval; here they are drawn
# evenly. Accuracies have to be compared with the share of the largest interval.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import load_paper_results, make_hand_radiographs
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from sklearn_baccaec.plotting import ClusterCompositionDisplay

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
intervals = assign_age_intervals(films.target)
paper = load_paper_results().table_1
figure, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.bar(
    np.arange(4) - 0.2, paper.sum() / paper.sum().sum(), 0.4, label="paper, 960 films"
)
ax.bar(np.arange(4) + 0.2, np.bincount(intervals) / len(intervals), 0.4, label="here")
ax.set(xlabel="months", ylabel="share of the films")
ax.set_xticks(range(4), paper.columns)
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))

# %%
# The paper's method as it is, with small crops and few steps; three seeds.

labels = []
for seed in range(3):
    model = BoneAgeClusterer(
        encoder=CCAEC(max_steps=30),
        crop_shape=(32, 32),
        memory="cache",
        n_jobs=2,
        random_state=seed,
    )
    labels.append(model.fit_predict(films.data, films.target))

# %%
# Our table, of the last seed, and the paper's, as bars. Clusters are ordered by age.

print(model.cluster_table_.round(2).to_string())
ClusterCompositionDisplay.from_predictions(films.target, model.labels_)

# %%
# The paper's counts stand for films in the middle of their interval.

centres = np.array([48, 96, 144, 192])
paper_ages = np.concatenate([np.repeat(centres, row) for row in paper.to_numpy()])
paper_labels = np.repeat(paper.index, paper.sum(axis=1))
display = ClusterCompositionDisplay.from_predictions(paper_ages, paper_labels)
display.ax_.set_title("The paper's Table 1\n" + display.ax_.get_title())

# %%
# Beside each other. Chance is what a random partition with clusters of the same sizes
# would reach: it is higher with fewer films, as clusters are smaller.

accuracies = [majority_label_accuracy(intervals, found) for found in labels]
chances = [chance_majority_label_accuracy(intervals, found) for found in labels]
paper_intervals = assign_age_intervals(paper_ages)
print(
    f"paper: {majority_label_accuracy(paper_intervals, paper_labels):.2%} "
    f"(chance {chance_majority_label_accuracy(paper_intervals, paper_labels):.1%})\n"
    f"here:  {np.median(accuracies):.1%} ({min(accuracies):.1%} to "
    f"{max(accuracies):.1%}, 3 seeds; chance {np.median(chances):.1%})"
)
plt.show()
