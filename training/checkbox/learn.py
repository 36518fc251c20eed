"""Learns what was done to a box, and exports the network."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.catalog.checkbox.reader import STATES
from schemas.prediction import CheckboxState
from synthesis.crops.checkboxes import SceneDrawer, text_strips
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from training.checkbox.form_places import places
from training.checkbox.ink import Ink
from training.checkbox.lookalikes import Lookalikes
from training.checkbox.network import BoxNetwork, Calibrated, collate, loss, temperatures
from training.checkbox.samples import NO_STATE, Sample, SampleDrawer
from training.fit import Recipe, fit
from training.made_samples import MadeSamples
from training.onnx_export import export_onnx, threads_from_environment
from training.sheet import write_sheet

SEED = 41
VALIDATION_SAMPLES = 2_500
IN_SHEET = 192
RECIPE = Recipe(seed=SEED, batch=64, learning_rate=3e-3, averaged=0.99)
_MARKS = [STATES.index(s) for s in STATES if s.value in ("ticked", "crossed", "filled", "marked")]


def learn(wanted: argparse.Namespace) -> None:
    """Train, calibrate on forms and writers held out, export: with the options of `training.checkbox.train`."""
    threads_from_environment()
    torch.manual_seed(SEED)
    started = time.monotonic()
    drawer = sample_drawer(wanted.data, wanted.fonts, wanted.cache, Part.TRAIN)
    if wanted.sheet is not None:
        write_sheet(
            [_tile(drawer(np.random.default_rng([SEED, i]))) for i in range(IN_SHEET)], wanted.sheet, columns=16
        )
        return
    held_out = sample_drawer(wanted.data, wanted.fonts, wanted.cache, Part.VALIDATION)
    validation = [held_out(np.random.default_rng([SEED, 1, i])) for i in range(VALIDATION_SAMPLES)]
    _say(f"{len(validation)} validation samples drawn after {time.monotonic() - started:.0f} s")
    network = fit(
        BoxNetwork(),
        MadeSamples(drawer, wanted.samples, SEED),
        loss,
        RECIPE,
        collate=collate,
        workers=wanted.workers,
        every=200,
        check=lambda now: report(now, validation[:800]),
        check_every=400,
    )
    found = temperatures(_logits(network, validation), validation)
    _say(f"{report(network, validation)}; temperatures {found}")
    example = torch.from_numpy(np.stack([sample.crop for sample in validation[:2]]))
    written = export_onnx(Calibrated(network, found), example, wanted.out, output="probabilities")
    _say(f"{(time.monotonic() - started) / 60:.1f} minutes, {wanted.samples} samples")
    sys.stdout.write(f"{written.path}  {written.bytes} bytes  sha256 {written.sha256}  off {written.difference:.1e}\n")


def sample_drawer(data: Path, fonts: Path, cache: Path, part: Part) -> SampleDrawer:
    """Draws samples of one part of forms and writers."""
    strips = text_strips(FontFolder(fonts))
    lookalikes = Lookalikes(data, part, strips)
    return SampleDrawer(places(data, part, cache), SceneDrawer(strips), lookalikes, Ink(data, part))


def _tile(sample: Sample) -> tuple[NDArray[np.uint8], str]:
    low, high = float(sample.crop.min()), float(sample.crop.max())
    grey = (255 * (sample.crop[0] - low) / max(high - low, 1e-6)).astype(np.uint8)
    return grey, STATES[sample.state].value if sample.is_box else "no box"


def report(network: nn.Module, samples: Sequence[Sample]) -> str:
    """Shares right: of states, of marked or not, of box or not; then the recall of each state."""
    logits = _logits(network, samples)
    true = np.array([sample.state for sample in samples])
    is_box = np.array([sample.is_box for sample in samples])
    found = logits[:, : len(STATES)].argmax(axis=1)
    asked = true != NO_STATE
    plain = asked & np.isin(true, [*_MARKS, STATES.index(CheckboxState.EMPTY)])
    marked = (np.isin(true, _MARKS) == np.isin(found, _MARKS))[plain].mean()
    boxes = ((logits[:, len(STATES)] > 0) == is_box).mean()
    each = ", ".join(f"{state.value} {(found[true == k] == k).mean():.3f}" for k, state in enumerate(STATES))
    return f"state {(found == true)[asked].mean():.4f}, marked or empty {marked:.4f}, box {boxes:.4f} ({each})"


def _logits(network: nn.Module, samples: Sequence[Sample]) -> NDArray[np.float32]:
    crops = torch.from_numpy(np.stack([sample.crop for sample in samples]))
    with torch.no_grad():
        return np.asarray(torch.cat([network(part) for part in crops.split(256)]).numpy(), dtype=np.float32)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
