"""
Paper, Fig. 1: ages of the films
================================

The paper takes 960 films of the RSNA Pediatric Bone Age Challenge from 24 to 216 months
and shows their histogram. It prints no numbers there, but its Table 1 does: 211, 213,
260 and 276 films in the four intervals.
"""

# %%
# Films of this example; of a folder, as many of each interval as there are.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec.datasets import load_paper_results, make_hand_radiographs
from sklearn_baccaec.metrics import age_interval_edges, assign_age_intervals

films = make_hand_radiographs(160, film_shape=(300, 240), random_state=0)
figure, ax = plt.subplots()
ax.hist(films.target, bins=range(24, 217, 12), edgecolor="black")
for edge in age_interval_edges():
    ax.axvline(edge, color="black", linestyle=":")
ax.set(xlabel="age, months", ylabel="films per year")

# %%
# The paper's counts rise from interval to interval; ages of synthetic films are drawn
# evenly. The share of the largest class is what always answering it would be right in:
# all accuracies have to be read against that.

paper = load_paper_results().table_1.sum()
ours = np.bincount(assign_age_intervals(films.target), minlength=4)
print(f"{'months':10}{'paper':>8}{'here':>8}")
for name, theirs, count in zip(paper.index, paper, ours, strict=True):
    print(f"{name:10}{theirs:8}{count:8}")
print(f"{'largest':10}{paper.max() / paper.sum():8.1%}{ours.max() / ours.sum():8.1%}")
plt.show()
