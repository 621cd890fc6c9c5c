"""
What a CCAEC learned
====================

A constrained convolutional auto-encoder presses each crop into a few numbers and draws
it again from them. Here is what gets lost, how the training went, and what the
clusters look like when their centres are decoded.
"""

# %%
# One region, binarised as in the paper.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import CCAEC, KeyRegionExtractor, RegionPreprocessor
from sklearn_baccaec.datasets import make_hand_radiographs

films = make_hand_radiographs(160, film_shape=(300, 240), random_state=0)
crops = make_pipeline(
    KeyRegionExtractor(["carpus"], memory="cache", n_jobs=2),
    RegionPreprocessor(regions=["carpus"]),
).fit_transform(films.data)

# %%
# The training budget is a number of steps. ``loss_curve_`` has the loss of each: mean
# squared error of the pixels, as shares of white, plus the penalty on the latents. The
# error of always drawing the mean crop is a level to compare with.

encoder = CCAEC(max_steps=400, lr=1e-3, random_state=0).fit(crops)
latents = encoder.transform(crops)
print(f"{crops.shape[1]} pixels to {latents.shape[1]} numbers")

figure, ax = plt.subplots(layout="constrained")
ax.plot(encoder.loss_curve_, color="#0072b2")
ax.axhline(
    (crops / 255).var(axis=0).mean(), color="0.4", linestyle="--", label="mean crop"
)
ax.set(xlabel="training step", ylabel="loss", ylim=(0, None))
ax.legend(frameon=False)


# %%
# Reconstructions
# ---------------
# From the youngest to the oldest: crop above, what is drawn from its latent below.


def show_rows(rows, titles):
    """Draw rows of crops below each other."""
    _, axes = plt.subplots(
        len(rows), len(rows[0]), figsize=(9, 2.4), layout="constrained", squeeze=False
    )
    for images, line in zip(rows, axes, strict=True):
        for image, ax in zip(images, line, strict=True):
            ax.imshow(image.reshape(64, 64), cmap="gray", vmin=0, vmax=255)
            ax.set_axis_off()
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize=9)


shown = np.argsort(films.target)[:: len(crops) // 8][:8]
show_rows(
    [crops[shown], encoder.inverse_transform(latents[shown])],
    [f"{age:.0f} months" for age in films.target[shown]],
)

# %%
# Cluster centres
# ---------------
# K-means on the latents; every centre is drawn by the decoder, above, over the crop
# nearest to it. Ages were used for nothing but the order.

clusters = KMeans(8, n_init=10, random_state=0).fit(latents)
ages = [np.median(films.target[clusters.labels_ == k]) for k in range(8)]
order = np.argsort(ages)
nearest = clusters.transform(latents).argmin(axis=0)
show_rows(
    [
        encoder.inverse_transform(clusters.cluster_centers_)[order],
        crops[nearest][order],
    ],
    [f"median {ages[k]:.0f}" for k in order],
)
plt.show()
