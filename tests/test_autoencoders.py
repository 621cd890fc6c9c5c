import pickle
import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sklearn_baccaec import CCAEC, VAE, RegionEncoder
from sklearn_baccaec.encoders import RegionAutoencoder
from sklearn_baccaec.nn import seeded_torch

KINDS = [CCAEC, VAE]
both_kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def shapes():
    """Bright bars on dark ground, 16 x 16, whose place and length differ."""
    rng = np.random.default_rng(0)
    crops = np.zeros((37, 16, 16), np.uint8)
    for crop in crops:
        top, left, height, width = rng.integers(2, 9, 4)
        crop[top : top + height, left : left + width] = 255
    return crops.reshape(len(crops), -1)


@pytest.fixture(scope="module", params=KINDS, ids=["CCAEC", "VAE"])
def fitted(request, shapes):
    return request.param(max_steps=3, random_state=0).fit(shapes)


def same_weights(first, second):
    return first.weights_.keys() == second.weights_.keys() and all(
        np.array_equal(first.weights_[name], second.weights_[name])
        for name in first.weights_
    )


@both_kinds
def test_training_lowers_the_loss(kind, shapes):
    encoder = kind(max_steps=80, lr=5e-3, latent_penalty=0.01, random_state=0)
    encoder.fit(shapes)
    assert encoder.loss_curve_.shape == (encoder.n_iter_,) == (80,)
    assert encoder.loss_curve_[-10:].mean() < 0.7 * encoder.loss_curve_[:5].mean()
    rebuilt = encoder.inverse_transform(encoder.transform(shapes))
    assert np.mean((rebuilt - shapes) ** 2) < np.mean(shapes.astype(float) ** 2) / 2


def test_latent_penalty_shrinks_latents(shapes):
    encoder = CCAEC(max_steps=20, lr=5e-3, random_state=0)
    free, shrunken = (
        encoder.set_params(latent_penalty=penalty).fit_transform(shapes)
        for penalty in (0, 10)
    )
    assert np.square(shrunken).mean() < np.square(free).mean() / 10


def test_seed_decides_everything(fitted, shapes):
    assert same_weights(clone(fitted).fit(shapes), fitted)
    other = clone(fitted).set_params(random_state=1).fit(shapes)
    assert not same_weights(other, fitted)
    states = [np.random.RandomState(5), np.random.RandomState(5)]
    first, second = (clone(fitted).set_params(random_state=s) for s in states)
    assert same_weights(first.fit(shapes), second.fit(shapes))


def test_fit_ignores_y_and_refits_from_scratch(fitted, shapes):
    again = clone(fitted).fit(shapes[::2] / 9.0)
    again.fit(shapes, y=np.arange(len(shapes)))
    assert same_weights(again, fitted)
    assert again.scale_ == 255


def test_random_states_and_thread_count_are_left_alone(fitted, shapes):
    def states():
        key = np.random.get_state()[1].tolist()  # noqa: NPY002
        return key, random.getstate(), torch.get_rng_state().tolist()

    before, threads = states(), torch.get_num_threads()
    encoder = clone(fitted).fit(shapes)
    encoder.inverse_transform(encoder.transform(shapes))
    assert states() == before
    assert torch.get_num_threads() == threads


def test_result_does_not_depend_on_the_thread_count(fitted, shapes):
    threads = torch.get_num_threads()
    latents = fitted.transform(shapes)
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            encoder = clone(fitted).fit(shapes)
            assert same_weights(encoder, fitted)
            np.testing.assert_array_equal(encoder.transform(shapes), latents)
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)


def test_fits_in_two_threads_equal_fits_in_one(fitted, shapes):
    encoders = [clone(fitted).set_params(random_state=seed) for seed in (0, 1)]
    alone = [clone(encoder).fit(shapes) for encoder in encoders]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda encoder: encoder.fit(shapes), encoders))
    assert all(map(same_weights, alone, together))


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.integers(0, 36), min_size=1, max_size=20))
def test_row_is_coded_alike_in_any_company(fitted, shapes, rows):
    latents = fitted.transform(shapes)
    np.testing.assert_array_equal(fitted.transform(shapes[rows]), latents[rows])
    alone = fitted.transform(shapes[rows[-1:]])
    np.testing.assert_array_equal(alone, latents[rows[-1:]])
    decoded = fitted.inverse_transform(latents[rows])
    np.testing.assert_array_equal(fitted.inverse_transform(alone), decoded[-1:])


def test_units_do_not_matter(fitted, shapes):
    latents = fitted.transform(shapes)
    unit = clone(fitted).fit(shapes / 255)
    assert (fitted.scale_, unit.scale_) == (255, 1)
    np.testing.assert_array_equal(unit.transform(shapes / 255), latents)
    pixels = 255 * unit.inverse_transform(latents)
    np.testing.assert_allclose(fitted.inverse_transform(latents), pixels, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.uint16, object])
def test_dtype_and_memory_order_do_not_matter(fitted, shapes, dtype):
    X = np.asfortranarray(shapes.astype(dtype))
    encoder = clone(fitted).fit(X)
    assert same_weights(encoder, fitted)
    latents = encoder.transform(X)
    assert latents.dtype == np.float32
    np.testing.assert_array_equal(latents, fitted.transform(shapes))


@both_kinds
@pytest.mark.parametrize("X", [np.zeros((5, 256)), np.full((1, 256), 3.0)])
def test_constant_films_and_single_films(kind, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        encoder = kind(max_steps=2, random_state=0).fit(X)
    assert np.isfinite(encoder.transform(X)).all()
    assert encoder.dead_latents_.all()


def test_dead_latents_are_reported(shapes):
    X = np.repeat(shapes[:1], 6, axis=0)
    with pytest.warns(ConvergenceWarning, match="8 of 8 latents are dead") as caught:
        CCAEC(activation="relu", max_steps=2, random_state=0).fit_transform(X)
    assert caught[0].filename == __file__  # the user's line
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alive = CCAEC(max_steps=2, random_state=0).fit(shapes)
    assert not alive.dead_latents_.any()


def test_diverged_training_is_reported(shapes):
    with pytest.warns(ConvergenceWarning, match="training diverged") as caught:
        CCAEC(lr=1e6, max_steps=20, random_state=0).fit(shapes)
    assert caught[0].filename == __file__


@both_kinds
def test_interrupt_is_raised_and_leaves_no_half_trained_encoder(
    kind, shapes, monkeypatch
):
    loss = kind._network.loss
    steps = []

    def interrupted_loss(self, outputs, x):
        steps.append(1)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return loss(self, outputs, x)

    encoder = kind(max_steps=5, random_state=0, verbose=1)
    with monkeypatch.context() as patch:
        patch.setattr(kind._network, "loss", interrupted_loss)
        with pytest.raises(KeyboardInterrupt):
            encoder.fit(shapes)
    assert len(steps) == 3
    with pytest.raises(NotFittedError):
        encoder.transform(shapes)
    assert encoder.fit(shapes).n_iter_ == 5


def test_interrupted_refit_keeps_the_encoder_whole(fitted, shapes, monkeypatch):
    def interrupt(self, outputs, x):
        raise KeyboardInterrupt

    encoder = clone(fitted).fit(shapes)
    monkeypatch.setattr(type(encoder)._network, "loss", interrupt)
    with pytest.raises(KeyboardInterrupt):
        encoder.fit(shapes / 255)
    np.testing.assert_array_equal(encoder.transform(shapes), fitted.transform(shapes))


def test_fitted_state_is_numpy_only_and_copies_encode_alike(fitted, shapes):
    pickled = pickle.dumps(fitted)
    copy = pickle.loads(pickled)
    np.testing.assert_array_equal(copy.transform(shapes), fitted.transform(shapes))
    assert b"torch" not in pickled
    assert all(type(value) is np.ndarray for value in fitted.weights_.values())


def test_feature_names(fitted, shapes):
    prefix = type(fitted).__name__.lower()
    names = fitted.get_feature_names_out()
    assert list(names) == [f"{prefix}{i}" for i in range(8)]
    frame = pd.DataFrame(shapes, index=np.arange(37) + 5)
    out = clone(fitted).set_output(transform="pandas").fit_transform(frame)
    assert list(out.columns) == list(names)
    assert out.index.equals(frame.index)


def test_wrong_widths(fitted, shapes):
    with pytest.raises(ValueError, match=r"7 columns.*n_components_=8"):
        fitted.inverse_transform(np.zeros((2, 7)))
    with pytest.raises(ValueError, match="255 features"):
        fitted.transform(shapes[:, 1:])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"channels": ((4, 4), (2, 2))}, "channels has 2 stages"),
        ({"channels": ((4,), (), (2,))}, "sequence of positive integers"),
        ({"channels": ((4,), (1.5,), (0,))}, "positive integers"),
        ({"channels": (4, 8, 2)}, "channels"),
        ({"kernel_sizes": (30, 15)}, "kernel_sizes has 2"),
        ({"kernel_sizes": (30, 0, 3)}, "positive integers"),
        ({"channels": (), "kernel_sizes": ()}, "channels has 0 stages"),
        ({"region_shape": (8, 16)}, "needs 128 columns"),
        ({"region_shape": (16,)}, "region_shape"),
        ({"region_shape": (-16, -16)}, "region_shape"),
    ],
)
def test_bad_layers_and_shapes(params, message, shapes):
    with pytest.raises(ValueError, match=message):
        CCAEC(max_steps=1, **params).fit(shapes)


@both_kinds
def test_other_layers_and_shapes(kind, shapes):
    layers = {"channels": [[3], [5, 2]], "kernel_sizes": np.array([5, 3])}
    encoder = kind(max_steps=1, region_shape=[8, 32], **layers).fit(shapes)
    assert encoder.region_shape_ == (8, 32)
    assert encoder.n_components_ == 2 * 2 * 8
    assert encoder.transform(shapes).shape == (37, 32)
    assert kind(max_steps=1).fit(shapes[:, :200]).region_shape_ == (1, 200)


class LinearNetwork(torch.nn.Module):
    def __init__(self, n_pixels, width, seed):
        super().__init__()
        with seeded_torch(seed):
            self.encode_flat = torch.nn.Linear(n_pixels, width)
            self.decode = torch.nn.Linear(width, n_pixels)

    def encode(self, x):
        return self.encode_flat(x.flatten(1))

    def forward(self, x):
        return self.decode(self.encode(x))

    def loss(self, rebuilt, x):
        return (rebuilt - x.flatten(1)).square().mean()


class LinearEncoder(RegionAutoencoder):
    def __init__(self, width=3, *, max_steps=30, random_state=None):
        super().__init__(max_steps=max_steps, random_state=random_state)
        self.width = width

    def make_network(self, region_shape, seed):
        return LinearNetwork(np.prod(region_shape), self.width, seed)


class TestOwnNetwork:
    def test_base_is_abstract(self):
        with pytest.raises(TypeError, match="make_network"):
            RegionAutoencoder()

    def test_it_learns_and_is_kept_as_numpy(self, shapes):
        encoder = LinearEncoder(random_state=0).fit(shapes)
        assert encoder.transform(shapes).shape == (37, encoder.n_components_) == (37, 3)
        assert encoder.inverse_transform(np.zeros((1, 3))).shape == (1, 256)
        assert encoder.loss_curve_[-1] < encoder.loss_curve_[0]
        assert b"torch" not in pickle.dumps(encoder.weights_)
        assert same_weights(clone(encoder).fit(shapes), encoder)

    def test_in_every_region_side_by_side(self, shapes):
        encoder = RegionEncoder(
            LinearEncoder(), regions=["carpus", "ulna"], random_state=0
        )
        X = np.hstack([shapes, shapes])
        alone = encoder.fit_transform(X)
        with joblib.parallel_config("threading", n_jobs=2):
            np.testing.assert_array_equal(clone(encoder).fit_transform(X), alone)
        assert not np.array_equal(alone[:, :3], alone[:, 3:])
        assert list(encoder.get_feature_names_out())[3] == "ulna_linearencoder0"


def test_a_failed_refit_leaves_the_encoder_as_it_was(monkeypatch):
    rng = np.random.default_rng(0)
    small, large = rng.random((6, 64)), rng.random((6, 256))
    encoder = CCAEC(max_steps=2, random_state=0).fit(small)
    expected = encoder.transform(small)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "sklearn_baccaec.encoders._autoencoder.train_network", interrupt
    )
    for fitted in (encoder, RegionEncoder(CCAEC(max_steps=2), regions=["carpus"])):
        before = dict(vars(fitted))
        with pytest.raises(KeyboardInterrupt):
            fitted.fit(large)
        assert vars(fitted).keys() == before.keys()
        assert all(vars(fitted)[name] is value for name, value in before.items())
    np.testing.assert_array_equal(encoder.transform(small), expected)
