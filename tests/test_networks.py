import threading

import numpy as np
import pytest
import torch

from sklearn_baccaec.nn import ConvolutionalAutoencoder, VariationalAutoencoder
from sklearn_baccaec.nn._torch_state import plain_torch
from sklearn_baccaec.nn._training import (
    ShuffledImages,
    apply_in_batches,
    train_network,
)

PAPER = {
    "channels": ((4, 4, 8), (8, 8, 4), (2, 2, 2)),
    "kernel_sizes": (30, 15, 3),
    "activation": "leaky_relu",
    "latent_penalty": 1.0,
}


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
@pytest.mark.parametrize(
    ("size", "activation"),
    [((16, 16), "leaky_relu"), ((13, 22), "relu"), ((1, 40), "elu"), ((5, 1), "tanh")],
)
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
        with plain_torch():
            inside.set()
            left.wait(10)
            within = torch.get_num_threads()
        counts["second"] = within, torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    second = threading.Thread(target=run_second)
    try:
        with plain_torch():
            second.start()
            assert inside.wait(10)
            within = torch.get_num_threads()
        counts["first"] = within, torch.get_num_threads()
        left.set()
        second.join()
    finally:
        torch.set_num_threads(before)
    assert counts == {"first": (1, 2), "second": (1, 2)}


@plain_torch()
def test_frequency_domain_follows_the_direct_sums_in_double_precision():
    images = torch.rand(6, 1, 13, 18, generator=torch.Generator().manual_seed(0))
    images = images.double()
    curves = {}
    for convolution in ("direct", "fourier"):
        network = ConvolutionalAutoencoder(
            region_shape=(13, 18), seed=0, convolution=convolution, **PAPER
        ).double()
        optimizer = torch.optim.Adam(network.parameters(), 1e-3)
        curves[convolution] = []
        for step in range(60):
            batch = images[step % 2 :: 2]
            loss = network.loss(network(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            curves[convolution].append(loss.item())
    direct, fourier = np.array(curves["direct"]), np.array(curves["fourier"])
    assert direct[-1] < direct[0]
    np.testing.assert_allclose(fourier, direct, rtol=1e-9, atol=0)
    assert not np.array_equal(fourier, direct)  # two ways indeed
