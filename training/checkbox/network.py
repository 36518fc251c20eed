"""The network: what was done to a box, and whether it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.catalog.checkbox.reader import STATES
from training.checkbox.samples import NO_STATE, Sample

WIDTHS = (16, 32, 48, 64)


class BoxNetwork(nn.Module):
    """(n, 1, 64, 64) crops to (n, 8): a logit for each of STATES, then one for "there is a box"."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, fourth = WIDTHS
        self.seen = nn.Sequential(
            *_layer(1, first, kernel=5, stride=2),
            *_layer(first, second),
            nn.MaxPool2d(2),
            *_layer(second, third),
            nn.MaxPool2d(2),
            *_layer(third, fourth),
            nn.MaxPool2d(2),
            *_layer(fourth, fourth),
            nn.Flatten(),
            nn.Dropout(0.1),
            # Where a stroke is matters as much as what it is, so places are not averaged away.
            nn.Linear(fourth * 16, 64),
            nn.ReLU(),
        )
        self.answer = nn.Linear(64, len(STATES) + 1)
        # A quarter faster on processors.
        self.to(memory_format=torch.channels_last)

    def forward(self, crops: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.answer(self.seen(crops))
        return logits


class Calibrated(nn.Module):
    """Probabilities: the states' sum to 1, the last is that of a box; sharpened or softened by two temperatures."""

    def __init__(self, network: nn.Module, temperatures: Temperatures) -> None:
        super().__init__()
        self.network = network
        self.temperatures = temperatures

    def forward(self, crops: Tensor) -> Tensor:
        """Probabilities, (n, 8)."""
        logits = self.network(crops)
        states = torch.softmax(logits[:, : len(STATES)] / self.temperatures.state, dim=1)
        return torch.cat([states, torch.sigmoid(logits[:, len(STATES) :] / self.temperatures.box)], dim=1)


@dataclass(frozen=True, slots=True)
class Temperatures:
    """By which logits are divided (Guo et al., arXiv 1706.04599)."""

    state: float
    box: float


def collate(samples: list[Sample]) -> tuple[Tensor, Tensor, Tensor]:
    """Crops, states, whether there is a box."""
    crops = torch.from_numpy(np.stack([sample.crop for sample in samples]))
    states = torch.tensor([sample.state for sample in samples])
    return crops, states, torch.tensor([float(sample.is_box) for sample in samples])


def loss(network: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Cross entropy of the state where there is a box, and of whether there is one."""
    crops, states, is_box = batch
    logits = network(crops)
    state = functional.cross_entropy(logits[:, : len(STATES)], states, ignore_index=NO_STATE)
    return state + functional.binary_cross_entropy_with_logits(logits[:, len(STATES)], is_box)


def temperatures(logits: NDArray[np.float32], samples: Sequence[Sample]) -> Temperatures:
    """Those that make the answers on held-out samples the likeliest."""
    given = torch.from_numpy(logits)
    states = torch.tensor([sample.state for sample in samples])
    is_box = torch.tensor([float(sample.is_box) for sample in samples])
    grid = np.exp(np.linspace(np.log(0.5), np.log(4.0), 85))
    by_state = [
        float(functional.cross_entropy(given[:, : len(STATES)] / t, states, ignore_index=NO_STATE)) for t in grid
    ]
    by_box = [float(functional.binary_cross_entropy_with_logits(given[:, len(STATES)] / t, is_box)) for t in grid]
    return Temperatures(float(grid[int(np.argmin(by_state))]), float(grid[int(np.argmin(by_box))]))


def _layer(before: int, after: int, kernel: int = 3, stride: int = 1) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
    return convolution, nn.BatchNorm2d(after), nn.ReLU()
