"""A training step under pytest-benchmark, plain torch layers taking turns with it.

    pip install -e ".[benchmark]"
    pytest --import-mode=prepend tests/benchmarks/test_training_step.py

The column "median" is the step's; `--benchmark-json FILE` has the ratio to plain layers
in `extra_info`. `training_step.py` prints tables of ratios, floor, memory and cores.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from training_step import make_step, seconds


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("batch", [16, 64])
@pytest.mark.parametrize("size", [64, 96, 128, 256])
def test_training_step(benchmark, size, batch):
    plain, auto = (make_step(kind, size, batch) for kind in ("plain", "auto"))
    beside = []
    benchmark.pedantic(
        auto,
        setup=lambda: beside.append(seconds(plain)),
        rounds=5,
        warmup_rounds=1,
    )
    ratios = np.array(beside[1:]) / np.array(benchmark.stats.stats.data)
    benchmark.extra_info["plain / auto"] = float(np.median(ratios))
