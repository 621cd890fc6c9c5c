"""
The steps as a pipeline of your own
===================================

:class:`~sklearn_baccaec.BoneAgeClusterer` unites a few estimators, each of which works
by itself. Here they are put together by hand, in a plain
:class:`~sklearn.pipeline.Pipeline`, so that any step can be exchanged, inspected or
searched.
"""

# %%
# After the first step, which turns films into rows of crops, everything is plain
# scikit-learn. The steps are told which regions the columns hold.

import matplotlib.pyplot as plt
from sklearn.cluster import KMeans
from sklearn.pipeline import Pipeline

from sklearn_baccaec import (
    CCAEC,
    KeyRegionExtractor,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
)
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.metrics import (
    assign_age_intervals,
    chance_majority_label_accuracy,
    majority_label_accuracy,
)
from sklearn_baccaec.plotting import LatentMapDisplay

films = make_hand_radiographs(120, film_shape=(300, 240), random_state=0)
regions = ["index_mcp", "middle_mcp", "radius", "ulna", "carpus"]

pipeline = Pipeline(
    [
        (
            "crop",
            KeyRegionExtractor(regions, crop_shape=(32, 32), memory="cache", n_jobs=2),
        ),
        ("binarise", RegionPreprocessor(regions=regions)),
        (
            "encode",
            RegionEncoder(
                CCAEC(max_steps=40),
                regions=regions,
                memory="cache",
                n_jobs=2,
                random_state=0,
            ),
        ),
        ("select", RegionSelector(["radius", "carpus"], all_regions=regions)),
        ("cluster", KMeans(8, random_state=0)),
    ]
)
pipeline.set_output(transform="pandas").fit(films.data)
pipeline

# %%
# Every step has its own parameters and results. The latents have names, and come as a
# DataFrame, as was asked for.

latents = pipeline[:-1].transform(films.data)
print(latents.iloc[:3, :4].round(2))
print("last losses:", pipeline["encode"].encoders_["carpus"].loss_curve_[-3:].round(3))

# %%
# Try another set of regions: nothing is cropped or trained again, as the cache knows.

intervals = assign_age_intervals(films.target)
for chosen in (["carpus"], ["radius", "carpus"], regions):
    labels = pipeline.set_params(select__regions=chosen).fit_predict(films.data)
    print(
        f"{len(chosen)} regions, in-sample: "
        f"{majority_label_accuracy(intervals, labels):.0%} "
        f"(chance {chance_majority_label_accuracy(intervals, labels):.0%})"
    )

# %%
# The latents of the films on two axes.

LatentMapDisplay.from_predictions(
    pipeline[:-1].transform(films.data), films.target, labels
)
plt.show()
