"""
A few known ages
================

Films are put in order and clustered without ages; a few known ages turn the order into
months. Here, the ages of held-out films are estimated from two known ages, then from
more: of films chosen at random, and of films that the model suggests.
"""

# %%
# 110 of the films are learned from, without an age. Their sex is known.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import BoneAgeClusterer, HOGComponents
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals

films = make_hand_radiographs(150, film_shape=(300, 240), random_state=0)
order = np.random.default_rng(0).permutation(len(films.data))
train, test = order[:110], order[110:]
model = BoneAgeClusterer(
    method="agreement",
    encoder=HOGComponents(remainder=True),  # leave it out for real films
    memory="cache",
    n_jobs=2,
    random_state=0,
).fit(films.data[train])

# %%
# Suggest, and name
# -----------------
# ``suggest`` chooses the films whose ages tell most: first the middle of each cluster,
# the largest first. A range comes with every estimate: about 80% of such films' ages
# should lie in it. Sixteen ages do not tell how far others lie from the estimates, so
# that it is 20 months either way; from 30 on it is learned from them. (Real films begin
# with the months of the pretrained model, and with its range.)

X, y, sex = films.data[train], films.target[train], films.sex[train]
suggested = model.suggest(X, 16)
print("clusters of the suggested films:", model.labels_[suggested])
model.name_clusters(X[suggested], y[suggested], sex=sex[suggested])
new = test[:5]
ages, ranges = model.predict_age(films.data[new], sex=films.sex[new], return_range=True)
for age, (low, high), true in zip(ages, ranges, films.target[new], strict=True):
    print(f"{age:4.0f} months, {low:3.0f} to {high:3.0f}; true age {true:4.0f}")

# %%
# How many ages it takes
# ----------------------
# Five times, 80 of the films are at hand, and some of them, suggested or chosen at
# random, have known ages. Only the ages change, so that only the last step of the model
# is learned anew. As in ``name_clusters`` of the model, it learns from ``t_``: the
# places of the films by curves that have not seen them.

numbers = [2, 4, 8, 16, 32, 64]
clusters = model.named_clusterer_
places = model.pipeline_["consensus"].t_[:, None]
latents, latents_test = model.transform(X), model.transform(films.data[test])
y_test, sex_test = films.target[test], films.sex[test]


def evaluate(labelled):
    """Mean error in months and score on the test films, by some known ages."""
    clusters.name_clusters(places[labelled], y[labelled], sex=sex[labelled])
    error = np.abs(clusters.predict_age(latents_test, sex=sex_test) - y_test).mean()
    return error, clusters.score(latents_test, y_test, sex=sex_test)


generator = np.random.default_rng(1)
pools = [generator.permutation(len(train))[:80] for _ in range(5)]
no_ages = np.full(80, np.nan)
orders = {
    "suggested": [p[clusters.suggest(latents[p], 64, no_ages)] for p in pools],
    "random": pools,
}
results = {
    choice: np.array(
        [[evaluate(order[:number]) for order in own] for number in numbers]
    )
    for choice, own in orders.items()
}

# %%
# Mean of the five, lowest and highest in brackets.

print(f"ages  {'suggested, months off':24}{'random, months off':24}")
for i, number in enumerate(numbers):
    cells = [
        f"{errors.mean():4.1f} ({errors.min():.1f} to {errors.max():.1f})"
        for errors in (results[choice][i, :, 0] for choice in orders)
    ]
    print(f"{number:4}  {cells[0]:24}{cells[1]:24}")
all_error, all_score = evaluate(np.arange(len(train)))
print(f" all  {all_error:4.1f}")

# %%
# The score is the share of held-out films whose 48-month interval is right. Always
# answering the largest class is the level to compare with.

largest = np.bincount(assign_age_intervals(y_test)).max() / len(test)
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for (choice, found), colour in zip(results.items(), ("#0072b2", "0.45"), strict=True):
    for ax, values in zip(axes, (found[..., 0], found[..., 1]), strict=True):
        low, high = values.min(axis=1), values.max(axis=1)
        ax.plot(numbers, values.mean(axis=1), "o-", color=colour, label=choice)
        ax.fill_between(numbers, low, high, color=colour, alpha=0.2)
for ax, level in zip(axes, (all_error, all_score), strict=True):
    ax.axhline(level, color="0.2", label=f"all {len(train)} ages")
    ax.set(xlabel="known ages", xscale="log", xticks=numbers, xticklabels=numbers)
    ax.minorticks_off()
axes[1].axhline(largest, color="0.4", linestyle="--", label="always the largest class")
axes[0].set(ylabel="mean error, months", ylim=(0, None))
axes[1].set(ylabel="held-out score", ylim=(0, 1))
axes[1].legend(frameon=False, loc="lower right")
plt.show()
