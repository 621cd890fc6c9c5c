"""What tasks share: networks, the generator of first weights, large data."""

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from joblib import delayed

from sklearn_baccaec import HandLandmarker
from sklearn_baccaec._utils.blocks import smallest_pixels
from sklearn_baccaec._utils.parallel import SentOnce, run_tasks
from sklearn_baccaec._utils.warning import warn_user
from sklearn_baccaec.nn._heatmap_network import HeatmapNetwork
from sklearn_baccaec.regions.landmarking import _shared_networks
from sklearn_baccaec.regions.landmarking._shared_networks import SharedNetworks
from sklearn_baccaec.regions.landmarking._weights import WeightsError, load_weights


@pytest.fixture(scope="module")
def weights():
    return load_weights("rsna")


def test_equal_weights_make_networks_once(weights):
    shared = SharedNetworks(weights)
    copies = [SharedNetworks(dict(weights)), pickle.loads(pickle.dumps(shared))]
    assert {id(copy.get()) for copy in copies} == {id(shared.get())}
    other = {**weights, "calibration": weights["calibration"] + 1}
    assert SharedNetworks(other).get() is not shared.get()


def test_threads_that_start_together_make_networks_once(weights):
    other = {**weights, "calibration": weights["calibration"] + 2}
    with ThreadPoolExecutor(4) as threads:
        made = threads.map(lambda _: SharedNetworks(other).get(), range(4))
    assert len(set(map(id, made))) == 1


def test_weights_that_come_with_the_package_do_not_travel(weights):
    sizes = [
        len(pickle.dumps(SharedNetworks(weights, shipped=shipped)))
        for shipped in (True, False)
    ]
    assert sizes[0] < 1000 < sum(value.nbytes for value in weights.values()) < sizes[1]


def test_another_package_s_weights_are_refused(weights):
    other = {**weights, "calibration": weights["calibration"] + 3}
    sent = pickle.loads(pickle.dumps(SharedNetworks(other, shipped=True)))
    with pytest.raises(WeightsError, match="same version"):
        sent.get()


def test_known_films_need_no_networks(hands, expected, tmp_path, monkeypatch):
    HandLandmarker(memory=tmp_path).predict(hands.data)

    def fail(shared):
        raise AssertionError("networks were made")

    monkeypatch.setattr(_shared_networks, "_make_networks", fail)
    again = HandLandmarker(memory=tmp_path).predict(hands.data)
    np.testing.assert_array_equal(again, expected.landmarks)


def test_first_weights_do_not_depend_on_other_threads():
    def first_weights(seed):
        network = HeatmapNetwork(n_points=19, shape=(32, 32), seed=seed)
        return torch.cat([value.flatten() for value in network.parameters()])

    before = torch.random.get_rng_state()
    alone = [first_weights(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(first_weights, range(8)))
    assert all(map(torch.equal, together, alone))
    assert torch.equal(torch.random.get_rng_state(), before)


class Films(SentOnce):
    def __init__(self, pixels):
        self.films = {"pixels": [pixels]}


def test_size_counts_the_arrays():
    sizes = [sys.getsizeof(Films(np.zeros(n))) for n in (0, 10_000)]
    assert 80_000 <= sizes[1] - sizes[0] < 81_000


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.arange(6, dtype=np.uint8), np.uint8),
        (np.arange(6.0), np.uint8),
        (np.array([0, 255]), np.uint8),
        (np.array([0, 256]), np.float32),
        (np.array([-1, 2]), np.float32),
        (np.array([0.5, 2]), np.float32),
    ],
)
def test_pixels_in_their_one_form(values, dtype):
    rows = np.asfortranarray(np.tile(values, (3, 1)))
    found = smallest_pixels(rows)
    assert found.dtype == dtype
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, rows)


def test_warnings_of_threads_point_at_the_users_line():
    tasks = [delayed(warn_user)("of a thread")]
    with pytest.warns(UserWarning, match="of a thread") as caught:
        list(run_tasks(tasks, "work", n_jobs=2, verbose=0))
    assert [warning.filename for warning in caught] == [__file__]
