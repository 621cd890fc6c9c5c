"""
Months without a label
======================

:func:`~sklearn_baccaec.load_pretrained` tells months although no age of a film has
entered it. Here is how that can be, in small and on drawn hands: a curve is learned
from films without ages, and other drawn hands, whose ages come from published tables,
say which months its places stand for.

The pretrained model itself has learned from real films, so it is of no use on drawn
ones.
"""

# %%
# Films without labels
# --------------------
# 140 films to learn from, and 40 held-out ones. No age of either is used before the
# end.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import (
    AgeRegressor,
    HOGComponents,
    KeyRegionExtractor,
    MaturityCurve,
    RegionEncoder,
)
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.regions import KEY_REGIONS

films = make_hand_radiographs(180, film_shape=(300, 240), random_state=0)
X, X_new = films.data[:140], films.data[140:]

# %%
# The curve
# ---------
# Every region is described by the edges in it. While a hand matures, these change
# along a bent line; the curve is fitted to all regions at once.

curve = make_pipeline(
    KeyRegionExtractor(crop_scale=0.5, memory="cache", n_jobs=2),
    RegionEncoder(HOGComponents(32), regions=KEY_REGIONS, random_state=0),
    MaturityCurve(regions=KEY_REGIONS, random_state=0),
).fit(X)

# %%
# Months from drawn hands
# -----------------------
# Eighty other hands are placed on that curve. What they show at each age is known from
# tables of ossification, not from a reader of films. So their places tell the months.
# (The pretrained model compares real films with drawn hands, which differ in more than
# age. It asks each region along the one direction that tells months, and averages.)

hands = make_hand_radiographs(80, film_shape=(300, 240), random_state=1)
if spearmanr(curve.transform(hands.data)[:, 0], hands.target)[0] < 0:
    curve[-1].flip()  # the films alone leave open which end is mature
months = AgeRegressor().fit(
    np.column_stack([curve.transform(hands.data), hands.sex == "M"]), hands.target
)

# %%
# Ages of new films
# -----------------
# Bone age is defined for each sex, so sex is given. Only now are the films' own ages
# looked at.

t = curve.transform(X_new)
sex = films.sex[140:]
ages, true = months.predict(np.column_stack([t, sex == "M"])), films.target[140:]
print(
    f"mean absolute error of {len(true)} films: {np.abs(ages - true).mean():.1f} months"
)
print(f"always the median age: {np.abs(true - np.median(true)).mean():.1f} months")

figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
places = np.linspace(t.min(), t.max(), 60)
for code, name, colour in ((0, "girls", "#d55e00"), (1, "boys", "#0072b2")):
    ax.plot(places, months.predict(np.c_[places, np.full(60, code)]), color=colour)
    own = (sex == "M") == code
    ax.plot(t[own], true[own], "o", color=colour, label=f"{name}, true age")
ax.set(xlabel="maturity t", ylabel="months", title="Lines: months by drawn hands")
ax.legend(frameon=False)
plt.show()

# %%
# A film of your own
# ------------------
# The command ``baccaec demo`` goes the same way with more films. For a real film,
# take the model that is there:
#
# .. code-block:: python
#
#     from sklearn_baccaec import load_pretrained
#
#     model = load_pretrained()
#     months, ranges = model.predict_age(["film.png"], sex=["F"], return_range=True)
