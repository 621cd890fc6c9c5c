"""
Many cores, many machines
=========================

Films are cropped and regions are trained independently of each other, so joblib can
spread them: over threads, over processes, or over the machines of a cluster. The
results do not depend on it, bit for bit.
"""

# %%
# ``n_jobs`` of the model says how many films and regions are worked on at once; the
# backend says where. Without a cache, to show the work itself.

import tempfile
import time

import numpy as np
from joblib import parallel_config

from sklearn_baccaec import CCAEC, BoneAgeClusterer
from sklearn_baccaec.datasets import make_hand_radiographs

films = make_hand_radiographs(30, film_shape=(300, 240), random_state=0)
model = BoneAgeClusterer(
    regions=["wrist", "radius", "ulna", "carpus"],
    n_clusters=4,
    encoder=CCAEC(max_steps=20),
    crop_shape=(32, 32),
    random_state=0,
)

latents = {}
for backend, n_jobs in (("sequential", 1), ("loky", 2), ("threading", 2)):
    start = time.perf_counter()
    with parallel_config(backend):
        model.set_params(n_jobs=n_jobs).fit(films.data)
    latents[backend] = model.transform(films.data)
    print(f"{backend:10} {n_jobs} at once: {time.perf_counter() - start:.1f} s")

for backend in ("loky", "threading"):
    np.testing.assert_array_equal(latents[backend], latents["sequential"])

# %%
# A cluster of machines is a backend too. With `dask.distributed
# <https://distributed.dask.org>`_ installed, and this package on every worker::
#
#     from dask.distributed import Client
#     client = Client("scheduler:8786")
#     with parallel_config("dask", wait_for_workers_timeout=60):
#         model.set_params(n_jobs=-1).fit(films.data)
#
# Films in memory are sent to the workers; paths have to lead every worker to them.

# %%
# A run that is interrupted goes on where it stopped, if it has a ``memory``: films
# that were cropped and regions that were trained are kept on disk. The second fit
# finds everything there.

cache = tempfile.mkdtemp()
model.set_params(memory=cache, n_jobs=2)
for attempt in ("first", "second"):
    start = time.perf_counter()
    model.fit(films.data)
    print(f"{attempt} fit with a cache: {time.perf_counter() - start:.1f} s")
np.testing.assert_array_equal(model.transform(films.data), latents["sequential"])

# %%
# Another region set or number of clusters computes only what is missing.

start = time.perf_counter()
model.set_params(regions=["radius", "carpus"], n_clusters=3).fit(films.data)
print(f"two of the regions, 3 clusters: {time.perf_counter() - start:.1f} s")
