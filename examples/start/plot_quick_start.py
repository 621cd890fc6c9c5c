"""
Films in, bone ages out
=======================

Order films by maturity without a label, name the clusters by the ages of some films,
and estimate the ages of others. This is for a collection of your own; a model that
needs no collection is :func:`~sklearn_baccaec.load_pretrained`.
"""

# %%
# Films
# -----
# 160 films of all ages; 120 are to learn from. Paths of image files do as well as
# arrays: see :func:`~sklearn_baccaec.datasets.load_radiographs` for a folder of yours.

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from sklearn_baccaec import BoneAgeClusterer, HOGComponents
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
# Landmarks, crops, encoders, maturity, clusters: all in one, and no network is trained.
# Ages and sexes are used at the end: they name the clusters, and turn maturity into
# months. (Leave ``encoder`` out for real films: it is the default one, but only without
# it does the model begin with the months of the pretrained model, which has learned
# from real films.)

model = BoneAgeClusterer(
    n_clusters=8,
    method="agreement",
    encoder=HOGComponents(remainder=True),
    memory="cache",
    n_jobs=2,
    random_state=0,
)
model.fit(X, y, sex=sex)
print(model.cluster_table_.round(2).to_string())

# %%
ClusterCompositionDisplay.from_estimator(model, X, y)

# %%
# Predict
# -------
# New films get an age from their place on the maturity axis, the range in which about
# 80% of such films' ages lie, and the interval that holds the age. The score is the
# share of these held-out films whose interval is right.

print(model.assign(X_new, sex=sex_new).head().round(2).to_string())
correct = model.score(X_new, y_new, sex=sex_new)
print(f"correct interval: {correct:.0%} of 40 new films")
PredictedAgeDisplay.from_estimator(model, X_new, y_new, sex=sex_new)
plt.show()
