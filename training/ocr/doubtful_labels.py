"""Finds recorded characters whose label is wrong beyond doubt, by what a first network makes of them.

Confident learning in its plainest form (Northcutt, Jiang, Chuang, arXiv 1911.00068): a sample goes where the network is
sure of another class and gives its label next to nothing. A few per cent of UNIPEN's labels are known to be wrong.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.catalog.ocr.field.characters import views
from models.catalog.ocr.language.alphabets import CLASSES, CropKind, allowed_classes
from synthesis.ink.glyphs import LETTERS, StrokeGlyphs

UNIT, PEN = 26.0, 2.2
"""Pixels of a character's height and of the pen: a clean cell, so that what is not read was not written."""
DRAWN = 2
"""Pictures of each character; only what is wrong in their mean is wrong."""
SURE, HARDLY = 0.7, 0.04
"""A label is not believed when another class has at least SURE and the label at most HARDLY."""
_BATCH = 512

Floats = npt.NDArray[np.float64]


def doubtful(network: nn.Module, glyphs: StrokeGlyphs, seed: int) -> frozenset[int]:
    """Segments of `glyphs` not to be trained on. Case is no evidence, nor are symbols judged."""
    judged = [index for index in glyphs.indices if glyphs.text(index) in LETTERS]
    found = []
    for start in range(0, len(judged), _BATCH):
        part = judged[start : start + _BATCH]
        chances = np.mean([_chances(network, glyphs, part, [seed, start, turn]) for turn in range(DRAWN)], axis=0)
        found += [index for index, row in zip(part, chances, strict=True) if _wrong(row, glyphs.text(index))]
    return frozenset(found)


def _chances(network: nn.Module, glyphs: StrokeGlyphs, part: list[int], seed: list[int]) -> Floats:
    """(part, CLASSES) probabilities, each among the classes that its label's kind allows."""
    random = np.random.default_rng(seed)
    seen = np.stack([views(_cell(glyphs, index, random)) for index in part])
    with torch.no_grad():
        scores = network(torch.from_numpy(seen).float() / 255).numpy().astype(np.float64)
    for row, index in zip(scores, part, strict=True):
        kind = CropKind.DIGIT if glyphs.text(index).isdigit() else CropKind.CHARACTER
        row[np.setdiff1d(np.arange(len(CLASSES)), allowed_classes(kind))] = -np.inf
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _cell(glyphs: StrokeGlyphs, index: int, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    cover = glyphs.at(index).draw(UNIT, PEN, random)
    cell = np.asarray(255 - 235 * cover, dtype=np.uint8)
    return np.asarray(cv2.copyMakeBorder(cell, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=255), dtype=np.uint8)


def _wrong(chances: Floats, label: str) -> bool:
    own = np.array([text.lower() == label.lower() for text in CLASSES])
    return bool(chances[own].sum() <= HARDLY and chances[~own].max() >= SURE)
