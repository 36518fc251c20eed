"""The network for single characters: two views of a cell in, a score for each class out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.ocr.alphabets import CLASSES


class CharacterNetwork(nn.Module):
    """About 230,000 weights and 5 million multiply-adds a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes = nn.Sequential(
            _layer(2, 18), nn.MaxPool2d(2), _layer(18, 36), _layer(36, 64, stride=2), _layer(64, 80), nn.MaxPool2d(2)
        )
        self.answer = nn.Sequential(
            nn.Dropout(0.15),
            nn.Linear(80 * 4 * 4, 112),
            nn.BatchNorm1d(112),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(112, len(CLASSES)),
        )

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, 2, 32, 32) ink from 0 to 1 to (batch, classes) scores before softmax."""
        found: Tensor = self.answer(torch.flatten(self.shapes(seen), 1))
        return found


def _layer(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())
