"""
Paper, Fig. 8: datasets of different sizes
==========================================

The paper clusters 960, 1,440 and 1,920 films. It prints no numbers: accuracies rise
with the number of clusters, and at 16 clusters they fall as the data grow.
"""

# %%
# Thirds of the films here stand for the paper's sizes.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.plotting import AccuracyDisplay

films = make_hand_radiographs(150, film_shape=(300, 240), random_state=0)
sizes = (50, 100, 150)
order = np.random.default_rng(0).permutation(len(films.data))

# %%
# An encoder for each region is trained anew for every size; two seeds.

N_CLUSTERS = (8, 16, 32)
displays = {}
ax = mae_ax = None
for size in sizes:
    chosen = np.sort(order[:size])
    labels = {k: [] for k in N_CLUSTERS if k < size}
    for seed in range(2):
        for k, runs in labels.items():
            model = BoneAgeClusterer(
                n_clusters=k,
                encoder=CCAEC(max_steps=20),
                crop_shape=(32, 32),
                memory="cache",  # for another k, only the clusters are made anew
                n_jobs=2,
                random_state=seed,
            )
            runs.append(model.fit_predict(films.data[chosen]))
    displays[size] = AccuracyDisplay.from_predictions(
        films.target[chosen], labels, ax=ax, mae_ax=mae_ax, name=f"{size} films"
    )
    ax, mae_ax = displays[size].ax_, displays[size].mae_ax_

# %%
# In-sample accuracy, median of the seeds with lowest and highest, and chance.

print("films   k   accuracy                  chance   MAE, months")
for size, display in displays.items():
    for k, runs in display.results.groupby("x"):
        spread = f"({runs.accuracy.min():.1%} to {runs.accuracy.max():.1%})"
        print(
            f"{size:5}  {k:2}   {runs.accuracy.median():.1%} {spread:18}  "
            f"{runs.chance.median():6.1%}   {runs.mae.median():6.1f}"
        )

# %%
# Accuracy rises with the number of clusters, and falls with the number of films at 16
# clusters, as the paper says. Chance does both, since clusters get smaller and larger:
# compare with it before you see anything in such a curve.

plt.show()
