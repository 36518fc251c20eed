"""Fits how sure readings of crops are, on the validation part, with the networks as they lie beside the card."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.blank_fields import BlankFields, Ink
from models.catalog.ocr.field.characters import CharacterReader
from models.catalog.ocr.field.comb import cells_of
from models.catalog.ocr.field.comb_text import CombText, comb_spelling, in_cells, in_words
from models.catalog.ocr.field.crop_confidence import BY_KIND, CELLS, LINE, CropConfidence, comb_signs
from models.catalog.ocr.field.line_choice import probability
from models.catalog.ocr.language.alphabets import CLASSES, CropKind, allowed_classes
from models.catalog.ocr.language.expectations import Spelling
from synthesis.draw_handwriting import FieldCrop, HandwritingSet
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from training.ocr.lines import SUBSETS, crop_reader, handwriting_reader, kind_values, line_values
from training.ocr.options import TrainOptions
from training.ocr.rejection import HIGHEST, report, threshold_of
from training.ocr.trust import logistic
from training.onnx_export import Exported, written

COUNT = 900
"""Crops in a subset at most."""
TARGETS = {CropKind.DIGIT: 0.995, CropKind.CAPITAL: 0.98, CropKind.CHARACTER: 0.95}
"""Share of the answers that have to be right once the least sure ones are rejected."""
COMB_TARGET = 0.95
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
    spelling = Spelling.of(options.out / "spelling.json")
    characters = CharacterReader(options.out / "characters.onnx")
    blanks = BlankFields(options.out / "blank_fields.onnx")
    handwriting = handwriting_reader(options.out, spelling)
    fitted: dict[str, Any] = {
        CELLS: _cells(characters, spelling, crops),
        LINE: line_values(handwriting, crops),
        "blank": _blanks(blanks, crops),
    }
    # The other kinds are fitted on what comes out of the whole reader, which needs the values so far.
    fitted[LINE][BY_KIND] = kind_values(
        crop_reader(blanks, characters, handwriting, spelling, CropConfidence(fitted)), crops
    )
    content = (json.dumps(fitted, indent=1) + "\n").encode()
    return written(options.out / "crops.json", content)


def _cells(reader: CharacterReader, spelling: Spelling, crops: Sequence[FieldCrop]) -> dict[str, dict[str, float]]:
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
            fitted.setdefault(kind, single[like])
            continue
        temperature = single[like]["temperature"]
        cells = [reader.read(cells_of(crop.pixels, int(crop.kind.split()[2])), kind, temperature) for crop in own]
        if kind is CropKind.CAPITALS:
            fitted[kind] = _words([in_words(read, comb_spelling(spelling))[0] for read in cells], own, temperature)
            # Nobody recorded free text in combs: what is known of words in capitals has to do.
            fitted[CropKind.TEXT] = {**fitted[kind], "temperature": single[_LIKE[CropKind.TEXT]]["temperature"]}
            continue
        readings = [in_cells(read)[0] for read in cells]
        sure = np.array([reading.likely for reading in readings])
        right = np.array([reading.text == crop.text for reading, crop in zip(readings, own, strict=True)])
        fitted[kind] = _fitted(kind, temperature, sure, right, COMB_TARGET)
    return fitted


def _words(readings: Sequence[CombText], own: Sequence[FieldCrop], temperature: float) -> dict[str, Any]:
    """What is known of combs with words."""
    right = np.array([reading.text == crop.text for reading, crop in zip(readings, own, strict=True)])
    signs = np.array([comb_signs(reading) for reading in readings])
    weights = logistic(signs, right.astype(np.float64))
    sure = np.array([probability(float(row @ weights)) for row in signs])
    weighed = {"weights": [round(float(weight), 5) for weight in weights]}
    return {**_fitted(CropKind.CAPITALS, temperature, sure, right, COMB_TARGET), **weighed}


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
    threshold = threshold_of(sure, right, target)
    kept = sure >= threshold
    report(kind, sure, right, threshold)
    return {"temperature": round(temperature, 4), "threshold": round(float(threshold), 4) if kept.any() else HIGHEST}


def _blanks(reader: BlankFields, crops: Sequence[FieldCrop]) -> float:
    """How sure it is that a crop said to be blank is."""
    blank = [reader.look(crop.pixels) is Ink.NONE for crop in crops if crop.subset == "fields-blank"]
    missed = [reader.look(crop.pixels) is Ink.NONE for crop in crops if crop.subset in SUBSETS]
    sys.stdout.write(f"seen as blank: {sum(blank)} of {len(blank)} blank, {sum(missed)} of {len(missed)} written\n")
    return round((sum(blank) + 1) / (sum(blank) + sum(missed) + 2), 4)
