from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_baccaec.nn import (
    ConvolutionalAutoencoder,
    SameConv2d,
    SameConvTranspose2d,
    ShuffledImages,
    VariationalAutoencoder,
    apply_in_batches,
    train_network,
)
from sklearn_baccaec.nn._threads import one_torch_thread

PAPER = {
    "channels": ((4, 4, 8), (8, 8, 4), (2, 2, 2)),
    "kernel_sizes": (30, 15, 3),
    "activation": "leaky_relu",
    "latent_penalty": 1.0,
}

few_examples = settings(max_examples=40, deadline=None)
sides = st.integers(1, 34)
layer_settings = {
    "size": st.tuples(sides, sides),
    "kernel": st.integers(1, 31),
    "stride": st.integers(1, 2),
    "channels": st.tuples(st.integers(1, 3), st.integers(1, 3)),
    "n_images": st.integers(1, 3),
    "seed": st.integers(0, 99),
}


def same_zeros(length, kernel, stride):
    """TensorFlow's rule, from its documentation of padding="SAME"."""
    if length % stride == 0:
        zeros = max(kernel - stride, 0)
    else:
        zeros = max(kernel - length % stride, 0)
    return zeros // 2, zeros - zeros // 2


def make_layer(kind, channels, size, kernel, stride, seed=0):
    generator = torch.Generator().manual_seed(seed)
    layer = kind(
        *channels, size=size, kernel_size=kernel, stride=stride, generator=generator
    ).double()
    with torch.no_grad():
        layer.bias.uniform_(-1, 1, generator=generator)
    return layer, generator


def randn(*shape, generator):
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@few_examples
@given(**layer_settings)
def test_convolution_equals_the_direct_sum(
    size, kernel, stride, channels, n_images, seed
):
    layer, generator = make_layer(SameConv2d, channels, size, kernel, stride, seed)
    x = randn(n_images, channels[0], *size, generator=generator)
    cut = tuple(min(kernel, side) for side in size)
    assert layer.weight.shape == (channels[1], channels[0], *cut)
    top, bottom = same_zeros(size[0], cut[0], stride)
    left, right = same_zeros(size[1], cut[1], stride)
    expected = F.conv2d(
        F.pad(x, (left, right, top, bottom)), layer.weight, layer.bias, stride=stride
    )
    result = layer(x)
    assert result.shape[2:] == tuple(int(np.ceil(side / stride)) for side in size)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-10)


@few_examples
@given(**layer_settings)
def test_transposed_convolution_equals_the_direct_sum(
    size, kernel, stride, channels, n_images, seed
):
    layer, generator = make_layer(
        SameConvTranspose2d, channels, size, kernel, stride, seed
    )
    small = [-(-side // stride) for side in size]
    x = randn(n_images, channels[0], *small, generator=generator)
    top, _ = same_zeros(size[0], layer.weight.shape[2], stride)
    left, _ = same_zeros(size[1], layer.weight.shape[3], stride)
    spread = F.conv_transpose2d(x, layer.weight, stride=stride)
    spread = F.pad(spread, (0, stride, 0, stride))  # pixels that no weight reaches
    expected = spread[:, :, top : top + size[0], left : left + size[1]]
    expected = expected + layer.bias[:, None, None]
    result = layer(x)
    assert result.shape == (n_images, channels[1], *size)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-10)


@few_examples
@given(**layer_settings)
def test_transposed_convolution_is_the_adjoint(
    size, kernel, stride, channels, n_images, seed
):
    down, generator = make_layer(SameConv2d, channels, size, kernel, stride, seed)
    up, _ = make_layer(SameConvTranspose2d, channels[::-1], size, kernel, stride)
    with torch.no_grad():
        up.weight.copy_(down.weight)
        up.bias.zero_()
        down.bias.zero_()
    x = randn(n_images, channels[0], *size, generator=generator)
    image = down(x)
    y = randn(*image.shape, generator=generator)
    scale = 1 + image.norm().item() * y.norm().item()
    assert abs((image * y).sum() - (x * up(y)).sum()).item() < 1e-12 * scale


@pytest.mark.parametrize("kind", [SameConv2d, SameConvTranspose2d])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (10, 1), (11, 2)])
def test_gradients(kind, kernel, stride):
    layer, generator = make_layer(kind, (2, 1), (11, 12), kernel, stride)
    assert layer.fourier == (kernel >= 10)  # both arithmetics are under test
    reduced = kind is SameConvTranspose2d and stride == 2
    x = randn(1, 2, *((6, 6) if reduced else (11, 12)), generator=generator)
    names = ("weight", "bias")

    def forward(x, *parameters):
        values = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, values, (x,))

    inputs = [x, *(getattr(layer, name).detach().clone() for name in names)]
    for value in inputs:
        value.requires_grad_()
    assert torch.autograd.gradcheck(forward, inputs, fast_mode=True)


@pytest.mark.parametrize(
    ("kernel", "before", "behind"), [(30, 14, 14), (15, 6, 7), (3, 0, 1)]
)
def test_padding_of_the_papers_strided_layers(kernel, before, behind):
    layer, _ = make_layer(SameConv2d, (1, 1), (256, 64), kernel, 2)
    assert layer.padding == (before, behind, before, behind)


def test_initial_weights_are_glorot_uniform():
    layer, _ = make_layer(SameConv2d, (8, 8), (64, 64), 30, 2)
    bound = (6 / (30 * 30 * 16)) ** 0.5
    weight = layer.weight.detach()
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.01)


@pytest.mark.parametrize(
    ("size", "latent"), [((256, 256), (2, 32, 32)), ((64, 64), (2, 8, 8))]
)
def test_papers_architecture(size, latent):
    network = ConvolutionalAutoencoder(region_shape=size, seed=0, **PAPER)
    assert sum(p.numel() for p in network.parameters()) == 73_643
    assert network.latent_shape == latent
    z = network.encode(torch.rand(1, 1, *size))
    assert z.shape == (1, np.prod(latent))
    assert network.decode(z).shape == (1, 1, *size)


@pytest.mark.parametrize("kind", [ConvolutionalAutoencoder, VariationalAutoencoder])
@pytest.mark.parametrize("size", [(16, 16), (13, 22), (1, 40), (5, 1)])
@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "elu", "tanh"])
def test_shapes_in_and_out(kind, size, activation):
    network = kind(region_shape=size, seed=0, **{**PAPER, "activation": activation})
    x = torch.rand(3, 1, *size)
    z = network.encode(x)
    assert z.shape == (3, np.prod(network.latent_shape))
    outputs = network(x)
    assert outputs[0].shape == x.shape
    assert network.loss(outputs, x).ndim == 0
    if activation == "relu" and kind is ConvolutionalAutoencoder:
        assert z.min() >= 0
        assert outputs[0].min() >= 0


def test_ccaec_loss_is_squared_error_plus_mean_squared_latent():
    params = {**PAPER, "latent_penalty": 0.25}
    network = ConvolutionalAutoencoder(region_shape=(8, 8), seed=0, **params)
    x, rebuilt = torch.rand(4, 1, 8, 8), torch.rand(4, 1, 8, 8)
    z = torch.rand(4, 2)
    expected = np.mean((rebuilt - x).numpy() ** 2) + 0.25 * np.mean(z.numpy() ** 2)
    assert network.loss((rebuilt, z), x).item() == pytest.approx(expected, rel=1e-5)


def test_vae_loss_is_squared_error_plus_divergence_per_pixel():
    params = {**PAPER, "latent_penalty": 0.5}
    network = VariationalAutoencoder(region_shape=(8, 8), seed=0, **params)
    x = torch.rand(4, 1, 8, 8)
    mean, log_variance = torch.randn(4, 2), torch.randn(4, 2)
    gaussian = torch.distributions.Normal(mean, (log_variance / 2).exp())
    standard = torch.distributions.Normal(0.0, 1.0)
    divergence = torch.distributions.kl_divergence(gaussian, standard).sum()
    expected = 0.5 * divergence.item() / x.numel()
    loss = network.loss((x, mean, log_variance), x)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_training_sees_every_image_once_an_epoch():
    class Recorder(ConvolutionalAutoencoder):
        seen = []

        def forward(self, x):
            self.seen.append(x[:, 0, 0, 0].numpy().copy())
            return super().forward(x)

    images = np.zeros((10, 4, 4), np.float32)
    images[:, 0, 0] = np.arange(10) / 10
    _, losses = train_network(
        Recorder,
        ShuffledImages(images[:, None], batch_size=4, seed=0),
        network_params={"region_shape": (4, 4), **PAPER},
        max_steps=7,
        lr=1e-3,
        device="cpu",
        seed=0,
        progress=None,
    )
    assert losses.shape == (7,)
    assert [len(batch) for batch in Recorder.seen] == [4] * 7
    epochs = [np.concatenate(Recorder.seen[i : i + 2]) for i in (0, 2, 4)]
    assert all(len(np.unique(epoch)) == 8 for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])


@pytest.mark.parametrize("n_rows", [1, 3, 4, 5, 9])
def test_batches_have_one_size(n_rows):
    sizes = []

    def double(batch):
        sizes.append(len(batch))
        return 2 * batch

    rows = np.arange(2.0 * n_rows).reshape(n_rows, 2)
    result = apply_in_batches(double, rows, batch_size=4, device="cpu")
    np.testing.assert_array_equal(result, 2 * rows)
    assert sizes == [4] * -(-n_rows // 4)


def test_thread_count_comes_back_in_every_thread():
    counts = {}
    inside, left = threading.Event(), threading.Event()

    def run_second():
        torch.set_num_threads(2)
        with one_torch_thread():
            inside.set()
            left.wait(10)
            within = torch.get_num_threads()
        counts["second"] = within, torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    second = threading.Thread(target=run_second)
    try:
        with one_torch_thread():
            second.start()
            assert inside.wait(10)
            within = torch.get_num_threads()
        counts["first"] = within, torch.get_num_threads()
        left.set()
        second.join()
    finally:
        torch.set_num_threads(before)
    assert counts == {"first": (1, 2), "second": (1, 2)}
