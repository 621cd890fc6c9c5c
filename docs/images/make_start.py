"""Draw start.png: why a drawn hand has its bone age.

The model has learned from other drawn hands, by ``python docs/images/make_start.py``.
"""

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt

from sklearn_baccaec import BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.plotting import RegionAgeDisplay

N_FILMS = 160  # to learn from
AGE = 118.0  # months, of the hand that is shown
PATH = Path(__file__).with_name("start.png")


def main() -> None:
    """Learn, read one film, draw it."""
    matplotlib.use("agg")
    matplotlib.rcParams.update({"font.size": 11, "axes.titlesize": 11})
    films = make_hand_radiographs(N_FILMS, random_state=0)
    model = BoneAgeClusterer(method="agreement", n_jobs=-1, random_state=0)
    model.fit(films.data, films.target, sex=films.sex)

    (film,) = make_hand_radiographs(
        1, ages=[AGE], sex="F", film_shape=(640, 480), random_state=7
    ).data
    figure, axes = plt.subplots(
        1, 2, figsize=(5, 3.3), width_ratios=[1.2, 1], layout="constrained"
    )
    display = RegionAgeDisplay.from_estimator(model, film, sex="F", ax=axes)
    low, high = display.age_range
    axes[0].set_title(
        f"a girl's hand: {display.age:.0f} months\n(range {low:.0f} to {high:.0f})"
    )
    axes[1].set_title(f"atlas plate,\ndrawn at {display.age:.0f} months")
    figure.axes[-1].set_ylabel("months ahead of the hand")
    figure.savefig(PATH, dpi=160)


if __name__ == "__main__":
    main()
