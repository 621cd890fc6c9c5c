"""Training budgeted in steps, on skorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import skorch
import torch
from skorch.callbacks import Callback
from tqdm.auto import tqdm

from ._threads import one_torch_thread

Weights = dict[str, np.ndarray]


class _ModuleLoss(torch.nn.Module):
    """Stands where skorch expects a criterion: the networks know their own loss."""


class _StepProgress(Callback):
    """A tqdm bar that counts training steps."""

    def __init__(self, total: int, description: str) -> None:
        self.total, self.description = total, description

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        self.bar_ = tqdm(total=self.total, desc=self.description, unit="step")

    def on_batch_end(self, net: Any, **kwargs: Any) -> None:
        self.bar_.update()

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        self.bar_.close()


class StepBudgetNet(skorch.NeuralNet):
    """A skorch net whose only epoch has as many steps as its budget says.

    Batches are drawn without replacement from seeded shuffles of all images; a
    shuffle's incomplete rest is left out, so every step sees a full batch.
    """

    def __init__(
        self, module: type, *, max_steps: int, seed: int, **kwargs: Any
    ) -> None:
        self.max_steps = max_steps
        self.seed = seed
        super().__init__(
            module,
            criterion=_ModuleLoss,
            optimizer=torch.optim.Adam,
            max_epochs=1,
            train_split=None,  # all films train; skorch's default hides a fifth
            **kwargs,
        )

    @property
    def _default_callbacks(self) -> list[tuple[str, Callback]]:
        return []

    def get_iterator(
        self, dataset: Any, training: bool = False
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield the budgeted number of (images, images) batches."""
        images = dataset.X
        generator = torch.Generator().manual_seed(self.seed)
        batch_size = min(self.batch_size, len(images))
        per_epoch = len(images) // batch_size
        for step in range(self.max_steps):
            place = step % per_epoch * batch_size
            if place == 0:
                order = torch.randperm(len(images), generator=generator)
            batch = images[order[place : place + batch_size]]
            yield batch, batch

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
        callbacks=[_StepProgress(max_steps, progress)] if progress else None,
        module__seed=seed,
        **{f"module__{name}": value for name, value in network_params.items()},
    )
    with one_torch_thread():
        net.fit(torch.from_numpy(images[:, None]))
    losses = net.history[-1, "batches", :, "train_loss"] if net.history else []
    if len(losses) < max_steps:  # skorch ends the loop on Ctrl-C without a word
        raise KeyboardInterrupt
    weights = {
        name: value.detach().cpu().numpy()
        for name, value in net.module_.state_dict().items()
    }
    return weights, np.asarray(losses)


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
