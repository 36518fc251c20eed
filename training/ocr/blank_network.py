"""The network that tells fields that somebody wrote in from blank ones: looked at in columns, then taken together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.ocr.character_network import Residual, layer

COLUMN = 8
"""Columns of a view for each that is judged."""
_SEEN = 48


class BlankNetwork(nn.Module):
    """About 100,000 weights. Each column knows how high its ink stands, what is beside it, and the whole."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes = nn.Sequential(
            layer(3, 12, stride=2, kernel=5),
            layer(12, 24, stride=2),
            Residual(24),
            layer(24, 40, stride=2),
            Residual(40),
            # All six rows that are left at once: where ink stands tells whose it is.
            nn.Conv2d(40, _SEEN, (6, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(_SEEN),
            nn.ReLU(),
        )
        self.beside = nn.Conv2d(_SEEN, _SEEN, (1, 9), padding=(0, 4), bias=False)
        self.throughout = nn.Linear(_SEEN, _SEEN)
        self.settle = nn.Sequential(nn.BatchNorm2d(_SEEN), nn.ReLU(), nn.Dropout(0.1))
        self.answer = nn.Conv2d(_SEEN, 1, 1)

    def columns(self, seen: Tensor) -> Tensor:
        """(batch, 3, 48, columns) from 0 to 1 to (batch, columns / 8) log-odds that there is writing."""
        shapes = self.shapes(seen)
        whole = self.throughout(shapes.mean(dim=(2, 3)))[:, :, None, None]
        found: Tensor = self.answer(self.settle(shapes + self.beside(shapes) + whole))
        return found[:, 0, 0]

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, 1) log-odds that there is writing anywhere."""
        return torch.logsumexp(self.columns(seen), dim=1, keepdim=True)
