"""Heatmap networks, the views that they see, and polarity."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sklearn_baccaec.nn._heatmap_network import (
    HeatmapNetwork,
    locate_points,
    prepare_for_inference,
)
from sklearn_baccaec.nn._heatmap_training import train_heatmaps
from sklearn_baccaec.nn._training import restore_network
from sklearn_baccaec.regions._hand_pose import MEAN_HAND, fit_hand_pose
from sklearn_baccaec.regions._polarity import is_inverted
from sklearn_baccaec.regions.landmarking._film_views import (
    FILM_SIDE,
    REFINER_SCALE,
    REFINER_SHAPE,
    finder_view,
    hand_centre,
    invert_view,
    reduce_film,
    refiner_view,
    render_view,
    transform_points,
)

SHAPE = (64, 96)  # of images
MAP = (16, 24)
CELLS = MAP[0] * MAP[1]

few = settings(max_examples=30, deadline=None)
angles = st.floats(-180, 180)


class Fixed(torch.nn.Module):
    """Sees the same logits in every image."""

    def __init__(self, logits):
        super().__init__()
        self.logits = torch.as_tensor(logits, dtype=torch.float32)

    def forward(self, images):
        return self.logits.expand(len(images), -1, -1)


def decode(logits):
    points, mass = locate_points(Fixed(logits), np.zeros((1, *SHAPE), np.float32))
    return points[0], mass[0]


def make_network(n_points=2, shape=SHAPE, seed=0):
    return HeatmapNetwork(n_points, shape, seed)


def loss_of(logits, points, weights):
    target = (torch.tensor(points).float(), torch.tensor(weights).float())
    loss = make_network().loss(torch.as_tensor(logits).float(), target)
    return loss.item()


# Decoding
@few
@given(
    cells=st.lists(
        st.tuples(st.integers(0, MAP[1] - 1), st.integers(0, MAP[0] - 1)),
        min_size=1,
        max_size=3,
    )
)
def test_a_single_cell_is_decoded_to_its_middle(cells):
    logits = np.zeros((1, len(cells), CELLS + 1))
    for i, (x, y) in enumerate(cells):
        logits[0, i, y * MAP[1] + x] = 40
    points, mass = decode(logits)
    assert points.shape == (len(cells), 2)
    # A cell covers four pixels a side, whose centres are whole numbers.
    np.testing.assert_allclose(points, 4 * np.array(cells) + 1.5, atol=1e-3)
    np.testing.assert_allclose(mass, 1, atol=1e-6)


@few
@given(x=st.floats(14, SHAPE[1] - 15), y=st.floats(14, SHAPE[0] - 15))
def test_a_peak_is_decoded_to_a_fraction_of_a_cell(x, y):
    rows, columns = np.mgrid[: MAP[0], : MAP[1]]
    across, along = (x + 0.5) / 4 - 0.5 - columns, (y + 0.5) / 4 - 0.5 - rows
    maps = -(across**2 + along**2) / 2
    logits = np.append(maps.ravel(), -60)[None, None]
    points, mass = decode(logits)
    np.testing.assert_allclose(points[0], (x, y), atol=0.5)
    assert 0.9 < mass[0] <= 1


@few
@given(cell=st.integers(0, CELLS - 1), level=st.floats(0, 8))
def test_absence_takes_the_mass(cell, level):
    logits = np.full((1, 1, CELLS + 1), -60.0)
    logits[0, 0, cell] = 0
    logits[0, 0, -1] = level
    _, mass = decode(logits)
    np.testing.assert_allclose(mass, 1 / (1 + np.exp(level)), atol=1e-6)
    logits[0, 0, -1] = 60
    assert decode(logits)[1][0] < 1e-6


# Loss
def logits_at(points, peak=12.0):
    """Logits whose peaks lie at points of the image, absent where it is None."""
    logits = np.zeros((1, len(points), CELLS + 1))
    for i, point in enumerate(points):
        cell = -1 if point is None else point[1] // 4 * MAP[1] + point[0] // 4
        logits[0, i, cell] = peak
    return logits


@few
@given(
    x=st.integers(0, SHAPE[1] - 1),
    y=st.integers(0, SHAPE[0] - 1),
    shift=st.integers(24, 60),
)
def test_loss_is_lower_at_the_point_than_elsewhere(x, y, shift):
    other = [[(x + shift) % SHAPE[1], y], [5, 5]]
    here, there = ([[[x, y], [5, 5]]], [other])
    logits = logits_at([(x, y), (5, 5)])
    assert loss_of(logits, here, [[1, 1]]) < loss_of(logits, there, [[1, 1]])
    absent = logits_at([None, (5, 5)])
    assert loss_of(logits, here, [[1, 1]]) < loss_of(absent, here, [[1, 1]])


@few
@given(
    x=st.floats(-200, 300).filter(lambda v: min(abs(v + 0.5), abs(v - 95.5)) > 0.01),
    y=st.floats(-200, 300).filter(lambda v: min(abs(v + 0.5), abs(v - 63.5)) > 0.01),
)
def test_points_outside_the_image_are_absent(x, y):
    inside = -0.5 < x < SHAPE[1] - 0.5 and -0.5 < y < SHAPE[0] - 0.5
    logits = logits_at([None, None], peak=30)
    loss = loss_of(logits, [[[x, y], [-1e6, -1e6]]], [[1, 1]])
    if inside:
        assert loss == pytest.approx(15, rel=0.01)
    else:
        assert loss < 1e-6


def test_weights_of_nothing_are_ignored():
    logits = logits_at([(10, 20), (50, 40)])
    right, wrong = [[[10, 20], [50, 40]]], [[[10, 20], [20, 10]]]
    assert loss_of(logits, right, [[1, 0]]) == loss_of(logits, wrong, [[1, 0]])
    assert loss_of(logits, right, [[1, 1]]) < loss_of(logits, wrong, [[1, 1]])
    assert loss_of(logits, wrong, [[0, 0]]) == 0
    half = loss_of(logits, wrong, [[1, 0.5]])
    full = loss_of(logits, wrong, [[1, 1]])
    assert loss_of(logits, wrong, [[1, 0]]) < half < full


# Network
def test_folded_normalisation_changes_no_output():
    network = make_network()
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for values in (module.running_mean, module.bias.data):
                values.normal_(0, 0.3, generator=generator)
            for values in (module.running_var, module.weight.data):
                values.uniform_(0.5, 2, generator=generator)
    network.eval()
    images = torch.randn(3, 1, *SHAPE, generator=generator)
    with torch.inference_mode():
        expected = network(images)
        folded = prepare_for_inference(network)
        torch.testing.assert_close(folded(images), expected, rtol=1e-4, atol=1e-4)
    left = [m for m in folded.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert not left


def draw_dot(rng):
    """Bright dot on noise, and where it lies."""
    x, y = rng.uniform(4, 59, 2)
    rows, columns = np.mgrid[:64, :64]
    dot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    return 3 * dot + rng.normal(0, 0.3, (64, 64)), np.array([[x, y]]), np.ones(1)


def train_on_dots(max_steps, seed=0, initial=None):
    return train_heatmaps(
        draw_dot,
        n_points=1,
        shape=(64, 64),
        max_steps=max_steps,
        lr=4e-3,
        seed=seed,
        progress=None,
        initial=initial,
    )


def errors_on_dots(weights):
    network = restore_network(
        HeatmapNetwork,
        weights,
        network_params={"n_points": 1, "shape": (64, 64)},
        device="cpu",
    )
    rng = np.random.default_rng(99)
    images, points, _ = zip(*(draw_dot(rng) for _ in range(40)), strict=True)
    found, mass = locate_points(network, np.stack(images).astype(np.float32))
    return np.linalg.norm(found - np.array(points), axis=2), mass


def test_training_finds_dots():
    untrained, unsure = errors_on_dots(train_on_dots(1))
    weights = train_on_dots(60)
    for trained in (weights, train_on_dots(1, initial=weights)):
        errors, mass = errors_on_dots(trained)
        assert np.median(errors) < 1 < np.median(untrained) / 2
        assert np.median(mass) > 0.5 > 2 * np.median(unsure)


def test_training_depends_on_its_seed_alone():
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    torch_state = torch.random.get_rng_state()
    first, same, other = (train_on_dots(2, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    assert torch.equal(torch.random.get_rng_state(), torch_state)
    assert list(first) == list(same)
    for name, value in first.items():
        np.testing.assert_array_equal(value, same[name])
    assert not np.array_equal(first["maps.weight"], other["maps.weight"])


# Views
def lay_hand(angle, length, x, y, right):
    """Mean hand somewhere on a film, complex."""
    hand = -MEAN_HAND.conj() if right else MEAN_HAND
    return hand * length * np.exp(1j * np.radians(angle)) + x + 1j * y


def as_rows(points):
    return np.column_stack([points.real, points.imag])


@few
@given(
    angle=angles,
    length=st.floats(20, 3000),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
    right=st.booleans(),
    missing=st.sets(st.integers(0, 18), max_size=10),
)
def test_the_refiner_sees_an_upright_left_hand(angle, length, x, y, right, missing):
    points = lay_hand(angle, length, x, y, right)
    known = points.copy()
    known[list(missing)] = np.nan
    pose = fit_hand_pose(known, np.ones(19))
    assert pose.right == right
    centre = hand_centre(known, pose)
    view = refiner_view(centre, pose)
    seen = transform_points(view, as_rows(points))
    back = transform_points(invert_view(view), seen)
    np.testing.assert_allclose(back, as_rows(points), atol=1e-6 * length)
    wanted = as_rows(MEAN_HAND * REFINER_SCALE)
    offset = seen - wanted
    np.testing.assert_allclose(offset, offset[:1].repeat(19, 0), atol=1e-3)
    middle = (seen.min(0) + seen.max(0)) / 2
    height, width = REFINER_SHAPE
    np.testing.assert_allclose(middle, ((width - 1) / 2, (height - 1) / 2), atol=15)
    assert (seen > 0).all()
    assert (seen < (width - 1, height - 1)).all()


@few
@given(
    angle=angles,
    right=st.booleans(),
    turn=st.floats(-0.3, 0.3),
    zoom=st.floats(0.7, 1.4),
    shift=st.tuples(st.floats(-30, 30), st.floats(-30, 30)),
)
def test_the_refiners_view_is_turned_zoomed_and_shifted(
    angle, right, turn, zoom, shift
):
    points = lay_hand(angle, 300, 200, 250, right)
    pose = fit_hand_pose(points, np.ones(19))
    centre = hand_centre(points, pose)
    plain = transform_points(refiner_view(centre, pose), as_rows(points))
    view = refiner_view(centre, pose, turn=turn, zoom=zoom, shift=complex(*shift))
    middle = (np.array(REFINER_SHAPE[::-1]) - 1) / 2
    about = (plain - middle) @ (1, 1j) * zoom
    # Turned on the film before a right hand is mirrored.
    about = about * np.exp(1j * turn * (-1 if right else 1))
    seen = transform_points(view, as_rows(points))
    np.testing.assert_allclose(seen, as_rows(about) + middle + shift, atol=1e-6)


@few
@given(height=st.integers(32, 900), width=st.integers(32, 900))
def test_the_finder_sees_the_whole_film(height, width):
    view = finder_view((height, width), (160, 160))
    corners = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    seen = transform_points(view, corners)
    assert (seen > -0.5 - 1e-6).all()
    assert (seen < 159.5 + 1e-6).all()
    assert (seen[1] - seen[0]).max() == pytest.approx(160)
    np.testing.assert_allclose(seen.mean(0), 79.5, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    step=st.one_of(st.floats(0.3, 1.4), st.floats(1.6, 5)),
    angle=angles,
    mirrored=st.booleans(),
    dot=st.tuples(st.floats(180, 320), st.floats(220, 380)),
)
def test_a_dot_appears_where_points_are_said_to_be(step, angle, mirrored, dot):
    rows, columns = np.mgrid[:601, :500]
    width = max(1.5, step)
    film = np.exp(-((columns - dot[0]) ** 2 + (rows - dot[1]) ** 2) / (2 * width**2))
    factor = np.exp(1j * np.radians(angle)) / step
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    if mirrored:
        linear[0] = -linear[0]
    view = np.column_stack([linear, [50, 60] - linear @ (dot[0] + 3, dot[1] - 2)])
    image = render_view(film.astype(np.float32) * 255, view, (128, 112), 0.0)
    assert image.shape == (128, 112)
    assert image.dtype == np.float32
    bright = np.where(image > 0.05 * image.max(), image, 0)
    y, x = np.mgrid[:128, :112]
    found = np.array([(bright * x).sum(), (bright * y).sum()]) / bright.sum()
    np.testing.assert_allclose(found, transform_points(view, np.array(dot)), atol=0.25)


def test_beyond_the_film_lies_its_margins_grey():
    film = np.full((100, 80), 200, np.uint8)
    film[20:80, 20:60] = 10
    view = np.array([[1.0, 0, 100], [0, 1.0, 100]])
    assert (render_view(film, view, (90, 90)) == 200).all()
    assert (render_view(film, view, (90, 90), 33.0) == 33).all()


@few
@given(
    height=st.integers(32, 1500),
    width=st.integers(32, 1500),
    low=st.floats(0, 1e4),
    contrast=st.floats(1e-2, 1e5),
)
@example(height=362, width=1350, low=0.0, contrast=1.0)
def test_reduced_films_are_small_and_use_all_greys(height, width, low, contrast):
    film = np.linspace(0, 1, width)[None] + np.linspace(0, 1, height)[:, None]
    reduced, scale = reduce_film((film * contrast + low).astype(np.float32))
    assert reduced.dtype == np.uint8
    assert max(reduced.shape) == min(FILM_SIDE, max(height, width))
    size = np.array([width, height])
    np.testing.assert_allclose(scale * size, reduced.shape[::-1], atol=1)
    shrink = min(1, FILM_SIDE / max(height, width))
    np.testing.assert_allclose(reduced.shape, np.multiply(film.shape, shrink), atol=1)
    assert reduced.min() < 16
    assert reduced.max() > 239


# Polarity
@pytest.mark.parametrize(
    "expose",
    [
        lambda film: film,
        lambda film: film / np.float32(255),
        lambda film: film.astype(np.uint16) * 257,
        lambda film: 128 + film // 2,
        lambda film: film // 4,
    ],
    ids=["8 bit", "float", "16 bit", "bright", "dim"],
)
def test_polarity_of_bright_and_dark_bones(hands, expose):
    for film, landmarks in zip(expose(hands.data), hands.landmarks, strict=True):
        points = landmarks @ (1, 1j)
        length = fit_hand_pose(points, np.ones(19)).length
        dark = film.max() - (film - film.min())
        points[::4] = np.nan  # some are always unknown
        assert is_inverted(film, points, length) is False
        assert is_inverted(dark, points, length) is True


def test_doubtful_polarity_is_left_as_it_is(hands):
    landmarks = hands.landmarks[0]
    points = landmarks @ (1, 1j)
    flat = np.full((400, 300), 90, np.uint8)
    slope = np.add.outer(np.arange(400.0), np.arange(300.0))
    for film in (flat, slope, slope[::-1], slope[:, ::-1], slope[::-1, ::-1]):
        assert not is_inverted(film, points, 280.0)
    unknown = np.full(19, np.nan, complex)
    assert not is_inverted(255 - hands.data[0], unknown, 280.0)
