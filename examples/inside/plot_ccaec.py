"""
What a CCAEC and a VAE learn
============================

A constrained convolutional auto-encoder (CCAEC) encodes each crop as a few numbers
and reconstructs it from them. Here is what gets lost, beside the variational
auto-encoder (VAE) that the paper compares with, and what the clusters look like when
their centres are decoded.
"""

# %%
# One region, binarised as in the paper.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import CCAEC, VAE, KeyRegionExtractor, RegionPreprocessor
from sklearn_baccaec.datasets import make_hand_radiographs

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
crops = make_pipeline(
    KeyRegionExtractor(["carpus"], crop_shape=(48, 48), memory="cache", n_jobs=2),
    RegionPreprocessor(regions=["carpus"], threshold_block=23),
).fit_transform(films.data)

# %%
# The training budget is a number of steps. ``loss_curve_`` has the loss of each: mean
# squared error of the pixels, as shares of white, plus the penalty on the latents. The
# error of the mean crop is a level to compare with.

encoder = CCAEC(max_steps=300, lr=1e-3, random_state=0).fit(crops)
vae = VAE(max_steps=300, lr=1e-3, random_state=0).fit(crops)
latents = encoder.transform(crops)
print(f"{crops.shape[1]} pixels to {latents.shape[1]} numbers")

figure, ax = plt.subplots(layout="constrained")
ax.plot(encoder.loss_curve_, color="#0072b2", label="CCAEC")
ax.plot(vae.loss_curve_, color="#d55e00", label="VAE", zorder=0)
ax.axhline(
    (crops / 255).var(axis=0).mean(), color="0.4", linestyle="--", label="mean crop"
)
ax.set(xlabel="training step", ylabel="loss", ylim=(0, None))
ax.legend(frameon=False)


# %%
# Reconstructions
# ---------------
# From the youngest to the oldest: the crop, and what is drawn from its latents by the
# CCAEC and by the VAE. Both have the same interface, so either goes into the same
# place of a model.


def show_rows(rows, titles):
    """Draw rows of crops, one below the other."""
    _, axes = plt.subplots(
        len(rows), len(rows[0]), figsize=(9, 1.2 * len(rows)), layout="constrained"
    )
    for images, line in zip(rows, axes, strict=True):
        for image, ax in zip(images, line, strict=True):
            ax.imshow(image.reshape(48, 48), cmap="gray", vmin=0, vmax=255)
            ax.set_axis_off()
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize=9)


shown = np.argsort(films.target)[:: len(crops) // 8][:8]
show_rows(
    [
        crops[shown],
        encoder.inverse_transform(latents[shown]),
        vae.inverse_transform(vae.transform(crops[shown])),
    ],
    [f"{age:.0f} months" for age in films.target[shown]],
)

# %%
# Cluster centres
# ---------------
# K-means on the latents of the CCAEC. Above, each centre as the decoder draws it;
# below, the crop nearest to it. Ages are used for nothing but the order of the
# columns.

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
