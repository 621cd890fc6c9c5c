"""
What the regions of a hand agree on
===================================

Joints, wrist and carpus of one hand look nothing alike, and neither do two films of
one joint: exposure, pose and anatomy differ. But the regions of one hand mature
together. So encoders that learn to recognise each other's films, with pose and exposure
drawn at random, learn maturity, and no age is needed.

Here, films are put in order without any age; the ages are looked at
afterwards.
"""

# %%
# Films
# -----
# 120 hands, of which 80 are to learn from.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr

from sklearn_baccaec import BoneAgeClusterer, ContrastiveRegionEncoder
from sklearn_baccaec.datasets import make_hand_radiographs

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
order = np.random.default_rng(0).permutation(len(films.data))
known, unknown = order[:80], order[80:]

# %%
# Order without ages
# ------------------
# ``method="agreement"`` brings all 19 regions, the contrastive encoders and the
# consensus. Small networks and few steps are enough for drawn hands; leave the encoder
# out for real films.

model = BoneAgeClusterer(
    n_clusters=8,
    method="agreement",
    memory="cache",
    n_jobs=2,
    encoder=ContrastiveRegionEncoder(view_size=32, channels=(8, 16, 32), max_steps=150),
    random_state=0,
)
model.fit(films.data[known])
rho = spearmanr(model.maturity_, films.target[known])[0]
print(f"Spearman correlation of maturity with age, which it never saw: {rho:.2f}")

# %%
# Every region tells something. ``agreement_`` needs no age either: it is the
# correlation of a region's own part with that of all others.

consensus = model.pipeline_.named_steps["consensus"]
ranking = np.argsort(consensus.agreement_[0])
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
left.barh(np.array(consensus.regions_)[ranking], consensus.agreement_[0][ranking])
left.set(xlabel="correlation with the other regions", title="Agreement", xlim=(0, 1))
for sex, colour, marker in (("F", "#d55e00", "o"), ("M", "#0072b2", "s")):
    of_sex = films.sex[known] == sex
    right.scatter(
        films.target[known][of_sex],
        model.maturity_[of_sex],
        c=colour,
        marker=marker,
        s=16,
        label={"F": "girls", "M": "boys"}[sex],
    )
right.set(xlabel="age, months", ylabel="maturity", title="Maturity, found without ages")
right.legend(frameon=False)

# %%
# Names, by sex
# -------------
# Girls reach the same maturity earlier, and bone age is defined for each sex. Sex is
# known in advance; it is used where clusters are named, and nowhere else. Each sex
# names its clusters by its own films, so it takes more of them.

for title, sex in (("common names", None), ("names for each sex", films.sex)):
    of = {} if sex is None else {"known": sex[known], "unknown": sex[unknown]}
    model.name_clusters(films.data[known], films.target[known], sex=of.get("known"))
    accuracy = model.score(
        films.data[unknown], films.target[unknown], sex=of.get("unknown")
    )
    n_films = len(films.target[unknown])
    print(f"{title}: {accuracy:.0%} of {n_films} held-out films correct")

plt.show()
