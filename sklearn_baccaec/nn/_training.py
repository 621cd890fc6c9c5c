"""Training budgeted in steps, on skorch."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import skorch
import torch
from skorch.callbacks import LRScheduler
from skorch.utils import to_device
from torch.utils.data import IterableDataset
from tqdm.auto import tqdm

from ._torch_state import plain_torch

Weights = dict[str, np.ndarray]


class _InterruptedError(Exception):
    """An interrupt on its way past skorch, which swallows KeyboardInterrupt."""


class ShuffledImages(IterableDataset):
    """Endless batches (images, images) of images (N, 1, H, W), seeded.

    Input and target are one tensor whose films are innermost in memory, for the layers.
    """

    def __init__(self, images: np.ndarray, batch_size: int, seed: int) -> None:
        self.images = torch.from_numpy(images)
        self.batch_size = min(batch_size, len(images))
        self.seed = seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        generator = torch.Generator().manual_seed(self.seed)
        for batch in shuffled_batches(len(self.images), self.batch_size, generator):
            pixels = self.images[batch].flatten(1).t().contiguous()
            images = pixels.t().view(-1, *self.images.shape[1:])
            yield images, images


def shuffled_batches(
    n_samples: int, batch_size: int, generator: torch.Generator
) -> Iterator[torch.Tensor]:
    """Endless full batches of positions; a shuffle's incomplete rest is left out."""
    last = n_samples // batch_size * batch_size
    while True:
        order = torch.randperm(n_samples, generator=generator)
        yield from order[:last].split(int(batch_size))


class DrawnBatches(IterableDataset):
    """Endless batches of what ``draw(rng) -> (image, *targets)`` draws at random."""

    def __init__(
        self,
        draw: Callable[[np.random.Generator], tuple[np.ndarray, ...]],
        batch_size: int,
        seed: int,
    ) -> None:
        self.draw = draw
        self.batch_size = batch_size
        self.seed = seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, tuple[torch.Tensor, ...]]]:
        rng = np.random.default_rng(self.seed)
        while True:
            drawn = zip(*(self.draw(rng) for _ in range(self.batch_size)), strict=True)
            images, *targets = (
                torch.from_numpy(np.stack(part).astype(np.float32)) for part in drawn
            )
            yield images[:, None], tuple(targets)


class StepBudgetNet(skorch.NeuralNet):
    """A skorch net whose only epoch has as many steps as its budget says."""

    def __init__(
        self,
        module: Callable[..., torch.nn.Module],
        *,
        max_steps: int,
        progress: str | None,
        **kwargs: Any,
    ) -> None:
        self.max_steps = max_steps
        self.progress = progress
        super().__init__(
            module,
            criterion=torch.nn.Module,  # none: the networks know their own loss
            max_epochs=1,
            train_split=None,  # all films train; skorch's default hides a fifth
            **kwargs,
        )

    @property
    def _default_callbacks(self) -> list[Any]:
        return []

    def get_iterator(self, dataset: Any, training: bool = False) -> Iterator[Any]:
        hidden = self.progress is None
        steps = tqdm(range(self.max_steps), self.progress, unit="step", disable=hidden)
        for _, batch in zip(steps, dataset, strict=False):
            yield batch

    def fit_loop(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt as interrupt:
            raise _InterruptedError from interrupt

    def get_loss(self, y_pred: Any, y_true: Any, *args: Any, **kwargs: Any) -> Any:
        return self.module_.loss(y_pred, to_device(y_true, self.device))


@plain_torch()
def train_network(
    network: Callable[..., torch.nn.Module],
    batches: IterableDataset,
    *,
    network_params: dict[str, Any],
    max_steps: int,
    lr: float,
    device: str,
    seed: int,
    progress: str | None,
    initial: Weights | None = None,
    **net_params: Any,
) -> tuple[Weights, np.ndarray]:
    """Train a network on batches (input, target); weights and loss per step.

    Nothing but the arguments enters the result: the initial weights, unless they are
    given, and a network's own noise come from ``seed``, the batches from theirs, and
    one torch thread does the sums. An interrupt is raised, whatever skorch does.
    """
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"device={device!r} cannot be used: {reason}") from error
    net = StepBudgetNet(
        network,
        max_steps=max_steps,
        lr=lr,
        device=device,
        verbose=0,
        progress=progress,
        module__seed=seed,
        **{f"module__{name}": value for name, value in network_params.items()},
        optimizer__fused=True,  # one call for all weights
        **{"optimizer": torch.optim.Adam, **net_params},
    ).initialize()
    if initial is not None:
        net.module_.load_state_dict(_to_tensors(initial))
    try:
        net.partial_fit(batches)
    except _InterruptedError:
        raise KeyboardInterrupt from None
    state = net.module_.state_dict()
    weights = {name: value.detach().cpu().numpy() for name, value in state.items()}
    return weights, np.asarray(net.history[-1, "batches", :, "train_loss"])


def warm_up_and_cosine(
    max_steps: int, *, warm_up: float, last: float = 0.0
) -> LRScheduler:
    """Let the learning rate rise, then fall like a cosine to ``last`` of its height."""

    def share_of_lr(step: int) -> float:
        fall = (1 + math.cos(math.pi * step / max_steps)) / 2
        return min(1.0, (step + 1) / max(warm_up, 1)) * (last + (1 - last) * fall)

    return LRScheduler(
        torch.optim.lr_scheduler.LambdaLR, lr_lambda=share_of_lr, step_every="batch"
    )


def _to_tensors(weights: Weights) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in weights.items()}


@plain_torch()
def restore_network(
    network: Callable[..., torch.nn.Module],
    weights: Weights,
    *,
    network_params: dict[str, Any],
    device: str,
) -> torch.nn.Module:
    """Return a network with these weights, ready to encode and decode."""
    module = network(seed=0, **network_params)
    module.load_state_dict(_to_tensors(weights))
    return module.to(device).eval()


def apply_in_batches(
    function: Any, rows: np.ndarray, *, batch_size: int, device: str
) -> np.ndarray:
    """Concatenated results of ``function`` over batches of one fixed size.

    The last batch is filled up, so a row's result is the same whatever its company.
    """
    results = []
    with plain_torch(), torch.inference_mode():
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            filler = np.zeros((batch_size - len(batch), *rows.shape[1:]), rows.dtype)
            full = torch.from_numpy(np.concatenate([batch, filler])).to(device)
            results.append(function(full)[: len(batch)].cpu().numpy())
    return np.concatenate(results)
