"""
Naming clusters with few labels
===============================

Encoders and clusters need no ages; names do, but only a few. Films are clustered once,
and named again and again by more and more films of known age: films drawn at random,
and those that the model suggests.
"""

# %%
# 110 of the films are clustered, without an age.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import BoneAgeClusterer, ContrastiveRegionEncoder
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import assign_age_intervals

films = make_hand_radiographs(160, film_shape=(300, 240), random_state=0)
order = np.random.default_rng(0).permutation(len(films.data))
train, test = order[:110], order[110:]
model = BoneAgeClusterer(
    method="agreement",
    encoder=ContrastiveRegionEncoder(view_size=32, channels=(8, 16, 32), max_steps=150),
    memory="cache",
    n_jobs=2,
    random_state=0,
).fit(films.data[train])

# %%
# Suggest, and name
# -----------------
# ``suggest`` puts films in the order in which to label them: first the
# middle of each cluster, the largest first, so that sixteen ages name all of them.

X, y = films.data[train], films.target[train]
suggested = model.suggest(X, 40)
print(model.labels_[suggested[:16]])
model.name_clusters(X[suggested[:16]], y[suggested[:16]])
print(model.cluster_table_["interval"].to_list())

# %%
# Score on held-out films, with more and more labels. Ten times, 80 of
# the films are at hand for labelling: which of them are labelled is suggested, or drawn
# at random. A cluster without any known age has no name, and its films count as wrong.

numbers = [8, 16, 24, 40, 60]
labels = model.labels_
found = model.predict(films.data[test])
true = assign_age_intervals(films.target)


def held_out_accuracy(labelled):
    """Accuracy on the test films with names from a few of the others."""
    right = 0
    for cluster in range(model.n_clusters_):
        known = true[train][labelled][labels[labelled] == cluster]
        if len(known):
            right += np.sum(true[test][found == cluster] == np.bincount(known).argmax())
    return right / len(test)


generator = np.random.default_rng(1)
pools = [generator.permutation(len(train))[:80] for _ in range(10)]
orders = {
    "suggested": [p[model.suggest(X[p], numbers[-1])] for p in pools],
    "random": pools,  # as drawn
}
accuracies = {
    choice: np.array(
        [[held_out_accuracy(order[:number]) for order in own] for number in numbers]
    )
    for choice, own in orders.items()
}
every = held_out_accuracy(np.arange(len(train)))
print("films          suggested             random")
for i, number in enumerate(numbers):
    row = [accuracies[choice][i] for choice in orders]
    cells = [f"{own.mean():.0%} ({own.min():.0%} to {own.max():.0%})" for own in row]
    print(f"{number:5}{cells[0]:>19}{cells[1]:>19}")
print(f"  all  {every:.0%}")

# %%
# Suggestions spread the labels over the clusters and leave none without a name. With
# many labels it matters little which films have them. What was counted here is what
# ``name_clusters`` does; with all labels both agree.

model.name_clusters(X, y)
score = model.score(films.data[test], films.target[test])
print(f"{score:.1%} and {every:.1%}")

figure, ax = plt.subplots(layout="constrained")
for (choice, own), colour in zip(accuracies.items(), ("#0072b2", "0.45"), strict=True):
    ax.plot(numbers, own.mean(axis=1), "o-", color=colour, label=f"{choice}, mean")
    ax.fill_between(numbers, own.min(axis=1), own.max(axis=1), color=colour, alpha=0.2)
ax.axhline(every, color="0.2", label=f"all {len(train)} labelled")
largest = np.bincount(true[test]).max() / len(test)
ax.axhline(largest, color="0.4", linestyle="--", label="always the largest class")
ax.set(xlabel="films of known age", ylabel="held-out accuracy", ylim=(0, 1))
ax.legend(frameon=False, loc="lower right")
plt.show()

# %%
# Ages in months
# --------------
# From ten known ages on, they are read from the maturity axis, and about half of such
# films' ages lie between the quartiles that come with them.

target = films.target[test]
for number in (16, 24, 40):
    model.name_clusters(X[suggested[:number]], y[suggested[:number]])
    ages, quartiles = model.predict_age(films.data[test], return_quartiles=True)
    error = np.mean(np.abs(ages - target))
    inside = np.mean((quartiles[:, 0] <= target) & (target <= quartiles[:, 1]))
    print(
        f"{number:3} films: {error:.1f} months off, {inside:.0%} between the quartiles"
    )
