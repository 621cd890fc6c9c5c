"""Training steps per second of a CCAEC beside the same network in plain torch layers.

    python tests/benchmarks/training_step.py [--size 64] [--batch 16] [--rounds 5]

One process, one thread; the candidates take turns, and the median of the ratios of
neighbouring turns is printed, because machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from torch import nn

from sklearn_baccaec.encoders import CCAEC
from sklearn_baccaec.nn import ConvolutionalAutoencoder

STEPS = 6  # a turn's training steps
LAYERS = [(1, 4, 3, 1), (4, 4, 3, 1), (4, 8, 30, 2), (8, 8, 3, 1), (8, 8, 3, 1)]
LAYERS += [(8, 4, 15, 2), (4, 2, 3, 1), (2, 2, 3, 1), (2, 2, 3, 2)]
MIRROR = [(2, 4, 3, 2), (4, 8, 15, 2), (8, 4, 30, 2), (4, 1, 3, 1)]


class PlainAutoencoder(nn.Module):
    """The paper's network in `nn.Conv2d` and `nn.ConvTranspose2d`, even sizes only."""

    def __init__(self) -> None:
        super().__init__()
        encoder: list[nn.Module] = []
        for inputs, outputs, kernel, stride in LAYERS:
            pad = (kernel - stride + 1) // 2
            encoder += [
                nn.Conv2d(inputs, outputs, kernel, stride, padding=pad),
                nn.LeakyReLU(0.1),
            ]
        decoder: list[nn.Module] = []
        for inputs, outputs, kernel, stride in MIRROR:
            pad = (kernel - stride + 1) // 2
            extra = 2 * pad - kernel + stride
            decoder += [
                nn.ConvTranspose2d(inputs, outputs, kernel, stride, pad, extra),
                nn.LeakyReLU(0.1),
            ]
        self.encoder = nn.Sequential(*encoder[:-1])
        self.decoder = nn.Sequential(*decoder[:-1])

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        z = self.encoder(x)
        return (self.decoder(z) - x).square().mean() + z.square().mean()


def plain_turn(images: torch.Tensor, batch: int) -> float:
    """Seconds of a bare loop over plain layers."""
    network = PlainAutoencoder()
    optimizer = torch.optim.Adam(network.parameters(), 3e-4)
    start = time.perf_counter()
    for _ in range(STEPS):
        loss = network.loss(images[torch.randperm(len(images))[:batch]])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    return time.perf_counter() - start


def ccaec_turn(images: torch.Tensor, batch: int) -> float:
    """Seconds of `CCAEC.fit`'s own steps, without its closing pass over the films."""
    rows = images.flatten(1).numpy()
    encoder = CCAEC(max_steps=STEPS, batch_size=batch, random_state=0)
    start = time.perf_counter()
    encoder.fit(rows)
    both = time.perf_counter() - start
    start = time.perf_counter()
    encoder.transform(rows)
    return both - (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    shape = (args.size, args.size)
    own = ConvolutionalAutoencoder(
        shape,
        ((4, 4, 8), (8, 8, 4), (2, 2, 2)),
        (30, 15, 3),
        "leaky_relu",
        latent_penalty=1.0,
        seed=0,
    )
    counts = [sum(p.numel() for p in n.parameters()) for n in (own, PlainAutoencoder())]
    assert counts[0] == counts[1], counts
    images = torch.rand(2 * args.batch, 1, *shape)
    turns = np.array(
        [
            (plain_turn(images, args.batch), ccaec_turn(images, args.batch))
            for _ in range(args.rounds + 1)
        ]
    )[1:]  # the first turns warm up
    plain, fitted = STEPS / np.median(turns, axis=0)
    ratios = turns[:, 0] / turns[:, 1]
    print(f"{args.size} x {args.size}, batch {args.batch}, one thread:")
    print(f"  plain nn.Conv2d loop {plain:6.2f} steps/s")
    print(f"  CCAEC.fit            {fitted:6.2f} steps/s")
    print(f"  ratio {np.median(ratios):.1f} ({ratios.min():.1f} to {ratios.max():.1f})")


if __name__ == "__main__":
    main()
