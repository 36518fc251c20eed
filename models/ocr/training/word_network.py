"""The network that reads words from the features of a line, and its loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ocr.training.printed_neck import WIDTH, PrintedNeck


class WordHead(nn.Module):
    """(batch, columns, channels) features to (batch, columns, classes) log-probabilities; class 0 is CTC's blank.

    What the neck of the printed recogniser makes of them, at half the columns, corrected by a bidirectional LSTM
    (Graves and others, ICML 2006 and TPAMI 2009) that answers for both columns of a pair. The correction starts at
    nothing: before the first step of training this is the printed recogniser with fewer characters.
    An even number of columns is expected.
    """

    def __init__(self, neck: PrintedNeck, channels: int, near: int = 192, hidden: int = 128) -> None:
        super().__init__()
        classes = neck.classes.out_features
        self.neck = neck
        self.norm = nn.BatchNorm1d(channels)
        self.near = nn.Conv1d(channels, near, 4, stride=2, padding=1)
        self.near_norm = nn.BatchNorm1d(near)
        self.drop = nn.Dropout(0.2)
        self.along = nn.LSTM(near + WIDTH, hidden, bidirectional=True, batch_first=True)
        self.correction = nn.Linear(2 * hidden, 2 * classes)
        nn.init.zeros_(self.correction.weight)
        nn.init.zeros_(self.correction.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Log-probabilities of the features."""
        if self.training:
            features = _disturbed(features, self.norm.running_var)
        seen, scores = self.neck(features)
        near = functional.relu(self.near_norm(self.near(self.norm(features.transpose(1, 2)))))
        along, _ = self.along(torch.cat([self.drop(near.transpose(1, 2)), self.drop(seen)], dim=-1))
        both = self.correction(self.drop(along)) + torch.cat([scores, scores], dim=-1)
        return functional.log_softmax(both.unflatten(-1, (2, scores.shape[-1])).flatten(1, 2), dim=-1)


def _disturbed(features: Tensor, variance: Tensor | None) -> Tensor:
    """Noise, and now and then three columns hidden: the features of a crop are computed once and seen often."""
    spread = 1.0 if variance is None else variance.sqrt()
    features = features + 0.15 * spread * torch.randn_like(features)
    hidden = (torch.rand(features.shape[0], 1, features.shape[1]) < 0.015).to(features.dtype)
    hidden = functional.max_pool1d(hidden, 3, stride=1, padding=1).transpose(1, 2)
    return features * (1 - hidden)


def ctc_loss(scores: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """Mean loss of a batch whose lines all have the same number of columns."""
    columns = torch.full((scores.shape[0],), scores.shape[1], dtype=torch.long)
    return functional.ctc_loss(scores.transpose(0, 1), targets, columns, lengths, zero_infinity=True)
