"""The network for single characters: two views of a cell in, a score for each class out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.catalog.ocr.language.alphabets import CLASSES

_SEEN = 112
"""Channels of the last layer of shapes, which sees the cell in 4 x 4 places."""


class CharacterNetwork(nn.Module):
    """About half a million weights and 13 million multiply-adds a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes = nn.Sequential(
            # Wide and at once at half the size: at full size a layer costs as much as three behind it.
            layer(2, 32, stride=2, kernel=5),
            Residual(32),
            layer(32, 64, stride=2),
            Residual(64),
            Residual(64),
            layer(64, _SEEN, stride=2),
        )
        self.answer = nn.Sequential(
            nn.Dropout(0.15),
            nn.Linear(_SEEN * 4 * 4, 128),
            nn.BatchNorm1d(128),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(128, len(CLASSES)),
        )

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, 2, 32, 32) ink from 0 to 1 to (batch, classes) scores before softmax."""
        found: Tensor = self.answer(torch.flatten(self.shapes(seen), 1))
        return found


class Residual(nn.Module):
    """Two layers whose answer is added to what went in (He et al., arXiv 1512.03385)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = layer(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, seen: Tensor) -> Tensor:
        """Of the shape that went in."""
        return torch.relu(seen + self.second(self.first(seen)))


def layer(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """A convolution, brought to scale, without what is below zero."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())
