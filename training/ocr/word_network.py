"""The network that reads words from what the printed recogniser sees before its last stage, and its loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.ocr.printed_neck import WIDTH, PrintedNeck
from training.ocr.printed_stage import WIDTH as CHANNELS
from training.ocr.printed_stage import PrintedStage

NOISE = 0.1
"""Added to what comes in, in standard deviations of its channel."""
HIDDEN, HIDDEN_COLUMNS = 0.015, 3
"""Share of the columns at which so many columns are hidden."""


class WordNetwork(nn.Module):
    """(batch, channels, rows, columns) features to (batch, columns, classes) log-probabilities; class 0 is CTC's blank.

    The last stage and the neck of the printed recogniser, which sees half the columns, corrected by a bidirectional
    LSTM (Graves and others, ICML 2006 and TPAMI 2009) that answers for both columns of a pair. The correction starts
    at nothing: before the first step of training this is the printed recogniser with fewer characters.
    An even number of columns is expected.
    """

    def __init__(self, stage: PrintedStage, neck: PrintedNeck, near: int = 128, hidden: int = 128) -> None:
        super().__init__()
        classes = neck.classes.out_features
        self.stage = stage
        self.neck = neck
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.near = nn.Conv1d(CHANNELS, near, 4, stride=2, padding=1)
        self.near_norm = nn.BatchNorm1d(near)
        self.drop = nn.Dropout(0.2)
        self.along = nn.LSTM(near + WIDTH, hidden, bidirectional=True, batch_first=True)
        self.correction = nn.Linear(2 * hidden, 2 * classes)
        nn.init.zeros_(self.correction.weight)
        nn.init.zeros_(self.correction.bias)

    def forward(self, seen: Tensor) -> Tensor:
        """Log-probabilities of the features."""
        features = self._disturbed(seen) if self.training else self.stage(seen)
        found, scores = self.neck(features)
        near = functional.relu(self.near_norm(self.near(self.norm(features.transpose(1, 2)))))
        along, _ = self.along(torch.cat([self.drop(near.transpose(1, 2)), self.drop(found)], dim=-1))
        both = self.correction(self.drop(along)) + torch.cat([scores, scores], dim=-1)
        return functional.log_softmax(both.unflatten(-1, (2, scores.shape[-1])).flatten(1, 2), dim=-1)

    def _disturbed(self, seen: Tensor) -> Tensor:
        """The stage's features with noise and hidden columns: what comes in is computed once and seen often.

        In short floats where the processor has them: half the time, and the weights stay as they are.
        """
        seen = seen + NOISE * seen.std(dim=(0, 2, 3), keepdim=True) * torch.randn_like(seen)
        with torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):
            features: Tensor = self.stage(seen).float()
        hidden = (torch.rand(len(features), 1, features.shape[1]) < HIDDEN).to(features.dtype)
        hidden = functional.max_pool1d(hidden, HIDDEN_COLUMNS, stride=1, padding=HIDDEN_COLUMNS // 2)
        return features * (1 - hidden.transpose(1, 2))


def ctc_loss(scores: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """Mean loss of a batch whose lines all have the same number of columns."""
    columns = torch.full((scores.shape[0],), scores.shape[1], dtype=torch.long)
    return functional.ctc_loss(scores.transpose(0, 1), targets, columns, lengths, zero_infinity=True)
