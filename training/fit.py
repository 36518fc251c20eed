"""The training loop: seeded, on the CPU, with averaged weights."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

_MOST_OF_THE_START = 0.05
"""Share of the untrained weights that an average may still hold in the end."""
Loss = Callable[[nn.Module, Any], Tensor]
"""Scalar loss of the network on a batch as the loader collates it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train; together with the code and the training folder it fixes the weights."""

    seed: int
    batch: int = 64
    learning_rate: float = 2e-3
    """The highest, of a one-cycle schedule (Smith and Topin, arXiv 1708.07120)."""
    weight_decay: float = 0.01
    warm_up: float = 0.1
    """Share of the steps in which the rate rises."""
    averaged: float = 0.998
    """Decay of the moving average of the weights; the average is what is kept. For few steps take less."""
    clip: float = 5.0
    """Largest norm of the gradient."""
    trained: tuple[str, ...] = ()
    """Beginnings of the names of weights that were trained before, elsewhere."""
    trained_share: float = 0.1
    """Of the rate, with which they learn: with the whole of it they first lose what they know."""


def fit(
    network: nn.Module,
    samples: Dataset[Any],
    loss: Loss,
    recipe: Recipe,
    *,
    collate: Callable[[list[Any]], Any] | None = None,
    workers: int = 0,
    every: int = 100,
    check: Callable[[nn.Module], str] | None = None,
    check_every: int = 1000,
) -> nn.Module:
    """One pass over `samples` in order; returns the averaged network in evaluation mode.

    `samples` are expected to be drawn independently (MadeSamples), so they are not shuffled. Each `every` steps a
    line of progress goes to standard error, each `check_every` steps what `check` says of the averaged network.
    Raises ValueError when the steps are too few for the average.
    """
    seed_all(recipe.seed)
    network = network.train()
    loader = DataLoader(
        samples,
        batch_size=recipe.batch,
        num_workers=workers,
        collate_fn=collate,
        drop_last=True,
        persistent_workers=False,
        prefetch_factor=4 if workers else None,
    )
    _refuse_stale_average(recipe.averaged, len(loader))
    groups = _groups(network, recipe)
    optimiser = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)
    # A rise of less than two steps divides by zero in torch.
    rise = max(recipe.warm_up, 2 / len(loader))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[group["lr"] for group in groups], total_steps=len(loader), pct_start=rise
    )
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaged), use_buffers=True)
    started, running = time.monotonic(), 0.0
    for step, batch in enumerate(loader, start=1):
        value = loss(network, batch)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
        optimiser.step()
        schedule.step()
        averaged.update_parameters(network)
        running += float(value.detach())
        if step % every == 0 or step == len(loader):
            _say(step, len(loader), running / (every if step % every == 0 else step % every), recipe.batch, started)
            running = 0.0
        if check is not None and (step % check_every == 0 or step == len(loader)):
            sys.stderr.write(f"  {check(averaged.module.eval())}\n")
    return averaged.module.eval()


def _groups(network: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """The weights, and the highest rate that they learn with."""
    fresh: list[nn.Parameter] = []
    trained: list[nn.Parameter] = []
    for name, weight in network.named_parameters():
        (trained if name.startswith(recipe.trained) else fresh).append(weight)
    rates = (recipe.learning_rate, recipe.trained_share * recipe.learning_rate)
    return [{"params": group, "lr": rate} for group, rate in zip((fresh, trained), rates, strict=True) if group]


def _refuse_stale_average(decay: float, steps: int) -> None:
    left = decay**steps
    if left > _MOST_OF_THE_START:
        raise ValueError(
            f"after {steps} steps an average with decay {decay:g} still holds {left:.0%} of the untrained weights; "
            "give the recipe a smaller `averaged`, or train on more samples"
        )


def seed_all(seed: int) -> None:
    """Seeds torch; samples are seeded by themselves."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)


def _say(step: int, steps: int, loss: float, batch: int, started: float) -> None:
    seconds = time.monotonic() - started
    left = seconds / step * (steps - step)
    sys.stderr.write(
        f"step {step}/{steps}  loss {loss:.4f}  {step * batch / seconds:.0f} samples/s  {left / 60:.1f} min left\n"
    )
    sys.stderr.flush()
