"""Learns what a region holds, and exports the network."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.catalog.signature.region_input import HEIGHT, WIDTH, network_input
from schemas.prediction import SignatureKind
from synthesis.crops.signature_lookalikes import LookalikeDrawer
from synthesis.crops.signature_regions import RegionDrawer
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from training.fit import Recipe, fit
from training.made_samples import MadeSamples
from training.onnx_export import export_onnx, threads_from_environment
from training.sheet import write_sheet
from training.signature.network import Calibrated, RegionNetwork, temperature_of
from training.signature.unfolded import unfolded

SEED = 59
VALIDATION_SAMPLES = 1_500
RECIPE = Recipe(seed=SEED, batch=64, learning_rate=3e-3, averaged=0.998)
FURTHER = Recipe(seed=SEED + 1, batch=64, learning_rate=8e-4, averaged=0.998)
"""Of a network that was trained before: at the full rate it first loses what it knows."""
_SPREAD_SAMPLES = 1_024
"""On which the spread of a shipped network's channels is measured."""
KINDS = tuple(SignatureKind)
_SIGNED = [KINDS.index(SignatureKind.SIGNATURE), KINDS.index(SignatureKind.INITIALS)]
_PLAIN = [KINDS.index(SignatureKind.EMPTY), KINDS.index(SignatureKind.PRINTED_TEXT)]


def learn(wanted: argparse.Namespace) -> None:
    """Train, choose the temperature on what is held out, export: with the options of `training.signature.train`."""
    threads_from_environment()
    started = time.monotonic()
    fonts = FontFolder(wanted.fonts)
    if wanted.sheet:
        sheet(LookalikeDrawer(wanted.data, fonts, wanted.cache, Part.TRAIN), wanted.sheet)
        return
    held_out = drawn(wanted, fonts, Part.VALIDATION, VALIDATION_SAMPLES)
    sample = InputDrawer(LookalikeDrawer(wanted.data, fonts, wanted.cache, Part.TRAIN))
    recipe = FURTHER if wanted.further else RECIPE
    torch.manual_seed(recipe.seed)
    network = fit(
        _beginning(wanted.further, sample).to(memory_format=torch.channels_last),
        MadeSamples(sample, wanted.samples, recipe.seed),
        _loss,
        recipe,
        check=lambda now: report(_logits(now, held_out[0]), held_out[1]),
        check_every=400,
    )
    logits = _logits(network, held_out[0])
    temperature = temperature_of(logits, held_out[1])
    calibrated = Calibrated(network, temperature)
    done = export_onnx(
        calibrated, torch.rand(2, 1, 2 * HEIGHT, 2 * WIDTH), wanted.out, free_axes=(0, 2, 3), output="shares"
    )
    sys.stderr.write(
        f"{report(logits, held_out[1])}\ntemperature {temperature:.2f}\n{done.path} {done.bytes} bytes "
        f"sha256 {done.sha256}, differs by {done.difference:.1e}; {(time.monotonic() - started) / 60:.1f} min\n"
    )


def _beginning(further: Path | None, sample: InputDrawer) -> RegionNetwork:
    if further is None:
        return RegionNetwork()
    made = [sample(np.random.default_rng([FURTHER.seed, 3, number]))[0] for number in range(_SPREAD_SAMPLES)]
    return unfolded(further, torch.stack(made))


class InputDrawer:
    """A sample: what the network sees (1, 64, 192), and the number of its kind."""

    def __init__(self, draw: RegionDrawer) -> None:
        self._draw = draw

    def __call__(self, random: np.random.Generator) -> tuple[Tensor, int]:
        """Of the region drawn from `random`."""
        region = self._draw(random)
        return torch.from_numpy(network_input(region.pixels)[None]), KINDS.index(region.kind)


def drawn(wanted: argparse.Namespace, fonts: FontFolder, part: Part, count: int) -> tuple[Tensor, Tensor]:
    """`count` samples of `part` at once: inputs (count, 1, 64, 192) and kinds (count,)."""
    sample = InputDrawer(LookalikeDrawer(wanted.data, fonts, wanted.cache, part))
    made = [sample(np.random.default_rng([SEED, 1, i])) for i in range(count)]
    return torch.stack([one for one, _ in made]), torch.tensor([kind for _, kind in made])


def sheet(draw: RegionDrawer, path: Path) -> None:
    """A picture of eight regions of every kind."""
    asked = [(kind, number) for kind in KINDS for number in range(8)]
    regions = [draw.draw(kind, np.random.default_rng([SEED, 2, number])) for kind, number in asked]
    write_sheet([(_small(region.pixels), region.kind.value) for region in regions], path)


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    share = min(1.0, 200 / pixels.shape[1], 80 / pixels.shape[0])
    size = max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def report(logits: Tensor, labels: Tensor) -> str:
    """Accuracy, recall of every kind, and recall of signatures at 2 % false accepts among print and blanks."""
    said = logits.argmax(1)
    recalls = ", ".join(
        f"{kind.value} {float((said[labels == k] == k).float().mean()):.3f}" for k, kind in enumerate(KINDS)
    )
    signed = torch.softmax(logits, 1)[:, _SIGNED].sum(1)
    plain = signed[torch.isin(labels, torch.tensor(_PLAIN))]
    least = torch.quantile(plain, 0.98)
    recall = float((signed[labels == _SIGNED[0]] > least).float().mean())
    accuracy = float((said == labels).float().mean())
    return f"accuracy {accuracy:.4f} ({recalls}); signature recall at 2 % of print and blanks {recall:.4f}"


def _loss(network: nn.Module, batch: Any) -> Tensor:
    inputs, labels = batch
    seen = inputs.contiguous(memory_format=torch.channels_last)
    return nn.functional.cross_entropy(network(seen)[:, :, 0, 0], labels, label_smoothing=0.03)


def _logits(network: nn.Module, inputs: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat([network(part)[:, :, 0, 0] for part in inputs.split(256)])
