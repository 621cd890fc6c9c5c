"""
Paper, Fig. 10: misclassified films
===================================

The paper shows films whose interval its method gets wrong, and says that "it is
difficult to distinguish between them even by visual inspection". No number is printed
with them.
"""

# %%
# The paper's method. As in the paper, the clusters are named by the films that are
# shown.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals
from sklearn_baccaec.plotting import FilmSheetDisplay

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
model = BoneAgeClusterer(
    encoder=CCAEC(max_steps=30),
    crop_shape=(32, 32),
    memory="cache",
    n_jobs=2,
    random_state=0,
).fit(films.data, films.target)
FilmSheetDisplay.from_estimator(model, films.data, films.target, kind="misclassified")

# %%
# How far off are they? Near the edge of an interval a few months decide.

bounds = model.predict_interval(films.data)
low, high = bounds.T
wrong = assign_age_intervals(films.target) != assign_age_intervals(bounds.mean(axis=1))
distance = np.maximum(low - films.target, films.target - high)[wrong]
print(f"{wrong.mean():.0%} of {len(wrong)} films are misclassified (in-sample)")
for months in (6, 12, 24, 48):
    print(f"  of these within {months:2} months: {np.mean(distance <= months):.0%}")

# %%
# The carpus of the films nearest to the centres of four clusters. Films of one row
# that look alike and differ in age are the paper's point.

FilmSheetDisplay.from_estimator(
    model, films.data, region="carpus", clusters=[0, 1, 2, 3]
)
plt.show()
