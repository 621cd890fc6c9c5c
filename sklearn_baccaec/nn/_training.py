"""Training budgeted in steps, on skorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import skorch
import torch
from tqdm.auto import tqdm

from ._threads import one_torch_thread

Weights = dict[str, np.ndarray]


class _ModuleLoss(torch.nn.Module):
    """Stands where skorch expects a criterion: the networks know their own loss."""


class _InterruptedError(Exception):
    """An interrupt on its way past skorch, which swallows KeyboardInterrupt."""


class StepBudgetNet(skorch.NeuralNet):
    """A skorch net whose only epoch has as many steps as its budget says.

    Batches are drawn without replacement from seeded shuffles of all images; a
    shuffle's incomplete rest is left out, so every step sees a full batch.
    """

    def __init__(
        self,
        module: type,
        *,
        max_steps: int,
        seed: int,
        progress: str | None,
        **kwargs: Any,
    ) -> None:
        self.max_steps = max_steps
        self.seed = seed
        self.progress = progress
        super().__init__(
            module,
            criterion=_ModuleLoss,
            optimizer=torch.optim.Adam,
            max_epochs=1,
            train_split=None,  # all films train; skorch's default hides a fifth
            **kwargs,
        )

    @property
    def _default_callbacks(self) -> list[Any]:
        return []

    def get_iterator(
        self, dataset: Any, training: bool = False
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield the budgeted number of (images, images) batches."""
        images = dataset.X
        generator = torch.Generator().manual_seed(self.seed)
        batch_size = min(self.batch_size, len(images))
        per_epoch = len(images) // batch_size
        steps = tqdm(
            range(self.max_steps),
            desc=self.progress,
            unit="step",
            disable=self.progress is None,
        )
        for step in steps:
            place = step % per_epoch * batch_size
            if place == 0:
                order = torch.randperm(len(images), generator=generator)
            batch = images[order[place : place + batch_size]]
            yield batch, batch

    def fit_loop(self, *args: Any, **kwargs: Any) -> Any:
        """Train, and let an interrupt through."""
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt as interrupt:
            raise _InterruptedError from interrupt

    def get_loss(
        self, y_pred: Any, y_true: torch.Tensor, *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Ask the network."""
        return self.module_.loss(y_pred, y_true.to(self.device))


def train_network(
    network: type,
    images: np.ndarray,
    *,
    network_params: dict[str, Any],
    max_steps: int,
    batch_size: int,
    lr: float,
    device: str,
    seed: int,
    progress: str | None,
) -> tuple[Weights, np.ndarray]:
    """Train a network on images (N, H, W) in [0, 1]; weights and loss per step.

    Nothing but the arguments enters the result: the initial weights, the batches and
    a network's own noise come from ``seed``, and one torch thread does the sums.

    Raises
    ------
    KeyboardInterrupt
        When the user interrupts; half-trained weights are never returned.
    """
    net = StepBudgetNet(
        network,
        max_steps=max_steps,
        seed=seed,
        lr=lr,
        batch_size=batch_size,
        device=device,
        verbose=0,
        progress=progress,
        module__seed=seed,
        **{f"module__{name}": value for name, value in network_params.items()},
    )
    try:
        with one_torch_thread():
            net.fit(torch.from_numpy(images[:, None]))
    except _InterruptedError:
        raise KeyboardInterrupt from None
    weights = {
        name: value.detach().cpu().numpy()
        for name, value in net.module_.state_dict().items()
    }
    return weights, np.asarray(net.history[-1, "batches", :, "train_loss"])


def restore_network(
    network: type, weights: Weights, *, network_params: dict[str, Any], device: str
) -> torch.nn.Module:
    """Return a network with these weights, ready to encode and decode."""
    module = network(seed=0, **network_params)
    module.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    return module.to(device).eval()


def apply_in_batches(
    function: Any, rows: np.ndarray, *, batch_size: int, device: str
) -> np.ndarray:
    """Concatenated results of ``function`` over batches of one fixed size.

    The last batch is filled up, so a row's result is the same whatever its company.
    """
    results = []
    with one_torch_thread(), torch.inference_mode():
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            filler = np.zeros((batch_size - len(batch), *rows.shape[1:]), rows.dtype)
            full = torch.from_numpy(np.concatenate([batch, filler])).to(device)
            results.append(function(full)[: len(batch)].cpu().numpy())
    return np.concatenate(results)
