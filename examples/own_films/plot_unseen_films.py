"""
Held-out films
==============

A fitted model can be saved and used on other films. Here it gets 40 held-out ones, a
damaged one and a picture of noise, and we look at where it errs, and why.
"""

# %%
# Fit, and save. ``on_error="skip"`` sets films aside that cannot be used; by default
# they raise an error that names the film.

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from sklearn_baccaec import (
    BoneAgeClusterer,
    HOGComponents,
    load_model,
    save_model,
)
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.plotting import (
    FilmSheetDisplay,
    PredictedAgeDisplay,
    RegionAgeDisplay,
)

films = make_hand_radiographs(150, film_shape=(300, 240), random_state=0)
X, X_new, y, y_new, sex, sex_new = train_test_split(
    films.data, films.target, films.sex, test_size=40, random_state=0
)
model = BoneAgeClusterer(
    n_clusters=8,
    method="agreement",
    encoder=HOGComponents(remainder=True),  # leave it out for real films
    on_error="skip",
    memory="cache",
    n_jobs=2,
    random_state=0,
).fit(X, y, sex=sex)

file = Path(tempfile.mkdtemp()) / "model.skops"
save_model(model, file)
model = load_model(file)

# %%
# Films that cannot be used keep their row: no cluster, no age, and the reason why.

noise = np.random.default_rng(0).integers(0, 256, (300, 240), dtype=np.uint8)
damaged = file.parent / "damaged.png"
damaged.write_bytes(b"not a film")
table = model.assign([*X_new[:3], noise, str(damaged)], sex=[*sex_new[:3], None, None])
print(table[["film", "age", "reason"]])

# %%
# Ages of the held-out films against their true ages. In the grey squares both are in
# the same interval.

PredictedAgeDisplay.from_estimator(model, X_new, y_new, sex=sex_new)

# %%
# The same by interval. The score is the share of films in the correct one; an estimate
# beyond 24 to 216 months is in none of the four.

print(f"{model.score(X_new, y_new, sex=sex_new):.0%} correct")
predicted = model.predict_age(X_new, sex=sex_new)
ConfusionMatrixDisplay.from_predictions(
    assign_age_intervals(y_new),
    assign_age_intervals(predicted),
    labels=range(4),
    display_labels=["24-72", "72-120", "120-168", "168-216"],
)

# %%
# The films furthest off: is it the film, the landmarks, or the age?

FilmSheetDisplay.from_estimator(
    model, X_new, y_new, kind="misclassified", sex=sex_new, n_films=6
)

# %%
# Why does a film have its age? Regions that look older than the whole hand are red,
# younger ones blue; beside the film is the typical drawn hand of its bone age.

worst = np.nanargmax(np.abs(predicted - y_new))
RegionAgeDisplay.from_estimator(model, X_new[worst], sex=sex_new[worst])
plt.show()
