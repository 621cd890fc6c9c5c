"""A CCAEC's training beside plain torch layers: the source of docs/performance.md.

    python tests/benchmarks/training_step.py steps     # a step, by size and batch
    python tests/benchmarks/training_step.py kernels   # a step, by kernel
    python tests/benchmarks/training_step.py fit       # CCAEC.fit and a bare loop
    python tests/benchmarks/training_step.py memory    # peak of a process
    python tests/benchmarks/training_step.py cores     # regions on one core and on two

One thread, and one process but for the last two. The candidates take turns (five steps
of the fast one to a step of the others), and medians over the turns of times and of
ratios of neighbouring turns are printed, because machines are shared and noisy. The
loss and Adam are part of a step. `--sizes` and `--batches` choose; `kernels` takes
their first.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sklearn_baccaec import CCAEC, RegionEncoder
from sklearn_baccaec.nn import ConvolutionalAutoencoder
from sklearn_baccaec.nn._training import ShuffledImages

CHANNELS = ((4, 4, 8), (8, 8, 4), (2, 2, 2))
KERNELS = (30, 15, 3)
LR = 3e-4

Step = Callable[[], object]


class PlainAutoencoder(nn.Module):
    """The paper's network in `nn.Conv2d` and `nn.ConvTranspose2d`, for multiples of 8.

    Odd kernels are padded alike on both sides, which takes as long as the extra zero
    behind that the package's layers have.
    """

    def __init__(self, kernels: Sequence[int] = KERNELS) -> None:
        super().__init__()
        large, middle, small = kernels
        layers = [(1, 4, 3, 1), (4, 4, 3, 1), (4, 8, large, 2)]
        layers += [(8, 8, 3, 1), (8, 8, 3, 1), (8, 4, middle, 2)]
        layers += [(4, 2, 3, 1), (2, 2, 3, 1), (2, 2, small, 2)]
        mirror = [(2, 4, small, 2), (4, 8, middle, 2), (8, 4, large, 2), (4, 1, 3, 1)]
        encoder: list[nn.Module] = []
        for inputs, outputs, kernel, stride in layers:
            pad = (kernel - stride + 1) // 2
            encoder += [
                nn.Conv2d(inputs, outputs, kernel, stride, padding=pad),
                nn.LeakyReLU(0.1),
            ]
        decoder: list[nn.Module] = []
        for inputs, outputs, kernel, stride in mirror:
            pad = (kernel - stride + 1) // 2
            extra = 2 * pad - kernel + stride
            decoder += [
                nn.ConvTranspose2d(inputs, outputs, kernel, stride, pad, extra),
                nn.LeakyReLU(0.1),
            ]
        self.encoder = nn.Sequential(*encoder[:-1])
        self.decoder = nn.Sequential(*decoder[:-1])

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        z = self.encoder(x)
        return self.decoder(z), z

    @staticmethod
    def loss(
        outputs: tuple[torch.Tensor, torch.Tensor], x: torch.Tensor
    ) -> torch.Tensor:
        return (outputs[0] - x).square().mean() + outputs[1].square().mean()


def make_step(
    kind: str, size: int, batch: int, kernels: Sequence[int] = KERNELS
) -> Step:
    """A training step of "plain" layers, or of the package's "auto" or "direct"."""
    torch.manual_seed(0)
    if kind == "plain":
        network: nn.Module = PlainAutoencoder(kernels)
    else:
        network = ConvolutionalAutoencoder(
            (size, size), CHANNELS, kernels, "leaky_relu", 1.0, 0, convolution=kind
        )
    optimizer = torch.optim.Adam(network.parameters(), LR, fused=True)
    images = np.random.default_rng(0).random((2 * batch, 1, size, size), np.float32)
    batches = iter(ShuffledImages(images, batch, seed=0))

    def step() -> float:
        x, _ = next(batches)
        if kind == "plain":
            x = x.contiguous()  # the memory order that torch's layers like best
        loss = network.loss(network(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def seconds(step: Step, times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - start) / times


def take_turns(steps: Sequence[tuple[Step, int]], rounds: int) -> np.ndarray:
    """Seconds a step, (rounds, n_steps): each as often a turn as it says."""
    for step, _ in steps:
        step()  # warms up
    return np.array([[seconds(*turn) for turn in steps] for _ in range(rounds)])


def matrix_product_rate(size: int = 1024) -> float:
    """Operations a second of a large product in single precision."""
    a = torch.rand(size, size)
    torch.mm(a, a)
    return 2 * size**3 / np.median([seconds(lambda: torch.mm(a, a)) for _ in range(9)])


def operations(step: Step) -> int:
    """Operations of all matrix products and convolutions of a step."""

    def count(c: Sequence[int], a: Sequence[int], b: Sequence[int], **_: object) -> int:
        return 2 * a[0] * a[1] * a[2] * b[2]

    uncounted = {torch.ops.aten.baddbmm_: count}
    with FlopCounterMode(display=False, custom_mapping=uncounted) as counter:
        step()
    return counter.get_total_flops()


def print_row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def ratio(turns: np.ndarray, slow: int, fast: int) -> str:
    ratios = turns[:, slow] / turns[:, fast]
    return f"{np.median(ratios):.1f} ({ratios.min():.1f} to {ratios.max():.1f})"


def compare_steps(
    sizes: Sequence[int],
    batches: Sequence[int],
    rounds: int,
    kernels: Sequence[Sequence[int]] = (KERNELS,),
) -> None:
    print_row(
        "pixels",
        "batch",
        "kernels",
        "plain, ms",
        "direct, ms",
        "auto, ms",
        "plain / auto",
        "direct / auto",
        "floor, ms",
        "GFLOP",
    )
    for size, batch, kernel in (
        (size, batch, kernel)
        for size in sizes
        for batch in batches
        for kernel in kernels
    ):
        auto = make_step("auto", size, batch, kernel)
        steps = [
            (make_step(kind, size, batch, kernel), 1) for kind in ("plain", "direct")
        ]
        turns = take_turns([*steps, (auto, 5)], rounds)
        work = operations(auto)
        medians = [f"{1e3 * median:.0f}" for median in np.median(turns, axis=0)]
        floor = 1e3 * work / matrix_product_rate()
        print_row(
            size,
            batch,
            "/".join(map(str, kernel)),
            *medians,
            ratio(turns, 0, 2),
            ratio(turns, 1, 2),
            f"{floor:.0f}",
            f"{work / 1e9:.2f}",
        )


def compare_fit(sizes: Sequence[int], rounds: int, steps: int = 40) -> None:
    """`CCAEC.fit` without its closing pass over the films, and bare loops."""
    print_row(
        "pixels", "plain, ms", "bare loop, ms", "fit, ms", "fit / bare", "plain / fit"
    )
    for size in sizes:
        films = np.random.default_rng(0).random((32, size * size), dtype=np.float32)
        encoder = CCAEC(max_steps=steps, random_state=0)
        encoder.fit(films)

        turns = take_turns(
            [
                (make_step("plain", size, 16), 2),
                (make_step("auto", size, 16), steps),
                (partial(encoder.fit, films), 1),
                (partial(encoder.transform, films), 1),
            ],
            rounds,
        )
        turns[:, 2] = (turns[:, 2] - turns[:, 3]) / steps
        medians = [f"{1e3 * median:.0f}" for median in np.median(turns[:, :3], axis=0)]
        over = turns[:, 2] / turns[:, 1]
        overhead = f"{np.median(over):.2f} ({over.min():.2f} to {over.max():.2f})"
        print_row(size, *medians, overhead, ratio(turns, 0, 2))


def compare_memory(sizes: Sequence[int], batches: Sequence[int]) -> None:
    """Peak of a fresh process above what its imports take."""
    print_row("pixels", "batch", "plain, MB", "auto, MB")
    for size, batch in ((size, batch) for size in sizes for batch in batches):
        peaks = [
            subprocess.run(
                [
                    *(sys.executable, __file__, "peak", "--kind", kind),
                    *("--sizes", str(size), "--batches", str(batch)),
                ],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for kind in ("plain", "auto")
        ]
        print_row(size, batch, *peaks)


def print_peak(kind: str, size: int, batch: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step = make_step(kind, size, batch)
    for _ in range(4):
        step()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{(after - before) / 1024:.0f}")


def compare_cores(rounds: int, steps: int) -> None:
    """Regions trained one by one and two at a time."""
    print_row("regions", "one core, s", "two cores, s", "ratio")
    for n_regions in (7, 8):
        rows = np.random.default_rng(0).random(
            (64, n_regions * 64 * 64), dtype=np.float32
        )
        regions = range(1, n_regions + 1)

        def fit(n_jobs: int, rows: np.ndarray = rows, regions: range = regions) -> None:
            RegionEncoder(
                CCAEC(max_steps=steps), regions=regions, n_jobs=n_jobs, random_state=0
            ).fit(rows)

        fit(2)  # starts the workers
        turns = np.array(
            [[seconds(lambda: fit(1)), seconds(lambda: fit(2))] for _ in range(rounds)]
        )
        one, two = np.median(turns, axis=0)
        ratios = turns[:, 1] / turns[:, 0]
        print_row(n_regions, f"{one:.0f}", f"{two:.0f}", f"{np.median(ratios):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "what", choices=("steps", "kernels", "fit", "memory", "cores", "peak")
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 96, 128, 256])
    parser.add_argument("--batches", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=200, help="for cores")
    parser.add_argument(
        "--kind", default="auto", help="for peak: auto, direct or plain"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.what == "steps":
        compare_steps(args.sizes, args.batches, args.rounds)
    elif args.what == "kernels":
        kernels = [(8, 4, 3), (15, 8, 3), (22, 11, 3), (30, 15, 3), (46, 23, 3)]
        compare_steps(args.sizes[:1], args.batches[:1], args.rounds, kernels)
    elif args.what == "fit":
        compare_fit(args.sizes, args.rounds)
    elif args.what == "memory":
        compare_memory(args.sizes, args.batches)
    elif args.what == "cores":
        compare_cores(args.rounds, args.steps)
    else:
        print_peak(args.kind, args.sizes[0], args.batches[0])


if __name__ == "__main__":
    main()
