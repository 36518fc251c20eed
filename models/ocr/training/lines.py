"""Fits which of two readings of a line counts, how sure it then is, and from where on it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.artifacts import locate
from models.ocr.alphabets import CropKind
from models.ocr.characters import CharacterReader
from models.ocr.crop_confidence import CropConfidence, kind_signs, printed_signs
from models.ocr.crop_reader import CropReader
from models.ocr.expectations import Spelling
from models.ocr.handwriting import HandwritingReader, Reading
from models.ocr.ink_line import Grey, ink_line
from models.ocr.line_choice import LineChoice, Pair, probability
from models.ocr.recognition import LineRecogniser
from models.ocr.training.rejection import report, threshold_of
from models.ocr.training.trust import logistic
from models.registry import find_model
from synthesis.draw_handwriting import FieldCrop

SUBSETS = ("words-unipen", "lines-unipen", "text-typed")
KINDS = (CropKind.DIGITS, CropKind.DATE, CropKind.AMOUNT, CropKind.CAPITALS)
TARGET = 0.9
"""Share of the answers that have to be right once the least sure ones are rejected."""

Floats = npt.NDArray[np.float64]


def line_values(reader: HandwritingReader, crops: Sequence[FieldCrop]) -> dict[str, Any]:
    """What `CropConfidence` knows of lines."""
    lines = [(ink_line(crop.pixels), crop) for crop in crops if crop.subset in SUBSETS]
    own = [crop for line, crop in lines if line is not None]
    both = [_both(reader, line) for line, _ in lines if line is not None]
    right = np.array(
        [[_same(one.text, crop.text) for one in pair] for pair, crop in zip(both, own, strict=True)], dtype=np.float64
    )
    read = np.array([bool(theirs.characters) for _, theirs in both])
    printed = logistic(
        np.array([printed_signs(theirs.characters) for _, theirs in both if theirs.characters]), right[read, 1]
    )
    pairs = [_pair(ours, theirs, printed) for ours, theirs in both]
    one_right = [number for number, (ours, theirs) in enumerate(right) if ours != theirs]
    prefer = logistic(np.array([pairs[number].against_handwriting() for number in one_right]), right[one_right, 1])
    chosen = [int(LineChoice(list(prefer), ()).prefers_printed(pair)) for pair in pairs]
    correct = right[np.arange(len(own)), chosen]
    trust = logistic(np.array([pair.about(bool(c)) for pair, c in zip(pairs, chosen, strict=True)]), correct)
    choice = LineChoice(list(prefer), list(trust))
    sure = np.array([choice.confidence(pair) for pair in pairs])
    threshold = threshold_of(sure, correct > 0, TARGET)
    for subset in dict.fromkeys(crop.subset for crop in own):
        of_it = np.array([crop.subset == subset for crop in own])
        report(f"{subset}, handwriting alone", sure[of_it], right[of_it, 0] > 0, threshold)
        report(f"{subset}, PP-OCRv6 alone", sure[of_it], right[of_it, 1] > 0, threshold)
        report(f"{subset}, the one that counts", sure[of_it], correct[of_it] > 0, threshold)
    found = {"printed": _rounded(printed), "prefer": _rounded(prefer), "trust": _rounded(trust)}
    return {**found, "threshold": round(threshold, 4)}


def kind_values(reader: CropReader, crops: Sequence[FieldCrop]) -> dict[str, dict[str, Any]]:
    """What `CropConfidence` knows besides of lines of each of KINDS."""
    found: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        own = [crop for crop in crops if crop.kind == kind]
        read = [reader.read(crop.pixels, kind) for crop in own]
        right = np.array([_same(one.text, crop.text) for one, crop in zip(read, own, strict=True)])
        signs = np.array([kind_signs(kind, one.text, one.confidence) for one in read])
        weights = logistic(signs, right.astype(np.float64))
        sure = np.array([probability(float(row @ weights)) for row in signs])
        threshold = threshold_of(sure, right, TARGET)
        report(f"{kind} on a line", sure, right, threshold)
        found[kind] = {"weights": _rounded(weights), "threshold": round(threshold, 4)}
    return found


def handwriting_reader(folder: Path, spelling: Spelling) -> HandwritingReader:
    """With the network of the folder."""
    return HandwritingReader(_recogniser(), folder / "handwriting_words.onnx", spelling)


def crop_reader(
    characters: CharacterReader, handwriting: HandwritingReader, spelling: Spelling, confidence: CropConfidence
) -> CropReader:
    """The whole reader with these networks."""
    return CropReader(LineRecogniser(_recogniser()), characters, confidence, spelling, handwriting)


def _both(reader: HandwritingReader, line: Grey) -> tuple[Reading, Reading]:
    ours, theirs = reader.read_both(line, sure=np.inf)
    if theirs is None:
        raise AssertionError("asked for two readings, got one")
    return ours, theirs


def _pair(ours: Reading, theirs: Reading, printed: Floats) -> Pair:
    odds = float(np.dot(printed_signs(theirs.characters), printed)) if theirs.characters else -30.0
    return Pair(ours.confidence, probability(odds), _same(ours.text, theirs.text))


def _rounded(weights: Floats) -> list[float]:
    return [round(float(weight), 5) for weight in weights]


def _recogniser() -> Path:
    model = find_model("ocr")
    (artifact,) = (artifact for artifact in model.card.artifacts if artifact.name == "recogniser")
    found = locate(artifact, model.folder)
    if found is None:
        raise FileNotFoundError(f"{artifact.source} is not installed")
    return found


def _same(read: str, true: str) -> bool:
    return " ".join(read.split()) == " ".join(true.split())
