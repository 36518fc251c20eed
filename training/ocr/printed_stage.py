"""The last stage of convolutions of the PP-OCRv6 recogniser as a torch module, so that it can be trained on.

PP-LCNet's kind of blocks (arXiv 2109.15099, as PP-OCRv6 has them): a depthwise convolution, and two pointwise ones
around a GELU, added to what came in; in the first block the channels are weighed by what is seen in the whole line
(squeeze and excitation, arXiv 1709.01507). Batch norms are folded into the convolutions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

WIDTH, SEEN = 384, 192
_SQUEEZED = 96
_PLACES = {
    "enter": (113, 44),
    "mix": (114, 45),
    "first.apart": (116, 46),
    "squeeze": (57, 47),
    "excite": (58, 48),
    "first.wider": (117, 49),
    "first.narrower": (118, 50),
    "second.apart": (120, 51),
    "second.wider": (121, 52),
    "second.narrower": (122, 53),
}
"""Where the file has a convolution's kernel (conv2d_N.w_0) and what is added to it (reshape N)."""


class Block(nn.Module):
    """Its three convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.apart = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.wider, self.narrower = nn.Conv2d(WIDTH, 2 * WIDTH, 1), nn.Conv2d(2 * WIDTH, WIDTH, 1)

    def forward(self, seen: Tensor) -> Tensor:
        """What the pointwise convolutions make of what the depthwise one saw."""
        return seen + self.narrower(functional.gelu(self.wider(seen)))


class PrintedStage(nn.Module):
    """(batch, SEEN, rows, columns) to (batch, columns, WIDTH), the mean over the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.mix = nn.Conv2d(SEEN, WIDTH, 1), nn.Conv2d(WIDTH, WIDTH, 1)
        self.squeeze, self.excite = nn.Conv2d(WIDTH, _SQUEEZED, 1), nn.Conv2d(_SQUEEZED, WIDTH, 1)
        self.first, self.second = Block(), Block()

    def forward(self, seen: Tensor) -> Tensor:
        """Features along the line."""
        apart = self.first.apart(self.mix(functional.gelu(self.enter(seen))))
        whole = functional.relu(self.squeeze(apart.mean(dim=(2, 3), keepdim=True)))
        found = self.first(apart * functional.hardsigmoid(self.excite(whole)))
        return self.second(self.second.apart(found)).mean(dim=2).transpose(1, 2)


def printed_stage(model: Path) -> PrintedStage:
    """With the weights of PP-OCRv6_rec_small.onnx. Raises KeyError for other files."""
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(str(model)).graph.initializer}
    stage = PrintedStage()
    state = {}
    for name, (kernel, shift) in _PLACES.items():
        state[f"{name}.weight"] = weights[f"conv2d_{kernel}.w_0"]
        state[f"{name}.bias"] = weights[f"p2o.pd_op.reshape.{shift}.0"].reshape(-1)
    stage.load_state_dict({name: torch.from_numpy(np.array(part)) for name, part in state.items()})
    return stage
