"""The network that says what a region holds: 3x3 convolutions on a 64 x 192 input, 0.2 million weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_WINDOW = (4, 12)
"""Of places 16 pixels apart: 64 x 192 pixels."""


class RegionNetwork(nn.Module):
    """(n, 1, high, wide) of ink, 0 to 1, to (n, 7, rows, columns) logits in the order of `SignatureKind`.

    One place for an input of 64 x 192; a larger input is looked at through a window of that size in steps of 16.
    """

    def __init__(self, kinds: int = 7) -> None:
        super().__init__()
        self.places = nn.Sequential(
            _step(1, 16, 2),
            _step(16, 32, 2),
            _step(32, 48, 2),
            _Residual(48),
            _Residual(48),
            _step(48, 96, 2),
            _step(96, 96, 1),
        )
        # Both: a signature fills a window on average, but a small one shows at its strongest place only.
        self.mean = nn.AvgPool2d(_WINDOW, stride=1)
        self.strongest = nn.MaxPool2d(_WINDOW, stride=1)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(2 * 96, kinds, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        places = self.places(x)
        return self.head(torch.cat([self.mean(places), self.strongest(places)], dim=1))


class Calibrated(nn.Module):
    """Probabilities: softmax of the logits over one temperature (Guo et al., ICML 2017)."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, x: Tensor) -> Tensor:
        """(n, 7, rows, columns), summing to 1 over the kinds."""
        return torch.softmax(self.network(x) / self.temperature, dim=1)


def temperature_of(logits: Tensor, labels: Tensor) -> float:
    """The temperature at which `logits` (n, 7) are most likely right; searched between 0.5 and 3."""
    tried = torch.linspace(0.5, 3.0, 101)
    losses = torch.stack([nn.functional.cross_entropy(logits / t, labels) for t in tried])
    return float(tried[int(losses.argmin())])


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            _step(width, width, 1), nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.inner(x))


def _step(before: int, after: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )
