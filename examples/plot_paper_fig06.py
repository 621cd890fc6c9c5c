"""
Paper, Fig. 6: a map of the latents
===================================

The paper maps the latents of its 960 films to the plane by t-SNE, for "a clear view of
the clustering result". It prints no number with it.
"""

# %%
# Left: the paper's method. Right: the latents of ``method="agreement"``, from which its
# maturity curve is learned.

import matplotlib.pyplot as plt

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.plotting import LatentMapDisplay

films = make_hand_radiographs(160, film_shape=(300, 240), random_state=0)
settings = {"memory": "cache", "n_jobs": 2, "random_state": 0}
paper = BoneAgeClusterer(
    encoder=CCAEC(max_steps=60), crop_shape=(32, 32), **settings
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
plt.show()

# %%
# Look whether neighbours are of like age. Distances between groups mean nothing on such
# a map, so it is not a measure of a clustering; the paper's text gives none either.
