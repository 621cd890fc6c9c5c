"""
What the regions of a hand agree on
===================================

Joints, wrist and carpus of one hand look nothing alike, and neither do two films of
one joint: exposure, pose and anatomy differ. But the regions of one hand mature
together. So the one place that explains all regions of a film best tells how mature
the hand is, and no age is needed to find it.

Here, films are put in order without ages. The ages are compared afterwards.
"""

# %%
# Films
# -----
# 120 hands, of which 80 are to learn from.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.decomposition import PCA

from sklearn_baccaec import BoneAgeClusterer, HOGComponents
from sklearn_baccaec.datasets import make_hand_radiographs

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
order = np.random.default_rng(0).permutation(len(films.data))
known, unknown = order[:80], order[80:]

# %%
# Order without ages
# ------------------
# ``method="agreement"`` takes all 19 regions. It describes each by the edges in it
# (:class:`~sklearn_baccaec.HOGComponents`) and finds the curve along which they change
# together (:class:`~sklearn_baccaec.MaturityCurve`). No network is trained.

model = BoneAgeClusterer(
    n_clusters=8,
    method="agreement",
    encoder=HOGComponents(remainder=True),  # leave it out for real films
    memory="cache",
    n_jobs=2,
    random_state=0,
)
model.fit(films.data[known])
rho = spearmanr(model.maturity_, films.target[known])[0]
print(f"Spearman correlation of maturity with age, which it never saw: {rho:.2f}")

# %%
# A bent line
# -----------
# The latents of all regions, in the plane in which they differ most: they follow a
# line, but a bent one, so that no straight axis would put the films in order. ``t`` is
# a film's place along it. Girls reach the same place earlier than boys.

curve = model.pipeline_["consensus"]
joined = model.examine(films.data[known]).region_latents
complete = np.isfinite(joined).all(axis=1)  # a region with uncertain landmarks is NaN
plane = PCA(2).fit(joined[complete])
t = model.maturity_
between = (curve.grid_ >= t.min()) & (curve.grid_ <= t.max())
line = np.hstack([*curve.curves_])[between]  # of each region, joined like the latents

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
left.plot(*plane.transform(line).T, color="0.3")
points = left.scatter(*plane.transform(joined[complete]).T, c=t[complete], s=18)
left.set(
    xlabel="first principal component of the latents",
    ylabel="second",
    title="Films and the curve",
)
figure.colorbar(points, ax=left, label="maturity t")
for sex, colour, marker in (("F", "#d55e00", "o"), ("M", "#0072b2", "s")):
    chosen = films.sex[known] == sex
    right.scatter(
        films.target[known][chosen],
        t[chosen],
        c=colour,
        marker=marker,
        s=16,
        label={"F": "girls", "M": "boys"}[sex],
    )
right.set(xlabel="age, months", ylabel="maturity t", title="t, found without ages")
right.legend(frameon=False)

# %%
# Which regions agree
# -------------------
# ``agreement_`` needs no age either: it is the rank correlation of the place by one
# region alone with the place by all others, on films that the curve has not seen. Drawn
# hands are easy; on real films regions differ.

ranking = np.argsort(curve.agreement_)
figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
ax.barh(np.array(curve.regions_)[ranking], curve.agreement_[ranking])
ax.set(xlabel="rank correlation with the other regions", xlim=(0, 1))

# %%
# Known ages, and sex
# -------------------
# A few known ages turn ``t`` into months; here are five. Bone age is defined for each
# sex, and sex is known in advance: it is used for the ages, and nowhere else.

few = known[:5]
for title, sex in (("without sex", None), ("with sex", films.sex)):
    own = {} if sex is None else {"few": sex[few], "unknown": sex[unknown]}
    model.name_clusters(films.data[few], films.target[few], sex=own.get("few"))
    ages = model.predict_age(films.data[unknown], sex=own.get("unknown"))
    error = np.mean(np.abs(ages - films.target[unknown]))
    print(f"{title}: {error:.1f} months off, {len(unknown)} held-out films")

plt.show()
