"""
Paper, Fig. 9: maps of datasets of different sizes
==================================================

Three t-SNE maps, of 960, 1,440 and 1,920 films, are the paper's reason for what its
Fig. 8 shows: "as the data sizes increase, the boundary between different classes
becomes blurred". It prints no number with them.
"""

# %%
# Thirds of the films here stand for the paper's sizes.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.plotting import LatentMapDisplay

films = make_hand_radiographs(150, film_shape=(300, 240), random_state=0)
sizes = (50, 100, 150)
order = np.random.default_rng(0).permutation(len(films.data))

figure, axes = plt.subplots(1, 3, figsize=(13, 4.5), layout="constrained")
latents = {}
for ax, size in zip(axes, sizes, strict=True):
    chosen = np.sort(order[:size])
    model = BoneAgeClusterer(
        encoder=CCAEC(max_steps=40),
        crop_shape=(32, 32),
        memory="cache",
        n_jobs=2,
        random_state=0,
    ).fit(films.data[chosen])
    columns = model.transform(films.data[chosen])
    used = np.isfinite(columns).all(axis=1)  # but for films that are set aside
    latents[size] = films.target[chosen][used], columns[used]
    LatentMapDisplay.from_predictions(columns, films.target[chosen], ax=ax)
    ax.set_title(f"{size} films")

# %%
# Maps blur for the eye when there are more points on them. Whether the classes do can
# be counted: how many of a film's five nearest neighbours share its interval, in the
# latent space itself, beside what chance would give.

for size, (ages, columns) in latents.items():
    intervals = assign_age_intervals(ages)
    neighbours = KNeighborsClassifier(5).fit(columns, intervals).kneighbors()[1]
    same = np.mean(intervals[neighbours] == intervals[:, None])
    share = np.bincount(intervals) / len(intervals)
    print(f"{size:4} films: {same:.1%} of the neighbours, chance {share @ share:.1%}")
plt.show()
