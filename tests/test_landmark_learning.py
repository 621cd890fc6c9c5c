"""Landmark networks that start from nothing learn where landmarks are."""

import numpy as np
import pytest

from sklearn_baccaec import HandLandmarker
from sklearn_baccaec.nn._heatmap_network import HeatmapNetwork, locate_points
from sklearn_baccaec.nn._training import restore_network
from sklearn_baccaec.regions import KEY_REGIONS
from sklearn_baccaec.regions.landmarking._budget import Budget
from sklearn_baccaec.regions.landmarking._film_views import (
    FINDER_SHAPE,
    finder_view,
    render_view,
    standardise,
    transform_points,
)
from sklearn_baccaec.regions.landmarking._training import (
    _train_one,
    draw_synthetic_films,
)


def finder_error(weights, held_out):
    """Median error in hand lengths of a finder on drawn films."""
    network = restore_network(
        HeatmapNetwork,
        weights,
        network_params={"n_points": len(KEY_REGIONS), "shape": FINDER_SHAPE},
        device="cpu",
    )
    errors = []
    for film, landmarks in zip(held_out.films, held_out.landmarks, strict=True):
        view = finder_view(film.shape)
        image = standardise(render_view(film, view, FINDER_SHAPE))
        found = locate_points(network, image[None])[0][0]
        wanted = transform_points(view, landmarks[:, :2])
        errors.append(np.linalg.norm(found - wanted, axis=1) / np.ptp(wanted[:, 1]))
    return np.median(errors)


def test_the_finder_learns_from_nothing():
    drawn = draw_synthetic_films(30, 0, n_jobs=None, verbose=0)
    held_out = draw_synthetic_films(10, 99, n_jobs=None, verbose=0)
    untrained, trained = (
        _train_one(
            "", "finder", drawn, None, None, max_steps=steps, seed=0, progress=None
        )
        for steps in (1, 35)
    )
    assert finder_error(trained, held_out) < 0.42
    assert finder_error(untrained, held_out) > 0.55


@pytest.mark.slow
def test_landmarks_are_learnt_from_nothing():
    """Trained on drawn hands alone and on films without labels, tried on others."""
    drawn = draw_synthetic_films(90, 0, n_jobs=None, verbose=0)
    films, others = (
        [drawn.films[i] for i in part] for part in (range(60), range(60, 90))
    )
    landmarker = HandLandmarker(None, max_steps=60, n_rounds=1, random_state=0)
    landmarker._budget = Budget(least=6, most=60, n_synthetic=90, n_calibration=60)
    found = landmarker.fit(films).predict(others)
    errors = np.linalg.norm(found[..., :2] - drawn.landmarks[60:, :, :2], axis=2)
    assert np.isfinite(errors).mean() > 0.8
    assert np.nanmedian(errors) < 10
