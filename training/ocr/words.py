"""Trains the network that reads handwritten words from what the PP-OCRv6 recogniser sees before its last stage."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import models.catalog.ocr
from models.artifacts import locate
from models.card import read_card
from models.catalog.ocr.field.handwriting import ALPHABET_PROPERTY, CONFIDENCE_PROPERTY
from models.catalog.ocr.field.ink_line import ink_line
from models.catalog.ocr.field.line_features import LineFeatures
from models.catalog.ocr.language.ctc import best_path
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.language.word_decoding import WordDecoder
from models.runtimes.onnx_file import with_properties
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from training.fit import Recipe, fit
from training.ocr.options import TrainOptions
from training.ocr.printed_neck import printed_neck
from training.ocr.printed_stage import printed_stage
from training.ocr.spelling import ARTIFACT as SPELLING
from training.ocr.stored_features import Opened, Seen, stored_features
from training.ocr.trust import fitted_weights
from training.ocr.word_network import WordNetwork, ctc_loss
from training.ocr.word_samples import ALPHABET, WordSamples
from training.onnx_export import Exported, export_onnx, written

SEED = 11
VALIDATION_SEED = 12
IN_SHEET = 80
"""Crops in the picture of `--sheet`."""
SAMPLES = 200_000
VALIDATION = 1_500
EPOCHS = 2
BATCH = 48
ARTIFACT = "handwriting_words.onnx"

Batch = tuple[Tensor, Tensor, Tensor]
"""Features (n, columns, channels), targets one after the other, their lengths (n,)."""


def train(options: TrainOptions) -> Exported:
    """Writes the network. Raises OSError (without `spelling.json` too), FontsMissingError, ExportFailed."""
    spelling = Spelling.of(options.out / SPELLING)
    folder = Path(next(iter(models.catalog.ocr.__path__)))
    artifacts = {artifact.name: artifact for artifact in read_card(folder).artifacts}
    recogniser = locate(artifacts["recogniser"], folder)
    if recogniser is None:
        raise OSError("the package rapidocr is not installed; its recogniser is what the network goes on from")
    with tempfile.TemporaryDirectory() as passing:
        kept = options.keep or Path(passing)
        opened = {part: partial(_opened, options, recogniser, part) for part in (Part.TRAIN, Part.VALIDATION)}
        workers = max(1, options.workers)
        seen = stored_features(kept, options.samples or SAMPLES, SEED, opened[Part.TRAIN], workers)
        judged = stored_features(kept, VALIDATION, VALIDATION_SEED, opened[Part.VALIDATION], workers)
        torch.manual_seed(SEED)
        network = WordNetwork(printed_stage(recogniser), printed_neck(recogniser, ALPHABET))
        network = fit_words(network, seen, judged, kept / "words.pt")
    return write_network(network, WordDecoder(ALPHABET, spelling), judged, options.out / ARTIFACT)


def tiles(options: TrainOptions) -> list[tuple[NDArray[np.uint8], str]]:
    """Crops as they would be trained on, with what they say."""
    samples = WordSamples(options.data, FontFolder(options.fonts), Part.TRAIN)
    drawn = [samples.draw(np.random.default_rng([SEED, number])) for number in range(IN_SHEET)]
    return [(one.crop, one.text) for one in drawn]


def write_network(network: nn.Module, decoder: WordDecoder, judged: Sequence[Seen], target: Path) -> Exported:
    """Exports the network with its alphabet, and what confidences are worth on the samples `judged`."""
    read = [scores_of(network, seen) for seen in judged]
    weights = fitted_weights(decoder, read, [seen.text for seen in judged])
    # Two alike: with one, the exporter takes some of the free lengths for constants.
    example = torch.from_numpy(np.stack([judged[0].features.T] * 2).astype(np.float32))
    exported = export_onnx(network, example, target, free_axes=(0, 3), half=True)
    properties = {ALPHABET_PROPERTY: json.dumps(ALPHABET), CONFIDENCE_PROPERTY: json.dumps(weights)}
    return written(target, with_properties(target.read_bytes(), properties), exported.difference)


def fit_words(network: WordNetwork, seen: Sequence[Seen], judged: Sequence[Seen], keep: Path) -> nn.Module:
    """The network after EPOCHS passes over `seen`; each now and then its weights go to `keep`."""
    batches = batches_of(seen, EPOCHS, BATCH, SEED)
    sys.stderr.write(f"{len(seen)} samples, {len(batches)} batches\n")

    def check(averaged: nn.Module) -> str:
        torch.save(averaged.state_dict(), keep)
        exact, cased = judge(averaged, judged[:500])
        return f"validation writers: exact {exact:.4f}, ignoring case {cased:.4f}"

    recipe = Recipe(seed=SEED, batch=1, learning_rate=1.2e-3, averaged=0.998, trained=("stage.", "neck."))
    return fit(network, _Batches(seen, batches), _loss, recipe, collate=_only, check=check, check_every=2000, every=50)


def judge(network: nn.Module, judged: Sequence[Seen]) -> tuple[float, float]:
    """Shares of samples read without any error, and without any but of case."""
    exact = cased = 0
    for seen in judged:
        text = "".join(ALPHABET[label - 1] for label, _ in best_path(scores_of(network, seen)))
        exact += text == seen.text
        cased += text.lower() == seen.text.lower()
    return exact / len(judged), cased / len(judged)


def scores_of(network: nn.Module, seen: Seen) -> NDArray[np.float32]:
    """(columns, classes) log-probabilities."""
    with torch.no_grad():
        found: NDArray[np.float32] = network(torch.from_numpy(seen.features.T[None].astype(np.float32)))[0].numpy()
    return found


def batches_of(seen: Sequence[Seen], epochs: int, size: int, seed: int) -> list[NDArray[np.int64]]:
    """Indices of samples with the same number of columns: nothing is padded, in training as when reading."""
    random = np.random.default_rng(seed)
    columns = np.array([len(one.features) for one in seen])
    batches: list[NDArray[np.int64]] = []
    for _ in range(epochs):
        order = random.permutation(len(seen))
        order = order[np.argsort(columns[order], kind="stable")]
        groups = np.split(order, np.flatnonzero(np.diff(columns[order])) + 1)
        epoch = [group[start : start + size] for group in groups for start in range(0, len(group), size)]
        batches += [epoch[index] for index in random.permutation(len(epoch))]
    return batches


class _Batches(torch.utils.data.Dataset[Batch]):
    def __init__(self, seen: Sequence[Seen], batches: Sequence[NDArray[np.int64]]) -> None:
        self._seen, self._batches = seen, batches

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, number: int) -> Batch:
        chosen = [self._seen[index] for index in self._batches[number]]
        features = torch.from_numpy(np.stack([seen.features.T for seen in chosen]).astype(np.float32))
        labels = [ALPHABET.index(sign) + 1 for seen in chosen for sign in seen.text]
        return features, torch.tensor(labels), torch.tensor([len(seen.text) for seen in chosen])


def _loss(network: nn.Module, batch: Batch) -> Tensor:
    features, targets, lengths = batch
    return ctc_loss(network(features), targets, lengths)


def _only(items: list[Batch]) -> Batch:
    return items[0]


def _opened(options: TrainOptions, recogniser: Path, part: Part) -> Opened:
    """What a worker process draws with and looks with."""
    samples = WordSamples(options.data, FontFolder(options.fonts), part)
    features = LineFeatures(recogniser)

    def look(crop: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        line = ink_line(crop)
        return None if line is None else features.of(line).transpose(2, 1, 0)

    return samples.draw, look
