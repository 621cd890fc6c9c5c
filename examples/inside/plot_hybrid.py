"""
Films on which the clusterings differ
=====================================

:class:`~sklearn_baccaec.HybridClusterer` lets K-means, Ward and Birch vote. A film
keeps its cluster if the vote is unanimous, and is set aside otherwise.
"""

# %%
# The agreement method puts 80 films in order of maturity, by five regions, and the
# three methods cut that order into eight clusters each.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import BoneAgeClusterer, HybridClusterer
from sklearn_baccaec.datasets import make_hand_radiographs

films = make_hand_radiographs(80, film_shape=(300, 240), random_state=0)
model = BoneAgeClusterer(
    regions=["carpus", "radius", "ulna", "middle_mcp", "ring_mcp"],
    method="agreement",
    clusterer=HybridClusterer(8, random_state=0),
    memory="cache",
    n_jobs=2,
    random_state=0,
)
model.fit(films.data, films.target)
disputed = model.labels_ == -1
print(f"{disputed.sum()} of {len(films.data)} films have no unanimous vote")

# %%
# Most of them lie between two clusters: the nearest centre is hardly nearer than the
# second nearest.

latents = model.transform(films.data)
centres = model.named_clusterer_.clusterer_.cluster_centers_
distances = np.sort(np.linalg.norm(latents[:, None] - centres, axis=2), axis=1)
closeness = distances[:, 0] / distances[:, 1]  # 1: on a border
for name, chosen in (("unanimous", ~disputed), ("disputed", disputed)):
    print(f"{name}: median closeness to a border {np.median(closeness[chosen]):.2f}")

# %%
# Crosses are films without a unanimous vote, lines the centres of the clusters.
# ``predict`` gives these films their nearest cluster, as it does for new films; only
# ``labels_`` and the table of the clusters leave them out.

fig, ax = plt.subplots()
for centre in centres[:, 0]:
    ax.axvline(centre, color="0.85", zorder=0)
place, ages = latents[:, 0], films.target
ax.scatter(place[~disputed], ages[~disputed], c=model.labels_[~disputed], cmap="Dark2")
ax.scatter(place[disputed], ages[disputed], c="black", marker="x", label="no unanimity")
ax.set(xlabel="place in the order of maturity", ylabel="age (months)")
ax.legend()
model.cluster_table_[["films", "interval", "accuracy"]]
