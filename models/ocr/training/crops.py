"""Fits how sure readings of crops are, on the validation part, with the networks as they lie beside the card."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.artifacts import locate
from models.ocr.alphabets import CLASSES, CropKind, allowed_classes
from models.ocr.blank_field import is_blank
from models.ocr.characters import CharacterReader
from models.ocr.comb import cells_of
from models.ocr.crop_confidence import CELLS, LINE, printed_signs
from models.ocr.handwriting import HandwritingReader
from models.ocr.ink_line import ink_line
from models.ocr.recognition import LineRecogniser
from models.ocr.training.options import TrainOptions
from models.registry import find_model
from synthesis.draw_handwriting import FieldCrop, HandwritingSet
from synthesis.fonts import FontFolder
from synthesis.pen_strokes import Part
from training.onnx_export import Exported

COUNT = 400
"""Crops in a subset at most."""
TARGETS = {CropKind.DIGIT: 0.995, CropKind.CAPITAL: 0.98, CropKind.CHARACTER: 0.95}
"""Share of the answers that have to be right once the least sure ones are rejected."""
COMB_TARGET = 0.95
LINE_TARGET = 0.9
HIGHEST = 0.99
"""Threshold of kinds that do not reach their target."""
TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(4), 120))
_LIKE = {
    CropKind.DIGITS: CropKind.DIGIT,
    CropKind.DATE: CropKind.DIGIT,
    CropKind.AMOUNT: CropKind.DIGIT,
    CropKind.CAPITALS: CropKind.CAPITAL,
    CropKind.TEXT: CropKind.CHARACTER,
}
"""Kinds of combs, and the kind whose temperature they take."""

Floats = npt.NDArray[np.float64]


def train(options: TrainOptions) -> Exported:
    """Writes `crops.json`. Raises ValueError without --mnist."""
    if options.mnist is None:
        raise ValueError("fitting on digits needs the folder of scanned digits: --mnist DIR")
    strokes, fonts = options.data / "handwriting", FontFolder(options.fonts)
    crops = list(HandwritingSet(strokes, fonts, options.mnist, Part.VALIDATION, options.samples or COUNT).all())
    fitted = {CELLS: _cells(CharacterReader(options.out / "characters.onnx"), crops), **_lines(options, crops)}
    content = (json.dumps(fitted, indent=1) + "\n").encode()
    target = options.out / "crops.json"
    target.write_bytes(content)
    return Exported(target, hashlib.sha256(content).hexdigest(), len(content), 0.0)


def _cells(reader: CharacterReader, crops: Sequence[FieldCrop]) -> dict[str, dict[str, float]]:
    single: dict[str, dict[str, float]] = {}
    for kind, target in TARGETS.items():
        own = [crop for crop in crops if crop.kind == kind]
        likely, wanted = _scores(reader, [crop.pixels for crop in own], [crop.text for crop in own], kind)
        temperature = min(TEMPERATURES, key=lambda value: _surprise(likely, wanted, value))
        chances = _softmax(likely / temperature)
        right = chances.argmax(axis=1) == wanted
        single[kind] = _fitted(kind, float(temperature), chances.max(axis=1), right, target)
    fitted = dict(single)
    for kind, like in _LIKE.items():
        own = [crop for crop in crops if crop.kind.startswith(f"{kind} in ")]
        if not own:
            fitted[kind] = single[like]
            continue
        temperature = single[like]["temperature"]
        found = [_comb(reader, crop, kind, temperature) for crop in own]
        sure, right = np.array([f[0] for f in found]), np.array([f[1] for f in found])
        fitted[kind] = _fitted(kind, temperature, sure, right, COMB_TARGET)
    return fitted


def _comb(reader: CharacterReader, crop: FieldCrop, kind: CropKind, temperature: float) -> tuple[float, bool]:
    cells = cells_of(crop.pixels, int(crop.kind.split()[2]))
    read = reader.read(cells, kind, temperature)
    return float(np.prod([cell.probability for cell in read])), "".join(cell.text for cell in read) == crop.text


def _scores(
    reader: CharacterReader, cells: Sequence[npt.NDArray[np.uint8]], texts: Sequence[str], kind: CropKind
) -> tuple[Floats, npt.NDArray[np.int64]]:
    classes = allowed_classes(kind)
    wanted = np.array([classes.index(CLASSES.index(text)) for text in texts])
    return reader.scores(cells)[:, classes].astype(np.float64), wanted


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _surprise(scores: Floats, wanted: npt.NDArray[np.int64], temperature: float) -> float:
    chances = _softmax(scores / temperature)[np.arange(len(wanted)), wanted]
    return float(-np.log(np.maximum(chances, 1e-9)).mean())


def _fitted(kind: str, temperature: float, sure: Floats, right: npt.NDArray[np.bool_], target: float) -> dict[str, Any]:
    threshold = _threshold(sure, right, target)
    kept = sure >= threshold
    _say(kind, sure, right, threshold)
    return {"temperature": round(temperature, 4), "threshold": round(float(threshold), 4) if kept.any() else HIGHEST}


def _threshold(sure: Floats, right: npt.NDArray[np.bool_], target: float) -> float:
    """The least confidence from which on `target` of the answers are right, HIGHEST at most."""
    order = np.argsort(-sure, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    enough = np.flatnonzero(shares >= target)
    return min(HIGHEST, float(sure[order[enough[-1]]])) if len(enough) else HIGHEST


def _lines(options: TrainOptions, crops: Sequence[FieldCrop]) -> dict[str, Any]:
    own = [crop for crop in crops if crop.subset in ("words-unipen", "lines-unipen")]
    blank = [crop for crop in crops if crop.subset == "fields-blank"]
    none = [is_blank(crop.pixels) for crop in own]
    empty = sum(is_blank(crop.pixels) for crop in blank)
    recogniser = _recogniser()
    printed = LineRecogniser(recogniser)
    lines = [ink_line(crop.pixels) for crop in own]
    read = [printed.read(cv2.cvtColor(line, cv2.COLOR_GRAY2BGR)) if line is not None else None for line in lines]
    signs = np.array([printed_signs(r.confidences) for r in read if r is not None and r.confidences])
    right = np.array([_same(r.text, c.text) for r, c in zip(read, own, strict=True) if r is not None and r.confidences])
    weights = _logistic(signs, right)
    sure = 1 / (1 + np.exp(-np.clip(signs @ weights, -30, 30)))
    _say("PP-OCRv6 on lines", sure, right, 0.5)
    head = options.out / "handwriting_words.onnx"
    if head.is_file():
        ours = [HandwritingReader(recogniser, head).read(crop.pixels) for crop in own]
        sure = np.array([reading.confidence for reading in ours])
        right = np.array([_same(reading.text, crop.text) for reading, crop in zip(ours, own, strict=True)])
    threshold = _threshold(sure, right, LINE_TARGET)
    _say("lines", sure, right, threshold)
    blanks = (empty + 1) / (empty + sum(none) + 2)
    found = {"printed": [round(float(w), 5) for w in weights], "threshold": round(threshold, 4)}
    sys.stdout.write(f"blank fields seen as blank {empty} of {len(blank)}, written ones {sum(none)} of {len(none)}\n")
    return {LINE: found, "blank": round(blanks, 4)}


def _recogniser() -> Path:
    model = find_model("ocr")
    (artifact,) = (artifact for artifact in model.card.artifacts if artifact.name == "recogniser")
    found = locate(artifact, model.folder)
    if found is None:
        raise FileNotFoundError(f"{artifact.source} is not installed")
    return found


def _same(read: str, true: str) -> bool:
    return " ".join(read.split()) == " ".join(true.split())


def _logistic(signs: Floats, right: npt.NDArray[np.bool_], rounds: int = 60) -> Floats:
    """Newton's method with a small ridge."""
    weights = np.zeros(signs.shape[1])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-np.clip(signs @ weights, -30, 30)))
        slope = signs.T @ (right - chance) - 0.01 * weights
        curve = (signs * (chance * (1 - chance))[:, None]).T @ signs + 0.01 * np.eye(len(weights))
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def _say(name: str, sure: Floats, right: npt.NDArray[np.bool_], threshold: float) -> None:
    kept = sure >= threshold
    answered = float(right[kept].mean()) if kept.any() else float("nan")
    sys.stdout.write(
        f"{name}: {len(right)} crops, right {right.mean():.4f}, mean confidence {sure.mean():.4f}; "
        f"from {threshold:.3f} on {kept.mean():.3f} answered, {answered:.4f} of them right\n"
    )
