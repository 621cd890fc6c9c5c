"""
Paper, Figs. 6 and 9: maps of the latents
=========================================

The paper maps the latents of its 960 films to the plane by t-SNE, for "a clear view of
the clustering result". In its Fig. 9 "as the data sizes increase, the boundary between
different classes becomes blurred". It prints no number with them.
"""

# %%
# Left: the paper's method. Right: the latents of ``method="agreement"``, from which its
# maturity curve is learned.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.plotting import LatentMapDisplay

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
settings = {"memory": "cache", "n_jobs": 2, "random_state": 0}
paper = BoneAgeClusterer(
    encoder=CCAEC(max_steps=30), crop_shape=(32, 32), **settings
).fit(films.data)
agreement = BoneAgeClusterer(
    method="agreement",
    consensus="passthrough",  # a map of the places along the curve would be a line
    **settings,
).fit(films.data)

figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
for ax, model, title in zip(
    axes, (paper, agreement), ("CCAEC", "agreement"), strict=True
):
    LatentMapDisplay.from_estimator(model, films.data, films.target, ax=ax)
    ax.set_title(title)

# %%
# Look whether neighbours are of like age. Distances between groups mean nothing on
# such a map, and it looks blurred when there are more points on it. Whether the
# classes are mixed can be counted instead: how many of a film's five nearest
# neighbours share its interval, in the latent space itself, beside chance.

for name, model in (("CCAEC", paper), ("agreement", agreement)):
    latents = model.transform(films.data)
    used = np.isfinite(latents).all(axis=1)  # not the films that are set aside
    intervals = assign_age_intervals(films.target[used])
    neighbours = KNeighborsClassifier(5).fit(latents[used], intervals).kneighbors()[1]
    same = np.mean(intervals[neighbours] == intervals[:, None])
    share = np.bincount(intervals) / len(intervals)
    print(f"{name:10} {same:.0%} of the neighbours (chance {share @ share:.0%})")
plt.show()
