"""The last layers of the PP-OCRv6 recogniser as a torch module, so that training goes on from what they know.

From the mean of the last convolution over the height: two columns pooled into one, a mixing block of convolutions,
two transformer blocks (SVTR, arXiv 2205.00159; "lightweight" neck of PP-OCR), and the character classes that are asked
for. Batch norms are folded into the convolutions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 120
HEADS = 8
_CHANNELS = 384
_EPSILON = 1e-5
_CHARACTERS = "character"


class Block(nn.Module):
    """Attention over the columns, then a perceptron, each after a layer norm and added to what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention, self.before_mlp = nn.LayerNorm(WIDTH, _EPSILON), nn.LayerNorm(WIDTH, _EPSILON)
        self.triple, self.joined = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wider, self.narrower = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, columns: Tensor) -> Tensor:
        """(batch, columns, WIDTH) of the same shape."""
        triple = self.triple(self.before_attention(columns)).unflatten(-1, (3, HEADS, WIDTH // HEADS))
        query, key, value = triple.permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(query * (WIDTH // HEADS) ** -0.5 @ key.transpose(-1, -2), dim=-1)
        columns = columns + self.joined((weights @ value).transpose(1, 2).flatten(2))
        return columns + self.narrower(functional.silu(self.wider(self.before_mlp(columns))))


class PrintedNeck(nn.Module):
    """(batch, columns, 384) to what is seen, (batch, columns / 2, WIDTH), and the scores of the classes."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.short, self.first = nn.Conv1d(_CHANNELS, WIDTH, 1), nn.Conv1d(_CHANNELS, WIDTH, 1)
        self.mixing = nn.Conv1d(WIDTH, WIDTH, 7, padding=3, groups=WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm = nn.LayerNorm(WIDTH, _EPSILON)
        self.classes = nn.Linear(WIDTH, classes)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """What is seen along the line, and the scores, before softmax."""
        pooled = functional.avg_pool1d(features.transpose(1, 2), 2)
        first = functional.silu(self.first(pooled))
        mixed = first + functional.silu(self.mixing(first))
        seen = self.norm(self.blocks(mixed.transpose(1, 2))) + functional.silu(self.short(pooled)).transpose(1, 2)
        return seen, self.classes(seen)


def printed_neck(model: Path, alphabet: str) -> PrintedNeck:
    """With the weights of PP-OCRv6_rec_small.onnx; classes: blank, then `alphabet`. Raises KeyError for other files."""
    graph = onnx.load(str(model))
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}
    characters = {entry.key: entry.value for entry in graph.metadata_props}[_CHARACTERS].split("\n")
    known = ["", *characters[: weights["linear_8.b_0"].size - 2], " "]
    chosen = [0, *(known.index(sign) for sign in alphabet)]
    neck = PrintedNeck(len(chosen))
    neck.load_state_dict({name: torch.from_numpy(np.array(part)) for name, part in _state(weights, chosen).items()})
    return neck


def _state(weights: Mapping[str, NDArray[Any]], chosen: list[int]) -> dict[str, NDArray[Any]]:
    state = {
        **_folded("short", weights, "conv2d_67", "batch_norm2d_57"),
        **_folded("first", weights, "conv2d_65", "batch_norm2d_55"),
        **_folded("mixing", weights, "conv2d_66", "batch_norm2d_56"),
        "classes.weight": weights["linear_8.w_0"][:, chosen].T,
        "classes.bias": weights["linear_8.b_0"][chosen],
        **_norm("norm", weights, 4),
    }
    for block in range(2):
        for place, layer in enumerate(("triple", "joined", "wider", "narrower")):
            name = f"linear_{4 * block + place}"
            state[f"blocks.{block}.{layer}.weight"] = weights[f"{name}.w_0"].T
            state[f"blocks.{block}.{layer}.bias"] = weights[f"{name}.b_0"]
        state |= _norm(f"blocks.{block}.before_attention", weights, 2 * block)
        state |= _norm(f"blocks.{block}.before_mlp", weights, 2 * block + 1)
    return state


def _folded(name: str, weights: Mapping[str, NDArray[Any]], convolution: str, norm: str) -> dict[str, NDArray[Any]]:
    scale, shift, mean, variance = (weights[f"{norm}.{part}"] for part in ("w_0", "b_0", "w_1", "w_2"))
    factor = scale / np.sqrt(variance + _EPSILON)
    kernel = weights[f"{convolution}.w_0"][:, :, 0]
    return {f"{name}.weight": kernel * factor[:, None, None], f"{name}.bias": shift - mean * factor}


def _norm(name: str, weights: Mapping[str, NDArray[Any]], number: int) -> dict[str, NDArray[Any]]:
    scale, shift = weights[f"helper.reshape.{2 * number}"], weights[f"helper.reshape.{2 * number + 1}"]
    return {f"{name}.weight": scale, f"{name}.bias": shift}
