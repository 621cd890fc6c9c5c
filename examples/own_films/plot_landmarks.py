"""
Landmarks and crops
===================

Before anything is encoded, the key regions have to be found. Look at what was found
before you trust the ages.
"""

# %%
# Films may have any size and rotation, 8 or 16 bit, left or right hands.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_baccaec import HandLandmarker, KeyRegionExtractor, RegionPreprocessor
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.films import read_film
from sklearn_baccaec.plotting import FilmSheetDisplay, KeyRegionDisplay

films = make_hand_radiographs(24, film_shape=(300, 240), random_state=0)
turned = np.rot90(read_film(films.data[0]))

# %%
# ``predict`` gives x and y in the film's own pixels and a confidence in [0, 1] for each
# of the 19 regions; ``locate`` also says which hand it is, and why a film has none.

landmarker = HandLandmarker()
landmarks = landmarker.predict([turned])
print(landmarks.shape, "lowest confidence:", landmarks[0, :, 2].min().round(2))
nothing = np.random.default_rng(0).integers(0, 256, (400, 300), dtype=np.uint8)
print("noise:", landmarker.locate([nothing]).reasons[0])

KeyRegionDisplay.from_film(turned, landmarks=landmarks[0], names=True)

# %%
# The least certain of many films at a glance. Lines join the joints of each finger, so
# that a wrong one is easy to see.

FilmSheetDisplay.from_landmarks(films.data, n_films=8, n_columns=4)

# %%
# Crops are upright, at one scale and, for right hands, mirrored:
# :class:`~sklearn_baccaec.KeyRegionExtractor` makes one row of numbers of each film.
# Below each of them is what :class:`~sklearn_baccaec.RegionPreprocessor` leaves: the
# paper's histogram equalisation, blur and adaptive threshold.

regions = ["thumb_ip", "index_pip", "middle_mcp", "wrist", "radius", "ulna", "carpus"]
crops = KeyRegionExtractor(regions).fit_transform(films.data[:3])
binary = RegionPreprocessor(regions=regions).fit_transform(crops)

figure, axes = plt.subplots(
    6, len(regions), figsize=(9, 8), layout="constrained", squeeze=False
)
for row, pixels in enumerate(np.stack([crops, binary], axis=1).reshape(6, -1)):
    for ax, image in zip(axes[row], pixels.reshape(-1, 64, 64), strict=True):
        ax.imshow(image, cmap="gray")
        ax.set_axis_off()
for ax, region in zip(axes[0], regions, strict=True):
    ax.set_title(region.replace("_", " "), fontsize=9)
plt.show()
