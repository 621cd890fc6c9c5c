"""
Films in, bone ages out
=======================

Order films by maturity without a single label, name the
clusters by the ages of some films, and estimate the ages of others.
"""

# %%
# Films
# -----
# 160 films of all ages; 120 are to learn from. Paths of image files do as well as
# arrays: see :func:`~sklearn_baccaec.datasets.load_radiographs` for a folder of yours.

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from sklearn_baccaec import BoneAgeClusterer, ContrastiveRegionEncoder
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.plotting import (
    ClusterCompositionDisplay,
    KeyRegionDisplay,
    PredictedAgeDisplay,
)

films = make_hand_radiographs(160, film_shape=(300, 240), random_state=0)
X, X_new, y, y_new, sex, sex_new = train_test_split(
    films.data, films.target, films.sex, test_size=40, random_state=0
)

# %%
# Look at one: where the 19 key regions were found, and what is cropped.

KeyRegionDisplay.from_film(X[0])

# %%
# Fit
# ---
# Landmarks, crops, encoders, clusters: all in one. Ages and sexes train nothing:
# they name the clusters. A small network and few steps are enough here; leave
# ``encoder`` out for films of your own.

model = BoneAgeClusterer(
    n_clusters=8,
    method="agreement",
    encoder=ContrastiveRegionEncoder(view_size=32, channels=(8, 16, 32), max_steps=150),
    memory="cache",
    n_jobs=2,
    random_state=0,
)
model.fit(X, y, sex=sex)
print(model.cluster_table_.round(2))

# %%
ClusterCompositionDisplay.from_estimator(model, X, y)

# %%
# Predict
# -------
# New films get an age from their place on the maturity axis, and the interval of their
# cluster. The score is honest: these films were held out.

print(model.assign(X_new, sex=sex_new).head())
correct = model.score(X_new, y_new, sex=sex_new)
print(f"correct interval: {correct:.0%} of 40 new films")
PredictedAgeDisplay.from_estimator(model, X_new, y_new, sex=sex_new)
plt.show()
