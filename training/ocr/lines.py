"""Fits which of two readings of a line counts, how sure it then is, and from where on it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.artifacts import locate
from models.catalog.ocr.field.blank_fields import BlankFields
from models.catalog.ocr.field.characters import CharacterReader
from models.catalog.ocr.field.crop_confidence import CropConfidence, kind_signs, printed_signs
from models.catalog.ocr.field.crop_reader import SURE, CropReader
from models.catalog.ocr.field.handwriting import HandwritingReader, Reading
from models.catalog.ocr.field.ink_line import Grey, ink_line
from models.catalog.ocr.field.line_choice import LineChoice, Pair, dot, probability
from models.catalog.ocr.language.alphabets import CropKind
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.page.recognition import LineRecogniser
from models.registry import find_model
from synthesis.draw_handwriting import FieldCrop
from training.ocr.rejection import report, threshold_of
from training.ocr.trust import logistic

SUBSETS = ("words-unipen", "lines-unipen", "text-typed")
KINDS = (CropKind.DIGITS, CropKind.DATE, CropKind.AMOUNT, CropKind.CAPITALS)
TARGET = 0.9
"""Share of the answers that have to be right once the least sure ones are rejected."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of which the text is known, and what either reader makes of it."""

    crop: FieldCrop
    ours: Reading
    theirs: Reading

    @property
    def right(self) -> tuple[bool, bool]:
        """Whether ours is, and theirs."""
        return _same(self.ours.text, self.crop.text), _same(self.theirs.text, self.crop.text)

    def pair(self, printed: Sequence[float]) -> Pair:
        """How sure both are, `printed` being the weights of what theirs is worth."""
        theirs = self.theirs.characters
        odds = dot(printed, printed_signs(theirs)) if theirs else -30.0
        return Pair(self.ours.confidence, probability(odds), _same(self.ours.text, self.theirs.text))


def line_values(reader: HandwritingReader, crops: Sequence[FieldCrop]) -> dict[str, Any]:
    """What `CropConfidence` knows of lines."""
    inked = [(ink_line(crop.pixels), crop) for crop in crops if crop.subset in SUBSETS]
    lines = [_Line(crop, *_both(reader, line)) for line, crop in inked if line is not None]
    read = [line for line in lines if line.theirs.characters]
    printed = _logistic([printed_signs(line.theirs.characters) for line in read], [line.right[1] for line in read])
    # Where ours is sure, theirs is not asked.
    asked = [(line.pair(printed), line.right) for line in lines if line.ours.confidence < SURE]
    differ = [(pair, right) for pair, right in asked if right[0] != right[1]]
    prefer = _logistic([pair.against_handwriting() for pair, _ in differ], [right[1] for _, right in differ])
    chosen = [LineChoice(prefer, ()).prefers_printed(pair) for pair, _ in asked]
    trust = _logistic(
        [pair.about(theirs) for (pair, _), theirs in zip(asked, chosen, strict=True)],
        [right[theirs] for (_, right), theirs in zip(asked, chosen, strict=True)],
    )
    threshold = _reported(lines, LineChoice(prefer, trust), printed)
    found = {"printed": _rounded(printed), "prefer": _rounded(prefer), "trust": _rounded(trust)}
    return {**found, "threshold": round(threshold, 4)}


def _reported(lines: Sequence[_Line], choice: LineChoice, printed: Sequence[float]) -> float:
    """The threshold; how good either reader is, and the one that counts, is said for each subset."""
    sure, right = [], []
    for line in lines:
        pair = line.pair(printed)
        asked = line.ours.confidence < SURE
        sure.append(choice.confidence(pair) if asked else line.ours.confidence)
        right.append(line.right[asked and choice.prefers_printed(pair)])
    confidence, correct = np.array(sure), np.array(right)
    threshold = threshold_of(confidence, correct, TARGET)
    for subset in dict.fromkeys(line.crop.subset for line in lines):
        of_it = np.array([line.crop.subset == subset for line in lines])
        for reader, name in enumerate(("handwriting alone", "PP-OCRv6 alone")):
            alone = np.array([line.right[reader] for line in lines])
            report(f"{subset}, {name}", confidence[of_it], alone[of_it], threshold)
        report(f"{subset}, the one that counts", confidence[of_it], correct[of_it], threshold)
    return threshold


def kind_values(reader: CropReader, crops: Sequence[FieldCrop]) -> dict[str, dict[str, Any]]:
    """What `CropConfidence` knows besides of lines of each of KINDS."""
    found: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        own = [crop for crop in crops if crop.kind == kind]
        read = [reader.read(crop.pixels, kind) for crop in own]
        right = np.array([_same(one.value, crop.text) for one, crop in zip(read, own, strict=True)])
        signs = [kind_signs(kind, one.value, one.confidence) for one in read]
        weights = _logistic(signs, list(right))
        sure = np.array([probability(dot(weights, row)) for row in signs])
        threshold = threshold_of(sure, right, TARGET)
        report(f"{kind} on a line", sure, right, threshold)
        found[kind] = {"weights": _rounded(weights), "threshold": round(threshold, 4)}
    return found


def handwriting_reader(folder: Path, spelling: Spelling) -> HandwritingReader:
    """With the network of the folder."""
    return HandwritingReader(_recogniser(), folder / "handwriting_words.onnx", spelling)


def crop_reader(
    blanks: BlankFields,
    characters: CharacterReader,
    handwriting: HandwritingReader,
    spelling: Spelling,
    confidence: CropConfidence,
) -> CropReader:
    """The whole reader with these networks."""
    return CropReader(LineRecogniser(_recogniser()), blanks, characters, confidence, spelling, handwriting)


def _both(reader: HandwritingReader, line: Grey) -> tuple[Reading, Reading]:
    ours, theirs = reader.read_both(line, sure=np.inf)
    if theirs is None:
        raise AssertionError("asked for two readings, got one")
    return ours, theirs


def _logistic(signs: Sequence[Sequence[float]], right: Sequence[bool]) -> list[float]:
    weights: list[float] = logistic(np.array(signs), np.array(right, dtype=np.float64)).tolist()
    return weights


def _rounded(weights: Sequence[float]) -> list[float]:
    return [round(weight, 5) for weight in weights]


def _recogniser() -> Path:
    model = find_model("ocr")
    (artifact,) = (artifact for artifact in model.card.artifacts if artifact.name == "recogniser")
    found = locate(artifact, model.folder)
    if found is None:
        raise FileNotFoundError(f"{artifact.source} is not installed")
    return found


def _same(read: str, true: str) -> bool:
    return " ".join(read.split()) == " ".join(true.split())
