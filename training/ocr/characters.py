"""Trains the character network on cells drawn as scans."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.catalog.ocr.field.characters import SIDE, views
from models.catalog.ocr.language.alphabets import CLASSES, SYMBOLS, CropKind, allowed_classes
from synthesis.crops.comb_cells import Comb, draw_comb
from synthesis.fonts import FontFolder
from synthesis.ink.glyph_ink import Glyph
from synthesis.ink.glyphs import LETTERS, DigitGlyphs, FontGlyphs, StrokeGlyphs
from synthesis.ink.pen_strokes import Part, PenStrokes
from training.fit import Recipe, fit, seed_all
from training.made_samples import MadeSamples
from training.ocr.character_network import CharacterNetwork
from training.ocr.doubtful_labels import doubtful
from training.ocr.options import TrainOptions
from training.onnx_export import Exported, export_onnx

SEED = 20
IN_SHEET = 48
"""Combs in the picture of `--sheet`."""
SAMPLES = 1_600_000
FIRST_SHARE = 0.2
"""Of the samples, with which a first network learns to find the labels that are wrong."""
CELLS = 8
"""In a comb."""
CUTS = 2
"""How often each cell is cut out, each time a little differently: drawing takes longer than learning."""
COMBS = 16
"""In a batch."""
SMOOTHING = 0.04
"""Of the labels, since some of the recorded ones are wrong."""

_INDEX = {text: number for number, text in enumerate(CLASSES)}
_KINDS = (None, CropKind.DIGIT, CropKind.CAPITAL, CropKind.CHARACTER)
"""Under which alphabet a sample is judged; None: all classes."""

Batch = tuple[Tensor, Tensor, Tensor]
"""Views, class and number in _KINDS of each cell."""
Sample = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]
Unseen = tuple[CropKind, Tensor, list[str]]
"""Views of cells of a kind by writers not trained on, and what they say."""


@dataclass(frozen=True, slots=True)
class CellSamples:
    """Draws a comb and cuts its cells."""

    strokes: StrokeGlyphs
    fonts: FontGlyphs
    scans: DigitGlyphs
    excluded: frozenset[int] = frozenset()
    """Segments whose label is not believed."""

    def __call__(self, random: np.random.Generator) -> Sample:
        """(cells, 2, side, side) views, (cells,) classes and (cells,) numbers in _KINDS."""
        comb = self.comb(random)
        numbers = [number for number in range(CELLS) for _ in range(CUTS)]
        seen = np.stack([views(comb.cell(number, random.choice((0.01, 0.04)), random)) for number in numbers])
        judged = [_judged(comb.texts[number], random) for number in numbers]
        return seen, np.array([c for c, _ in judged]), np.array([k for _, k in judged])

    def comb(self, random: np.random.Generator) -> Comb:
        """CELLS cells: figures, capitals or anything, a few of them empty."""
        texts = str(random.choice([digits, ascii_uppercase, LETTERS, LETTERS + SYMBOLS], p=(0.38, 0.27, 0.2, 0.15)))
        source = random.random()
        glyphs = [None if random.random() < 0.08 else self._glyph(texts, source, random) for _ in range(CELLS)]
        return draw_comb(glyphs, random, self.fonts.print_face)

    def _glyph(self, texts: str, source: float, random: np.random.Generator) -> Glyph:
        if texts == digits and source < 0.35:
            return self.scans.pick(random)
        if source > 0.86:
            return self.fonts.pick(texts, random)
        return self.strokes.pick(texts, random, self.excluded)


def _judged(text: str, random: np.random.Generator) -> tuple[int, int]:
    """Class and kind: half of the samples as what their box would allow, small letters at times as capitals."""
    if random.random() < 0.5:
        if text in ascii_lowercase and text and random.random() < 0.3:
            return _INDEX[text.upper()], 2
        for kind, texts in ((1, digits), (2, ascii_uppercase), (3, LETTERS)):
            if text in texts if text else random.random() < 0.3:
                return _INDEX[text], kind
    return _INDEX[text], 0


def train(options: TrainOptions) -> Exported:
    """Draws, trains twice (the second time without the labels that the first network found to be wrong) and writes
    `characters.onnx`. Raises ValueError without --mnist.
    """
    if options.mnist is None:
        raise ValueError("training on characters needs the folder of scanned digits: --mnist DIR")
    strokes = options.data / "handwriting"
    unseen = _validation(strokes)
    samples = cell_samples(strokes, options.fonts, options.mnist, Part.TRAIN)
    count = options.samples or SAMPLES
    first = _trained(samples, round(FIRST_SHARE * count), SEED + 1, unseen, options.workers)
    excluded = doubtful(first, samples.strokes, SEED)
    sys.stderr.write(f"{len(excluded)} of {len(samples.strokes.indices)} recorded characters are left out\n")
    network = _trained(replace(samples, excluded=excluded), count, SEED, unseen, options.workers)
    return export_onnx(network, torch.zeros(2, 2, SIDE, SIDE), options.out / "characters.onnx")


def _trained(samples: CellSamples, count: int, seed: int, unseen: Sequence[Unseen], workers: int) -> nn.Module:
    seed_all(seed)
    return fit(
        CharacterNetwork().to(memory_format=torch.channels_last),
        MadeSamples(samples, count // (CELLS * CUTS), seed),
        _loss,
        Recipe(seed, batch=COMBS, learning_rate=3e-3, averaged=0.99),
        collate=_collated,
        workers=workers,
        check=lambda trained: _checked(trained, unseen),
        check_every=400,
    )


def tiles(options: TrainOptions) -> list[tuple[npt.NDArray[np.uint8], str]]:
    """Combs as they would be trained on, with what stands in them. Raises ValueError without --mnist."""
    if options.mnist is None:
        raise ValueError("characters are drawn from scanned digits too: --mnist DIR")
    samples = cell_samples(options.data / "handwriting", options.fonts, options.mnist, Part.TRAIN)
    combs = [samples.comb(np.random.default_rng([SEED, number])) for number in range(IN_SHEET)]
    return [(comb.pixels, " ".join(text or "_" for text in comb.texts)) for comb in combs]


def cell_samples(strokes: Path, fonts: Path, scans: Path, part: Part) -> CellSamples:
    """The sample maker of a part."""
    recorded = StrokeGlyphs(PenStrokes(strokes / "unipen_chars.npz"), part, LETTERS + SYMBOLS, vary=1.0)
    return CellSamples(recorded, FontGlyphs(FontFolder(fonts), part), DigitGlyphs(scans, part, vary=1.0))


def _collated(samples: Sequence[Sample]) -> Batch:
    seen, classes, kinds = (np.concatenate(parts) for parts in zip(*samples, strict=True))
    return torch.from_numpy(seen).float() / 255, torch.from_numpy(classes), torch.from_numpy(kinds)


_MASKS = torch.full((len(_KINDS), len(CLASSES)), -1e4)
for _number, _kind in enumerate(_KINDS):
    _MASKS[_number, allowed_classes(_kind) if _kind else slice(None)] = 0


def _loss(network: nn.Module, batch: Batch) -> Tensor:
    seen, classes, kinds = batch
    masks = _MASKS[kinds]
    scores = network(seen.contiguous(memory_format=torch.channels_last)) + masks
    likely = functional.log_softmax(scores, dim=1)
    # Smoothed over the allowed classes only: the others have no probability to share.
    possible = masks == 0
    even = -(likely * possible).sum(dim=1) / possible.sum(dim=1)
    right = -likely.gather(1, classes[:, None])[:, 0]
    return ((1 - SMOOTHING) * right + SMOOTHING * even).mean()


def _validation(strokes: Path, count: int = 250) -> list[Unseen]:
    """Cells by the writers of the validation part, for each kind."""
    recorded = PenStrokes(strokes / "unipen_chars.npz")
    found = []
    for kind, texts in ((CropKind.DIGIT, digits), (CropKind.CAPITAL, ascii_uppercase), (CropKind.CHARACTER, LETTERS)):
        glyphs = StrokeGlyphs(recorded, Part.VALIDATION, texts)
        seen: list[npt.NDArray[np.uint8]] = []
        wanted: list[str] = []
        for number in range(count // CELLS * 2):
            random = np.random.default_rng([SEED, 1, number])
            comb = draw_comb([glyphs.pick(texts, random) for _ in range(CELLS)], random)
            seen += [views(comb.cell(cell, 0.02, random)) for cell in range(CELLS)]
            wanted += comb.texts
        found.append((kind, torch.from_numpy(np.stack(seen)).float() / 255, wanted))
    return found


def _checked(network: nn.Module, unseen: Sequence[Unseen]) -> str:
    said = []
    with torch.no_grad():
        for kind, seen, wanted in unseen:
            classes: Any = allowed_classes(kind)
            best = network(seen)[:, classes].argmax(dim=1).tolist()
            right = [CLASSES[classes[choice]] == text for choice, text in zip(best, wanted, strict=True)]
            said.append(f"{kind.value} {np.mean(right):.3f}")
    return "unseen writers: " + ", ".join(said)
