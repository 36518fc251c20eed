"""The network that reads words from the features of a line, and its loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class WordHead(nn.Module):
    """(batch, columns, channels) features to (batch, columns, classes) log-probabilities; class 0 is CTC's blank.

    A convolution over three columns, then a bidirectional LSTM (Graves and others, ICML 2006 and TPAMI 2009).
    """

    def __init__(self, channels: int, classes: int, width: int = 224, hidden: int = 160, layers: int = 1) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        self.near = nn.Conv1d(channels, width, 3, padding=1)
        self.near_norm = nn.BatchNorm1d(width)
        self.drop = nn.Dropout(0.25)
        self.along = nn.LSTM(
            width, hidden, layers, bidirectional=True, batch_first=True, dropout=0.25 if layers > 1 else 0
        )
        self.classes = nn.Linear(2 * hidden, classes)

    def forward(self, features: Tensor) -> Tensor:
        """Log-probabilities of the features."""
        seen = self.norm(features.transpose(1, 2))
        if self.training:
            seen = _disturbed(seen)
        near = functional.relu(self.near_norm(self.near(seen)))
        along, _ = self.along(self.drop(near).transpose(1, 2))
        return functional.log_softmax(self.classes(self.drop(along)), dim=-1)


def _disturbed(seen: Tensor) -> Tensor:
    """Noise, and now and then three columns hidden: the features of a crop are computed once and seen often."""
    seen = seen + 0.15 * torch.randn_like(seen)
    hidden = (torch.rand(seen.shape[0], 1, seen.shape[2]) < 0.02).to(seen.dtype)
    hidden = functional.max_pool1d(hidden, 3, stride=1, padding=1)
    return seen * (1 - hidden)


def ctc_loss(scores: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """Mean loss of a batch whose lines all have the same number of columns."""
    columns = torch.full((scores.shape[0],), scores.shape[1], dtype=torch.long)
    return functional.ctc_loss(scores.transpose(0, 1), targets, columns, lengths, zero_infinity=True)
