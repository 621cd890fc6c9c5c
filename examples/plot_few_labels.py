"""
Naming clusters with few labels
===============================

Encoders and clusters need no ages; names do, but only a few. Films are clustered once,
and named again and again by more and more films of known age.
"""

# %%
# 110 of the films are clustered, without an age.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import BoneAgeClusterer, ContrastiveRegionEncoder
from sklearn_baccaec.datasets import load_example_radiographs
from sklearn_baccaec.metrics import assign_age_intervals

films = load_example_radiographs(160)
order = np.random.default_rng(0).permutation(len(films.data))
train, test = order[:110], order[110:]
model = BoneAgeClusterer(
    n_clusters=8,
    method="agreement",
    encoder=ContrastiveRegionEncoder(view_size=32, channels=(8, 16, 32), max_steps=150),
    memory="cache",
    n_jobs=2,
    random_state=0,
).fit(films.data[train])

# %%
# Name, and score on films that took part in nothing. Which films are labelled is drawn
# at random ten times for each number. A cluster without any known age has no name, and
# its films count as wrong.

numbers = [8, 16, 24, 40, 70, 110]
labels = model.labels_
found = model.predict(films.data[test])
true = assign_age_intervals(films.target)


def held_out_accuracy(labelled):
    """Accuracy on the test films with names from a few of the others."""
    right = 0
    for cluster in range(8):
        known = true[train][labelled][labels[labelled] == cluster]
        if len(known):
            right += np.sum(true[test][found == cluster] == np.bincount(known).argmax())
    return right / len(test)


generator = np.random.default_rng(1)
accuracies = np.array(
    [
        [
            held_out_accuracy(generator.choice(len(train), number, replace=False))
            for _ in range(10)
        ]
        for number in numbers
    ]
)
for number, row in zip(numbers, accuracies, strict=True):
    print(
        f"{number:3} films: {np.median(row):.0%} ({row.min():.0%} to {row.max():.0%})"
    )

# %%
# That is what ``name_clusters`` does; with all labels both agree.

model.name_clusters(films.data[train], films.target[train])
score = model.score(films.data[test], films.target[test])
print(f"{score:.1%} and {held_out_accuracy(np.arange(len(train))):.1%}")

figure, ax = plt.subplots(layout="constrained")
ax.plot(numbers, np.median(accuracies, axis=1), "o-", color="#0072b2", label="median")
ax.fill_between(
    numbers,
    accuracies.min(axis=1),
    accuracies.max(axis=1),
    color="#0072b2",
    alpha=0.2,
    label="ten draws",
)
largest = np.bincount(true[test]).max() / len(test)
ax.axhline(largest, color="0.4", linestyle="--", label="always the largest class")
ax.set(xlabel="films of known age", ylabel="held-out accuracy", ylim=(0, 1))
ax.legend(frameon=False, loc="lower right")
plt.show()
