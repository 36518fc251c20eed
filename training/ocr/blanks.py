"""Trains the network that tells blank fields from written ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, max_pool1d
from torch.utils.data import Dataset

from models.catalog.ocr.field.field_view import ROWS, field_view
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from training.fit import Recipe, fit
from training.ocr.blank_network import COLUMN, BlankNetwork
from training.ocr.doubtful_fields import DoubtfulFields
from training.ocr.options import TrainOptions
from training.onnx_export import Exported, export_onnx

SEED, VALIDATION_SEED = 21, 22
SAMPLES, VALIDATION = 60_000, 3_000
EPOCHS, BATCH = 4, 64
IN_SHEET = 100
CHUNK = 1_000
UNKNOWN = 2
"""Of a column, where only the whole is known."""
ARTIFACT = "blank_fields.onnx"

Bytes = NDArray[np.uint8]
Batch = tuple[Tensor, Tensor, Tensor]
"""Views (n, 3, ROWS, columns), whether each is written (n,), and each of its columns (n, columns)."""


@dataclass(frozen=True, slots=True)
class SeenField:
    """What the network sees of a drawn field."""

    view: Bytes
    written: bool
    inked: Bytes
    """Of each column 1 where there is writing, UNKNOWN where only the whole is known."""


def train(options: TrainOptions) -> Exported:
    """Writes the network. Raises OSError, FontsMissingError, ExportFailed."""
    seen = drawn(options, Part.TRAIN, options.samples or SAMPLES, SEED)
    judged = drawn(options, Part.VALIDATION, VALIDATION, VALIDATION_SEED)
    torch.manual_seed(SEED)
    samples = _Batches(seen, EPOCHS)
    recipe = Recipe(seed=SEED, batch=1, learning_rate=2e-3, averaged=0.997)

    def check(averaged: nn.Module) -> str:
        return said_of(averaged, judged)

    network = fit(BlankNetwork(), samples, _loss, recipe, collate=_only, check=check, check_every=400, every=50)
    return export_onnx(network, torch.rand(2, 3, ROWS, 160), options.out / ARTIFACT, free_axes=(0, 3))


def tiles(options: TrainOptions) -> list[tuple[Bytes, str]]:
    """Crops as they would be trained on, and what each is."""
    fields = DoubtfulFields(options.data, FontFolder(options.fonts), Part.TRAIN)
    found = [fields.draw(np.random.default_rng([SEED, number])) for number in range(IN_SHEET)]
    return [(one.crop, one.kind) for one in found]


def said_of(network: nn.Module, judged: Sequence[SeenField]) -> str:
    """How many blank fields are told apart when so many written ones are lost."""
    sure = np.array([scored(network, one) for one in judged])
    filled = np.array([one.written for one in judged])
    parts = []
    for lost in (0.001, 0.002, 0.005):
        level = np.quantile(sure[filled], lost)
        parts.append(f"{(sure[~filled] < level).mean():.4f} at {lost:.1%} ({level:.2f})")
    return "blank: " + ", ".join(parts)


def scored(network: nn.Module, one: SeenField) -> float:
    """The log-odds that there is writing."""
    with torch.no_grad():
        return float(network(torch.from_numpy(one.view[None].astype(np.float32) / 255))[0, 0])


def drawn(options: TrainOptions, part: Part, count: int, seed: int) -> list[SeenField]:
    """`count` samples in whole chunks; what `options.keep` holds is not drawn again."""
    chunks = range(-(-count // CHUNK))
    tasks = [(options, part, seed, chunk) for chunk in chunks]
    if options.workers:
        with get_context("spawn").Pool(options.workers) as pool:
            return [one for found in pool.starmap(_chunk, tasks, chunksize=1) for one in found]
    return [one for task in tasks for one in _chunk(*task)]


def _chunk(options: TrainOptions, part: Part, seed: int, chunk: int) -> list[SeenField]:
    path = options.keep / f"fields-{seed}-{chunk:03}.npz" if options.keep else None
    if path is not None and path.exists():
        return _load(path)
    fields = DoubtfulFields(options.data, FontFolder(options.fonts), part)
    found = []
    for index in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        one = fields.draw(np.random.default_rng([seed, index]))
        view = field_view(one.crop)
        columns = view.shape[2]
        if one.inked is None:
            inked = np.full(columns, UNKNOWN if one.written else 0, np.uint8)
        else:
            along = np.linspace(0, columns - 1, len(one.inked))
            inked = (np.interp(np.arange(columns), along, one.inked.astype(float)) > 0.4).astype(np.uint8)
        found.append(SeenField(view, one.written, inked))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        store(path, found)
    sys.stderr.write(f"drawn {(chunk + 1) * CHUNK}\n")
    return found


def store(path: Path, found: Sequence[SeenField]) -> None:
    """Writes them to a file of their own. Raises OSError."""
    np.savez_compressed(
        path,
        views=np.concatenate([one.view for one in found], axis=2),
        inked=np.concatenate([one.inked for one in found]),
        columns=[one.view.shape[2] for one in found],
        written=[one.written for one in found],
    )


def _load(path: Path) -> list[SeenField]:
    with np.load(path) as kept:
        ends = np.cumsum(kept["columns"])[:-1]
        parts = np.split(kept["views"], ends, axis=2), kept["written"].tolist(), np.split(kept["inked"], ends)
        return [SeenField(*one) for one in zip(*parts, strict=True)]


class _Batches(Dataset[Batch]):
    """Views that are about as wide as each other, in batches; narrower ones get what is beyond the crop beside them."""

    def __init__(self, seen: Sequence[SeenField], epochs: int) -> None:
        self._seen = seen
        self._batches: list[NDArray[np.int64]] = []
        columns = np.array([one.view.shape[2] for one in seen])
        random = np.random.default_rng(SEED)
        for _ in range(epochs):
            order = random.permutation(len(seen))
            order = order[np.argsort(columns[order] // COLUMN, kind="stable")]
            groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
            self._batches += [groups[index] for index in random.permutation(len(groups))]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, number: int) -> Batch:
        chosen = [self._seen[index] for index in self._batches[number]]
        widest = max(one.view.shape[2] for one in chosen)
        views = np.zeros((len(chosen), 3, ROWS, widest), np.float32)
        inked = np.zeros((len(chosen), widest), np.float32)
        for place, one in enumerate(chosen):
            views[place, :, :, : one.view.shape[2]] = one.view / np.float32(255)
            inked[place, : len(one.inked)] = one.inked
        written = np.array([one.written for one in chosen], np.float32)
        return torch.from_numpy(views), torch.from_numpy(written), torch.from_numpy(inked)


def _loss(network: nn.Module, batch: Batch) -> Tensor:
    """Of the whole, and of each column of which something is known."""
    views, written, inked = batch
    assert isinstance(network, BlankNetwork)
    columns = network.columns(views)
    found = torch.logsumexp(columns, dim=1)
    wanted = max_pool1d(inked[:, None], COLUMN, ceil_mode=True)[:, 0, : columns.shape[1]]
    known = (wanted < UNKNOWN).float()
    each = binary_cross_entropy_with_logits(columns, wanted.clamp(max=1), reduction="none")
    return binary_cross_entropy_with_logits(found, written) + 0.5 * (each * known).sum() / known.sum().clamp(min=1)


def _only(items: list[Batch]) -> Batch:
    return items[0]
